"""What a start, a stop and a change of phases have to save first."""

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.wear import start_price, stop_price, switch_price

_COUNTS = st.integers(0, 40)
_WATTS = st.floats(-11_000, 22_000)


@given(today=_COUNTS, foreseen=_WATTS)
def test_each_one_of_a_day_makes_the_next_dearer(today: int, foreseen: float) -> None:
    assert start_price(today + 1, foreseen) > start_price(today, foreseen) > 0
    assert stop_price(today + 1, foreseen) > stop_price(today, foreseen) > 0
    for known in (True, False):
        assert switch_price(today + 1, foreseen=known) > switch_price(today, foreseen=known) > 0


@given(today=_COUNTS)
def test_what_the_plan_foresees_needs_less_proof(today: int) -> None:
    assert start_price(today, 4000.0) < start_price(today, 0.0)
    assert stop_price(today, 0.0) < stop_price(today, 4000.0)
    assert switch_price(today, foreseen=True) < switch_price(today, foreseen=False)


@given(today=_COUNTS, foreseen=_WATTS)
def test_a_stop_needs_more_proof_than_the_start_that_it_will_cost(today: int, foreseen: float) -> None:
    assert stop_price(today, foreseen) > start_price(today, foreseen)
