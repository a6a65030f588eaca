"""Curves of what goes in and what comes out."""

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.plan import Curve
from custom_components.smart_evse.engine.plan.curve import concave, share_at
from tests.engine.plan.world import AC, DC, DC_OUT

CURVES = st.sampled_from([AC, DC, DC_OUT])


def test_nothing_comes_out_below_the_first_point() -> None:
    assert AC.at(1379.0) == 0
    assert AC.at(1380.0) == 1050
    assert AC.at(20_000.0) == 9980


@given(curve=CURVES, place=st.floats(0, 1))
def test_the_inverse_turns_it_back(curve: Curve, place: float) -> None:
    power = curve.least + place * (curve.most - curve.least)
    assert curve.inverse(curve.at(power)) == pytest.approx(power)


@given(curve=CURVES, place=st.floats(0, 1))
def test_the_cover_lies_on_or_just_above_it(curve: Curve, place: float) -> None:
    power = curve.least + place * (curve.most - curve.least)
    cover = min(intercept + slope * power for intercept, slope in curve.hull())
    assert curve.at(power) - 1e-6 <= cover <= 1.04 * curve.at(power) + 1e-6


def test_a_single_point_is_a_fixed_power() -> None:
    fixed = Curve(((2300.0, 2000.0),))
    assert (fixed.at(2300.0), fixed.inverse(500.0), fixed.slope(2300.0)) == (2000, 2300, 0)
    assert fixed.hull() == ((0.0, 2000 / 2300),)


def test_the_best_power_is_where_the_least_is_lost() -> None:
    assert AC.best == 11_040
    assert DC_OUT.best in (4000.0, 10_000.0)


def test_a_curve_without_points_is_of_no_use() -> None:
    assert not Curve(()).usable
    assert (Curve(()).least, Curve(()).most, Curve(()).at(100.0), Curve(()).hull()) == (0, 0, 0, ())


def test_corners_below_the_chord_are_left_out() -> None:
    assert concave([(0, 0), (1, 0.5), (2, 2), (3, 2.5), (3, 2.6)]) == ((0, 0), (2, 2), (3, 2.6))


def test_a_share_is_flat_beyond_its_points() -> None:
    taper = ((0.8, 1.0), (1.0, 0.1))
    assert [share_at(taper, where) for where in (0.0, 0.8, 0.9, 1.2)] == pytest.approx([1, 1, 0.55, 0.1])
    assert share_at((), 0.5) == 1
