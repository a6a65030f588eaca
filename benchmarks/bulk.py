"""A garage's years of sessions, put into a ledger faster than anybody could live them.

What is written is what the ledger itself would have written, record by record and row by row (`Ledger.verify` looks
at that): sessions are made of a few hundred patterns by the ledger's own code, and then moved to other days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import batched
import random
from typing import Any

from sqlalchemy import Connection, func, insert, select

from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger
from custom_components.smart_evse.ledger.booking import interval_row, session_row
from custom_components.smart_evse.ledger.chain import GENESIS, Kind, Record, canonical, digest_of, stamp
from custom_components.smart_evse.ledger.encoding import session_body
from custom_components.smart_evse.ledger.epochs import Tip
from custom_components.smart_evse.ledger.schema import INTERVAL, RECORD, SESSION
from custom_components.smart_evse.ledger.totals import Booked, Key, add, contributions, keep
from custom_components.smart_evse.ledger.writing import tip_of

PATTERNS = 300
QUARTER = timedelta(minutes=15)
DAY_IN_MICROS = 86_400_000_000
BATCH = 2000

BEGIN, DAYS = date(2021, 1, 1), 5 * 365
PER_DRIVER = 1250

# A day that no session is of, so that it can be found and replaced in what was written.
FIRST = date(1980, 1, 1)
DATES = ("1980-01-01", "1980-01-02")
WHO = ("0driver0", "0vehicle0", "0connector0", "0session0")


@dataclass(frozen=True, slots=True)
class Visit:
    """One session: which pattern, on which day, and whose."""

    number: int
    pattern: int
    day: date
    driver: str
    vehicle: str
    connector: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A session as it is written, of a day and of names that are to be replaced."""

    booked: Booked
    body: str
    rows: list[tuple[Any, ...]]
    session: dict[str, Any]
    totals: dict[Key, list[int]]


