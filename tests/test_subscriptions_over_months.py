"""What a monthly fee has paid for of a session that goes over the border of a month."""

from dataclasses import replace
from decimal import Decimal

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
import pytest

from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.tariffs.model import Bound, Subscription
from custom_components.smart_evse.engine.tariffs.presets import Heading, flat_price
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.records import plain
from tests.books import QUARTER, quarter, session
from tests.home import MakeSite, Site, make_site
from tests.stated import ADA, DECEMBER, ask, at, invoice, issuer, stating, tariff

__all__ = ["make_site"]

BORDER = at(10, 31, 22) + 2 * QUARTER
"""Half an hour before October ends in Amsterdam."""


def subscription() -> ConfigSubentryData:
    """3 kWh a month are paid with the fee, a kWh beyond costs 30 cents, a session at least 3 EUR."""
    fee = Subscription(fee=Decimal("9.90"), included=3_000, vat=Decimal(21))
    heading = Heading(id="home", name="Home", currency="EUR", vat=Decimal(21), subscription=fee)
    held = replace(flat_price(heading, Decimal("0.30")), least=Bound(with_vat=Decimal(3)))
    return ConfigSubentryData({**tariff(), "data": {"versions": [{"tariff": plain(held), "kind": "flat", "said": {}}]}})


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(DECEMBER)
    site = await stating(make_site, subscription(), issuer())
    connector = site.connector

    def fill(ledger: Ledger) -> None:
        flowed = tuple(quarter(BORDER + place * QUARTER, grid=2_000) for place in range(4))
        mine = session("s-night", connector, BORDER, flowed, driver=ADA.id, vehicle="van", known_by=Rung.CARD)
        SessionsBook(ledger).close_session(mine, flowed)

    await site.coordinator.sessions.books.async_write(fill)
    return site


async def test_the_part_of_november_knows_what_october_had_left(site: Site) -> None:
    """In October the fee was used up before: 4 kWh of the night cost 1.20, and 1 kWh of November 0.30.

    What is missing to 3 EUR is shared by the energy of both parts.
    """
    shown = {}
    for period in ("2026-10", "2026-11"):
        made = await invoice(site, period=period)
        shown[period] = next(each["gross"] for each in made["sessions"] if each["session"] == "s-night")
    assert shown == {"2026-10": 1.95, "2026-11": 1.05}
    both = await ask(site, "create_statement", preset="neutral", driver="Ada", period="2026-Q4", preview=True)
    assert next(each["gross"] for each in both["sessions"] if each["session"] == "s-night") == 3.0
