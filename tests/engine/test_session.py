"""A session from plug-in to plug-out, over registers that behave and registers that do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.model import ConnectorReading, VehicleState
from custom_components.smart_evse.engine.session import Session, follow

START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def reading(state: VehicleState | None, register: float | None = None, **changes: float) -> ConnectorReading:
    return replace(ConnectorReading(at=0.0, state=state, energy_in=register), **changes)


def go(session: Session | None, *steps: tuple[int, ConnectorReading]) -> Session:
    for seconds, step in steps:
        session = follow(session, step, START + timedelta(seconds=seconds))
    assert session is not None
    return session


CHARGING, PLUGGED, AWAY = VehicleState.CHARGING, VehicleState.CONNECTED, VehicleState.NOT_CONNECTED


def test_energy_is_the_difference_of_two_registers_and_pauses_lie_inside() -> None:
    session = go(
        None,
        (0, reading(PLUGGED, 1_000_000)),
        (600, reading(CHARGING, 1_001_500)),
        (1200, reading(PLUGGED, 1_001_500)),
        (1800, reading(CHARGING, 1_003_000)),
        (2400, reading(AWAY, 1_003_200)),
    )
    assert (session.energy, session.duration, session.active, session.estimated) == (3200, 2400, False, False)


def test_a_restart_in_the_middle_loses_nothing_that_the_register_shows() -> None:
    before = go(None, (0, reading(CHARGING, 500)), (60, reading(CHARGING, 700)))
    after = go(before, (7200, reading(CHARGING, 15_700)))
    assert (after.started, after.energy, after.estimated) == (START, 15_200, False)


@pytest.mark.parametrize("value", [10.0, 9_000_000.0])
def test_a_register_that_runs_backwards_or_leaps_is_flagged_and_not_believed(value: float) -> None:
    session = go(None, (0, reading(CHARGING, 5_000)), (60, reading(CHARGING, 5_200)), (62, reading(CHARGING, value)))
    assert (session.energy, session.estimated) == (200, True)
    assert go(session, (600, reading(CHARGING, value + 300))).energy == 500


def test_power_is_summed_up_where_there_is_no_register_and_the_session_says_so() -> None:
    steps = [(second, reading(CHARGING, power=3600.0)) for second in range(0, 601, 10)]
    session = go(None, *steps)
    assert session.energy == pytest.approx(600)
    assert session.estimated


def test_a_gap_of_hours_is_not_summed_up() -> None:
    session = go(None, (0, reading(CHARGING, power=3600.0)), (7200, reading(CHARGING, power=3600.0)))
    assert session.energy == pytest.approx(60)


def test_what_is_given_back_is_counted_apart() -> None:
    session = go(
        None,
        (0, reading(CHARGING, 100, energy_out=50)),
        (600, reading(CHARGING, 100, energy_out=550)),
    )
    assert (session.energy, session.energy_out) == (0, 500)
    summed = go(None, (0, reading(CHARGING, power=-3600.0)), (10, reading(CHARGING, power=-3600.0)))
    assert summed.energy_out == pytest.approx(10)


def test_the_last_session_stays_until_the_next_car() -> None:
    session = go(None, (0, reading(PLUGGED, 100)), (10, reading(CHARGING, 200)), (20, reading(AWAY, 200)))
    assert go(session, (900, reading(AWAY, 200))) == session
    following = go(session, (1000, reading(PLUGGED, 200)))
    assert (following.active, following.energy) == (True, 0)


@pytest.mark.parametrize("state", [None, VehicleState.FAULT])
def test_a_state_that_tells_nothing_neither_starts_nor_ends_a_session(state: VehicleState | None) -> None:
    assert follow(None, reading(state, 100), START) is None
    session = go(None, (0, reading(CHARGING, 100)))
    assert go(session, (5, reading(state, 110))).active


def test_no_car_and_no_session_is_nothing() -> None:
    assert follow(None, reading(AWAY, 100), START) is None


@given(st.lists(st.tuples(st.integers(1, 10_000), st.floats(-1e5, 1e7)), max_size=20))
def test_energy_never_falls_and_never_outruns_physics(steps: list[tuple[int, float]]) -> None:
    session, seconds = go(None, (0, reading(CHARGING, 1000))), 0
    for gap, register in steps:
        seconds += gap
        grown = go(session, (seconds, reading(CHARGING, register)))
        assert session.energy <= grown.energy + 1e-6
        session = grown
    assert session.energy <= 50_000 * seconds / 3600 + 100 * len(steps) + 1e-6


@pytest.mark.parametrize("lump", [1000, 11_000])
def test_a_register_that_counts_in_lumps_is_believed(lump: int) -> None:
    steps = [
        (t, reading(CHARGING, 500_000.0 + 11_000 * t // 3600 // lump * lump, power=11_000.0)) for t in range(0, 7201, 2)
    ]
    session = go(None, *steps)
    assert (session.energy, session.estimated) == (22_000, False)


def test_a_register_that_appears_in_mid_session_goes_on_from_what_was_summed_up() -> None:
    before = go(None, *[(t, reading(CHARGING, power=3600.0)) for t in range(0, 601, 10)])
    after = go(before, (610, reading(CHARGING, 80_000)), (1210, reading(CHARGING, 80_500)))
    assert after.energy == pytest.approx(1_100, abs=15)
    assert after.estimated
