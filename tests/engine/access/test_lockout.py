"""Wrong codes are tried slower and slower."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.access.lockout import FIRST, FORGOTTEN, FREE, LONGEST, Attempts, failed, wait

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NONE = timedelta()


def after(wrong: int, at: datetime = NOW) -> Attempts:
    attempts = Attempts()
    for _ in range(wrong):
        attempts = failed(attempts, at)
    return attempts


def test_a_few_slips_cost_nothing_and_then_every_one_twice_as_much() -> None:
    waits = [wait(after(wrong), NOW) for wrong in range(FREE + 9)]
    assert waits[:FREE] == [NONE] * FREE
    assert waits[FREE : FREE + 3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST


def test_a_day_later_all_is_forgotten() -> None:
    assert failed(after(20), NOW + FORGOTTEN).wrong == 1
    assert failed(after(20), NOW + FORGOTTEN - timedelta(seconds=1)).wrong == 21


def test_a_thousand_wrong_codes_take_weeks() -> None:
    attempts, now = Attempts(), NOW
    for _ in range(1000):
        now += wait(attempts, now)
        attempts = failed(attempts, now)
    assert now - NOW > timedelta(weeks=5)


@given(st.integers(0, 10_000), st.integers(-(10**6), 10**6).map(lambda seconds: timedelta(seconds=seconds)))
def test_nobody_waits_longer_than_the_longest_wherever_the_clock_goes(wrong: int, moved: timedelta) -> None:
    left = wait(Attempts(wrong=wrong, last=NOW), NOW + moved)
    assert NONE <= left <= LONGEST
    assert left <= max(NONE, LONGEST - moved)


@given(st.integers(FREE, 100))
def test_the_wait_ends(wrong: int) -> None:
    attempts = after(wrong)
    assert wait(attempts, NOW + wait(attempts, NOW)) == NONE
