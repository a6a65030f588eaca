"""An Alfen Eve single on Modbus TCP: unit 200 is the station, unit 1 its socket.

Source: Alfen, "Implementation of Modbus Slave TCP/IP for Alfen NG9xx platform" 2.3. High word first;
what is not measured is filled with 0xFFFF. A limit is valid for 60 s; after that the safe current
of the installer applies. A single word is taken by function 16 only.
"""

from collections.abc import Callable
from typing import Final

from pymodbus.constants import ExcCodes

from ..station import MINIMUM, Station
from .modbus import Map, Refusal, Words, f32, f64, float_of, text, u16, u32

STATION, SOCKET = 200, 1
SERIAL: Final = "ace0115342"
_MISSING: Final = 0xFFFF
_LIMIT, _PHASES = 1210, 1215
_BLOCKS = (range(100, 178), range(1100, 1106))
_METER, _CONTROL = range(300, 426), range(1200, 1216)

_STATES: Final = {"A": "A", "C": "C2", "D": "D2", "E": "E", "F": "F"}


class AlfenStation:
    """What the station is, and what it allows."""

    functions = (3,)

    def __init__(self, station: Station) -> None:
        self._map = Map(
            {
                100: lambda: text("ALF_1000", 17),
                117: lambda: text("Alfen NV", 5),
                122: lambda: u16(2),
                123: lambda: text("6.6.0-4342", 17),
                140: lambda: text("NG910", 17),
                157: lambda: text(SERIAL, 11),
                1100: lambda: f32(station.model.rating),
                1102: lambda: f32(18.5),
                1104: lambda: u16(1),
                1105: lambda: u16(1),
            },
            filler=0,
        )

    def read(self, address: int, count: int) -> Words:
        if not any(address in block and address + count <= block.stop for block in _BLOCKS):
            raise Refusal
        return self._map.read(address, count)

    def write(self, address: int, words: Words) -> None:
        raise Refusal


class AlfenSocket:
    """The meter and the control of the socket."""

    functions = (3, 16)

    def __init__(self, station: Station) -> None:
        self._station = station
        self._meter = Map(_meter(station), filler=_MISSING)
        self._control = Map(_control(station), filler=0)

    def read(self, address: int, count: int) -> Words:
        if address in _METER and address + count <= _METER.stop:
            return self._meter.read(address, count)
        if address in _CONTROL and address + count <= _CONTROL.stop:
            return self._control.read(address, count)
        raise Refusal

    def write(self, address: int, words: Words) -> None:
        if address == _LIMIT and len(words) == 2:
            amps = float_of(words)
            if not (amps == 0 or MINIMUM <= amps <= self._station.model.rating):
                raise Refusal(ExcCodes.ILLEGAL_VALUE)
            self._station.command(amps=amps)
        elif address == _PHASES and list(words) in ([1], [3]):
            self._station.command(phases=words[0])
        else:
            raise Refusal


def _meter(station: Station) -> dict[int, Callable[[], Words]]:
    return {
        300: lambda: u16(3),
        301: lambda: [0, 0, *u32(300)],
        305: lambda: u16(2),
        306: lambda: f32(station.volts[0]),
        308: lambda: f32(station.volts[1]),
        310: lambda: f32(station.volts[2]),
        320: lambda: f32(station.currents[0]),
        322: lambda: f32(station.currents[1]),
        324: lambda: f32(station.currents[2]),
        344: lambda: f32(station.power),
        374: lambda: f64(station.energy),
    }


def _control(station: Station) -> dict[int, Callable[[], Words]]:
    return {
        1200: lambda: u16(1),
        1201: lambda: text(_state(station), 5),
        1206: lambda: f32(station.allowed),
        1208: lambda: u32(station.remaining),
        1210: lambda: f32(station.limit),
        1212: lambda: f32(station.safe),
        1214: lambda: u16(not station.fallen_back),
        1215: lambda: u16(station.phases_wanted),
    }


def _state(station: Station) -> str:
    """B1 and C1 are those without a duty cycle at the pilot."""
    if station.state == "B":
        return "B2" if station.offered else "B1"
    return _STATES[station.state]
