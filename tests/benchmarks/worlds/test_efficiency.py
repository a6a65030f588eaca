"""The curves between wall and battery."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from benchmarks.worlds.efficiency import ac_rows, battery_power, dc_battery_power, dc_rows


def test_the_rows_are_those_of_the_table() -> None:
    assert battery_power(6 * 230, 1) == pytest.approx(0.761 * 1380)
    assert battery_power(6 * 690, 3) == pytest.approx(0.878 * 4140)
    assert battery_power(16 * 690, 3) == pytest.approx(0.904 * 11040)


def test_two_phases_lie_between_one_and_three() -> None:
    amps = np.array([6.0, 10.0, 16.0])
    shares = [battery_power(230 * n * amps, n) / (230 * n * amps) for n in (1, 2, 3)]
    assert np.all(shares[0] < shares[1])
    assert np.all(shares[1] < shares[2])


@given(watts=st.floats(0, 22_000), phases=st.sampled_from((1, 2, 3)))
def test_a_battery_never_gets_more_than_the_wall_gave(watts: float, phases: int) -> None:
    assert 0 <= battery_power(watts, phases) <= watts


@given(watts=st.floats(-9_000, 10_000))
def test_dc_loses_in_both_directions(watts: float) -> None:
    assert dc_battery_power(watts) <= watts + 1e-9


@given(pair=st.tuples(st.floats(-9_000, 10_000), st.floats(-9_000, 10_000)))
def test_more_at_the_wall_is_no_less_in_the_battery(pair: tuple[float, float]) -> None:
    assert dc_battery_power(min(pair)) <= dc_battery_power(max(pair))


def test_dc_is_as_good_as_its_curve_says() -> None:
    standby = 30.0
    assert dc_battery_power(1000 + standby) == pytest.approx(850)
    assert dc_battery_power(4000 + standby) == pytest.approx(3720)
    assert dc_battery_power(-(0.93 * 10_000 - standby)) == pytest.approx(-10_000)
    assert dc_battery_power(300) == 0


def test_a_bound_can_take_the_rows_for_the_curve() -> None:
    for walls, batteries, curve in (
        (*ac_rows(1), lambda watts: battery_power(watts, 1)),
        (*ac_rows(3), lambda watts: battery_power(watts, 3)),
        (*dc_rows(), dc_battery_power),
    ):
        middles = (walls[1:] + walls[:-1]) / 2
        np.testing.assert_allclose(curve(middles), (batteries[1:] + batteries[:-1]) / 2)
