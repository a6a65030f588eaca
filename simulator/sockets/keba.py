"""A KeContact P30 on Modbus TCP, unit 255.

Source: KEBA, "KeContact P30 Modbus TCP Programmers Guide" V1.02. Values have 32 bits, high word
first, and are read one a request; commands are single words, written by function 6, and cannot be
read. The failsafe strikes when no command came for its time-out; its registers are remembered.
"""

from collections.abc import Callable
from typing import Final

from pymodbus.constants import ExcCodes

from ..station import Station
from .modbus import Map, Refusal, Words, u32

UNIT: Final = 255
SERIAL: Final = 18_416_854
_PRODUCT: Final = 304_123
"""P30, type 2 socket, 32 A, c-series, metered."""

_FIRMWARE: Final = 3 << 24 | 10 << 16 | 13 << 8
_BY_MODBUS: Final = 3
_ERROR_STATES: Final = ("E", "F")
_LARGEST: Final = 63_000


class KebaUnit:
    """The registers of a P30."""

    functions = (3, 6)

    def __init__(self, station: Station) -> None:
        self._station = station
        self._map = Map(_registers(station))
        station.on_reboot = self._restart
        self._saved = (station.safe, station.timeout)

    def read(self, address: int, count: int) -> Words:
        if count != 2 or address not in self._map.entries:
            raise Refusal
        return self._map.read(address, count)

    def write(self, address: int, words: Words) -> None:
        station, (word,) = self._station, words
        match address:
            case 5004 | 5016 if word and not 6000 <= word <= _LARGEST:
                raise Refusal(ExcCodes.ILLEGAL_VALUE)
            case 5004:
                station.command(amps=word / 1000)
            case 5014:
                station.command(enabled=bool(word))
            case 5016:
                station.safe = word / 1000
            case 5018:
                station.timeout = float(word)
            case 5020 if word:
                self._saved = (station.safe, station.timeout)
            case 5052:
                station.command(phases=3 if word else 1)
            case 5010 | 5012 | 5020 | 5050:
                return
            case _:
                raise Refusal

    def _restart(self) -> None:
        self._station.safe, self._station.timeout = self._saved


def _registers(station: Station) -> dict[int, Callable[[], Words]]:
    return {
        1000: lambda: u32(_state(station)),
        1004: lambda: u32(1 if station.car is None else 7),
        1006: lambda: u32(0x8001 if station.state in _ERROR_STATES else 0),
        1008: lambda: u32(station.currents[0] * 1000),
        1010: lambda: u32(station.currents[1] * 1000),
        1012: lambda: u32(station.currents[2] * 1000),
        1014: lambda: u32(SERIAL),
        1016: lambda: u32(_PRODUCT),
        1018: lambda: u32(_FIRMWARE),
        1020: lambda: u32(station.power * 1000),
        1036: lambda: u32(station.energy * 10),
        1040: lambda: u32(_volts(station, 0)),
        1042: lambda: u32(_volts(station, 1)),
        1044: lambda: u32(_volts(station, 2)),
        1046: lambda: u32(1000 if station.power else 0),
        1100: lambda: u32(min(station.limit, station.model.rating) * 1000),
        1110: lambda: u32(station.model.rating * 1000),
        1500: lambda: u32(0),
        1502: lambda: u32(station.session_energy * 10),
        1550: lambda: u32(_BY_MODBUS),
        1552: lambda: u32(station.phases),
        1600: lambda: u32(station.safe * 1000),
        1602: lambda: u32(station.timeout),
    }


def _state(station: Station) -> int:
    """0 starting, 1 not ready, 2 ready, 3 charging, 4 error, 5 suspended."""
    if station.state in _ERROR_STATES:
        return 4
    if station.state in ("C", "D"):
        return 3
    if station.car is None:
        return 1
    return 2 if station.allowed else 5


def _volts(station: Station, phase: int) -> float:
    """The box measures its voltage only while it charges."""
    return station.volts[phase] if station.state == "C" else 0
