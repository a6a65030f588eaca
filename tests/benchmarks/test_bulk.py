"""What is loaded quickly is what the ledger itself would have written."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bulk import Garage
from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook


def test_a_garage_is_what_living_there_would_have_made(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "a.db", "home", now=datetime(2021, 1, 1, tzinfo=UTC))) as bulk:
        garage = Garage(bulk, intervals=5)
        garage.grow(40)
        garage.grow(90)
        assert bulk.verify().good
        book = SessionsBook(bulk)
        sessions = book.with_intervals(SessionFilter())
        assert len(sessions) == 90
        with closing(Ledger.open(tmp_path / "b.db", "home")) as lived:
            theirs = SessionsBook(lived)
            for record, intervals in reversed(sessions):
                theirs.close_session(record, intervals)
            groups = ("driver", "vehicle", "connector")
            for year in range(2021, 2026):
                assert theirs.year_totals(year, by=groups) == book.year_totals(year, by=groups)
            assert theirs.months_since(None) == book.months_since(None)
