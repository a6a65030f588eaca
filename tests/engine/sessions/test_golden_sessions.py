"""Golden sessions: streams of readings in, what goes on record of them out, to the Wh and to the last digit of a price.

The files are described in `golden/README.md`. With `GOLDEN=write` in the environment the expected records are
written anew from what the engine makes of the streams now; look at the difference before you keep it.
"""

from collections.abc import Iterator
import csv
from datetime import UTC, datetime
from decimal import Decimal
import json
import os
from pathlib import Path

import pytest

from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.sessions.follow import Followed, follow
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Rung, SessionRecord
from custom_components.smart_evse.engine.sessions.moment import Identity, Moment
from custom_components.smart_evse.engine.sessions.opened import OpenSession
from custom_components.smart_evse.engine.sessions.pricing import cost_of_all
from custom_components.smart_evse.engine.sessions.sources import Flows, Mix, Shares, Stored, Worth, carried, split
from custom_components.smart_evse.records import made, plain

from ..test_golden_days import side_by_side

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.csv"))

type Row = dict[str, str]


def figure(row: Row, column: str) -> float | None:
    return float(row[column]) if row.get(column) else None


def price(row: Row, column: str) -> Decimal | None:
    return Decimal(row[column]) if row.get(column) else None


class Site:
    """What lies around the connector: the roof, the home battery, the grid."""

    def __init__(self) -> None:
        self.stored = Stored()
        self.before = 0.0

    def look(self, row: Row, now: float) -> tuple[Shares | None, Mix | None]:
        """Return where the energy of a row came from, and what the battery held."""
        if row.get("sun_share") or row.get("grid_share"):
            return Shares(sun=figure(row, "sun_share") or 0.0, grid=figure(row, "grid_share") or 0.0), None
        if not row.get("grid"):
            return None, None
        flows = split(
            solar=figure(row, "solar"),
            battery=figure(row, "battery"),
            grid=figure(row, "grid"),
            connectors=[figure(row, "power")],
        )
        mix = self.stored.mix
        self._store(row, flows, now)
        return flows.shares, mix

    def _store(self, row: Row, flows: Flows, now: float) -> None:
        worth = Worth(bought=figure(row, "import_price"), sold=figure(row, "export_price"))
        self.stored = carried(self.stored, flows, worth, seconds=now - self.before)
        self.before = now


def readings(name: str) -> Iterator[Moment]:
    site = Site()
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for row in rows:
        at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
        now = figure(row, "steady") or at.timestamp()
        shares, mix = site.look(row, now)
        driver = row.get("driver") or None
        yield Moment(
            connector="garage:0",
            at=at,
            now=now,
            run=row.get("run") or "",
            state=VehicleState(row["state"]) if row["state"] else None,
            power=figure(row, "power"),
            energy_in=figure(row, "taken"),
            energy_out=figure(row, "given"),
            most=22_000.0,
            shares=shares,
            mix=mix,
            import_price=price(row, "import_price"),
            export_price=price(row, "export_price"),
            currency="EUR" if "import_price" in row else None,
            co2=figure(row, "co2"),
            vehicle_energy=figure(row, "vehicle"),
            soc=figure(row, "soc"),
            odometer=figure(row, "odometer"),
            identity=Identity(
                driver=driver, tariff=row.get("tariff") or None, known_by=Rung.CARD if driver else Rung.UNKNOWN
            ),
            charger_session=row.get("transaction") or None,
        )


def followed(name: str) -> Iterator[Followed]:
    """Follow a stream; a new process goes on from what is on disk."""
    state: OpenSession | None = None
    for moment in readings(name):
        if state is not None and state.run != moment.run:
            state = made(OpenSession, json.loads(json.dumps(plain(state))))
        told = follow(state, moment)
        state = told.state
        yield told


def records(name: str) -> Iterator[str]:
    intervals: dict[str, list[Interval]] = {}
    for told in followed(name):
        if told.session is not None:
            intervals.setdefault(told.session, []).extend(told.intervals)
        if told.closed is not None:
            yield from session_lines(told.closed, intervals[told.closed.id])


def session_lines(record: SessionRecord, intervals: list[Interval]) -> Iterator[str]:
    yield f"session   {when(record.started)} to {when(record.ended)}"
    yield f"energy    {record.energy_in} Wh taken, {record.energy_out} Wh given"
    for what, ends in (("register", record.taken), ("given", record.given)):
        if ends != Ends():
            yield f"{what:9} {ends.start} to {ends.stop} Wh"
    if record.soc != Ends():
        yield f"charge    {record.soc.start} to {record.soc.stop} %"
    if record.odometer != Ends():
        yield f"odometer  {record.odometer.start} to {record.odometer.stop} km"
    if record.driver is not None:
        yield f"driver    {record.driver}, by {record.known_by}"
    yield f"marks     {', '.join(sorted(record.marks)) or 'none'}"
    assert sum(each.energy_in for each in intervals) == record.energy_in
    assert sum(each.energy_out for each in intervals) == record.energy_out
    yield from (interval_line(each) for each in intervals)
    if record.currency is not None:
        cost = cost_of_all(intervals)
        yield f"cost      grid {money(cost.grid)}, sun {money(cost.sun)}, battery {money(cost.battery)}"
        yield f"          together {money(cost.total)}, all from the grid {money(cost.reference)}"
        yield f"          saved {money(cost.savings)}"
    yield ""


def interval_line(each: Interval) -> str:
    split_by = (
        f"sun {each.from_sun:5} battery {each.from_battery:5} grid {each.from_grid:5} unknown {each.unattributed:5}"
    )
    known = (
        ("mean", each.mean_power, " W"),
        ("peak", each.peak_power, " W"),
        ("out", each.energy_out or None, " Wh"),
        ("car", each.vehicle_energy, " Wh"),
        ("buy", each.import_price, ""),
        ("sell", each.export_price, ""),
        ("stored", each.battery_price, ""),
        ("stored sun", each.battery_sun, ""),
        ("co2", each.co2, " g"),
        ("driver", each.driver, ""),
        ("tariff", each.tariff, ""),
        ("marks", "+".join(sorted(each.marks)) or None, ""),
    )
    rest = "".join(f"  {name} {value}{unit}" for name, value, unit in known if value is not None)
    return f"  {each.start:%d %H:%M:%S} {each.end:%d %H:%M:%S} {each.energy_in:6} Wh: {split_by}{rest}"


def when(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def money(amount: Decimal | None) -> str:
    return "not known yet" if amount is None else f"{amount.normalize() + 0:f}"


def test_the_golden_sessions_are_there() -> None:
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_stream_is_on_record_as_it_was_before(name: str) -> None:
    found = list(records(name))
    stored = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        stored.write_text("\n".join(found) + "\n", encoding="utf-8")
    expected = stored.read_text(encoding="utf-8").splitlines()
    if found != [line.rstrip("\n") for line in expected]:
        pytest.fail(f"{name}\n{side_by_side(expected, found)}", pytrace=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_told_twice_is_on_record_once(name: str) -> None:
    state: OpenSession | None = None
    twice = []
    for moment in readings(name):
        for _ in range(2):
            told = follow(state, moment)
            state = told.state
            twice.append((told.intervals, told.closed))
    assert [each for each in twice if any(each)] == [
        (told.intervals, told.closed) for told in followed(name) if told.intervals or told.closed
    ]
