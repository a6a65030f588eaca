"""A meter, and its faults."""

import pytest

from benchmarks.plant.meter import Failing, Fault, Meter, MeterModel


def told(meter: Meter, begin: int, end: int, amps: float = 5.0) -> list[float]:
    """Return when a meter said something new in a span."""
    heard = []
    for t in range(begin, end):
        before = meter.reading
        meter.step(t, amps, 0.0, -amps / 2)
        if meter.reading is not None and meter.reading is not before:
            heard.append(meter.reading.at)
    return heard


def failing(kind: Failing) -> Meter:
    meter = Meter(MeterModel(cadence=1), (Fault(kind=kind, begin=20, end=40),))
    told(meter, 0, 20)
    return meter


def test_it_speaks_at_its_cadence_and_says_what_was() -> None:
    meter = Meter(MeterModel(cadence=10))
    assert told(meter, 0, 25) == [1.0, 11.0, 21.0]
    meter.step(30, 9.0, 0.0, 0.0)
    meter.step(31, 1.0, 0.0, 0.0)
    assert meter.reading is not None
    assert meter.reading.currents is not None
    assert meter.reading.currents.l1 == 9.0
    assert meter.reading.power == 9.0 * 230.0


def test_frozen_it_goes_on_to_say_the_same() -> None:
    meter = failing(Failing.FREEZE)
    assert len(told(meter, 20, 40, amps=12.0)) == 20
    assert meter.reading is not None
    assert meter.reading.power == pytest.approx(2.5 * 230.0, abs=1.0)


def test_in_a_gap_it_is_silent() -> None:
    meter = failing(Failing.GAP)
    assert told(meter, 20, 40) == []
    assert meter.reading is not None


def test_unavailable_it_is_gone_until_it_is_back() -> None:
    meter = failing(Failing.UNAVAILABLE)
    told(meter, 20, 40)
    assert meter.reading is None
    assert told(meter, 40, 45)


def test_a_wrong_sign_is_on_everything() -> None:
    meter = failing(Failing.SIGN)
    told(meter, 20, 40)
    assert meter.reading is not None
    assert meter.reading.currents is not None
    assert list(meter.reading.currents) == [-5.0, 0.0, 2.5]
    assert meter.reading.power < 0


def test_without_a_phase_only_the_total_is_left() -> None:
    meter = failing(Failing.PHASE)
    told(meter, 20, 40)
    assert meter.reading is not None
    assert meter.reading.currents is None
    assert meter.reading.power > 0
