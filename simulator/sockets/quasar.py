"""A Wallbox Quasar 1 on Modbus TCP, unit 1.

Source: the register list that Wallbox gave to public projects. Single words; a power is positive
when the car takes it. The state of charge is 0 while no power flows.
"""

from collections.abc import Callable
from typing import Final

from pymodbus.constants import ExcCodes

from ..dcbox import MOST, DcBox
from .modbus import Map, Refusal, Words, signed, u16, u32

UNIT: Final = 1
SERIAL: Final = 216_341
_START, _STOP = 1, 2


class QuasarUnit:
    """The registers of a Quasar 1."""

    functions = (3, 6, 16)

    def __init__(self, box: DcBox) -> None:
        self._box = box
        self._settings = {82: 1, 83: 0, 256: 0}
        self._map = Map(self._registers())

    def read(self, address: int, count: int) -> Words:
        # Being asked is the sign of life that its watchdog waits for.
        self._box.feed()
        return self._map.read(address, count)

    def write(self, address: int, words: Words) -> None:
        self._box.feed()
        for offset, word in enumerate(words):
            self._write(address + offset, word)

    def _write(self, address: int, word: int) -> None:
        box = self._box
        match address:
            case 81:
                box.remote = bool(word)
            case 88:
                box.timeout = float(word)
            case 257 if box.remote and word in (_START, _STOP):
                box.command(running=word == _START)
            case 260 if box.remote:
                if abs(signed(word)) > MOST:
                    raise Refusal(ExcCodes.ILLEGAL_VALUE)
                box.command(watts=signed(word))
            case 257 | 260:
                return
            case 82 | 83 | 256:
                self._settings[address] = word
            case _:
                raise Refusal

    def _registers(self) -> dict[int, Callable[[], Words]]:
        box, settings = self._box, self._settings
        return {
            1: lambda: u16(521),
            2: lambda: u32(SERIAL),
            81: lambda: u16(box.remote),
            82: lambda: u16(settings[82]),
            83: lambda: u16(settings[83]),
            88: lambda: u16(box.timeout),
            256: lambda: u16(settings[256]),
            257: lambda: u16(_START if box.running else _STOP),
            258: lambda: u16(0),
            260: lambda: u16(box.setpoint),
            514: lambda: u16(MOST),
            526: lambda: [*u16(box.flow), *[0] * 10],
            537: lambda: u16(_state(box)),
            538: lambda: u16(box.battery.soc if box.battery and box.flow else 0),
            539: lambda: [0, 0, 0, 0],
        }


def _state(box: DcBox) -> int:
    """0 no car, 1 charging, 2 waiting for the car, 4 paused, 11 discharging."""
    if box.battery is None:
        return 0
    if not box.running:
        return 4
    if not box.active or not box.flow:
        return 2
    return 1 if box.flow > 0 else 11
