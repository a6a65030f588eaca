"""The devices of the house, asked over real sockets by the drivers that ask real ones."""

import asyncio
from collections.abc import AsyncIterator
import contextlib

from aiohttp import ClientSession
from modbus_connection import ModbusTcpParams, ModbusUnit
import pytest

from custom_components.smart_evse.chargers.alfen import Alfen
from custom_components.smart_evse.chargers.keba import Keba
from custom_components.smart_evse.chargers.port import Watchdog
from custom_components.smart_evse.chargers.quasar import Quasar
from custom_components.smart_evse.engine.model import AcLimit, PowerLimit, VehicleState
from custom_components.smart_evse.links.errors import DeviceError, Silent, Unreachable, WrongUnit
from custom_components.smart_evse.links.modbus import ModbusLines
from custom_components.smart_evse.meters.homewizard import HomeWizard
from custom_components.smart_evse.meters.p1 import P1
from custom_components.smart_evse.meters.port import Measurement, Meter
from custom_components.smart_evse.meters.sunspec import SunSpec
from custom_components.smart_evse.meters.telegram import parse
from simulator.house import DC_BOX, House, Plan
from simulator.running import Simulation
from simulator.sockets.meter import Meter as GridMeter
from simulator.sockets.p1 import telegram


class Lines:
    """Units of the house's Modbus devices."""

    def __init__(self, simulation: Simulation, timeout: float = 3.0) -> None:
        self.simulation = simulation
        self.lines = ModbusLines(timeout=timeout)

    def unit(self, device: str, unit_id: int) -> ModbusUnit:
        port = self.simulation.addresses[device]
        return self.lines.unit(ModbusTcpParams(host="127.0.0.1", port=port), unit_id)


@pytest.fixture
async def lines(simulation: Simulation) -> AsyncIterator[Lines]:
    lines = Lines(simulation)
    yield lines
    await lines.lines.close()


@pytest.fixture
def keba(lines: Lines) -> Keba:
    return Keba(lines.unit("keba", 255))


@pytest.fixture
def alfen(lines: Lines) -> Alfen:
    return Alfen(lines.unit("alfen", 200), [lines.unit("alfen", 1)])


async def test_the_keba_says_who_it_is(keba: Keba) -> None:
    identity = await keba.identify()
    assert (identity.maker, identity.model, identity.firmware) == ("KEBA", "KeContact P30", "3.10.13")
    assert identity.max_current == 32


async def test_the_keba_charges_and_stops(keba: Keba, simulation: Simulation) -> None:
    (reading,) = await keba.read()
    assert reading.state is VehicleState.NOT_CONNECTED
    simulation.house.plug("keba")
    await keba.set_limit(0, AcLimit(10, 3))
    await simulation.advance(60)
    (reading,) = await keba.read()
    assert reading.state is VehicleState.CHARGING
    assert reading.currents is not None
    assert reading.currents.l3 == pytest.approx(9.7)
    assert reading.power == pytest.approx(simulation.house.stations["keba"].power, abs=1)
    assert reading.energy_in is not None
    assert reading.energy_in > 0
    await keba.set_limit(0, AcLimit(0, 3))
    await simulation.advance(15)
    (reading,) = await keba.read()
    assert reading.state is VehicleState.CONNECTED
    assert reading.power == 0


async def test_the_keba_falls_back_where_it_was_told_to(keba: Keba, simulation: Simulation) -> None:
    simulation.house.plug("keba")
    assert await keba.arm(Watchdog(timeout=30, amps=6)) == Watchdog(timeout=30, amps=6)
    await keba.set_limit(0, AcLimit(16, 3))
    await simulation.advance(29)
    assert simulation.house.stations["keba"].offered == 16
    await simulation.advance(20)
    assert simulation.house.stations["keba"].offered == 6


async def test_the_keba_forgets_its_limit_when_it_restarts_but_not_its_failsafe(
    keba: Keba, simulation: Simulation
) -> None:
    station = simulation.house.stations["keba"]
    await keba.arm(Watchdog(timeout=30, amps=6))
    await keba.set_limit(0, AcLimit(8, 3))
    simulation.faults.set("charger_reboot", "keba")
    await simulation.advance(5)
    with pytest.raises(Unreachable):
        await keba.read()
    await simulation.advance(30)
    (reading,) = await keba.read()
    assert reading.limit == 16
    assert (station.timeout, station.safe) == (30, 6)


