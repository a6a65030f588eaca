"""Sessions with their sums and their corrections, in a file and on a server alike."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.summaries import compared, summaries
from custom_components.smart_evse.ledger.trail import corrections
from tests.books import BEN, NOVEMBER, QUARTER, fill, quarter, session

ALWAYS = (NOVEMBER, NOVEMBER + timedelta(days=30))


def test_sums_are_those_of_the_intervals(ledger: Ledger, sessions: SessionsBook) -> None:
    fill(ledger, "c:1", "v")
    none, ben, ada = summaries(sessions, SessionFilter())
    assert [each.record.id for each in (none, ben, ada)] == ["s-none", "s-ben", "s-ada"]
    assert (ada.from_sun, ada.from_grid, ada.unpriced, ada.co2) == (2_500, 500, 0, 100.0)
    assert (ada.cost, ada.reference) == (Decimal("0.275"), Decimal("0.9"))
    assert (ben.cost, ben.reference, ben.unpriced) == (Decimal("0.6"), Decimal("0.6"), 1_000)
    assert (none.cost, none.record.driver) == (Decimal(1), None)


def test_a_filter_and_a_limit_hold_here_too(ledger: Ledger, sessions: SessionsBook) -> None:
    fill(ledger, "c:1", "v")
    assert [each.record.id for each in summaries(sessions, SessionFilter(limit=1))] == ["s-none"]
    assert [each.record.id for each in summaries(sessions, SessionFilter(driver=BEN.id))] == ["s-ben"]
    assert summaries(sessions, SessionFilter(connector="c:2")) == ()


def test_co2_is_known_for_all_or_not_at_all(sessions: SessionsBook) -> None:
    flowed = (quarter(NOVEMBER, grid=1_000), replace(quarter(NOVEMBER + QUARTER, grid=1), co2=None))
    sessions.close_session(session("s", "c:1", NOVEMBER, flowed), flowed)
    (one,) = summaries(sessions, SessionFilter())
    assert one.co2 is None


def test_only_what_has_a_price_is_compared(ledger: Ledger, sessions: SessionsBook) -> None:
    fill(ledger, "c:1", "v")
    # 0.90 and 1.00, and of Ben's the half that has a price.
    assert compared(ledger, *ALWAYS, "EUR") == Decimal("2.5")
    assert compared(ledger, NOVEMBER + QUARTER, ALWAYS[1], "EUR") == Decimal("2.05")
    assert compared(ledger, *ALWAYS, "SEK") == 0
    lacking = (replace(quarter(NOVEMBER, sun=1), import_price=None),)
    sessions.close_session(session("s", "c:2", NOVEMBER, lacking), lacking)
    assert compared(ledger, *ALWAYS, "EUR") is None


def test_a_session_that_goes_on_counts_as_far_as_it_goes(ledger: Ledger, sessions: SessionsBook) -> None:
    flowed = (quarter(NOVEMBER, grid=1_000),)
    sessions.close_session(replace(session("s", "c:1", NOVEMBER, flowed), ended=None), flowed)
    assert compared(ledger, *ALWAYS, "EUR") == Decimal("0.3")


def test_a_trail_has_each_correction_with_its_reason(ledger: Ledger, sessions: SessionsBook) -> None:
    fill(ledger, "c:1", "v")
    sessions.correct("s-none", {"driver": BEN.id}, "user", "his", at=NOVEMBER + timedelta(days=9))
    sessions.correct("s-none", {"driver": None}, "other", "not his", at=NOVEMBER + timedelta(days=10))
    found = corrections(ledger, ["s-none", "s-ada"])
    assert found.keys() == {"s-none"}
    assert [(each.by, each.why, each.before["driver"]) for each in found["s-none"]] == [
        ("user", "his", None),
        ("other", "not his", BEN.id),
    ]
    (one, *_) = summaries(sessions, SessionFilter())
    assert one.corrections == 2
