"""Small sites to plan for, by hand and at random."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import math

from hypothesis import strategies as st

from custom_components.smart_evse.engine.plan import (
    CapacityPrice,
    CircuitLimit,
    Curve,
    HomeBattery,
    Problem,
    Slot,
    Stay,
)
from custom_components.smart_evse.engine.settings import BatteryPolicy

START = datetime(2026, 4, 10, 14, tzinfo=UTC)
AC = Curve(((1380.0, 1050.0), (3680.0, 3165.0), (4140.0, 3640.0), (11040.0, 9980.0)))
THREE_PHASES = Curve(((4140.0, 3640.0), (11040.0, 9980.0)))
DC = Curve(((500.0, 400.0), (1000.0, 850.0), (4000.0, 3720.0), (10000.0, 9300.0)))
DC_OUT = Curve(((300.0, 180.0), (1000.0, 850.0), (4000.0, 3720.0), (10000.0, 9300.0)))


def slot(index: int = 0, *, minutes: float = 15, **figures: float) -> Slot:
    begins = START + timedelta(minutes=minutes * index)
    known = {"import_price": 0.30, "export_price": 0.08, "sun": 0.0, "house": 400.0, **figures}
    return Slot(start=begins, hours=minutes / 60, **known)


def night(count: int = 48, *prices: float) -> tuple[Slot, ...]:
    """Slots without sun; the prices repeat."""
    return tuple(slot(index, import_price=prices[index % len(prices)] if prices else 0.30) for index in range(count))


def sunny(count: int = 48, *, peak: float = 6000.0, **figures: float) -> tuple[Slot, ...]:
    return tuple(
        slot(index, sun=max(0.0, math.sin(math.pi * index / count)) * peak, **figures) for index in range(count)
    )


def car(*, hours: float | None = 12.0, arrives: float = 0.0, **figures: object) -> Stay:
    known = Stay(
        connector="box:0",
        energy=20_000.0,
        target=30_000.0,
        capacity=60_000.0,
        charge=AC,
        arrives=START + timedelta(hours=arrives),
        departs=None if hours is None else START + timedelta(hours=hours),
        miss_price=1.0,
    )
    return replace(known, **figures)  # type: ignore[arg-type]


def giving(**figures: object) -> Stay:
    return car(charge=DC, discharge=DC_OUT, reserve=12_000.0, wear_price=0.03, **figures)  # type: ignore[arg-type]


def site(*stays: Stay, slots: tuple[Slot, ...] | None = None, **figures: object) -> Problem:
    known = Problem(now=START, slots=night() if slots is None else slots, stays=stays)
    return replace(known, **figures)  # type: ignore[arg-type]


def _slots(draw: st.DrawFn) -> tuple[Slot, ...]:
    count = draw(st.integers(4, 14))
    prices = draw(st.lists(st.floats(-0.2, 0.6), min_size=count, max_size=count))
    suns = draw(st.lists(st.floats(0, 12_000), min_size=count, max_size=count))
    return tuple(
        Slot(
            start=START + timedelta(minutes=30 * index),
            hours=0.5,
            import_price=price,
            export_price=min(price, 0.5 * price) if index % 5 else 0.1,
            sun=sun,
            house=draw(st.floats(0, 4000)),
            export_limit=draw(st.none() | st.floats(0, 5000)),
        )
        for index, (price, sun) in enumerate(zip(prices, suns, strict=True))
    )


@st.composite
def stays(draw: st.DrawFn, number: int = 0) -> Stay:
    """Any car: small, full, bidirectional, late, hurried, preheated."""
    capacity = draw(st.floats(5_000, 80_000))
    bidirectional = draw(st.booleans())
    departs = draw(st.none() | st.floats(0.3, 9))
    return Stay(
        connector=f"box{number}:0",
        energy=draw(st.floats(0, 1)) * capacity,
        target=draw(st.floats(0, 1)) * capacity,
        capacity=capacity,
        charge=DC if bidirectional else draw(st.sampled_from([AC, THREE_PHASES])),
        discharge=DC_OUT if bidirectional else None,
        exports=draw(st.booleans()),
        arrives=START + timedelta(hours=draw(st.sampled_from([-5.0, 0.0, 0.7, 2.0]))),
        departs=None if departs is None else START + timedelta(hours=departs),
        minimum=draw(st.sampled_from([0.0, 0.0, 0.3])) * capacity,
        reserve=draw(st.sampled_from([0.0, 0.2, 0.5])) * capacity,
        miss_price=draw(st.sampled_from([0.5, 1.0])),
        wear_price=draw(st.sampled_from([0.0, 0.05])),
        start_price=draw(st.sampled_from([0.0, 0.0, 0.02])),
        value_after=draw(st.sampled_from([0.0, 0.1])),
        min_run=draw(st.sampled_from([0.0, 0.0, 1.0])),
        running=draw(st.booleans()),
        slack=timedelta(minutes=draw(st.sampled_from([0, 0, 30]))),
        precondition=draw(st.sampled_from([0.0, 0.0, 2000.0])),
        precondition_hours=draw(st.sampled_from([0.0, 0.5])),
        circuits=draw(st.sampled_from([(), ("garage",)])),
    )


@st.composite
def problems(draw: st.DrawFn, most: int = 3) -> Problem:
    """Any small site."""
    count = draw(st.integers(0, most))
    battery = HomeBattery(
        energy=draw(st.floats(0, 8000)),
        capacity=8000.0,
        charge=3000.0,
        discharge=3000.0,
        policy=draw(st.sampled_from(BatteryPolicy)),
        until=4000.0,
        controllable=draw(st.booleans()),
        feeds_cars=draw(st.booleans()),
    )
    return Problem(
        now=START,
        slots=_slots(draw),
        stays=tuple(draw(stays(number)) for number in range(count)),
        battery=draw(st.none() | st.just(battery)),
        capacity=draw(st.none() | st.just(CapacityPrice(price=3.0, peak=2_500.0, window_hours=0.5))),
        circuits=draw(st.sampled_from([(), (CircuitLimit(id="garage", power=13_000.0),)])),
        import_limit=draw(st.none() | st.floats(2_000, 30_000)),
    )
