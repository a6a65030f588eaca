"""Sessions that a charger kept itself."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import example, given, strategies as st

from custom_components.smart_evse.engine.sessions.imported import Imported, LogEntry, Reading, imported
from custom_components.smart_evse.engine.sessions.model import Ends, Mark, Rung, SessionRecord
from custom_components.smart_evse.engine.sessions.moment import Identity

from .stream import AWAY, START, charge, live, moment, shifted

LOG = Path(__file__).parent / "charger_log.csv"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def entry(**changes: object) -> LogEntry:
    known: dict[str, object] = {
        "connector": "box:0",
        "started": at(0),
        "ended": at(60),
        "energy": 11_000.0,
        "register": 1_000_000.0,
        **changes,
    }
    return LogEntry(**known)  # type: ignore[arg-type]


def alone(log: LogEntry, *known: SessionRecord) -> Imported:
    (found,) = imported(log, known)
    return found


def test_a_log_without_readings_tells_the_energy_and_not_when_it_flowed() -> None:
    found = alone(entry(currency="EUR"))
    assert (found.record.energy_in, found.record.taken) == (11_000, Ends(start=1_000_000, stop=1_011_000))
    (whole,) = found.intervals
    assert (whole.start, whole.end, whole.energy_in, whole.unattributed) == (at(0), at(60), 11_000, 11_000)
    assert whole.marks == found.record.marks == {Mark.IMPORTED, Mark.RECONSTRUCTED, Mark.PROVISIONAL}


def test_readings_bring_the_energy_into_its_quarter_hours() -> None:
    noted = tuple(Reading(at=at(5 * n), energy=916.6667 * n) for n in range(1, 12))
    found = alone(entry(readings=noted))
    assert [(each.start, each.energy_in) for each in found.intervals] == [(at(15 * n), 2750) for n in range(4)]
    assert found.record.marks == {Mark.IMPORTED}


def test_between_two_readings_the_quarter_hour_is_not_certain() -> None:
    noted = tuple(Reading(at=at(10 * n), energy=1833.3333 * n) for n in range(1, 6))
    found = alone(entry(readings=noted))
    assert [Mark.RECONSTRUCTED in each.marks for each in found.intervals] == [True, True, True, True]
    assert sum(each.energy_in for each in found.intervals) == 11_000


def test_a_hole_between_readings_stays_one() -> None:
    noted = (Reading(at=at(5), energy=900), Reading(at=at(45), energy=8000))
    found = alone(entry(readings=noted))
    assert [(each.start, each.end, each.energy_in) for each in found.intervals] == [
        (at(0), at(5), 900),
        (at(5), at(45), 7100),
        (at(45), at(60), 3000),
    ]


def test_nonsense_between_readings_is_left_out() -> None:
    noted = (Reading(at=at(30), energy=99_000), Reading(at=at(-5), energy=3), Reading(at=at(40), energy=-5))
    assert len(alone(entry(readings=noted)).intervals) == 1


def test_a_log_told_twice_changes_nothing() -> None:
    first = alone(entry())
    assert imported(entry(), [first.record]) == ()
    assert imported(entry(connector="box:1"), [first.record]) != ()


def test_what_was_followed_is_not_imported_and_what_was_missed_is() -> None:
    followed = live(*charge(600, 1810), moment(1810, AWAY, 1_005_530)).record
    assert followed.taken == Ends(start=1_001_833, stop=1_005_530)
    before, after = imported(entry(), [followed])
    assert (before.record.taken, after.record.taken) == (
        Ends(start=1_000_000, stop=1_001_833),
        Ends(start=1_005_530, stop=1_011_000),
    )
    assert before.record.energy_in + followed.energy_in + after.record.energy_in == 11_000
    assert imported(entry(), [followed, before.record, after.record]) == ()


def test_without_registers_it_is_the_time_that_tells_sessions_apart() -> None:
    log = entry(register=None)
    first = alone(log)
    assert first.record.taken == Ends()
    assert imported(replace(log, started=at(2), ended=at(63)), [first.record]) == ()
    assert imported(replace(log, started=at(70), ended=at(90)), [first.record]) != ()
    summed_up = live(*shifted(charge(0, 610), energy_in=None), moment(610, AWAY, power=0.0)).record
    assert imported(entry(), [summed_up]) == ()


def test_who_it_was_goes_along() -> None:
    found = alone(entry(identity=Identity(driver="anna", card="7", tariff="day", known_by=Rung.CARD)))
    assert (found.record.driver, found.record.known_by, found.record.tariff) == ("anna", Rung.CARD, "day")
    assert (found.intervals[0].driver, found.intervals[0].tariff) == ("anna", "day")


def test_a_recorded_log_is_on_record_once_however_often_it_is_told() -> None:
    with LOG.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    register, known = 500_000.0, list[SessionRecord]()
    entries = []
    for row in rows:
        begin, end = (datetime.fromisoformat(row[key]).replace(tzinfo=UTC) for key in ("plug_in", "plug_out"))
        energy = float(row["energy_kwh"]) * 1000
        entries.append(entry(started=begin, ended=end, energy=energy, register=register))
        register += energy
    for told in (*entries, *reversed(entries)):
        known += [found.record for found in imported(told, known)]
    assert len(known) == 6
    assert sum(record.energy_in for record in known) == 116_150
    assert (known[0].taken.start, known[-1].taken.stop) == (500_000, 616_150)


PIECES = st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 4000)), max_size=5)
READINGS = st.lists(st.tuples(st.floats(-10, 90), st.floats(-100, 13_000)), max_size=12)


@given(PIECES, READINGS)
@example([(1000, 4000), (2000, 500)], [])
def test_no_wh_is_there_twice_and_none_is_missing(
    known: list[tuple[int, int]], noted: list[tuple[float, float]]
) -> None:
    records = [
        SessionRecord(
            id=str(start),
            connector="box:0",
            started=at(0),
            ended=at(60),
            taken=Ends(start=999_000 + start, stop=999_000 + start + energy),
        )
        for start, energy in known
    ]
    log = entry(readings=tuple(Reading(at=at(minute), energy=energy) for minute, energy in noted))
    found = imported(log, records)
    covered = {wh for start, energy in known for wh in range(999_000 + start, 999_000 + start + energy)}
    told = [wh for each in found for wh in range(int(each.record.taken.start or 0), int(each.record.taken.stop or 0))]
    assert sorted(told) == sorted(set(range(1_000_000, 1_011_000)) - covered)
    for each in found:
        assert sum(interval.energy_in for interval in each.intervals) == each.record.energy_in
        assert all(interval.energy_in >= 0 for interval in each.intervals)
    assert imported(log, [*records, *(each.record for each in found)]) == ()
