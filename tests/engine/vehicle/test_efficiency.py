"""What reaches the battery."""

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.model import ConnectorSettings, VehicleSettings
from custom_components.smart_evse.engine.plan.curve import Curve
from custom_components.smart_evse.engine.vehicle.efficiency import ac_curve, dc_charge, dc_discharge, switching_curve
from custom_components.smart_evse.engine.vehicle.transfer import transfer


def share(curve: Curve, power: float) -> float:
    return curve.at(power) / power


def test_slow_charging_is_dear() -> None:
    one, three = ac_curve(1, 6, 16), ac_curve(3, 6, 16)
    assert (one.least, one.most) == (1380, 3680)
    assert (three.least, three.most) == (4140, 11_040)
    assert share(one, 1380) == pytest.approx(0.761)
    assert share(three, 4140) == pytest.approx(0.878)
    assert share(three, 11_040) == pytest.approx(0.904)
    assert one.at(1000) == 0


def test_a_box_that_switches_takes_the_better_of_both() -> None:
    both = switching_curve(6, 32)
    assert (both.least, both.most) == (1380, 22_080)
    assert share(both, 1380) == pytest.approx(0.761)
    assert both.at(5000) >= max(ac_curve(1, 6, 32).at(5000), ac_curve(3, 6, 32).at(5000)) - 1e-6


def test_a_direct_current_box_is_bad_at_little() -> None:
    out = dc_discharge(10_000)
    assert share(dc_charge(10_000), 1000) == pytest.approx(0.85)
    assert share(dc_charge(10_000), 4000) == share(dc_charge(10_000), 10_000) == pytest.approx(0.93)
    assert dc_charge(10_000).at(200) == 0
    assert out.points[-1][1] == pytest.approx(10_000)
    assert not dc_charge(100).usable


@given(st.sampled_from([1, 2, 3]), st.floats(6, 16), st.floats(0, 26), st.floats(200, 250), st.floats(0.7, 1.15))
def test_more_in_is_more_out_and_never_more_than_in(
    phases: int, least: float, above: float, voltage: float, scale: float
) -> None:
    most = least + above
    power = most * phases * voltage
    curves = [ac_curve(phases, least, most, voltage, scale), dc_charge(power, scale), dc_discharge(power, scale)]
    for curve in [*curves, switching_curve(least, most, voltage, scale)]:
        ins, outs = zip(*curve.points, strict=True)
        assert list(ins) == sorted(set(ins))
        assert list(outs) == sorted(set(outs))
        assert all(out <= into for into, out in curve.points)


@pytest.mark.parametrize(
    ("settings", "least", "most"),
    [
        (ConnectorSettings(id="a"), 4140, 11_040),
        (ConnectorSettings(id="a", cable_current=13), 4140, 8970),
        (ConnectorSettings(id="a", vehicle=VehicleSettings(phases=1, min_current=8)), 1840, 3680),
        (ConnectorSettings(id="a", phase_switching=True, auto_phases=True), 1380, 11_040),
        (ConnectorSettings(id="a", phase_switching=True), 4140, 11_040),
        (ConnectorSettings(id="a", phase_map=(1,)), 1380, 3680),
        (ConnectorSettings(id="a", dc=True, max_current=16), 450, 11_040),
    ],
)
def test_box_cable_and_car_agree_on_the_least_of_their_mosts(
    settings: ConnectorSettings, least: float, most: float
) -> None:
    charge, discharge = transfer(settings, 230.0)
    assert (charge.least, charge.most) == pytest.approx((least, most))
    assert discharge is None


def test_only_what_can_give_gives() -> None:
    _, discharge = transfer(ConnectorSettings(id="a", dc=True, max_discharge=10.0), 230.0)
    assert discharge is not None
    assert discharge.points[-1][1] == pytest.approx(6900)
