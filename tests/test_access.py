"""Who is admitted at a connector: until the plug is pulled, over restarts, within quotas and hours."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.smart_evse.access import News, Turn
from custom_components.smart_evse.chargers.port import OutletReading
from custom_components.smart_evse.engine.access.admit import Bearer
from custom_components.smart_evse.engine.access.model import AccessRule, Card, Driver, Hours, Period, Quota, Verdict
from custom_components.smart_evse.engine.model import AcLimit, ReasonKey, VehicleState
from custom_components.smart_evse.engine.sessions.model import SessionRecord
from custom_components.smart_evse.ledger import SessionsBook
from custom_components.smart_evse.people import Books
from custom_components.smart_evse.site_access import SiteAccess
from tests.desk import people
from tests.home import CHARGING, CONNECTED, MakeSite, Site, charger

ADA = Driver(id="ada", name="Ada")
HERS = Card(id="k1", number="04A1B2C3", driver="ada", vehicle="van")
BLOCKED = Card(id="k2", number="04DEAD00", driver="ada", blocked=True)
GONE = OutletReading(state=VehicleState.NOT_CONNECTED, power=0.0, energy_in=1_234_000.0, limit=0.0)


async def controlled(make_site: MakeSite, admission: str = "known") -> Site:
    """Return a site whose only charger is in fast mode and asks who is there."""
    site = await make_site(chargers=(charger(mode="fast"),))
    site.hass.config_entries.async_update_entry(
        site.entry, options={**site.entry.options, "admission": {site.connector: admission}}
    )
    await reloaded(site)
    return site


async def reloaded(site: Site) -> None:
    """Let a site that begins anew hear of its meter, and the pause after that pass."""
    await site.settle()
    del site.meters[0]
    await go_on(site, 70)


async def go_on(site: Site, seconds: float) -> None:
    """Let time pass while meter and charger go on telling what they told last."""
    end = dt_util.utcnow() + timedelta(seconds=seconds)
    while dt_util.utcnow() < end:
        await site.wait(7)
        # A meter that says the same to the watt for long has stopped.
        await site.sample(1000.0 + (site.boxes[0].says[0].power or 0.0) + dt_util.utcnow().second)
        await site.read(*site.boxes[0].says)


async def charge(site: Site, energy: int) -> None:
    """Let a car take so many Wh, 15 at a time."""
    for _ in range(energy // 15):
        register = site.boxes[0].says[0].energy_in or 0.0
        site.boxes[0].says = (replace(CHARGING, energy_in=register + 15.0),)
        await go_on(site, 1)


def access(site: Site) -> SiteAccess:
    return site.coordinator.access


def told(site: Site) -> float | None:
    """Return what the connector is told, in A."""
    setpoint = site.coordinator.data.decision.setpoint(site.connector)
    assert setpoint is not None
    return setpoint.limit.amps if isinstance(setpoint.limit, AcLimit) else None


def why(site: Site) -> ReasonKey:
    setpoint = site.coordinator.data.decision.setpoint(site.connector)
    assert setpoint is not None
    return setpoint.reason.key


def news(site: Site) -> list[News]:
    heard: list[News] = []
    access(site).door.listen(site.connector, heard.append)
    return heard


async def show(site: Site, number: str, reading: OutletReading = CONNECTED) -> None:
    """Hold a card in front of the charger and take it away."""
    await site.read(replace(reading, card=number))
    await site.read(reading)
    await site.sample(1000.0)


def limited(**rule: object) -> Driver:
    return replace(ADA, rule=replace(AccessRule(), **rule))


async def test_a_household_that_asks_nobody_sees_no_change(make_site: MakeSite) -> None:
    site = await make_site(chargers=(charger(mode="fast"),))
    await site.read(CONNECTED)
    await site.sample(1000.0)
    assert access(site).door.verdict(site.connector) is Verdict.FREE
    assert (told(site) or 0) > 0


async def test_a_card_opens_the_connector_until_the_plug_is_pulled(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    heard = news(site)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_WAITING)
    await show(site, "04:a1:b2:c3")
    assert (told(site) or 0) > 0
    who = access(site).door.identity(site.connector)
    assert (who.driver, who.card, who.vehicle) == ("ada", "k1", "van")
    await site.read(CHARGING)
    await site.read(GONE)
    await site.read(CONNECTED)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_WAITING)
    assert access(site).door.identity(site.connector).driver is None
    assert heard == [News(turn=Turn.GRANTED, verdict=Verdict.DRIVER, driver="ada")]


async def test_unknown_and_blocked_cards_are_refused_and_say_why(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, BLOCKED)
    heard = news(site)
    await show(site, "DEADBEEF")
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_UNKNOWN_CARD)
    await show(site, "04DEAD00")
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_BLOCKED)
    assert heard == [
        News(turn=Turn.REFUSED, verdict=Verdict.UNKNOWN_CARD),
        News(turn=Turn.REFUSED, verdict=Verdict.CARD_BLOCKED, driver="ada"),
    ]


async def test_a_stranger_does_not_end_what_a_driver_began(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    await show(site, HERS.number)
    heard = news(site)
    await show(site, "DEADBEEF", CHARGING)
    assert (told(site) or 0) > 0
    assert access(site).door.identity(site.connector).driver == "ada"
    assert [each.turn for each in heard] == [Turn.REFUSED]
    await show(site, HERS.number, CHARGING)
    assert len(heard) == 1


async def test_any_card_will_do_where_the_owner_says_so_and_is_put_on_record(make_site: MakeSite) -> None:
    site = await controlled(make_site, "any_card")
    await people(site)
    await show(site, "DEADBEEF")
    assert access(site).door.verdict(site.connector) is Verdict.CARD
    await access(site).desk.async_read()
    assert access(site).door.identity(site.connector).card is not None
    # Whoever writes has had their turn when we have ours.
    await people(site)
    (card,) = access(site).desk.people.cards.values()
    assert (card.number, card.driver) == ("DEADBEEF", None)
    assert access(site).door.identity(site.connector).card == card.id


async def test_where_nobody_is_asked_a_known_card_says_whose_session_it_is(make_site: MakeSite) -> None:
    site = await controlled(make_site, "free")
    await people(site, ADA, HERS, BLOCKED)
    for number, driver in (("DEADBEEF", None), (BLOCKED.number, None), (HERS.number, "ada")):
        await show(site, number)
        assert access(site).door.identity(site.connector).driver == driver
        assert (told(site) or 0) > 0


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Callable[[Site], Awaitable[None]]:
    """Keep the ledger closed at the next start, and return what opens it."""
    real = SiteAccess.async_open

    async def closed(_access: SiteAccess, _books: Books) -> None:
        return

    async def open_it(site: Site) -> None:
        await real(access(site), site.coordinator.sessions.books)
        await site.settle()
        await site.sample(1000.0)

    monkeypatch.setattr(SiteAccess, "async_open", closed)
    return open_it


async def test_it_is_kept_over_a_restart(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    await show(site, HERS.number)
    heard = await restarted(hass, site)
    assert (told(site) or 0) > 0
    assert access(site).door.identity(site.connector).driver == "ada"
    assert heard == []


async def restarted(hass: HomeAssistant, site: Site) -> list[News]:
    """Start a site anew whose reader tells the card for as long as the car is there."""
    site.boxes[0].says = (replace(CONNECTED, card=HERS.number),)
    assert await hass.config_entries.async_reload(site.entry.entry_id)
    heard = news(site)
    await reloaded(site)
    return heard


async def test_a_card_that_a_reader_never_forgets_opens_for_nobody_else(
    hass: HomeAssistant, make_site: MakeSite
) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    kept = replace(CONNECTED, card=HERS.number)
    await site.read(kept)
    assert access(site).door.verdict(site.connector) is Verdict.DRIVER
    await site.read(replace(GONE, card=HERS.number))
    await site.read(kept)
    assert access(site).door.verdict(site.connector) is Verdict.WAITING
    heard = await restarted(hass, site)
    assert (told(site), why(site), heard) == (0, ReasonKey.ACCESS_WAITING, [])
    await site.read(replace(CONNECTED, card="DEADBEEF"))
    await site.read(kept)
    assert access(site).door.verdict(site.connector) is Verdict.DRIVER


async def test_before_the_ledger_is_read_holds_what_was_said_last(
    hass: HomeAssistant, make_site: MakeSite, request: pytest.FixtureRequest
) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    await show(site, HERS.number)
    open_it = request.getfixturevalue("late")
    heard = await restarted(hass, site)
    assert (told(site) or 0) > 0
    assert access(site).door.identity(site.connector).driver == "ada"
    await open_it(site)
    assert (told(site) or 0) > 0
    assert heard == []


async def test_a_card_that_is_shown_before_the_ledger_is_read_is_looked_at_then(
    hass: HomeAssistant, make_site: MakeSite, request: pytest.FixtureRequest
) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    open_it = request.getfixturevalue("late")
    await restarted(hass, site)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_WAITING)
    await open_it(site)
    assert (told(site) or 0) > 0


async def test_whoever_left_before_the_ledger_was_read_lets_nobody_else_in(
    hass: HomeAssistant, make_site: MakeSite, request: pytest.FixtureRequest
) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    open_it = request.getfixturevalue("late")
    await restarted(hass, site)
    site.boxes[0].says = (GONE,)
    await site.read(GONE)
    await site.read(CONNECTED)
    await open_it(site)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_WAITING)


async def test_it_ends_when_the_hours_end_and_begins_with_the_next(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    now = dt_util.now()
    end = (now + timedelta(minutes=10)).time().replace(microsecond=0)
    office = Hours(weekdays=frozenset(range(7)), begin=time(0) if end > time(0, 10) else now.time(), end=end)
    await people(site, limited(hours=(office,)), HERS)
    await show(site, HERS.number)
    assert (told(site) or 0) > 0
    heard = news(site)
    site.boxes[0].says = (CHARGING,)
    await go_on(site, 600)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_HOURS)
    assert heard == [News(turn=Turn.ENDED, verdict=Verdict.WRONG_TIME, driver="ada")]


async def test_it_ends_when_the_quota_is_spent(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, limited(quota=Quota(period=Period.MONTH, energy=2_000)), HERS)
    await show(site, HERS.number)
    heard = news(site)
    await charge(site, 1_995)
    assert (told(site) or 0) > 0
    await charge(site, 15)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_QUOTA)
    assert heard == [News(turn=Turn.ENDED, verdict=Verdict.QUOTA_SPENT, driver="ada")]
    await site.read(GONE)
    await show(site, HERS.number)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_QUOTA)


async def test_nobody_gets_their_quota_back_by_showing_another_card(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    ben = Driver(id="ben", name="Ben")
    rule = limited(quota=Quota(period=Period.MONTH, energy=2_000))
    await people(site, rule, HERS, ben, Card(id="k3", number="04BE0001", driver="ben"))
    await show(site, HERS.number)
    await charge(site, 1_995)
    await show(site, "04BE0001", site.boxes[0].says[0])
    assert access(site).door.identity(site.connector).driver == "ben"
    await access(site).async_open(site.coordinator.sessions.books)
    await show(site, HERS.number, site.boxes[0].says[0])
    await charge(site, 15)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_QUOTA)


def recorded(began: datetime, energy: int, key: str) -> SessionRecord:
    return SessionRecord(
        id=key, connector="other:0", driver="ada", started=began, ended=began + timedelta(hours=1), energy_in=energy
    )


async def test_a_restart_gives_no_quota_back(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, limited(quota=Quota(period=Period.MONTH, energy=2_000)), HERS)
    await show(site, HERS.number)
    await charge(site, 1_500)
    assert await hass.config_entries.async_reload(site.entry.entry_id)
    await reloaded(site)
    await charge(site, 600)
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_QUOTA)


async def test_whoever_was_at_a_charger_that_is_gone_is_gone(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    await show(site, HERS.number)
    access(site).door.forget_all_but([site.connector])
    assert access(site).door.bearer(site.connector) is not None
    access(site).door.forget_all_but([])
    assert access(site).door.bearer(site.connector) is None


async def on_record(site: Site, session: SessionRecord) -> None:
    """Put a session on record, and let the site count anew."""
    books = site.coordinator.sessions.books
    await books.async_write(lambda ledger: SessionsBook(ledger).close_session(session))
    await access(site).async_open(books)
    await site.sample(1000.0)


async def test_what_is_on_record_counts(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    now = dt_util.utcnow()
    await people(site, limited(quota=Quota(period=Period.ALWAYS, energy=5_000)), HERS)
    for number, energy in enumerate((3_000, 1_999)):
        await on_record(site, recorded(now - timedelta(days=100 * number + 1), energy, str(number)))
    await show(site, HERS.number)
    assert access(site).door.verdict(site.connector) is Verdict.DRIVER
    await on_record(site, recorded(now - timedelta(hours=3), 1, "last"))
    await site.sample(1000.0)
    assert access(site).door.verdict(site.connector) is Verdict.QUOTA_SPENT


async def test_the_owner_lets_anybody_in_and_sends_them_away(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site)
    door = access(site).door
    assert door.show(site.connector, Bearer(since=dt_util.utcnow(), by_owner=True)) is Verdict.OWNER
    site.coordinator.async_apply()
    assert (told(site) or 0) > 0
    assert door.identity(site.connector).driver is None
    door.end(site.connector, dt_util.utcnow())
    site.coordinator.async_apply()
    assert (told(site), why(site)) == (0, ReasonKey.ACCESS_WAITING)


async def test_a_charger_that_asks_who_is_there_falls_back_to_nothing(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    (line,) = site.coordinator.equipment.chargers.values()
    assert line.fallback == 0
    options: Mapping[str, object] = {**site.entry.options, "admission": {}}
    site.hass.config_entries.async_update_entry(site.entry, options=options)
    await site.settle()
    (line,) = site.coordinator.equipment.chargers.values()
    assert line.fallback > 0


async def test_nothing_that_is_kept_tells_a_number(hass_storage: dict[str, object], make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await show(site, HERS.number)
    await site.coordinator.store.async_close()
    kept = [content for key, content in hass_storage.items() if key.startswith("smart_evse.")]
    assert kept
    assert not [content for content in kept if HERS.number in str(content)]
