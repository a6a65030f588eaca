"""What every charger driver has to keep, whatever its make and its wire.

A test module of a driver derives one class from `ChargerContract` and gives it a `rig`: the driver, connected over a
real socket to a fake of its box. The fake plays the whole device: seeded with a dump, it takes commands, lets a car
follow them, falls silent, or turns out to be something else.

    class TestKeba(ChargerContract):
        @pytest.fixture
        async def rig(self, socket_enabled: None) -> AsyncIterator[Rig]:
            ...
            yield Rig(driver, fake)
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import math
from typing import Protocol

import pytest

from custom_components.smart_evse.chargers.port import (
    Charger,
    Feeding,
    Guarded,
    KeptAlive,
    OutletReading,
    PhaseSwitching,
    Watchdog,
)
from custom_components.smart_evse.engine.model import AcLimit, Limit, PowerLimit, VehicleState
from custom_components.smart_evse.links.errors import (
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    WrongDevice,
    WrongUnit,
)

PATIENCE = 5.0
"""No call may take longer than this in s, however badly the device behaves (rigs use short time-outs)."""

SAMPLE = 10.0
"""A current in A that every charger can be set to."""


class Fake(Protocol):
    """A box with a car before it. Currents in A for each phase, or W for a DC box."""

    def plug_in(self, outlet: int = 0) -> None:
        """Connect a car that takes all it is given."""

    def settle(self) -> None:
        """Let what was commanded take effect, and the car follow it."""

    def given(self, outlet: int = 0) -> float:
        """Tell what the box lets the car take now, 0 when it does not."""

    def fall_silent(self) -> None:
        """Go on accepting connections and requests, and answer none."""

    def babble(self) -> None:
        """Answer every request with something that is no answer."""

    def disguise(self) -> None:
        """Turn out to be some other device that speaks the same protocol."""

    async def vanish(self) -> None:
        """Close every connection and refuse new ones."""

    async def come_back(self) -> None:
        """Serve again, at the same address, as after a reboot."""

    def starve(self) -> None:
        """Let the time of the box's own watchdog run out without a sign of life."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A driver at its fake. `misaddressed` is the same driver with a wrong Modbus unit id."""

    driver: Charger
    fake: Fake
    misaddressed: Charger | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One use of the port, to be tried in every kind of weather."""

    name: str
    make: Callable[[Charger], Awaitable[object]]


def limit_of(driver: Charger, amps: float) -> Limit:
    """Say a current the way this charger is commanded: W at 230 V for a DC box."""
    if driver.traits.dc:
        return PowerLimit(amps * 230.0)
    return AcLimit(amps, driver.traits.phases)


CALLS = (
    Call("identify", lambda driver: driver.identify()),
    Call("read", lambda driver: driver.read()),
    Call("set_limit", lambda driver: driver.set_limit(0, limit_of(driver, SAMPLE))),
    Call("stop", lambda driver: driver.set_limit(0, limit_of(driver, 0.0))),
)

every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)


def size(limit: Limit) -> float:
    """Tell the number inside a limit: A for each phase, or W."""
    return limit.watts if isinstance(limit, PowerLimit) else limit.amps


async def charge(rig: Rig, limit: Limit, outlet: int = 0) -> OutletReading:
    """Plug a car in, command a limit, let it take effect and read the outlet."""
    rig.fake.plug_in(outlet)
    await rig.driver.set_limit(outlet, limit)
    rig.fake.settle()
    return (await rig.driver.read())[outlet]


class ChargerContract:
    """The tests. Derive from it and override `rig`."""

    @pytest.fixture
    async def rig(self) -> Rig:
        """Give a driver and its fake."""
        raise NotImplementedError

    # The port

    async def test_says_who_it_is(self, rig: Rig) -> None:
        identity = await rig.driver.identify()
        assert identity.maker
        assert identity.model
        assert identity.outlets == rig.driver.traits.outlets
        assert identity.max_current is None or 6 <= identity.max_current <= 80

    async def test_says_the_same_each_time(self, rig: Rig) -> None:
        assert await rig.driver.identify() == await rig.driver.identify()

    async def test_traits_are_sound(self, rig: Rig) -> None:
        traits = rig.driver.traits
        assert 0 < traits.min_current <= traits.max_current
        assert 0 < traits.step <= 1
        assert traits.cadence > 0
        assert traits.phases in (1, 3)
        assert (traits.feeding in (Feeding.LIMIT, Feeding.KEEP_ALIVE)) == (traits.renew is not None)
        assert (traits.feeding is Feeding.KEEP_ALIVE) == isinstance(rig.driver, KeptAlive)

    async def test_reads_every_outlet(self, rig: Rig) -> None:
        outlets = await rig.driver.read()
        assert len(outlets) == rig.driver.traits.outlets
        for outlet in outlets:
            assert_plausible(outlet)
            assert outlet.state is not None
            assert (outlet.energy_in is not None) == rig.driver.traits.has_register

    async def test_sees_a_car_come(self, rig: Rig) -> None:
        assert (await rig.driver.read())[0].state is VehicleState.NOT_CONNECTED
        await rig.driver.set_limit(0, limit_of(rig.driver, 0.0))
        rig.fake.plug_in()
        rig.fake.settle()
        assert (await rig.driver.read())[0].state is VehicleState.CONNECTED

    @pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
    async def test_a_limit_takes_effect_and_is_read_back(self, rig: Rig, share: float) -> None:
        traits = rig.driver.traits
        amps = traits.min_current + share * (min(traits.max_current, 16.0) - traits.min_current)
        limit = limit_of(rig.driver, math.floor(amps / traits.step) * traits.step)
        reading = await charge(rig, limit)
        assert rig.fake.given() == pytest.approx(size(limit))
        assert_plausible(reading)
        assert reading.state is VehicleState.CHARGING
        assert reading.limit is None or reading.limit == pytest.approx(size(limit), abs=traits.step)
        assert reading.power is None or reading.power > 0
        if reading.currents is not None and not traits.dc:
            assert max(reading.currents) <= size(limit) + 0.5

    async def test_a_limit_is_as_fine_as_its_step(self, rig: Rig) -> None:
        traits = rig.driver.traits
        for steps in range(3):
            limit = limit_of(rig.driver, round(traits.min_current + steps * traits.step, 3))
            await charge(rig, limit)
            assert rig.fake.given() == pytest.approx(size(limit), abs=1.0 if traits.dc else 1e-3)

    async def test_zero_stops(self, rig: Rig) -> None:
        await charge(rig, limit_of(rig.driver, SAMPLE))
        assert rig.fake.given() > 0
        reading = await charge(rig, limit_of(rig.driver, 0.0))
        assert rig.fake.given() == 0
        assert reading.state is VehicleState.CONNECTED
        assert reading.power is None or reading.power < 50
        assert reading.limit is None or reading.limit == 0

    async def test_charges_again_after_a_stop(self, rig: Rig) -> None:
        await charge(rig, limit_of(rig.driver, SAMPLE))
        await charge(rig, limit_of(rig.driver, 0.0))
        assert (await charge(rig, limit_of(rig.driver, SAMPLE))).state is VehicleState.CHARGING
        assert rig.fake.given() == pytest.approx(size(limit_of(rig.driver, SAMPLE)))

    async def test_the_register_only_grows(self, rig: Rig) -> None:
        if not rig.driver.traits.has_register:
            pytest.skip("this make has no register")
        before = (await rig.driver.read())[0].energy_in
        after = (await charge(rig, limit_of(rig.driver, SAMPLE))).energy_in
        assert before is not None
        assert after is not None
        assert after >= before

    async def test_outlets_are_commanded_one_by_one(self, rig: Rig) -> None:
        if rig.driver.traits.outlets == 1:
            pytest.skip("this charger has one outlet")
        await charge(rig, limit_of(rig.driver, SAMPLE), outlet=1)
        await charge(rig, limit_of(rig.driver, 7.0), outlet=0)
        assert rig.fake.given(1) == pytest.approx(SAMPLE)
        assert rig.fake.given(0) == pytest.approx(7.0)

    @pytest.mark.parametrize("amps", [-1.0, -10.0, 1.0, 1_000.0, math.nan, math.inf])
    async def test_refuses_what_is_out_of_range(self, rig: Rig, amps: float) -> None:
        if amps == -10.0 and rig.driver.traits.bidirectional:
            pytest.skip("this make discharges")
        await charge(rig, limit_of(rig.driver, SAMPLE))
        with pytest.raises(Refused):
            await rig.driver.set_limit(0, limit_of(rig.driver, amps))
        rig.fake.settle()
        assert rig.fake.given() == pytest.approx(size(limit_of(rig.driver, SAMPLE)))

    async def test_refuses_a_limit_of_the_wrong_kind(self, rig: Rig) -> None:
        wrong: Limit = AcLimit(10.0) if rig.driver.traits.dc else PowerLimit(2300.0)
        with pytest.raises(Refused):
            await rig.driver.set_limit(0, wrong)

    async def test_refuses_an_outlet_that_is_not_there(self, rig: Rig) -> None:
        for outlet in (-1, rig.driver.traits.outlets):
            with pytest.raises(Refused):
                await rig.driver.set_limit(outlet, limit_of(rig.driver, SAMPLE))

    # Bad weather

    @every_call
    async def test_nobody_there(self, rig: Rig, call: Call) -> None:
        await rig.fake.vanish()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Unreachable):
                await call.make(rig.driver)

    @every_call
    async def test_gone_in_the_middle(self, rig: Rig, call: Call) -> None:
        await rig.driver.read()
        await rig.fake.vanish()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Unreachable):
                await call.make(rig.driver)

    @every_call
    async def test_silence(self, rig: Rig, call: Call) -> None:
        rig.fake.fall_silent()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Silent):
                await call.make(rig.driver)

    @every_call
    async def test_nonsense(self, rig: Rig, call: Call) -> None:
        rig.fake.babble()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(DeviceError):
                await call.make(rig.driver)

    async def test_works_again_after_a_reboot(self, rig: Rig) -> None:
        await rig.driver.read()
        await rig.fake.vanish()
        with pytest.raises(Unreachable):
            await rig.driver.read()
        await rig.fake.come_back()
        assert_plausible((await rig.driver.read())[0])

    async def test_another_device_answers(self, rig: Rig) -> None:
        rig.fake.disguise()
        with pytest.raises(WrongDevice):
            await rig.driver.identify()

    async def test_another_unit_was_asked(self, rig: Rig) -> None:
        if rig.misaddressed is None:
            pytest.skip("no unit ids on this wire")
        with pytest.raises(WrongUnit):
            await rig.misaddressed.identify()

    # Abilities

    async def test_discharges(self, rig: Rig) -> None:
        if not rig.driver.traits.bidirectional:
            pytest.skip("this make only charges")
        limit = limit_of(rig.driver, -SAMPLE)
        reading = await charge(rig, limit)
        assert rig.fake.given() == pytest.approx(size(limit))
        assert reading.power is not None
        assert reading.power < 0
        assert reading.limit is None or reading.limit == pytest.approx(size(limit))

    async def test_switches_phases(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, PhaseSwitching):
            pytest.skip("this make does not switch phases")
        for phases in (1, 3):
            await driver.set_limit(0, limit_of(driver, 0.0))
            await driver.set_phases(0, phases)
            reading = await charge(rig, limit_of(driver, SAMPLE))
            assert reading.phases is None or reading.phases == phases
            assert reading.currents is None or sum(amps > 1 for amps in reading.currents) == phases

    async def test_refuses_two_phases(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, PhaseSwitching):
            pytest.skip("this make does not switch phases")
        for phases in (0, 2, 4, -1):
            with pytest.raises(Refused):
                await driver.set_phases(0, phases)

    async def test_its_watchdog_is_armed(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, Guarded):
            pytest.skip("this make has no watchdog to set")
        armed = await driver.arm(Watchdog(timeout=60.0, amps=6.0))
        assert 0 < armed.timeout <= 60.0
        assert armed.amps in (0.0, 6.0)
        await charge(rig, limit_of(driver, SAMPLE))
        rig.fake.starve()
        assert rig.fake.given() == pytest.approx(armed.amps)

    async def test_a_fallback_below_the_minimum_is_none(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, Guarded):
            pytest.skip("this make has no watchdog to set")
        assert (await driver.arm(Watchdog(timeout=60.0, amps=4.0))).amps == 0
        await charge(rig, limit_of(driver, SAMPLE))
        rig.fake.starve()
        assert rig.fake.given() == 0

    async def test_what_was_changed_is_put_back(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, Guarded):
            pytest.skip("this make has no watchdog to set")
        originals = dict(await driver.originals())
        assert originals
        await driver.arm(Watchdog(timeout=44.0, amps=7.0))
        assert dict(await driver.originals()) != originals
        await driver.restore(originals)
        assert dict(await driver.originals()) == originals

    async def test_shows_a_sign_of_life(self, rig: Rig) -> None:
        driver = rig.driver
        if not isinstance(driver, KeptAlive):
            pytest.skip("this make wants no sign of life")
        await driver.keep_alive()


def assert_plausible(outlet: OutletReading) -> None:
    """Hold a reading against what can be true of any car charger in a house."""
    for current in outlet.currents or ():
        assert -80 <= current <= 80
    for voltage in outlet.voltages or ():
        assert voltage == 0 or 150 <= voltage <= 300
    assert outlet.power is None or -25_000 <= outlet.power <= 50_000
    assert outlet.energy_in is None or 0 <= outlet.energy_in < 1e9
    assert outlet.soc is None or 0 < outlet.soc <= 100
    assert outlet.phases in (None, 1, 2, 3)
    assert outlet.ago >= 0
    assert (outlet.fault is not None) == (outlet.state is not None and outlet.state.faulty)
