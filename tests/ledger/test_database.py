"""The engine under it: what survives a power cut, who may write, which shape the tables have."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields
from pathlib import Path
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
import pytest
from sqlalchemy import event, insert

from custom_components.smart_evse.engine.sessions.model import Interval, SessionRecord
from custom_components.smart_evse.ledger import Entry, Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.database import Database
from custom_components.smart_evse.ledger.errors import DriverMissing, NewerSchema, Refused, Unreadable
from custom_components.smart_evse.ledger.hours import told_since
from custom_components.smart_evse.ledger.migrate import HEAD, SCRIPTS
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from custom_components.smart_evse.ledger.schema import INTERVAL, METADATA, PERSON, SESSION
from custom_components.smart_evse.ledger.trail import corrections
from custom_components.smart_evse.ledger.verification import records_of
from tests.ledger.house import EVENING, ZONE, evenings

VIEWS = (
    "v_session",
    "v_interval",
    "v_month",
    "v_year",
    "v_driver",
    "v_period",
    "v_document",
    "v_statement",
    "v_record",
)


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "ledger.db", "home")) as ledger, ledger.database.read() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "secure_delete")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000, "secure_delete": 1}


def test_what_is_wrong_with_one_entry_is_not_held_against_the_ledger(ledger: Ledger) -> None:
    row = {"digest": "one", "subject": "anna", "owner": "anna", "salt": "s", "body": "Anna Ångström"}
    with pytest.raises(Refused) as refused, ledger.database.write() as connection:
        connection.execute(insert(PERSON), [row, row])
    assert "Anna" not in f"{refused.value} {refused.value.__cause__}", "a log is read by many"
    assert ledger.verify().good


def test_migrations_make_the_tables_that_the_code_knows(nowhere: str) -> None:
    with closing(Ledger.open(nowhere, "home")) as ledger, ledger.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_head_is_the_last_migration() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == HEAD


def test_every_field_of_an_interval_has_a_column() -> None:
    columns = {column.name for column in INTERVAL.columns} | {"start", "end"}
    assert {field.name for field in fields(Interval)} <= columns


def test_every_field_of_a_session_has_a_column() -> None:
    columns = {column.name for column in SESSION.columns} | {
        column.name.removesuffix("_start") for column in SESSION.columns
    }
    assert {field.name for field in fields(SessionRecord)} <= columns


def test_a_ledger_of_a_later_version_is_left_alone(where: str) -> None:
    with closing(Ledger.open(where, "home")) as ledger, ledger.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchema):
        Ledger.open(where, "home")


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"This is no database. " * 500)
    with pytest.raises(Unreadable):
        Ledger.open(tmp_path / "ledger.db", "home")
    with pytest.raises(Unreadable):
        Ledger.open(tmp_path / "no such folder" / "ledger.db", "home")


def test_a_server_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DriverMissing):
        Database("postgresql://nobody@127.0.0.1/nothing")


@pytest.mark.parametrize("name", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_a_server_is_spoken_to_by_psycopg_whatever_its_url_says(name: str) -> None:
    assert Database(f"{name}://evse:secret@127.0.0.1/ledger").engine.driver == "psycopg"


def test_many_open_a_new_ledger_at_once(nowhere: str) -> None:
    """Twenty sites meet an empty server in the same minute."""

    def visit(number: int) -> int:
        with closing(Ledger.open(nowhere, f"site{number}")) as ledger:
            ledger.append(Entry(kind="note", subject="x", body={}, at=EVENING))
            return ledger.verify().records

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(visit, range(12))) == [2] * 12


def test_many_write_at_once(ledger: Ledger) -> None:
    def write(number: int) -> None:
        ledger.append(Entry(kind="note", subject=f"n{number}", body={"n": number}, at=EVENING))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(60)))
    verified = ledger.verify()
    assert (verified.good, verified.records) == (True, 61)


def test_somebody_reads_while_somebody_writes(ledger: Ledger) -> None:
    book = SessionsBook(ledger)
    for record, intervals in evenings(2):
        book.close_session(record, intervals)
    with ledger.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM total")
        assert book.year_totals(2026)
        assert len(book.sessions()) == 2


def test_what_fails_leaves_nothing_behind(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ledger.tip
    (record, intervals), *_ = evenings(1)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("custom_components.smart_evse.ledger.totals.keep", fail)
    book = SessionsBook(ledger)
    book.save_open("garage", {"a": 1}, session=record.id, intervals=intervals[:2])
    with pytest.raises(OSError, match="full"):
        book.close_session(record, intervals)
    assert ledger.tip == before
    assert book.sessions() == ()
    assert book.open_states() == {"garage": {"a": 1}}
    assert book.intervals(record.id) == intervals[:2]


def test_nothing_reads_through_all_records(tmp_path: Path) -> None:
    """SQLite keeps no statistics: it takes the key that also gives the order, even where that is the whole site."""
    with closing(Ledger.open(tmp_path / "ledger.db", "home", zone=ZONE)) as ledger:
        asked: list[tuple[str, object]] = []
        event.listen(ledger.database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        book = SessionsBook(ledger)
        for record, intervals in evenings(2):
            book.save_open(record.connector, {}, session=record.id, intervals=intervals[:1])
            book.close_session(record, intervals[1:])
            book.close_session(record, intervals)
        book.correct("s001", {"driver": "ben"}, None, "x")
        corrections(ledger, ["s000", "s001"])
        for name in ("driver", "vehicle", "connector"):
            book.with_intervals(SessionFilter(**{name: "x"}, since=EVENING, limit=10))
            book.year_totals(2026, by=(name,))
        book.sessions(SessionFilter(limit=10))
        book.sessions(SessionFilter(limit=10, everywhere=True))
        tip = ledger.tip
        told_since(ledger, tip)
        outbox = Outbox(ledger, Replica(str(tmp_path / "replica.db")))
        outbox.upload()
        outbox.waiting()
        with ledger.database.read() as connection:
            list(records_of(connection, "home", tip))
            plans = [
                (statement, row.detail)
                for statement, parameters in asked
                if statement.startswith("SELECT") and " LIMIT " not in statement and "min(" not in statement
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
    assert len(plans) > 20
    big = ("record", "session", "session_interval", "total")
    bad = [
        (statement, plan)
        for statement, plan in plans
        if any(plan.startswith(f"SCAN {table}") for table in big) or plan.endswith("record_1 (site=?)")
    ]
    assert bad == []


@pytest.mark.parametrize("view", VIEWS)
def test_views_can_be_read_by_any_tool(ledger: Ledger, view: str) -> None:
    for record, intervals in evenings(3):
        SessionsBook(ledger).close_session(record, intervals)
    with ledger.database.read() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {view}").mappings().all()
    assert len(rows) == {"v_session": 3, "v_interval": 15, "v_month": 3, "v_year": 3, "v_record": 4}.get(view, 0)
    if view == "v_month":
        told = {one.driver: one for one in SessionsBook(ledger).month_totals(2026, 3)}
        for row in rows:
            assert float(row["energy_in_kwh"]) == pytest.approx(told[row["driver"]].energy_in / 1000)
            assert float(row["cost"]) == pytest.approx(float(told[row["driver"]].cost))


def test_a_view_tells_times_as_times(ledger: Ledger) -> None:
    (record, intervals), *_ = evenings(1)
    SessionsBook(ledger).close_session(record, intervals)
    with ledger.database.read() as connection:
        started = connection.exec_driver_sql("SELECT started FROM v_session").scalar()
    assert str(started).replace(" ", "T")[:16] == EVENING.isoformat()[:16]


def test_a_cut_in_the_middle_of_a_write_leaves_what_was_committed(tmp_path: Path) -> None:
    """The file and its log as they lie there when the power goes, at any moment of a write."""
    with closing(Ledger.open(tmp_path / "ledger.db", "home", zone=ZONE)) as ledger:
        book = SessionsBook(ledger)
        for record, intervals in evenings(5):
            book.close_session(record, intervals)
        tip, totals = ledger.tip, book.year_totals(2026)
        cut = tmp_path / "cut"
        cut.mkdir()
        with ledger.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM total")
            for name in ("ledger.db", "ledger.db-wal"):
                (cut / name).write_bytes((tmp_path / name).read_bytes())
        log = (cut / "ledger.db-wal").read_bytes()
        (cut / "ledger.db-wal").write_bytes(log + log[32:4000])
    with closing(Ledger.open(cut / "ledger.db", "home", zone=ZONE, known=[tip])) as after:
        assert after.tip == tip
        assert SessionsBook(after).year_totals(2026) == totals
        assert after.verify().good
