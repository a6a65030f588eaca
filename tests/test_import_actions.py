"""What chargers kept themselves comes on record later: once, in its hours, at its price."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.access.model import Card, Driver
from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.sessions.imported import LogEntry
from custom_components.smart_evse.engine.sessions.model import Ends, Mark, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger, PeopleBook
from custom_components.smart_evse.links.errors import Silent
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, make_site
from tests.on_record import on_record, read
from tests.test_hourly_statistics import sums

__all__ = ["make_site"]

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
IDLE = replace(CONNECTED, state=VehicleState.NOT_CONNECTED, energy_in=1_000_000.0)
FIXED = {"price_kind": "fixed", "price_add": 0.3}
ADA = Driver(id="driver-ada", name="Ada")

NIGHT = {
    "start": "2026-06-03 01:00:00+00:00",
    "end": "2026-06-03 03:30:00+00:00",
    "register_start": 950,
    "register_stop": 960,
    "readings": [
        {"at": "2026-06-03 01:15:00+00:00", "register": 952},
        {"at": "2026-06-03 01:30:00+00:00", "energy": 4},
    ],
}
MORNING = {"start": "2026-06-03 08:00:00+00:00", "end": "2026-06-03 09:00:00+00:00", "energy": 5.5}


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(NOON)
    return await make_site(Box(AC, says=(IDLE,)), options=FIXED)


async def take(
    site: Site, *entries: Mapping[str, Any], context: Context | None = None, **data: object
) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN,
        "import_sessions",
        {"entries": list(entries), **data},
        blocking=True,
        return_response=True,
        context=context,
    )
    return dict(answer or {})


def put(site: Site, name: str, text: str) -> None:
    folder = Path(site.hass.config.path(DOMAIN, "exports"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


async def test_a_log_comes_on_record_in_its_quarters_and_at_its_price(site: Site) -> None:
    answer = await take(site, NIGHT, charger="Garage")
    assert (answer["entries"], answer["new"], answer["known"], answer["energy"]) == (1, 1, 0, 10.0)
    ((record, intervals),) = await on_record(site)
    assert answer["sessions"] == [record.id]
    assert record.taken == Ends(start=950_000, stop=960_000)
    assert (record.currency, Mark.PROVISIONAL in record.marks) == ("EUR", False)
    told = [(f"{one.start:%H:%M}", one.energy_in, str(one.import_price)) for one in intervals]
    assert told == [("01:00", 2_000, "0.3"), ("01:15", 2_000, "0.3"), ("01:30", 6_000, "0.3")]


async def test_told_again_it_changes_nothing(site: Site) -> None:
    await take(site, NIGHT, MORNING)
    before = await on_record(site)
    answer = await take(site, MORNING, NIGHT, NIGHT)
    assert (answer["new"], answer["known"], answer["sessions"]) == (0, 3, [])
    assert await on_record(site) == before


async def test_what_was_followed_is_not_there_twice(site: Site) -> None:
    for energy in (0, 1_000, 2_000):
        await site.read(replace(CHARGING, energy_in=1_000_000.0 + energy))
    entry = {"start": "2026-06-03 11:00:00+00:00", "end": "2026-06-03 12:00:02+00:00", "register_start": 998}
    answer = await take(site, entry | {"register_stop": 1002})
    assert (answer["running"], answer["new"]) == (1, 0)
    await site.read(replace(IDLE, energy_in=1_002_000.0))
    site.freezer.tick(120)
    await site.read(replace(IDLE, energy_in=1_002_000.0))
    (followed,) = await on_record(site)
    answer = await take(site, entry | {"register_stop": 1002})
    assert (answer["running"], answer["new"]) == (0, 1)
    told = await on_record(site, lambda told: len(told) == 2)
    assert sum(record.energy_in for record, _ in told) == 4_000
    assert followed in told


async def test_who_it_was_is_named_or_known_by_the_card(site: Site) -> None:
    def people(ledger: Ledger) -> None:
        PeopleBook(ledger).put_driver(ADA)
        PeopleBook(ledger).put_card(Card(id="card-ada", number="04AB12FF", driver=ADA.id))

    await site.coordinator.sessions.books.async_write(people)
    await site.coordinator.access.desk.async_read()
    await take(site, NIGHT | {"card": "04:ab:12:ff"}, MORNING | {"driver": "ada", "card": "unheard of"})
    (night, _), (morning, _) = await on_record(site)
    assert (night.driver, night.card, night.known_by) == (ADA.id, "card-ada", Rung.CARD)
    assert (morning.driver, morning.card, morning.known_by) == (ADA.id, None, Rung.ASKED)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
async def test_a_file_may_tell_it(site: Site, sign: str) -> None:
    rows = [
        ["Start", "End", "register_start", "register_stop", "energy", "firmware"],
        ["2026-06-03T01:00:00Z", "2026-06-03T03:30:00Z", "950.0", "960.0", "", "1.2"],
        ["2026-06-03T08:00:00Z", "2026-06-03T09:00:00Z", "", "", "5.5" if sign == "," else "5,5", "1.2"],
        [],
    ]
    put(site, "log.csv", "\ufeff" + "\r\n".join(sign.join(row) for row in rows))
    answer = await take(site, file="log.csv")
    assert (answer["new"], answer["energy"]) == (2, 15.5)
    assert (await take(site, NIGHT, file="log.csv"))["known"] == 3


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"end": "2026-06-03 00:59:00+00:00"}, "Entry 2 ends before it begins"),
        ({"end": "2026-06-03 12:30:00+00:00"}, "Entry 2 ends before it begins"),
        ({"register_stop": 949}, "Entry 2 would be -1.000 kWh"),
        ({"register_stop": 960_000}, "Entry 2 would be"),
        ({"register_stop": None}, "Entry 2 does not say how much"),
        ({"driver": "Zoe"}, "no driver Zoe"),
        ({"vehicle": "Truck"}, "no vehicle Truck"),
    ],
)
async def test_nothing_goes_on_record_of_a_log_with_a_mistake(site: Site, change: dict[str, Any], error: str) -> None:
    wrong = {key: value for key, value in (NIGHT | change).items() if value is not None}
    with pytest.raises(ServiceValidationError, match=error):
        await take(site, MORNING, wrong)
    assert (await site.hass.services.async_call(DOMAIN, "list_sessions", blocking=True, return_response=True) or {})[
        "sessions"
    ] == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("none.csv", "no file none.csv"),
        ("../ledger.db", "no file"),
        ("bad.csv", "Line 2 of bad.csv"),
        ("empty.csv", "no entry"),
    ],
)
async def test_a_file_that_cannot_be_read_is_said(site: Site, name: str, error: str) -> None:
    put(site, "bad.csv", "start,end,energy\nyesterday,today,3\n")
    put(site, "empty.csv", "")
    with pytest.raises(ServiceValidationError, match=error):
        await take(site, file=name)


async def test_only_administrators_import(site: Site) -> None:
    user = MockUser(name="Ada").add_to_hass(site.hass)
    with pytest.raises(ServiceValidationError, match="administrators"):
        await take(site, NIGHT, context=Context(user_id=user.id))


async def test_a_session_without_energy_is_none(site: Site) -> None:
    answer = await take(site, MORNING | {"energy": 0})
    assert (answer["empty"], answer["new"], answer["known"]) == (1, 0, 0)


async def test_a_log_from_while_the_charger_was_away_is_not_counted_again(site: Site) -> None:
    await site.read(IDLE)
    site.boxes[0].error = Silent("away")
    site.freezer.tick(7200)
    entry = LogEntry(
        connector=site.connector,
        started=datetime(2026, 6, 3, 12, 30, tzinfo=UTC),
        ended=datetime(2026, 6, 3, 13, 30, tzinfo=UTC),
        energy=7_000,
        register=1_000_000,
    )
    taken = await site.coordinator.sessions.imports.async_take([entry])
    assert (taken.new, len(taken.sessions)) == (1, 1)
    await site.coordinator.sessions.books.async_drain()
    # Whatever ends Home Assistant now, it knows.
    known = await read(site, lambda book: book.open_states())
    assert known[site.connector]["taken"]["last"] == 1_007_000
    site.boxes[0].error = None
    for _ in range(3):
        await site.read(replace(IDLE, energy_in=1_007_000.0))
    site.freezer.tick(120)
    await site.read(replace(IDLE, energy_in=1_007_000.0))
    await site.coordinator.sessions.books.async_drain()
    told = await on_record(site)
    assert [record.energy_in for record, _ in told] == [7_000]


async def test_statistics_follow(recorder_mock: Recorder, make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-06-03 18:00:00+00:00")
    site = await make_site(Box(AC, says=(IDLE,)), options=FIXED)
    later = {"start": "2026-06-03 15:30:00+00:00", "end": "2026-06-03 16:30:00+00:00", "energy": 4}
    earlier = {"start": "2026-06-03 13:00:00+00:00", "end": "2026-06-03 14:00:00+00:00", "energy": 3}
    await take(site, later)
    assert await sums(site, "energy") == {"15:00": 2.0, "16:00": 4.0}
    await take(site, earlier)
    assert await sums(site, "energy") == {"13:00": 3.0, "15:00": 5.0, "16:00": 7.0}
    assert await sums(site, "cost") == {"13:00": 0.9, "15:00": 1.5, "16:00": 2.1}


async def unseen(site: Site, energy: float) -> SessionRecord:
    """Let a car come, take so much and go while the charger is silent for a night."""
    await site.read(IDLE)
    site.boxes[0].error = Silent("away")
    site.freezer.tick(12 * 3600)
    site.boxes[0].error = None
    await site.read(replace(IDLE, energy_in=1_000_000.0 + energy))
    ((record, (interval,)),) = await on_record(site)
    assert Mark.RECONSTRUCTED in record.marks & interval.marks
    assert (record.energy_in, interval.energy_in) == (energy, energy)
    return record


EVENING = {
    "start": "2026-06-03 20:10:00+00:00",
    "end": "2026-06-03 21:00:00+00:00",
    "register_start": 1000,
    "register_stop": 1010,
    "readings": [
        {"at": "2026-06-03 20:15:00+00:00", "register": 1001},
        {"at": "2026-06-03 20:30:00+00:00", "register": 1004},
        {"at": "2026-06-03 20:45:00+00:00", "register": 1008},
    ],
}


async def test_a_log_tells_the_hours_of_what_nobody_saw(site: Site) -> None:
    before = await unseen(site, 10_000)
    answer = await take(site, EVENING)
    assert (answer["timed"], answer["new"], answer["known"], answer["energy"]) == (1, 0, 0, 0)
    ((record, intervals),) = await on_record(site)
    assert (record.id, record.energy_in, record.taken) == (before.id, 10_000, before.taken)
    assert [(f"{one.start:%H:%M}", one.energy_in) for one in intervals] == [
        ("20:10", 1_000),
        ("20:15", 3_000),
        ("20:30", 4_000),
        ("20:45", 2_000),
    ]
    assert {str(one.import_price) for one in intervals} == {"0.3"}
    assert (f"{record.started:%H:%M}", f"{record.ended:%H:%M}") == ("20:10", "21:00")
    assert record.marks == {Mark.IMPORTED}
    again = await take(site, EVENING)
    assert (again["timed"], again["known"]) == (0, 1)
    assert (await on_record(site))[0] == (record, intervals)
    assert (await read(site, lambda book: book.ledger.verify())).good


async def test_a_log_of_a_part_tells_the_hours_of_that_part(site: Site) -> None:
    await unseen(site, 12_000)
    answer = await take(site, EVENING)
    assert (answer["timed"], answer["new"]) == (1, 0)
    ((record, intervals),) = await on_record(site)
    assert sum(one.energy_in for one in intervals) == record.energy_in == 12_000
    assert (intervals[-1].energy_in, Mark.RECONSTRUCTED in intervals[-1].marks) == (2_000, True)
    assert Mark.RECONSTRUCTED in record.marks
    assert (await take(site, EVENING))["known"] == 1
    assert (await on_record(site))[0] == (record, intervals)


async def test_statistics_have_the_hours_of_the_log_and_no_others(
    recorder_mock: Recorder, make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOON)
    site = await make_site(Box(AC, says=(IDLE,)), options=FIXED)
    await unseen(site, 10_000)
    spread = await sums(site, "energy")
    assert 0 < spread["13:00"] < spread["19:00"] < spread["23:00"] <= 10
    await take(site, EVENING)
    told = await sums(site, "energy")
    assert {hour: energy for hour, energy in told.items() if energy != 10} == dict.fromkeys(
        (f"{hour}:00" for hour in range(12, 20)), 0.0
    )
    assert (told["20:00"], told["23:00"]) == (10.0, 10.0)
