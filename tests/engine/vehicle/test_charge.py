"""How full a car is, from what it says and what has gone in since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.plan.curve import Curve
from custom_components.smart_evse.engine.sessions.arriving import fresh
from custom_components.smart_evse.engine.sessions.counter import Counter
from custom_components.smart_evse.engine.sessions.moment import Moment
from custom_components.smart_evse.engine.sessions.opened import OpenSession
from custom_components.smart_evse.engine.vehicle.charge import Charge, count, tell

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
CAPACITY = 60_000.0
CURVE = Curve(((4140.0, 3726.0), (11_040.0, 9936.0)))
"""Nine tenths at any power."""


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def session(taken: float, given: float = 0.0, started: datetime = START, power: float = 11_000.0) -> OpenSession:
    plugged = fresh(Moment(connector="box:0", at=started, now=0.0, run="test", power=power))
    return replace(plugged, taken=Counter(total=taken), given=Counter(total=given))


def told(*readings: tuple[float, float], charge: Charge | None = None) -> Charge:
    charge = charge or Charge()
    for minute, soc in readings:
        charge = tell(charge, soc, at(minute), CAPACITY)
    return charge


def test_what_was_never_said_is_not_known_however_much_goes_in() -> None:
    charge = count(Charge(), session(10_000), CURVE)
    assert (charge.percent(CAPACITY), charge.energy(CAPACITY)) == (None, None)
    assert charge.brought == pytest.approx(9000)


def test_energy_since_the_last_word_is_added_less_its_losses() -> None:
    charge = count(told((0, 40.0)), session(10_000), CURVE)
    assert charge.percent(CAPACITY) == pytest.approx(55)
    assert charge.percent(None) is None
    back = count(charge, session(10_000, given=5400, power=-5000.0), CURVE)
    assert back.percent(CAPACITY) == pytest.approx(45)


def test_a_restart_and_a_repeated_sum_count_nothing_twice() -> None:
    once = count(told((0, 40.0)), session(10_000), CURVE)
    again = count(once, session(10_000), CURVE)
    assert again == once
    other = count(again, session(2000, started=at(600)), CURVE)
    assert other.percent(CAPACITY) == pytest.approx(58)
    assert other.brought == pytest.approx(1800)


def test_a_cloud_that_repeats_itself_says_nothing_new() -> None:
    charge = count(told((0, 40.0)), session(10_000), CURVE)
    assert told((60, 40.0), (120, 40.0), charge=charge).percent(CAPACITY) == pytest.approx(55)


@pytest.mark.parametrize("glitch", [0.0, 1.0])
def test_a_sleeping_car_says_nothing_true(glitch: float) -> None:
    charge = told((0, 55.0), (1, glitch), (2, 56.0))
    assert charge.percent(CAPACITY) == pytest.approx(56)
    assert told((0, 55.0), *((minute, 0.0) for minute in range(1, 100))).percent(CAPACITY) == pytest.approx(55)
    assert told((0, glitch)).percent(CAPACITY) is None


def test_a_drive_is_believed_once_it_has_been_said_for_a_while() -> None:
    assert told((0, 80.0), (60, 35.0)).percent(CAPACITY) == 80
    assert told((0, 80.0), (60, 35.0), (62, 35.0), (66, 34.0)).percent(CAPACITY) == 34
    assert told((0, 80.0), (60, 35.0), (62, 60.0), (66, 35.0)).percent(CAPACITY) == 80


def test_an_empty_battery_is_believed_when_energy_led_there() -> None:
    charge = replace(told((0, 4.0)), since=-2400.0)
    assert told((10, 0.0), charge=charge).percent(CAPACITY) == 0


@pytest.mark.parametrize("value", [-1.0, 101.0, float("nan"), None])
def test_what_no_battery_can_hold_is_not_heard(value: float | None) -> None:
    charge = told((0, 40.0))
    assert tell(charge, value, at(10), CAPACITY) == charge


def test_an_older_word_does_not_replace_a_newer_one() -> None:
    assert told((10, 42.0), (5, 40.0)).soc == 42


def test_a_cars_own_losses_are_learned() -> None:
    charge = Charge()
    for night in range(12):
        begin = START + timedelta(days=night)
        charge = count(charge, session(0, started=begin), CURVE)
        charge = replace(charge, soc=20.0 + night / 100, at=begin, since=0.0, start_soc=20.0, start_energy=0.0)
        charge = count(charge, session(30_000, started=begin), CURVE)
        charge = tell(charge, 56.0, begin + timedelta(hours=4), CAPACITY)
    assert charge.scale == pytest.approx(0.8, abs=0.01)
    assert count(charge, session(5000, started=at(1e5)), CURVE).percent(CAPACITY) == pytest.approx(62, abs=0.1)


def test_losses_are_not_learned_from_a_charge_that_was_given_from() -> None:
    charge = told((0, 20.0), charge=count(Charge(), session(0), CURVE))
    charge = count(charge, session(30_000, given=5000), CURVE)
    assert told((240, 53.0), charge=charge).scale == 1.0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("tell"), st.floats(0, 100)),
            st.tuples(st.just("take"), st.floats(0, 5000)),
            st.tuples(st.just("give"), st.floats(0, 5000)),
        ),
        max_size=40,
    )
)
def test_a_charge_is_always_a_share_and_its_scale_a_cars(steps: list[tuple[str, float]]) -> None:
    charge, taken, given_back = Charge(), 0.0, 0.0
    for minute, (what, value) in enumerate(steps):
        if what == "tell":
            charge = tell(charge, value, at(minute), CAPACITY)
        else:
            taken, given_back = (taken + value, given_back) if what == "take" else (taken, given_back + value)
            charge = count(charge, session(taken, given_back), CURVE)
        percent = charge.percent(CAPACITY)
        assert percent is None or 0 <= percent <= 100
        assert 0.7 <= charge.scale <= 1.15