def pattern(dice: random.Random, intervals: int) -> Pattern:
    """Return somebody's evening: so many quarters of an hour, at a price that changes by the hour."""
    count = max(1, intervals + dice.randint(-intervals // 3, intervals // 3))
    start = datetime(FIRST.year, FIRST.month, FIRST.day, dice.randint(6, 21), 15 * dice.randint(0, 3), tzinfo=UTC)
    pieces = tuple(_piece(dice, start + number * QUARTER) for number in range(count))
    energy = sum(piece.energy_in for piece in pieces)
    driver, vehicle, connector, name = WHO
    record = SessionRecord(
        id=name,
        connector=connector,
        started=start,
        ended=pieces[-1].end,
        energy_in=energy,
        taken=Ends(start=1_000_000.0, stop=1_000_000.0 + energy),
        soc=Ends(start=30.0, stop=80.0),
        driver=driver,
        vehicle=vehicle,
        known_by=Rung.CARD,
        currency="EUR",
    )
    booked = Booked(record=record, intervals=pieces, zone="UTC")
    told = Record(
        site="", epoch=0, sequence=0, kind=Kind.SESSION, at="", subject="", body="", previous=GENESIS, hash=""
    )
    return Pattern(
        booked=booked,
        body=canonical(session_body(record, pieces, "UTC")),
        rows=[_in_order(interval_row(0, number, piece)) for number, piece in enumerate(pieces)],
        session=session_row(told, booked) | {"corrections": 0},
        totals=contributions(booked),
    )


def _in_order(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in INTERVAL.columns)


def _piece(dice: random.Random, start: datetime) -> Interval:
    energy = dice.randint(300, 2800)
    sun = dice.randint(0, energy)
    return Interval(
        start=start,
        end=start + QUARTER,
        energy_in=energy,
        from_sun=sun,
        from_grid=energy - sun,
        mean_power=energy * 4.0,
        peak_power=11_040.0,
        import_price=Decimal(20 + (start.hour * 7) % 13) / 100,
        export_price=Decimal("0.07"),
        co2=280.0,
    )


class Garage:
    """Drivers who come on most evenings of five years, each mostly to a place of their own."""

    def __init__(self, ledger: Ledger, *, intervals: int = 20, seed: int = 1) -> None:
        self.ledger = ledger
        self.count = 0
        self._dice = random.Random(seed)
        self._patterns = [pattern(self._dice, intervals) for _ in range(PATTERNS)]

    def grow(self, count: int) -> None:
        """Add sessions until there are so many. Without waiting for the disk: if it fails, one begins anew."""
        with self.ledger.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            for pragma in ("synchronous=OFF", "cache_size=-1000000"):
                raw.execute(f"PRAGMA {pragma}")
            connection.rollback()
        visits = self._visits(count - self.count)
        for some in batched(visits, BATCH, strict=False):
            with self.ledger.database.write() as connection:
                self._write(connection, some)
        self.count = count
        self.ledger.checkpoint()
        self.ledger.database.dispose()

    def _visits(self, count: int) -> Iterator[Visit]:
        """Yield visits of new drivers day by day: a garage that grows has more drivers, not busier ones."""
        first, drivers = self.count // PER_DRIVER, max(1, count // PER_DRIVER)
        for number in range(count):
            driver = first + self._dice.randrange(drivers)
            own = self._dice.random() < 0.8
            yield Visit(
                number=self.count + number,
                pattern=self._dice.randrange(PATTERNS),
                day=BEGIN + timedelta(days=number * DAYS // count),
                driver=f"driver{driver}",
                vehicle=f"vehicle{driver}",
                connector=f"connector{driver // 8 + (0 if own else self._dice.randrange(10))}",
            )

    def _write(self, connection: Connection, visits: Sequence[Visit]) -> None:
        site, place = self.ledger.site, tip_of(connection, self.ledger.site).after()
        key = connection.execute(select(func.max(SESSION.c.key))).scalar() or 0
        records, sessions = [], []
        intervals: list[tuple[Any, ...]] = []
        sums: dict[Key, list[int]] = {}
        for visit in visits:
            made = self._patterns[visit.pattern]
            record = _record(site, place, visit, made)
            place = Tip(epoch=record.epoch, sequence=record.sequence, hash=record.hash).after()
            key, shift = key + 1, (visit.day - FIRST).days * DAY_IN_MICROS
            records.append(asdict(record))
            sessions.append(_session(key, record, visit, made, shift))
            intervals += _intervals(key, made, shift)
            for total, parts in _totals(visit, made).items():
                add(sums, total, parts)
        for table, rows in ((RECORD, records), (SESSION, sessions)):
            connection.execute(insert(table), rows)
        _insert_many(connection, intervals)
        keep(connection, site, sums)


def _record(site: str, place: Tip, visit: Visit, made: Pattern) -> Record:
    body = made.body
    days = (visit.day.isoformat(), (visit.day + timedelta(days=1)).isoformat())
    for old, new in zip((*WHO, *DATES), (*_who(visit), *days), strict=True):
        body = body.replace(old, new)
    ended = made.booked.intervals[-1].end + (visit.day - FIRST)
    record = Record(
        site=site,
        epoch=place.epoch,
        sequence=place.sequence,
        kind=str(Kind.SESSION),
        at=stamp(ended),
        subject=_who(visit)[3],
        body=body,
        previous=place.hash,
        hash="",
    )
    return replace(record, hash=digest_of(record))


def _session(key: int, record: Record, visit: Visit, made: Pattern, shift: int) -> dict[str, Any]:
    driver, vehicle, connector, name = _who(visit)
    return made.session | {
        "key": key,
        "site": record.site,
        "id": name,
        "driver": driver,
        "vehicle": vehicle,
        "connector": connector,
        "started": made.session["started"] + shift,
        "ended": made.session["ended"] + shift,
        "epoch": record.epoch,
        "sequence": record.sequence,
    }


def _intervals(key: int, made: Pattern, shift: int) -> Iterator[tuple[Any, ...]]:
    for row in made.rows:
        _, number, start, end, *others = row
        yield (key, number, start + shift, end + shift, *others)


def _totals(visit: Visit, made: Pattern) -> dict[Key, list[int]]:
    """Return what the visit adds; a night into another month is counted up anew."""
    driver, vehicle, connector, _ = _who(visit)
    shift = visit.day - FIRST
    last = made.booked.intervals[-1].end + shift
    if (last.year, last.month) != (visit.day.year, visit.day.month):
        moved = tuple(replace(one, start=one.start + shift, end=one.end + shift) for one in made.booked.intervals)
        record = replace(
            made.booked.record,
            driver=driver,
            vehicle=vehicle,
            connector=connector,
            started=moved[0].start,
            ended=last,
        )
        return contributions(Booked(record=record, intervals=moved, zone="UTC"))
    spans = {7: f"{visit.day:%Y-%m}", 4: f"{visit.day:%Y}"}
    return {(spans[len(key[0])], driver, vehicle, connector, key[4]): parts for key, parts in made.totals.items()}


def _who(visit: Visit) -> tuple[str, str, str, str]:
    return visit.driver, visit.vehicle, visit.connector, f"session{visit.number}"


def _insert_many(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Insert intervals past SQLAlchemy's own handling of rows: twenty million of them."""
    statement = str(insert(INTERVAL).compile(dialect=connection.dialect))
    raw: Any = connection.connection.driver_connection
    raw.executemany(statement, rows)
