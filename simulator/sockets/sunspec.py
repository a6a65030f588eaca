"""A three-phase inverter that speaks SunSpec on Modbus TCP, unit 1: models 1 and 103.

Source: SunSpec's information models. The chain begins at 40000 with "SunS" and ends with 0xFFFF.
"""

from typing import Final

from ..house import House
from .modbus import Map, Refusal, Words, text, u16, u32

UNIT: Final = 1
BASE: Final = 40000
SERIAL: Final = "7E0000042"
_NOT_THERE: Final = 0x8000
_RUNNING, _SLEEPING = 4, 2


class SunSpecUnit:
    """The chain of models, as it stands now."""

    functions = (3,)

    def __init__(self, house: House) -> None:
        self._house = house
        self._map = Map({BASE: self._chain})

    def read(self, address: int, count: int) -> Words:
        if address < BASE:
            raise Refusal
        words = self._chain()[address - BASE : address - BASE + count]
        if len(words) < count:
            raise Refusal
        return words

    def write(self, address: int, words: Words) -> None:
        raise Refusal

    def _chain(self) -> list[int]:
        return [*text("SunS", 2), *_common(), *self._inverter(), 0xFFFF, 0]

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


def _common() -> list[int]:
    """Model 1: who made it."""
    names = [*text("Solardach", 16), *text("SD-8-3", 16), *text("", 8), *text("1.4.2", 8), *text(SERIAL, 16)]
    body = [*names, 1, _NOT_THERE]
    return [1, len(body), *body]
