"""Which tariff a session is booked and priced with, and what that comes to while it runs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.smart_evse.engine.access.model import AccessRule, Period, Quota, Verdict
from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.tariffs.model import Step
from custom_components.smart_evse.engine.tariffs.presets import Heading, by_demand, flat_price, start_energy_idle
from custom_components.smart_evse.site_tariffs import Version, with_version
from tests.books import ADA as HER, NOVEMBER, quarter, session
from tests.desk import people
from tests.flows import change
from tests.home import AC, CONNECTED, Box, MakeSite, Site, charger
from tests.on_record import on_record
from tests.test_access import ADA, GONE, HERS, access, charge, controlled, go_on, reloaded, show


async def leave(site: Site) -> None:
    """Let the car go with all that its register has told."""
    await site.read(replace(GONE, energy_in=site.boxes[0].says[0].energy_in))


def tariff(
    title: str, price: str, *, start: str = "0", since: datetime | None = None, **whom: object
) -> ConfigSubentryData:
    """Return the subentry of a tariff with one price, and a start fee."""
    heading = Heading(id="", name=title, currency="EUR", valid_from=since)
    made = start_energy_idle(heading, Decimal(start), Decimal(price), Decimal(0))
    versions = with_version((), Version(tariff=made, kind="start_energy_idle", said={"prices": {}, "terms": {}}))
    data: Mapping[str, object] = {"versions": versions, "drivers": [], "vehicles": [], "chargers": [], **whom}
    return ConfigSubentryData(data=data, subentry_type="tariff", title=title, unique_id=None)


def key_of(site: Site, title: str) -> str:
    return next(key for key, sub in site.entry.subentries.items() if sub.title == title)


async def test_a_session_is_put_on_record_with_its_tariff(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), others=(tariff("All", "0.30"), tariff("Hers", "0.10", drivers=[ADA.id])))
    await site.read(CONNECTED)
    await charge(site, 60)
    assert float(site.state("sensor", "driver_price").state) == pytest.approx(0.30)
    assert site.state("sensor", "driver_price").attributes["tariff"] == "All"
    # Now somebody is known: the same stay goes on under another tariff.
    await people(site, ADA)
    await charge(site, 60)
    assert float(site.state("sensor", "driver_price").state) == pytest.approx(0.10)
    await leave(site)
    ((record, intervals),) = await on_record(site)
    assert (record.driver, record.tariff) == (ADA.id, key_of(site, "Hers"))
    assert len(intervals) >= 2
    assert {each.tariff for each in intervals} == {key_of(site, "All"), key_of(site, "Hers")}
    found = site.coordinator.tariffs.of_session(record, intervals)
    assert found is not None
    assert found.name == "Hers", "whoever is known late pays as if they had been known from the start"


async def test_a_running_session_shows_what_it_comes_to(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), others=(tariff("All", "0.30", start="1"),))
    await site.read(CONNECTED)
    await charge(site, 150)
    # A quarter of an hour: what was finished before counts, too.
    await site.wait(900)
    await charge(site, 150)
    state = site.state("sensor", "session_charge")
    energy = site.coordinator.data.sessions[site.connector].energy
    assert energy >= 285
    assert float(state.state) == pytest.approx(1 + energy * 0.30 / 1000, abs=0.02)
    assert state.attributes["unit_of_measurement"] == "EUR"
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await reloaded(site)
    await go_on(site, 30)
    after = site.state("sensor", "session_charge")
    assert float(after.state) == pytest.approx(float(state.state), abs=0.02), "over a restart"
    await leave(site)
    await go_on(site, 15)
    assert site.state("sensor", "session_charge").state == "unknown"


async def test_a_driver_knows_their_price(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), others=(tariff("All", "0.30"),))
    await people(site, replace(ADA, rule=AccessRule(tariff=key_of(site, "All"))))
    site.coordinator.beat()
    await site.settle()
    registry = er.async_get(site.hass)
    entity = registry.async_get_entity_id("sensor", "smart_evse", f"{site.entry.entry_id}_price_{ADA.id}")
    assert entity is not None
    assert site.hass.states.get(entity) is None, "only who wants others to see it switches it on"
    registry.async_update_entity(entity, disabled_by=None)
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await reloaded(site)
    state = site.hass.states.get(entity)
    assert state is not None
    assert (float(state.state), state.attributes["unit_of_measurement"]) == (0.3, "EUR/kWh")
    await access(site).desk.async_forget(ADA.id)
    site.coordinator.beat()
    await site.settle()
    assert registry.async_get(entity) is None


async def test_nothing_is_shown_where_nobody_pays(make_site: MakeSite) -> None:
    site = await make_site(Box(AC))
    await site.read(CONNECTED)
    with pytest.raises(AssertionError, match="there is no sensor"):
        site.state("sensor", "driver_price")


async def test_a_quota_of_money_counts_what_the_driver_pays(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    hass, entry = site.hass, site.entry
    dear = tariff("Dear", "10")
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(data=dear["data"], subentry_type="tariff", title="Dear", unique_id=None),  # type: ignore[arg-type]
    )
    await reloaded(site)
    rule = AccessRule(quota=Quota(period=Period.DAY, money=Decimal(2)), tariff=key_of(site, "Dear"))
    await people(site, replace(ADA, rule=rule), HERS)
    await show(site, HERS.number)
    await charge(site, 150)
    assert access(site).door.verdict(site.connector) is Verdict.DRIVER
    await charge(site, 75)
    assert access(site).door.verdict(site.connector) is Verdict.QUOTA_SPENT
    await leave(site)
    await on_record(site)
    await access(site)._read_again()
    await show(site, HERS.number)
    assert access(site).door.verdict(site.connector) is Verdict.QUOTA_SPENT, "as the ledger has it, too"


async def test_what_was_booked_stays(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), others=(tariff("Old", "0.10", since=NOVEMBER),))
    tariffs, old = site.coordinator.tariffs, key_of(site, "Old")
    intervals = (quarter(NOVEMBER, grid=1000),)
    record = session("s", site.connector, NOVEMBER, intervals, driver=HER.id, tariff=old, known_by=Rung.CARD)
    priced = tariffs.priced(record, intervals)
    assert priced is not None
    assert priced.gross == Decimal("0.1")
    walk = await change(site.hass, site.entry, "Old")
    await walk.tap("kind")
    await walk.tap("flat_price")
    await walk.say(name="New name", price=0.5)
    await walk.say(vat_included=True, valid_from=f"{dt_util.now():%Y}-12-31 00:00:00", bounds={}, subscription={})
    await walk.say(answer="right")
    await site.settle()
    assert site.coordinator.tariffs.priced(record, intervals) == priced
    # Before it began, and of one that is no more, there is none.
    early = replace(record, started=NOVEMBER.replace(year=2020), tariff=None)
    assert site.coordinator.tariffs.of_session(early, ()) is None
    gone = replace(record, tariff="gone")
    found = site.coordinator.tariffs.of_session(gone, intervals)
    assert found is not None
    assert found.id == old


async def test_a_corrected_driver_pays_by_their_own(make_site: MakeSite) -> None:
    site = await make_site(
        Box(AC), chargers=(charger(),), others=(tariff("All", "0.30"), tariff("Hers", "0.10", drivers=[HER.id]))
    )
    intervals = (quarter(NOVEMBER, grid=1000),)
    record = session("s", site.connector, NOVEMBER, intervals, driver=HER.id, tariff=key_of(site, "All"))
    by_card = site.coordinator.tariffs.of_session(replace(record, known_by=Rung.CARD), intervals)
    corrected = site.coordinator.tariffs.of_session(replace(record, known_by=Rung.CORRECTED), intervals)
    assert (by_card and by_card.name, corrected and corrected.name) == ("All", "Hers")


async def test_what_is_taken_of_the_fuse_makes_the_price(make_site: MakeSite) -> None:
    heading = Heading(id="", name="Busy", currency="EUR")
    made = by_demand(heading, Decimal("0.30"), (Step(share=Decimal("0.02"), more=Decimal("0.20")),))
    versions = with_version((), Version(tariff=made, kind="by_demand", said={"prices": {}, "terms": {}}))
    busy = ConfigSubentryData(data={"versions": versions}, subentry_type="tariff", title="Busy", unique_id=None)
    site = await make_site(Box(AC), others=(busy,))
    await site.read(CONNECTED)
    await go_on(site, 15)
    assert float(site.state("sensor", "driver_price").state) == pytest.approx(0.50)
    await charge(site, 60)
    await leave(site)
    ((record, intervals),) = await on_record(site)
    # What comes in is 1 kW and what the car takes, of 25 A on three phases.
    assert all(each.demand is not None and 0.05 < each.demand < 0.6 for each in intervals if each.energy_in)
    priced = site.coordinator.tariffs.priced(record, intervals)
    assert priced is not None
    assert (priced.unpriced, priced.gross) == (0, Decimal(record.energy_in) / 1000 * Decimal("0.50"))


@pytest.mark.parametrize("told", [{}, {"tariff": {"id": ""}}, {"tariff": None, "kind": "free", "said": {}}])
async def test_a_tariff_that_cannot_be_read_stops_nothing(make_site: MakeSite, told: object) -> None:
    broken = ConfigSubentryData(data={"versions": [told]}, subentry_type="tariff", title="Broken", unique_id=None)
    site = await make_site(Box(AC), others=(broken, tariff("All", "0.30")))
    await site.read(CONNECTED)
    assert float(site.state("sensor", "driver_price").state) == pytest.approx(0.30)
    walk = await change(site.hass, site.entry, "Broken")
    assert walk.result["menu_options"] == ["whom", "kind"]


def test_a_version_without_a_beginning_takes_the_place_of_all() -> None:
    heading = Heading(id="", name="A", currency="EUR")
    first = Version(tariff=flat_price(heading, Decimal(1)), kind="flat_price", said={})
    assert len(with_version([first], first)) == 1
