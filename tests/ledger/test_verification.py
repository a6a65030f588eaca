"""Whatever was changed behind the ledger's back is shown."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
import random
import sqlite3
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from sqlalchemy import Connection, insert

from custom_components.smart_evse.engine.access.model import Card, Driver
from custom_components.smart_evse.ledger import Entry, Flaw, Ledger, Numbering, PeopleBook, SessionsBook
from custom_components.smart_evse.ledger.chain import Record, digest_of
from custom_components.smart_evse.ledger.closing import PeriodsBook
from custom_components.smart_evse.ledger.database import Database
from custom_components.smart_evse.ledger.errors import Unreadable
from custom_components.smart_evse.ledger.rebuilding import rebuild
from custom_components.smart_evse.ledger.schema import RECORD
from tests.ledger.house import EVENING, ZONE, evenings
from tests.ledger.seals import broken_open

COLUMNS = [column.name for column in RECORD.columns]


def fill(ledger: Ledger, count: int = 12) -> None:
    people, sessions = PeopleBook(ledger), SessionsBook(ledger)
    people.put_driver(Driver(id="anna", name="Anna"), at=EVENING)
    people.put_driver(Driver(id="anna", name="Anna Ångström"), at=EVENING)
    people.put_card(Card(id="card1", number="04AB12", driver="anna"), at=EVENING)
    for record, intervals in evenings(count):
        sessions.close_session(record, intervals)
    sessions.correct("s003", {"driver": "ben"}, "user", "Ben drove")
    PeriodsBook(ledger).close_period("2026-03")
    numbered = Numbering(issuer="house", year=2026)
    ledger.append(*(Entry(kind="document", subject=f"d{n}", body={}, at=EVENING, numbering=numbered) for n in range(3)))


def flaws(ledger: Ledger) -> set[Flaw]:
    return {finding.flaw for finding in ledger.verify().findings}


def test_a_ledger_as_it_was_written_is_good(ledger: Ledger) -> None:
    fill(ledger)
    verified = ledger.verify()
    assert (verified.good, verified.records) == (True, ledger.tip.sequence)


@pytest.mark.parametrize("statement", ["UPDATE {0} SET site = 'x'", "DELETE FROM {0}"])
@pytest.mark.parametrize("table", ["record", "period", "document_number"])
def test_the_database_itself_refuses_to_change_what_is_on_record(ledger: Ledger, table: str, statement: str) -> None:
    fill(ledger)
    with pytest.raises(Unreadable, match="append-only"), ledger.database.write() as connection:
        connection.exec_driver_sql(statement.format(table))
    assert ledger.verify().good


@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_of_a_record_is_sealed(ledger: Ledger, column: str) -> None:
    fill(ledger)
    other = "7777777" if column in ("epoch", "sequence") else "'other'"
    with broken_open(ledger.database) as connection:
        connection.exec_driver_sql(f"UPDATE record SET {column} = {other} WHERE sequence = 7")
    assert not ledger.verify(tables=False).good


CHANGES = {
    "a record is gone": ("DELETE FROM record WHERE sequence = 7", Flaw.MISSING),
    "the first is gone": ("DELETE FROM record WHERE sequence = 1", Flaw.MISSING),
    "a name is another": ("UPDATE person SET body = replace(body, 'Anna', 'Hanna')", Flaw.PERSONAL_CHANGED),
    "a name is gone": ("DELETE FROM person WHERE subject = 'anna'", Flaw.PERSONAL_MISSING),
    "a reason is gone": ("DELETE FROM person WHERE subject = 's003'", Flaw.PERSONAL_MISSING),
    "a session has more": ("UPDATE session SET energy_in = energy_in + 1 WHERE id = 's005'", Flaw.TABLES),
    "a session is gone": ("DELETE FROM session WHERE id = 's005'", Flaw.TABLES),
    "an interval is gone": ("DELETE FROM session_interval WHERE number = 3 AND session = 2", Flaw.TABLES),
    "a price is another": ("UPDATE session_interval SET import_price = '0.1' WHERE number = 3", Flaw.TABLES),
    "a part is somebody's": (
        "INSERT INTO session_part SELECT key, 'zoe', site, started FROM session WHERE id = 's005'",
        Flaw.TABLES,
    ),
    "a total has more": ("UPDATE total SET from_sun = from_sun + 1", Flaw.TABLES),
    "a total is gone": ("DELETE FROM total WHERE driver = 'ben'", Flaw.TABLES),
    "a closed month has more": ("UPDATE period SET totals = '[]'", Flaw.TABLES),
    "a number is another's": ("UPDATE document_number SET number = 9 WHERE number = 2", Flaw.TABLES),
    "a card is another's": ("UPDATE party SET driver = 'ben' WHERE kind = 'card'", Flaw.TABLES),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(ledger: Ledger, what: str) -> None:
    fill(ledger)
    statement, flaw = CHANGES[what]
    with broken_open(ledger.database) as connection:
        assert connection.exec_driver_sql(statement).rowcount
    assert flaw in flaws(ledger)


def test_tables_are_made_anew_from_the_records(ledger: Ledger) -> None:
    fill(ledger)
    before = SessionsBook(ledger).year_totals(2026), SessionsBook(ledger).sessions()
    with ledger.database.write() as connection:
        for statement in ("UPDATE session SET energy_in = 1", "DELETE FROM session_interval", "DELETE FROM total"):
            connection.exec_driver_sql(statement)
    assert flaws(ledger) == {Flaw.TABLES}
    assert rebuild(ledger.database, "home") == 12
    assert ledger.verify().good
    assert (SessionsBook(ledger).year_totals(2026), SessionsBook(ledger).sessions()) == before


def test_a_forger_has_to_change_every_record_that_follows(ledger: Ledger) -> None:
    """A record sealed anew is good by itself; the next one does not hold it."""
    fill(ledger)
    with broken_open(ledger.database) as connection:
        forge(connection, 7)
    (finding,) = ledger.verify(tables=False).findings
    assert (finding.flaw, finding.sequence) == (Flaw.UNLINKED, 8)


def forge(connection: Connection, sequence: int) -> None:
    row = connection.execute(RECORD.select().where(RECORD.c.sequence == sequence)).mappings().one()
    forged = replace(Record(**row), body=row["body"].replace("400", "900"))
    forged = replace(forged, hash=digest_of(forged))
    connection.execute(RECORD.delete().where(RECORD.c.sequence == sequence))
    connection.execute(insert(RECORD), asdict(forged))


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger of 10,000 records."""
    with closing(Ledger.open(tmp_path_factory.mktemp("long") / "ledger.db", "home", zone=ZONE)) as ledger:
        fill(ledger)
        entries = (
            Entry(kind="note", subject=f"n{number}", body={"text": f"Überall {number}"}, at=EVENING)
            for number in range(10_000 - ledger.tip.sequence)
        )
        ledger.append(*entries)
        ledger.checkpoint()
        assert ledger.verify().records == 10_000
        yield ledger


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit_in_ten_thousand_records(ten_thousand: Ledger, data: st.DataObject) -> None:
    """Any bit of any byte of any text of any record."""
    sequence = data.draw(st.integers(1, 10_000))
    column = data.draw(st.sampled_from([name for name in COLUMNS if name not in ("epoch", "sequence")]))
    place = RECORD.c.sequence == sequence
    with ten_thousand.database.read() as connection:
        kept = connection.execute(RECORD.select().where(place)).mappings().one()[column].encode()
    position, bit = data.draw(st.integers(0, len(kept) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(kept)
    flipped[position] ^= 1 << bit
    write_bytes(ten_thousand, column, sequence, bytes(flipped))
    try:
        verified = ten_thousand.verify(tables=False)
    finally:
        write_bytes(ten_thousand, column, sequence, kept)
    assert not verified.good or verified.records == 9_999
    if column in ("body", "at", "subject", "kind", "previous", "hash"):
        assert not verified.good


def write_bytes(ledger: Ledger, column: str, sequence: int, content: bytes) -> None:
    """As text, whether or not it is text any more: that is what a damaged disk leaves."""
    with broken_open(ledger.database) as connection:
        connection.exec_driver_sql(
            f"UPDATE record SET {column} = CAST(? AS TEXT) WHERE sequence = ?", (content, sequence)
        )


def test_a_flipped_byte_in_the_file_itself(ten_thousand: Ledger, tmp_path: Path) -> None:
    """Wherever it is, it is shown, or it was where nothing is kept: every table says what it said."""
    ten_thousand.checkpoint()
    file = Path(str(ten_thousand.database.url.database))
    whole, content = file.read_bytes(), dumped(file)
    assert content is not None
    dice = random.Random(4)
    places = [whole.index(b"\xc3\x9cberall 4321") + 3, whole.index(b"ngstr") + 1]
    places += [dice.randrange(100, len(whole)) for _ in range(8)]
    for number, place in enumerate(places):
        damaged = tmp_path / f"damaged{number}.db"
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        with closing(Ledger(Database(damaged), "home", ZoneInfo(ZONE))) as ledger:
            shown = not ledger.verify().good
        assert shown or dumped(damaged) == content, f"byte {place} of {len(whole)}"
        assert shown or number > 1


def dumped(file: Path) -> list[str] | None:
    """All that a file says; None if it cannot be read."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            return list(connection.iterdump())
    except sqlite3.DatabaseError, UnicodeDecodeError:
        return None
