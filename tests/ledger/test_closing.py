"""A closed period stays what it was; what comes later says so."""

from datetime import UTC, datetime

import pytest

from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.ledger.closing import PeriodsBook
from custom_components.smart_evse.ledger.errors import NotOver, PeriodClosed
from tests.ledger.house import EVENING, quarters, session

APRIL = datetime(2026, 4, 2, 8, tzinfo=UTC)


@pytest.fixture
def periods(ledger: Ledger) -> PeriodsBook:
    return PeriodsBook(ledger)


def test_a_closed_month_keeps_its_totals(periods: PeriodsBook, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 4)
    sessions.close_session(session("s1", intervals), intervals)
    record = periods.close_period("2026-03", by="user", at=APRIL)
    assert periods.closed() == ("2026-03",)
    closed = periods.as_closed("2026-03")
    assert [(one["driver"], one["energy_in"], one["sessions"]) for one in closed or ()] == [("anna", 4006, 1)]
    sessions.correct("s1", {"driver": "ben"}, "user", "was Ben")
    assert periods.as_closed("2026-03") == closed
    assert [one.driver for one in sessions.month_totals(2026, 3)] == ["ben"]
    assert record.hash in last_body(periods.ledger)
    assert periods.ledger.verify().good


def test_what_is_found_later_comes_after(periods: PeriodsBook, sessions: SessionsBook) -> None:
    """A charger that was offline tells in April of a session in March: the energy flowed, so it goes on record."""
    record = periods.close_period("2026-03", at=APRIL)
    intervals = quarters(EVENING, 4)
    late = sessions.close_session(session("s1", intervals), intervals)
    assert late.read()["after"] == [record.hash]
    assert periods.as_closed("2026-03") == []
    assert sessions.month_totals(2026, 3)[0].energy_in == 4006
    later = quarters(APRIL, 2)
    assert "after" not in sessions.close_session(session("s2", later), later).read()


def test_a_month_is_closed_once_and_when_it_is_over(periods: PeriodsBook) -> None:
    for span in ("2026-04", "2026-05", "2026"):
        with pytest.raises(NotOver):
            periods.close_period(span, at=APRIL)
    # On the clock on the wall it is April already.
    periods.close_period("2026-03", at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    with pytest.raises(PeriodClosed):
        periods.close_period("2026-03", at=APRIL)
    assert periods.as_closed("2026-02") is None


def last_body(ledger: Ledger) -> str:
    with ledger.database.read() as connection:
        query = "SELECT body FROM record ORDER BY epoch DESC, sequence DESC LIMIT 1"
        return str(connection.exec_driver_sql(query).scalar())
