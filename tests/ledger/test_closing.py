"""A closed period stays what it was; what comes later says so."""

from datetime import UTC, datetime

import pytest

from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.ledger.chain import Json
from custom_components.smart_evse.ledger.closing import PeriodsBook
from custom_components.smart_evse.ledger.errors import NotOver, PeriodClosed
from custom_components.smart_evse.records import plain
from tests.engine.sessions.stream import AWAY, charge, live, moment
from tests.ledger.house import EVENING, quarters, session

APRIL = datetime(2026, 4, 2, 8, tzinfo=UTC)


@pytest.fixture
def periods(ledger: Ledger) -> PeriodsBook:
    return PeriodsBook(ledger)


def test_a_closed_month_keeps_its_totals(periods: PeriodsBook, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 4)
    sessions.close_session(session("s1", intervals), intervals)
    record = periods.close_period("2026-03", by="user", at=APRIL)
    assert [one.span for one in periods.closed()] == ["2026-03"]
    closed = as_closed(periods, "2026-03")
    assert [(one["driver"], one["energy_in"], one["sessions"]) for one in closed or ()] == [("anna", 4006, 1)]
    assert not periods.closed()[0].corrected
    sessions.correct("s1", {"driver": "ben"}, "user", "was Ben")
    assert as_closed(periods, "2026-03") == closed
    assert [one.driver for one in sessions.month_totals(2026, 3)] == ["ben"]
    assert [(one.hash, one.corrected) for one in periods.closed()] == [(record.hash, True)]
    assert record.hash in last_body(periods.ledger)
    assert periods.ledger.verify().good


def test_what_is_found_later_comes_after(periods: PeriodsBook, sessions: SessionsBook) -> None:
    """A charger that was offline tells in April of a session in March: the energy flowed, so it goes on record."""
    record = periods.close_period("2026-03", at=APRIL)
    intervals = quarters(EVENING, 4)
    late = sessions.close_session(session("s1", intervals), intervals)
    assert late.read()["after"] == [record.hash]
    assert as_closed(periods, "2026-03") == []
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
    assert as_closed(periods, "2026-02") is None


def test_what_runs_is_counted_as_far_as_it_goes(periods: PeriodsBook, sessions: SessionsBook) -> None:
    told = live(*charge(0, 4000))
    running, finished = told.session, tuple(told.intervals)
    sessions.save_open(running.connector, plain(running), session=running.id, intervals=finished)
    november = datetime(2026, 11, 2, 8, tzinfo=UTC)
    periods.close_period("2026-09", at=november)
    assert sessions.session(running.id) is None
    closed = periods.close_period("2026-10", at=november)
    assert [(one["energy_in"], one["sessions"]) for one in as_closed(periods, "2026-10") or ()] == [(11_000, 0)]
    known = sessions.session(running.id)
    assert known is not None
    assert (known.energy_in, known.ended, sessions.intervals(running.id)) == (11_000, None, finished)
    assert sessions.open_states() == {running.connector: plain(running)}
    told.hear(moment(4000, AWAY, 1_012_222))
    last = sessions.close_session(told.record, told.intervals[len(finished) :])
    assert last.read()["after"] == [closed.hash]
    assert (sessions.session(running.id), sessions.intervals(running.id)) == (told.record, tuple(told.intervals))
    assert [(one.energy_in, one.sessions) for one in sessions.month_totals(2026, 10)] == [(12_222, 1)]
    assert periods.ledger.verify().good


def test_what_runs_in_words_of_another_version_keeps_no_period_open(
    periods: PeriodsBook, sessions: SessionsBook
) -> None:
    sessions.save_open("garage", {"words": "of old"}, session="s1", intervals=quarters(EVENING, 2))
    periods.close_period("2026-03", at=APRIL)
    assert as_closed(periods, "2026-03") == []
    assert sessions.intervals("s1") == quarters(EVENING, 2)


def as_closed(periods: PeriodsBook, span: str) -> list[Json] | None:
    """What a period came to when it was closed, `None` while it is open."""
    return next(([*one.totals] for one in periods.closed() if one.span == span), None)


def last_body(ledger: Ledger) -> str:
    with ledger.database.read() as connection:
        query = "SELECT body FROM record ORDER BY epoch DESC, sequence DESC LIMIT 1"
        return str(connection.exec_driver_sql(query).scalar())
