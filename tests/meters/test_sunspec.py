"""SunSpec devices over a real socket, from dumps of their registers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
import json
from typing import Any, override

from modbus_connection import ModbusTcpParams, ModbusUnit
import pytest

from custom_components.smart_evse.links.errors import DeviceError, Silent, Unreachable, WrongDevice, WrongUnit
from custom_components.smart_evse.links.modbus import ModbusLines
from custom_components.smart_evse.meters.port import Measurement
from custom_components.smart_evse.meters.sunspec import SunSpec
from tests.chargers.modbus_box import ModbusBox, Space, Unit

from .p1_port import FIXTURES

FAST = 0.01
"""How often the box is asked, in s."""


class Box(ModbusBox):
    """A box that tells when it was read."""

    def __init__(self, units: dict[int, Unit]) -> None:
        super().__init__(units)
        self._was_read = asyncio.Event()

    @override
    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        self._was_read.set()
        return super().read(unit, space, address, count)

    async def read_times(self, times: int) -> None:
        """Wait until it was read that often again."""
        async with asyncio.timeout(5):
            for _ in range(times):
                self._was_read.clear()
                await self._was_read.wait()


type Open = Callable[[str], Coroutine[Any, Any, tuple[Box, ModbusUnit]]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Start a box with a dump in it, and lend a unit of it."""
    lines = ModbusLines(timeout=1.0)
    boxes: list[Box] = []

    async def start(dump: str, unit: int = 1) -> tuple[Box, ModbusUnit]:
        words: dict[str, list[int]] = json.loads((FIXTURES / f"{dump}.json").read_text())["units"]["1"]["holding"]
        holding = {int(start) + i: word for start, run in words.items() for i, word in enumerate(run)}
        box = Box({1: Unit(holding=holding)})
        await box.come_back()
        boxes.append(box)
        return box, lines.unit(ModbusTcpParams(host="127.0.0.1", port=box.port), unit)

    yield start
    await lines.close()
    for box in boxes:
        await box.vanish()


class Samples(asyncio.Queue[Measurement]):
    async def next(self) -> Measurement:
        return await asyncio.wait_for(self.get(), 5)


@asynccontextmanager
async def running(meter: SunSpec) -> AsyncIterator[Samples]:
    samples = Samples()
    task = asyncio.create_task(meter.run(samples.put_nowait))
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def failure(work: Coroutine[Any, Any, object]) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await asyncio.wait_for(work, 10)
    return caught.value


@pytest.mark.parametrize(
    ("dump", "power", "energy"),
    [
        ("sunspec_inverter", 1756, 12_345_678),
        ("sunspec_hybrid", 3000.5, 8_765_432),
        ("sunspec_der", 4210, 91_234_567),
    ],
)
async def test_the_sun(opened: Open, dump: str, power: float, energy: float) -> None:
    _, unit = await opened(dump)
    async with running(SunSpec(unit, interval=FAST)) as samples:
        for _ in range(3):
            sample = await samples.next()
            assert sample.power == pytest.approx(power)
            assert sample.energy_in == pytest.approx(energy)


@pytest.mark.parametrize(
    ("dump", "power", "soc"),
    [("sunspec_hybrid", 1200, 64.3), ("sunspec_der", -1460, 64.5), ("sunspec_battery", -3120, 55.3)],
)
async def test_a_battery(opened: Open, dump: str, power: float, soc: float) -> None:
    _, unit = await opened(dump)
    async with running(SunSpec(unit, battery=True, interval=FAST)) as samples:
        sample = await samples.next()
        assert sample.power == pytest.approx(power)
        assert sample.soc == pytest.approx(soc)


W_OF_103 = 40000 + 2 + 68 + 14


@pytest.mark.parametrize(("word", "power"), [(65536 - 35, 0), (0, 0), (1, 0.1)])
async def test_the_sun_is_never_negative(opened: Open, word: int, power: float) -> None:
    box, unit = await opened("sunspec_inverter")
    box.units[1].holding[W_OF_103] = word
    async with running(SunSpec(unit, interval=FAST)) as samples:
        assert (await samples.next()).power == pytest.approx(power)


