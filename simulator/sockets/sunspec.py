"""What speaks SunSpec on Modbus TCP, unit 1: a three-phase inverter (models 1 and 103) and a home battery.

The battery has the models of IEEE 1547 devices: 713 tells its charge, the one port of 714 its power, positive
when it gives. Source: SunSpec's information models. A chain begins at 40000 with "SunS" and ends with 0xFFFF.
"""

from typing import Final, override

from ..home_battery import HomeBattery
from ..house import House
from .modbus import Refusal, Words, text, u16, u32

UNIT: Final = 1
BASE: Final = 40000
SERIAL: Final = "7E0000042"
BATTERY_SERIAL: Final = "B100007731"
_NOT_THERE: Final = 0x8000
_UNKNOWN: Final = 0xFFFF
_RUNNING, _SLEEPING = 4, 2
_ESS, _ON = 1, 1


class _Chain:
    """A chain of models, as it stands now."""

    functions = (3,)

    def _models(self) -> list[int]:
        raise NotImplementedError

    def read(self, address: int, count: int) -> Words:
        if address < BASE:
            raise Refusal
        chain = [*text("SunS", 2), *self._models(), _UNKNOWN, 0]
        words = chain[address - BASE : address - BASE + count]
        if len(words) < count:
            raise Refusal
        return words

    def write(self, address: int, words: Words) -> None:
        raise Refusal


class SunSpecUnit(_Chain):
    """The inverter."""

    def __init__(self, house: House) -> None:
        self._house = house

    @override
    def _models(self) -> list[int]:
        return [*_common("Solardach", "SD-8-3", SERIAL), *self._inverter()]

    def _inverter(self) -> list[int]:
        """Model 103: currents in 0.01 A, voltages in 0.1 V, power in W, energy in Wh."""
        house, none = self._house, _NOT_THERE
        volts = house.grid.volts
        amps = [house.solar / 3 / volt * 100 for volt in volts]
        currents = [*u16(sum(amps)), *(word for each in amps for word in u16(each)), *u16(-2)]
        voltages = [0xFFFF, 0xFFFF, 0xFFFF, *(word for volt in volts for word in u16(volt * 10)), *u16(-1)]
        power = [*u16(house.solar), *u16(0), *u16(5000), *u16(-2), none, none, none, none, none, none]
        energy = [*u32(house.solar_energy), *u16(0)]
        direct = [0xFFFF, none, 0xFFFF, none, none, none]
        heat = [none, none, none, none, none]
        state = [_RUNNING if house.solar else _SLEEPING, 0xFFFF]
        events = [0] * 12
        body = [*currents, *voltages, *power, *energy, *direct, *heat, *state, *events]
        return [103, len(body), *body]


class BatteryUnit(_Chain):
    """The home battery."""

    def __init__(self, battery: HomeBattery) -> None:
        self._battery = battery

    @override
    def _models(self) -> list[int]:
        return [*_common("Kellerspeicher", "KS-10", BATTERY_SERIAL), *self._charge(), *self._port()]

    def _charge(self) -> list[int]:
        """Model 713: energies in 100 Wh, charge in 0.1 %."""
        capacity, soc = self._battery.model.capacity / 100, self._battery.soc
        energies = [*u16(capacity), *u16(capacity * soc / 100)]
        return [713, 7, *energies, *u16(soc * 10), 1000, 0, *u16(2), *u16(-1)]

    def _port(self) -> list[int]:
        """Model 714: power in W, no currents, voltages or energies."""
        power = u16(self._battery.power)
        none = _NOT_THERE
        totals = [0, 0, 1, none, *power, *[0] * 8, *u16(0), *u16(0), *u16(0), *u16(0), *u16(0)]
        port = [_ESS, 1, *text("Battery", 8), none, _UNKNOWN, *power, *[0] * 8, none, _ON, 0, 0]
        body = [*totals, *port]
        return [714, len(body), *body]


def _common(maker: str, model: str, serial: str) -> list[int]:
    """Model 1: who made it."""
    names = [*text(maker, 16), *text(model, 16), *text("", 8), *text("1.4.2", 8), *text(serial, 16)]
    body = [*names, 1, _NOT_THERE]
    return [1, len(body), *body]
