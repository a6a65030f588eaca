"""What went through a connector before an hour and after it: the same as if all that ever flowed were added up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from custom_components.smart_evse.engine.sessions.model import Interval, SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.costs import cost_of, money
from custom_components.smart_evse.ledger.hours import through
from tests.ledger.house import EVENING, evenings, session

HOUR = timedelta(hours=1)
ALONE = SessionRecord(
    id="alone",
    connector="garage",
    started=datetime(2026, 4, 9, 10, tzinfo=UTC),
    ended=datetime(2026, 4, 9, 12, tzinfo=UTC),
    energy_in=2_000,
    currency="EUR",
)


@pytest.fixture
def filled(ledger: Ledger, sessions: SessionsBook) -> Ledger:
    """A ledger of two months: every evening, a night over their end that nobody saw, a session without intervals."""
    for record, intervals in evenings(60):
        sessions.close_session(record, intervals)
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)
    night = Interval(start=end - 10 * HOUR, end=end + 10 * HOUR, energy_in=20_000, unattributed=20_000)
    sessions.close_session(session("night", (night,)), (night,))
    sessions.close_session(ALONE)
    sessions.close_session(replace(ALONE, id="elsewhere", connector="carport"))
    sessions.correct("s001", {"driver": "cleo"}, None, "")
    return ledger


def flowed(book: SessionsBook) -> list[Interval]:
    found: list[Interval] = []
    for record, intervals in book.with_intervals(SessionFilter(connector="garage")):
        whole = Interval(start=record.started, end=record.ended or record.started, energy_in=record.energy_in)
        found += intervals or [whole]
    return found


@pytest.mark.parametrize(
    "since",
    [
        EVENING - timedelta(days=400),
        EVENING.replace(minute=0),
        datetime(2026, 3, 31, 11, tzinfo=UTC),
        # The month begins at two by the clock in UTC.
        *(datetime(2026, 3, 31, 20, tzinfo=UTC) + number * HOUR for number in range(5)),
        datetime(2026, 4, 1, 8, tzinfo=UTC),
        datetime(2026, 4, 9, 11, tzinfo=UTC),
        datetime(2026, 4, 25, 12, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ],
    ids=lambda since: f"{since:%y-%m-%d %H}",
)
def test_before_and_after_are_all_there_is(filled: Ledger, since: datetime) -> None:
    book = SessionsBook(filled)
    before, hours = through(filled, "garage", since)
    known, earlier = flowed(book), 0.0
    for each in known:
        part = (min(max(since, each.start), each.end) - each.start) / (each.end - each.start)
        earlier += each.energy_in * part
    # Within an hour nobody tells when it flowed.
    assert before.energy_in == pytest.approx(earlier, abs=1_100)
    assert before.energy_in + sum(hour.energy_in for hour in hours.values()) == pytest.approx(
        sum(each.energy_in for each in known)
    )
    cost = before.cost + sum((hour.cost for hour in hours.values()), Decimal(0))
    assert cost == pytest.approx(sum((money(cost_of(each) or 0) for each in known), Decimal(0)))
    assert all(hour >= since for hour in hours)
    assert all(hour.energy_in >= 0 for hour in hours.values())
