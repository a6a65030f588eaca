"""Whatever is told in whichever portions, and however often: the same comes out."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path
import tempfile
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.access.model import Card, Driver
from custom_components.smart_evse.ledger import Ledger, PeopleBook, Record, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.database import Database
from custom_components.smart_evse.ledger.migrate import migrate
from custom_components.smart_evse.ledger.receiving import people_of, receive
from custom_components.smart_evse.ledger.schema import METADATA
from custom_components.smart_evse.ledger.verification import records_of
from tests.ledger.house import EVENING, ZONE, evenings, quarters, session


@cache
def told() -> tuple[tuple[Record, ...], dict[str, dict[str, str | None]], tuple[object, ...]]:
    """Three epochs of one site, with everything that may be on record; its people, and what it comes to."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        for epoch in range(3):
            with closing(Ledger.open(file, "home", zone=ZONE, now=EVENING + timedelta(days=epoch))) as ledger:
                _live(ledger, epoch)
                ledger.checkpoint(copying=True)
        with closing(Ledger(Database(file), "home", ZoneInfo(ZONE))) as ledger:
            with ledger.database.read() as connection:
                records = tuple(records_of(connection, "home"))
                people = people_of(connection, records)
            return records, people, come_to(ledger)


def _live(ledger: Ledger, epoch: int) -> None:
    sessions, people = SessionsBook(ledger), PeopleBook(ledger)
    at = EVENING + timedelta(days=100 * epoch)
    for name in ("anna", "ben"):
        people.put_driver(Driver(id=name, name=f"{name} {epoch}"), at=at)
    people.put_card(Card(id=f"card{epoch}", number=f"{epoch}", driver="ben"), at=at)
    for record, intervals in evenings(4, begin=at):
        sessions.close_session(session(f"{epoch} {record.id}", intervals), intervals)
    long = quarters(at + timedelta(days=5), 6)
    sessions.close_session(session(f"long {epoch}", long[:3], ended=False), long[:3])
    sessions.correct(f"long {epoch}", {"driver": "ben"}, None, "still there", at=at)
    sessions.close_session(session(f"long {epoch}", long), long[3:])
    sessions.correct("0 s001", {"vehicle": f"car {epoch}"}, None, "once more", at=at)
    if epoch == 2:
        people.forget_driver("ben", at=at + timedelta(days=1))


def come_to(ledger: Ledger) -> tuple[object, ...]:
    book, people = SessionsBook(ledger), PeopleBook(ledger)
    sums = (book.year_totals(2026, by=("driver", "vehicle", "connector")), book.months_since(None))
    return *sums, book.with_intervals(SessionFilter()), people.drivers(), people.cards(), ledger.verify()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    database = Database(tmp_path_factory.mktemp("any") / "ledger.db")
    migrate(database)
    with closing(Ledger(database, "home", ZoneInfo(ZONE))) as ledger:
        yield ledger


def emptied(ledger: Ledger) -> None:
    with ledger.database.write() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for table in METADATA.tables.values():
            connection.execute(table.delete())


@st.composite
def portions(draw: st.DrawFn) -> Sequence[tuple[Record, ...]]:
    """The records of each epoch in order, in portions that overlap, epoch by epoch in any order."""
    records, _, _ = told()
    parts = []
    for epoch in draw(st.permutations(sorted({record.epoch for record in records}))):
        mine = [record for record in records if record.epoch == epoch]
        ends = sorted(draw(st.sets(st.integers(1, len(mine)), max_size=4)) | {len(mine)})
        for begin, end in zip([0, *ends], ends, strict=False):
            parts.append(tuple(mine[max(0, begin - draw(st.integers(0, 3))) : end]))
    return parts


@settings(max_examples=15, deadline=None)
@given(parts=portions())
def test_any_order_of_arrival_comes_to_the_same(empty: Ledger, parts: Sequence[tuple[Record, ...]]) -> None:
    emptied(empty)
    _, people, expected = told()
    for part in parts:
        with empty.database.write() as connection:
            assert receive(connection, part, people).conflicts == ()
    assert come_to(empty) == expected