async def test_the_keba_switches_its_phases(keba: Keba, simulation: Simulation) -> None:
    simulation.house.plug("keba")
    await keba.set_limit(0, AcLimit(0, 3))
    await keba.set_phases(0, 1)
    await simulation.advance(15)
    (reading,) = await keba.read()
    assert reading.phases == 1


async def test_the_keba_answers_as_unit_255_only(lines: Lines) -> None:
    with pytest.raises(WrongUnit):
        await Keba(lines.unit("keba", 1)).identify()


async def test_a_silent_charger_takes_the_question(keba: Keba, simulation: Simulation) -> None:
    hasty = Lines(simulation, timeout=0.3)
    simulation.faults.set("charger_silent", "keba", seconds=10)
    with pytest.raises(Silent):
        await Keba(hasty.unit("keba", 255)).identify()
    await hasty.lines.close()
    await simulation.advance(11)
    await keba.identify()


async def test_a_charger_that_ignores_says_yes(keba: Keba, simulation: Simulation) -> None:
    simulation.faults.set("charger_ignoring", "keba")
    await keba.set_limit(0, AcLimit(6, 3))
    (reading,) = await keba.read()
    assert reading.limit == 16


async def test_a_broken_charger_says_so(keba: Keba, simulation: Simulation) -> None:
    simulation.faults.set("charger_fault", "keba")
    (reading,) = await keba.read()
    assert reading.state is VehicleState.FAULT


async def test_the_alfen_charges_while_its_limit_is_valid(alfen: Alfen, simulation: Simulation) -> None:
    identity = await alfen.identify()
    assert (identity.maker, identity.outlets) == ("Alfen", 1)
    simulation.house.plug("alfen", "city")
    await alfen.set_limit(0, AcLimit(12, 3))
    await simulation.advance(30)
    (reading,) = await alfen.read()
    assert reading.state is VehicleState.CHARGING
    assert reading.limit == 12
    assert reading.currents is not None
    assert reading.currents.l1 == pytest.approx(11.5)
    assert reading.currents.l2 == 0
    await simulation.advance(60)
    (reading,) = await alfen.read()
    assert reading.limit == 6


async def test_the_alfen_switches_its_phases(alfen: Alfen, simulation: Simulation) -> None:
    await alfen.set_phases(0, 1)
    (reading,) = await alfen.read()
    assert reading.phases == 1
    await simulation.advance(15)
    assert simulation.house.stations["alfen"].phases == 1


async def test_the_quasar_feeds_the_house(lines: Lines, simulation: Simulation) -> None:
    seconds = 0.0
    quasar = Quasar(lines.unit("quasar", 1), clock=lambda: seconds)
    assert (await quasar.identify()).serial == "216341"
    simulation.house.plug(DC_BOX, soc=60)
    await quasar.set_limit(0, PowerLimit(-3000))
    await simulation.advance(40)
    seconds = 40.0
    (reading,) = await quasar.read()
    assert reading.power == -3000
    assert reading.soc == 60
    assert simulation.house.powers[DC_BOX] < 0
    await quasar.set_limit(0, PowerLimit(0))
    await simulation.advance(5)
    assert simulation.house.dc_box.flow == 0


async def first(meter: Meter, simulation: Simulation) -> Measurement:
    """Let time pass until a meter says something."""
    heard: asyncio.Queue[Measurement] = asyncio.Queue()
    listening = asyncio.create_task(meter.run(heard.put_nowait))
    try:
        async with asyncio.timeout(10):
            while heard.empty() and not listening.done():
                await simulation.advance(1)
                await asyncio.sleep(0.01)
            if listening.done():
                listening.result()
            return heard.get_nowait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_the_inverter_tells_the_sun(lines: Lines, simulation: Simulation) -> None:
    inverter = SunSpec(lines.unit("sunspec", 1))
    assert (await inverter.identify()).maker == "Solardach"
    sample = await first(inverter, simulation)
    assert sample.power == pytest.approx(simulation.house.solar, rel=0.01)
    assert sample.energy_in == pytest.approx(simulation.house.solar_energy, abs=10)


