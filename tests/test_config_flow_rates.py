"""Rates of offices that an owner tells before they are built in, by the form of the recipient."""

from datetime import date
from decimal import Decimal

from custom_components.smart_evse.const import SUBENTRY_RECIPIENT
from custom_components.smart_evse.engine.statements.figures import UK_HOME, UK_PUBLIC, figure
from custom_components.smart_evse.parties import recipients
from tests.desk import people
from tests.flows import add, change
from tests.home import AC, Box, MakeSite, make_site
from tests.stated import ADA

__all__ = ["make_site"]


async def test_a_newer_rate_of_a_mile_holds_from_its_day_on(make_site: MakeSite) -> None:
    site = await make_site(Box(AC))
    await people(site, ADA)
    walk = await add(site.hass, site.entry, SUBENTRY_RECIPIENT)
    await walk.say(name="Works Ltd", preset="uk_employer", drivers=[ADA.id])
    assert {"uk_mile_home", "uk_mile_public"} <= set(walk.fields)
    assert "own_rate" not in walk.fields
    assert walk.is_told
    await walk.say(method="miles", uk_mile_home=0.08, uk_mile_public=0.16, figures_since="2026-12-01")
    await site.settle()
    facts = recipients(site.entry)[0].facts
    told = {
        key: [figure(key, day, facts) for day in (date(2026, 11, 30), date(2026, 12, 1))]
        for key in (UK_HOME, UK_PUBLIC)
    }
    assert {key: [each and each.value for each in found] for key, found in told.items()} == {
        UK_HOME: [Decimal("0.07"), Decimal("0.08")],
        UK_PUBLIC: [Decimal("0.15"), Decimal("0.16")],
    }
    walk = await change(site.hass, site.entry, "Works Ltd")
    await walk.say(name="Works Ltd", preset="uk_employer", drivers=[ADA.id])
    assert walk.suggested.items() >= {"uk_mile_home": 0.08, "uk_mile_public": 0.16}.items()