@pytest.mark.parametrize(("address", "word"), [(W_OF_103, 0x8000), (W_OF_103 + 1, 0x8000), (W_OF_103 + 1, 77)])
async def test_a_power_that_is_not_known_is_left_out(opened: Open, address: int, word: int) -> None:
    box, unit = await opened("sunspec_inverter")
    known = box.units[1].holding[address]
    box.units[1].holding[address] = word
    async with running(SunSpec(unit, interval=FAST)) as samples:
        await box.read_times(20)
        assert samples.empty()
        box.units[1].holding[address] = known
        assert (await samples.next()).power == pytest.approx(1756)


CHARGE_STATUS_OF_802 = 0 + 2 + 68 + 16


@pytest.mark.parametrize(("status", "power"), [(3, 3120), (4, -3120), (6, 3120), (0xFFFF, 3120)])
async def test_a_bank_that_tells_what_it_does_gives_the_sign(opened: Open, status: int, power: float) -> None:
    box, unit = await opened("sunspec_battery")
    box.units[1].holding[CHARGE_STATUS_OF_802] = status
    async with running(SunSpec(unit, battery=True, interval=FAST)) as samples:
        assert (await samples.next()).power == power


@pytest.mark.parametrize(
    ("dump", "battery", "who"),
    [
        ("sunspec_inverter", False, ("SolarEdge", "SE5K-RWS", "7E000001", "4.19.39")),
        ("sunspec_hybrid", True, ("Fronius", "Symo GEN24 10.0 Plus", "34000001", "1.30.7-1")),
        ("sunspec_der", False, ("Enphase", "IQ Gateway", "12200001", "8.2.4")),
        ("sunspec_battery", True, ("Acme", "Bank 5", "B0001", "1.0")),
    ],
)
async def test_who_it_is(opened: Open, dump: str, *, battery: bool, who: tuple[str, ...]) -> None:
    _, unit = await opened(dump)
    identity = await SunSpec(unit, battery=battery).identify()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == who
    assert identity.cadence == 2


async def test_an_inverter_is_no_battery_and_a_battery_no_inverter(opened: Open) -> None:
    _, inverter = await opened("sunspec_inverter")
    assert type(await failure(SunSpec(inverter, battery=True).identify())) is WrongDevice
    _, battery = await opened("sunspec_battery")
    assert type(await failure(SunSpec(battery).identify())) is WrongDevice


async def test_a_hybrid_without_its_battery_is_no_battery(opened: Open) -> None:
    box, unit = await opened("sunspec_hybrid")
    words = box.units[1].holding
    name = 40000 + 2 + 68 + 62 + 10 + 2 * 20 + 1
    assert words[name] == int.from_bytes(b"St")
    words[name] = words[name + 20] = int.from_bytes(b"MP")
    assert type(await failure(SunSpec(unit, battery=True).identify())) is WrongDevice


async def test_a_device_of_another_kind(opened: Open) -> None:
    box, unit = await opened("sunspec_inverter")
    box.units[1].holding = {0: 1, 40000: 17}
    assert type(await failure(SunSpec(unit).identify())) is WrongDevice


async def test_a_map_that_moved_is_searched_again(opened: Open) -> None:
    box, unit = await opened("sunspec_inverter")
    meter = SunSpec(unit, interval=FAST)
    async with running(meter) as samples:
        await samples.next()
    lost = asyncio.create_task(failure(meter.run(lambda _: None)))
    await box.read_times(10)
    words = box.units[1].holding
    words[W_OF_103 - 14] = 102
    assert type(await lost) is Silent
    async with running(meter) as samples:
        assert (await samples.next()).power == pytest.approx(1756)


async def test_a_unit_that_is_not_behind_the_gateway(opened: Open) -> None:
    box, unit = await opened("sunspec_inverter")
    box.units = {7: box.units[1]}
    assert type(await failure(SunSpec(unit).identify())) is WrongUnit


async def test_an_inverter_that_sleeps(opened: Open) -> None:
    box, unit = await opened("sunspec_inverter")
    box.fall_silent()
    assert type(await failure(SunSpec(unit).identify())) is Silent


async def test_nobody_there(opened: Open) -> None:
    box, unit = await opened("sunspec_inverter")
    await box.vanish()
    assert type(await failure(SunSpec(unit).run(lambda _: None))) is Unreachable