async def test_the_battery_tells_its_power_and_charge(socket_enabled: None) -> None:
    simulation = Simulation(House(Plan(battery=8_000.0, battery_soc=64.5)))
    await simulation.open()
    lines = Lines(simulation)
    battery = SunSpec(lines.unit("battery", 1), battery=True)
    assert (await battery.identify()).maker == "Kellerspeicher"
    for appliance in (None, "oven", "washer"):
        if appliance:
            simulation.house.switch_on(appliance, 0)
        await simulation.advance(20)
        sample = await first(battery, simulation)
        assert sample.power == pytest.approx(simulation.house.battery_power, abs=150)
        assert sample.soc == pytest.approx(64.5, abs=1)
    await lines.lines.close()
    await simulation.close()


async def test_a_house_without_a_battery_has_no_port_for_one(simulation: Simulation) -> None:
    assert "battery" not in simulation.addresses


async def test_the_p1_port_tells_the_grid(simulation: Simulation) -> None:
    sample = await first(P1(host="127.0.0.1", port=simulation.addresses["p1"]), simulation)
    grid = simulation.house.grid
    assert sample.power == pytest.approx(grid.power, abs=30)
    assert sample.currents is not None
    assert sample.currents.l1 == pytest.approx(grid.amps[0], abs=0.3)
    assert sample.currents.l1 < 0
    assert sample.voltages is not None
    assert sample.voltages.l3 == pytest.approx(grid.volts[2], abs=0.2)


async def test_the_dongle_tells_the_same(simulation: Simulation) -> None:
    async with ClientSession() as session:
        dongle = HomeWizard(f"127.0.0.1:{simulation.addresses['homewizard']}", session=session, interval=0.01)
        await simulation.advance(1)
        assert (await dongle.identify()).phases == 3
        sample = await first(dongle, simulation)
    assert sample.power == pytest.approx(simulation.house.grid.power, abs=30)


async def test_a_dongle_before_its_first_telegram_knows_nothing(simulation: Simulation) -> None:
    async with ClientSession() as session:
        dongle = HomeWizard(f"127.0.0.1:{simulation.addresses['homewizard']}", session=session)
        with pytest.raises(DeviceError):
            await dongle.run(lambda _: None)


@pytest.mark.parametrize("fault", ["meter_silent", "meter_repeating"])
async def test_a_meter_without_news_is_found_out(simulation: Simulation, fault: str) -> None:
    meter = P1(host="127.0.0.1", port=simulation.addresses["p1"], silence=1.0)
    await first(meter, simulation)
    simulation.faults.set(fault)
    with contextlib.suppress(Silent):
        # What was on its way already may still arrive; after that nothing is new.
        await first(meter, simulation)
    with pytest.raises(Silent):
        await first(meter, simulation)


def test_a_frozen_meter_keeps_its_values_while_its_clock_goes_on(simulation: Simulation) -> None:
    house, meter = simulation.house, GridMeter(simulation.house)
    house.step(1)
    before = parse(telegram(meter.reading()))
    simulation.faults.set("meter_frozen", seconds=30)
    meter.reading()
    house.switch_on("kettle", 0)
    house.step(10)
    frozen = parse(telegram(meter.reading()))
    assert frozen.power == before.power
    assert frozen.at != before.at
    house.step(30)
    simulation.faults.expire()
    assert parse(telegram(meter.reading())).power > before.power


def test_a_flipped_meter_takes_import_for_export(simulation: Simulation) -> None:
    house, meter = simulation.house, GridMeter(simulation.house)
    house.step(1)
    straight = parse(telegram(meter.reading()))
    simulation.faults.set("meter_flipped")
    flipped = parse(telegram(meter.reading()))
    assert straight.power < 0
    assert flipped.power == pytest.approx(-straight.power, abs=2)
    simulation.faults.set("meter_flipped", on=False)
    assert parse(telegram(meter.reading())).power == straight.power


def test_currents_are_told_in_whole_amperes(simulation: Simulation) -> None:
    simulation.house.step(1)
    reading = GridMeter(simulation.house).reading()
    assert reading.amps == tuple(int(abs(amps)) for amps in simulation.house.grid.amps)


def test_a_telegram_has_the_checksum_of_its_text(simulation: Simulation) -> None:
    text = telegram(GridMeter(simulation.house).reading())
    assert text.endswith("\r\n")
    assert parse(text).version == "5"
    with pytest.raises(Exception, match=r"(?i)crc"):
        parse(text.replace("1-0:1.7.0(00", "1-0:1.7.0(01"))
