"""How much of the main fuse was taken is on record with each interval, also in a ledger of before."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.books import NOVEMBER, QUARTER, quarter, session

INTERVALS = (
    replace(quarter(NOVEMBER, grid=1000), demand=0.4213),
    quarter(NOVEMBER + QUARTER, grid=500),
)


def test_it_is_read_as_it_was_told(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "ledger.db", "home", zone="Europe/Amsterdam")) as ledger:
        SessionsBook(ledger).close_session(session("s", "c", NOVEMBER, INTERVALS), INTERVALS)
        assert SessionsBook(ledger).intervals("s") == INTERVALS
        assert ledger.verify().good


def test_a_ledger_of_before_goes_on_with_it(tmp_path: Path) -> None:
    where, old = tmp_path / "ledger.db", tuple(replace(each, demand=None) for each in INTERVALS)
    with closing(Ledger.open(where, "home", zone="Europe/Amsterdam")) as before:
        SessionsBook(before).close_session(session("old", "c", NOVEMBER, old), old)
        with before.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE session_interval DROP COLUMN demand")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    with closing(Ledger.open(where, "home", zone="Europe/Amsterdam")) as ledger:
        book = SessionsBook(ledger)
        assert book.intervals("old") == old
        later = tuple(replace(each, start=each.start + 10 * QUARTER, end=each.end + 10 * QUARTER) for each in INTERVALS)
        book.close_session(session("new", "c", later[0].start, later), later)
        assert book.intervals("new") == later
        assert ledger.verify().good
