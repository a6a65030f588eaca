"""How often a source really updates, and when it stands still."""

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.links.cadence import (
    BURST,
    LONG_PATIENCE,
    LONGEST_MAX_AGE,
    PATIENCE,
    PROOF,
    REPEATS,
    SHORTEST_MAX_AGE,
    WINDOW,
    Cadence,
)


def feed(cadence: Cadence, intervals: list[float], start: float = 0.0) -> float:
    """Let samples arrive at these intervals, each with another value; tell when the last one came."""
    at = start
    for count, interval in enumerate(intervals):
        at += interval
        cadence.arrived(at, (start, count))
    return at


def test_nothing_is_known_at_first() -> None:
    cadence = Cadence()
    assert cadence.cadence is None
    assert not cadence.too_slow(0.0)
    assert not cadence.frozen
    assert cadence.max_age == SHORTEST_MAX_AGE


def test_a_cadence_has_to_be_proved() -> None:
    cadence = Cadence()
    feed(cadence, [1.0] * PROOF)
    assert cadence.cadence is None
    feed(cadence, [1.0], start=float(PROOF))
    assert cadence.cadence == 1.0


@given(st.floats(0.5, 600.0), st.lists(st.floats(-0.1, 0.1), min_size=PROOF + 1, max_size=60))
def test_jitter_does_not_matter(period: float, jitter: list[float]) -> None:
    cadence = Cadence()
    at = 0.0
    for count, late in enumerate(jitter):
        cadence.arrived(at + count * period + late * period, count)
    assert cadence.cadence == pytest.approx(period, rel=0.21)


@given(st.floats(1.0, 60.0), st.lists(st.floats(0.0, BURST * 0.3), max_size=3), st.integers(PROOF + 1, 40))
def test_pieces_of_one_update_count_once(period: float, offsets: list[float], updates: int) -> None:
    cadence = Cadence()
    for count in range(updates):
        for offset in sorted([0.0, *offsets]):
            cadence.arrived(count * period + offset, count)
    assert cadence.cadence == pytest.approx(period)


@given(
    st.floats(1.0, 30.0),
    st.integers(WINDOW, 60),
    st.sets(st.integers(0, 59), max_size=(WINDOW - 1) // 2),
    st.floats(30.0, 1e6),
)
def test_gaps_do_not_matter(period: float, updates: int, gaps: set[int], gap: float) -> None:
    cadence = Cadence()
    feed(cadence, [gap if count in gaps else period for count in range(updates + 1)])
    assert cadence.cadence == pytest.approx(period)


@given(st.floats(1.0, 30.0), st.floats(1.0, 300.0), st.integers(0, 60))
def test_a_new_rhythm_is_learned_within_a_window(before: float, after: float, updates: int) -> None:
    cadence = Cadence()
    end = feed(cadence, [before] * updates)
    feed(cadence, [after] * (WINDOW + 1), start=end)
    assert cadence.cadence == pytest.approx(after)


@given(st.lists(st.floats(0.0, 1e5), max_size=60), st.one_of(st.none(), st.floats(0.1, 1e4)))
def test_a_sample_is_never_too_old_at_once_nor_good_forever(intervals: list[float], declared: float | None) -> None:
    cadence = Cadence(declared)
    feed(cadence, intervals)
    assert SHORTEST_MAX_AGE <= cadence.max_age <= LONGEST_MAX_AGE
    assert cadence.cadence is None or cadence.cadence >= BURST


def test_a_sample_lasts_for_three_cadences() -> None:
    cadence = Cadence()
    end = feed(cadence, [10.0] * WINDOW)
    assert cadence.max_age == 30.0
    feed(cadence, [1.0] * WINDOW, start=end)
    assert cadence.max_age == SHORTEST_MAX_AGE


def test_what_was_promised_sets_the_age_and_what_is_kept_the_slowness() -> None:
    cadence = Cadence(declared=1.0)
    feed(cadence, [30.0] * WINDOW)
    assert cadence.max_age == SHORTEST_MAX_AGE
    assert cadence.too_slow(10.0)
    assert not cadence.too_slow(30.0)


def rest(cadence: Cadence, start: float, length: float, value: object = "same") -> float:
    """Let the same value arrive every second."""
    at = start
    while at <= start + length:
        cadence.arrived(at, str(value))
        at += 1.0
    return at


def test_a_source_that_varied_and_then_stopped_is_frozen() -> None:
    cadence = Cadence()
    end = feed(cadence, [1.0] * 30)
    end = rest(cadence, end + 1.0, PATIENCE - 2)
    assert not cadence.frozen
    rest(cadence, end, 3)
    assert cadence.frozen


def test_a_source_that_moves_again_is_not_frozen() -> None:
    cadence = Cadence()
    end = rest(cadence, feed(cadence, [1.0] * 30) + 1.0, PATIENCE + 5)
    assert cadence.frozen
    cadence.arrived(end, "another")
    assert not cadence.frozen


def test_a_source_that_likes_to_rest_is_given_more_time() -> None:
    cadence = Cadence()
    end = 0.0
    for count in range(4):
        end = rest(cadence, end, 40.0, count)
    end = rest(cadence, end, 150.0)
    assert not cadence.frozen
    rest(cadence, end, 60.0)
    assert cadence.frozen


def test_a_source_that_never_varied_is_given_the_most_time() -> None:
    cadence = Cadence()
    end = rest(cadence, 0.0, LONG_PATIENCE - 5)
    assert not cadence.frozen
    rest(cadence, end, 10.0)
    assert cadence.frozen


def test_silence_is_not_constancy() -> None:
    cadence = Cadence()
    end = feed(cadence, [1.0] * 30)
    for count in range(REPEATS - 1):
        cadence.arrived(end + 1.0 + count * 1000.0, "same")
    assert not cadence.frozen


def test_a_source_whose_values_nobody_compares_is_never_frozen() -> None:
    cadence = Cadence()
    for at in range(1000):
        cadence.arrived(float(at))
    assert not cadence.frozen
    assert cadence.cadence == 1.0


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.integers(0, 3)), max_size=100))
def test_only_what_repeats_itself_is_frozen(samples: list[tuple[float, int]]) -> None:
    cadence, at = Cadence(), 0.0
    for interval, value in samples:
        at += interval
        cadence.arrived(at, value)
    last = [value for _, value in samples[-REPEATS - 1 :]]
    if len(last) <= REPEATS or len(set(last)) > 1:
        assert not cadence.frozen
