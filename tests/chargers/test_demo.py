"""The simulated charger in its simulated house: time passes as the test says."""

import asyncio

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.chargers.demo import TRAITS, DemoCharger
from custom_components.smart_evse.chargers.port import Watchdog
from custom_components.smart_evse.engine.model import VOLTAGE, AcLimit, PowerLimit, VehicleState
from custom_components.smart_evse.links.demo import CAPACITY, DAY, LAG, DemoHouse
from custom_components.smart_evse.links.errors import Refused
from custom_components.smart_evse.meters.demo import DemoMeter
from custom_components.smart_evse.meters.port import Measurement


class Clock:
    """A monotonic clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(clock: Clock) -> DemoHouse:
    return DemoHouse(clock=clock)


async def test_says_what_it_is(house: DemoHouse) -> None:
    assert (await DemoCharger(house).identify()).model == "Demo (simulated)"
    assert (await DemoMeter(house).identify()).model == "Demo (simulated)"


@pytest.mark.parametrize(("asked", "amps"), [(7.0, 7.0), (4.0, 0.0)])
async def test_left_alone_it_falls_back(house: DemoHouse, clock: Clock, asked: float, amps: float) -> None:
    charger = DemoCharger(house)
    originals = await charger.originals()
    assert (await charger.arm(Watchdog(timeout=60, amps=asked))).amps == amps
    await charger.set_limit(0, AcLimit(16.0))
    for _ in range(5):
        clock.pass_by(50)
        assert house.box.current == 16.0
        await charger.set_limit(0, AcLimit(16.0))
    clock.pass_by(60 + LAG + 2)
    (reading,) = await charger.read()
    assert (reading.limit, house.box.current) == (amps, amps)
    await charger.set_limit(0, AcLimit(10.0))
    await charger.restore(originals)
    clock.pass_by(1000)
    assert house.box.current == 10.0


async def test_follows_a_limit_after_a_while(house: DemoHouse, clock: Clock) -> None:
    charger = DemoCharger(house)
    await charger.set_limit(0, AcLimit(10.0))
    clock.pass_by(LAG - 0.5)
    (reading,) = await charger.read()
    assert (reading.state, reading.power, reading.limit) == (VehicleState.CONNECTED, 0.0, 10.0)
    clock.pass_by(1.0)
    (reading,) = await charger.read()
    assert (reading.state, reading.power) == (VehicleState.CHARGING, 3 * VOLTAGE * 10)
    await charger.set_limit(0, AcLimit(0.0))
    clock.pass_by(LAG + 1)
    assert (await charger.read())[0].state is VehicleState.CONNECTED


@pytest.mark.parametrize("limit", [AcLimit(5.9), AcLimit(16.1), AcLimit(-6.0), PowerLimit(1000.0)])
async def test_refuses_what_no_box_could_do(house: DemoHouse, limit: AcLimit | PowerLimit) -> None:
    with pytest.raises(Refused):
        await DemoCharger(house).set_limit(0, limit)
    with pytest.raises(Refused):
        await DemoCharger(house).set_limit(1, AcLimit(6.0))


async def test_the_register_holds_what_was_taken(house: DemoHouse, clock: Clock) -> None:
    charger = DemoCharger(house)
    before = (await charger.read())[0].energy_in
    await charger.set_limit(0, AcLimit(10.0))
    clock.pass_by(LAG)
    await charger.read()
    clock.pass_by(3600)
    after = (await charger.read())[0].energy_in
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(3 * VOLTAGE * 10, rel=0.001)


async def test_a_full_car_drives_off_and_comes_back(house: DemoHouse, clock: Clock) -> None:
    charger = DemoCharger(house)
    await charger.set_limit(0, AcLimit(16.0))
    seen: list[VehicleState | None] = []
    for _ in range(40 * 60):
        clock.pass_by(30)
        (reading,) = await charger.read()
        assert reading.power is not None
        if not seen or seen[-1] is not reading.state:
            seen.append(reading.state)
        if len(seen) == 3:
            break
    assert seen == [VehicleState.CHARGING, VehicleState.NOT_CONNECTED, VehicleState.CHARGING]
    assert house.soc < 50


async def test_a_nearly_full_car_takes_less(house: DemoHouse, clock: Clock) -> None:
    house.set_limit(16.0)
    house.box.charge = 0.95 * CAPACITY
    clock.pass_by(LAG + 1)
    assert 2 <= house.box.current < 8


@given(st.lists(st.floats(0.01, 900.0), min_size=1, max_size=20))
def test_it_is_the_same_house_however_often_somebody_looks(steps: list[float]) -> None:
    often, once = Clock(), Clock()
    watched, unwatched = DemoHouse(clock=often), DemoHouse(clock=once)
    for house in (watched, unwatched):
        house.set_limit(13.0)
    for step in steps:
        often.pass_by(step)
        assert watched.box.power >= 0
    once.now = often.now
    if often.now - 1000.0 < 3600:
        # How far apart the looks are shifts the end of the lag by a step at most.
        assert watched.box.register == pytest.approx(unwatched.box.register, abs=3 * VOLTAGE * 13 / 3600 * 1.01)
        assert watched.sun == unwatched.sun


async def measured(meter: DemoMeter, count: int = 1) -> list[Measurement]:
    """Run a meter until it has handed over some samples."""
    samples: list[Measurement] = []
    enough = asyncio.Event()

    def publish(sample: Measurement) -> None:
        samples.append(sample)
        if len(samples) >= count:
            enough.set()

    task = asyncio.create_task(meter.run(publish))
    await enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return samples


async def test_the_meter_sees_the_charger(house: DemoHouse, clock: Clock) -> None:
    await DemoCharger(house).set_limit(0, AcLimit(10.0))
    clock.pass_by(LAG + 1)
    (sample,) = await measured(DemoMeter(house))
    assert sample.powers is not None
    assert sample.currents is not None
    expected = house.household.map(lambda watts: watts + 2300 - house.sun / 3)
    assert list(sample.powers) == pytest.approx(list(expected), abs=0.5)
    assert list(sample.currents) == pytest.approx([watts / VOLTAGE for watts in sample.powers], abs=0.01)
    assert sample.power == pytest.approx(sum(sample.powers))


async def test_the_meter_goes_on(house: DemoHouse) -> None:
    assert len(await measured(DemoMeter(house, interval=0.001), 3)) == 3


async def test_the_roof_has_its_own_meter(house: DemoHouse) -> None:
    assert await measured(DemoMeter(house, solar=True)) == [Measurement(power=house.sun)]


def test_a_day_is_worth_watching(house: DemoHouse, clock: Clock) -> None:
    """There is night, sun for three phases, too little for them, and a house that never overloads 25 A by itself."""
    suns, surplus = [], []
    for _ in range(int(DAY)):
        clock.pass_by(1)
        suns.append(house.sun)
        surplus.append(-house.grid.total)
        assert max(house.grid) < 25 * VOLTAGE
    assert min(suns) == 0
    assert max(surplus) > 3 * VOLTAGE * (TRAITS.min_current + 2)
    assert sum(watts < 0 for watts in surplus) > 300
    assert sum(watts > 3 * VOLTAGE * TRAITS.min_current for watts in surplus) > 300
