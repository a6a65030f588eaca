"""Modbus TCP servers whose registers are worked out when they are read.

The protocol is that of `pymodbus`; what a register says, and what a write does, is for the device.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
import struct
from typing import Final, Protocol

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

type Words = Sequence[int]

_READS: Final = (3, 4)
_WRITES: Final = (6, 16)
_SIZE: Final = 0x10000


class Refusal(Exception):
    """The device answers with an exception code."""

    def __init__(self, code: ExcCodes = ExcCodes.ILLEGAL_ADDRESS) -> None:
        super().__init__(code)
        self.code = code


class Unit(Protocol):
    """A device behind one unit id."""

    @property
    def functions(self) -> Sequence[int]: ...

    def read(self, address: int, count: int) -> Words:
        """The words that were asked for; raises `Refusal`."""

    def write(self, address: int, words: Words) -> None:
        """Take a write; raises `Refusal`."""


def u16(value: float) -> list[int]:
    """A word; negative numbers as two's complement."""
    return [round(value) & 0xFFFF]


def u32(value: float) -> list[int]:
    """Two words, high first; negative numbers as two's complement."""
    return list(struct.unpack(">2H", struct.pack(">I", round(value) & 0xFFFFFFFF)))


def f32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def f64(value: float) -> list[int]:
    return list(struct.unpack(">4H", struct.pack(">d", value)))


def text(value: str, count: int) -> list[int]:
    """Two characters a word, filled with zeros."""
    return list(struct.unpack(f">{count}H", value.encode("ascii")[: 2 * count].ljust(2 * count, b"\0")))


def float_of(words: Words) -> float:
    (value,) = struct.unpack(">f", struct.pack(">2H", *words))
    return float(value)


def signed(word: int) -> int:
    return word - 0x10000 if word >= 0x8000 else word


@dataclass(slots=True)
class Map:
    """Registers by their first address: each entry says its words when it is asked.

    `filler` is what stands between entries, `None` where nothing may be read there.
    """

    entries: Mapping[int, Callable[[], Words]]
    filler: int | None = None
    _spans: dict[int, int] = field(default_factory=dict)

    def read(self, address: int, count: int) -> list[int]:
        """Read a block; it has to begin and end with an entry unless there is a filler."""
        words: list[int] = []
        known = {start: entry for start, entry in self.entries.items() if address - 125 < start < address + count}
        cells = {start + i: word for start, entry in known.items() for i, word in enumerate(entry())}
        for each in range(address, address + count):
            word = cells.get(each, self.filler)
            if word is None:
                raise Refusal
            words.append(word)
        return words


class ModbusPort:
    """A Modbus TCP server on a port. While `is_hung` says so it takes questions and answers none."""

    def __init__(
        self,
        units: Mapping[int, Unit],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        is_hung: Callable[[], bool] = lambda: False,
    ) -> None:
        self.host = host
        self.port = port
        self._units = units
        self._is_hung = is_hung
        self._server: ModbusTcpServer | None = None

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def open(self) -> None:
        """Listen; on the same port again after it was closed."""
        devices, address = self._devices(), (self.host, self.port)
        server = ModbusTcpServer(devices, address=address, ignore_missing_devices=True)
        await server.serve_forever(background=True)
        if isinstance(server.transport, asyncio.Server):
            self.port = server.transport.sockets[0].getsockname()[1]
        self._server = server

    async def close(self) -> None:
        """Hang up on everybody and refuse new calls."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]

    def _devices(self) -> list[SimDevice]:
        known = [self._device(unit_id, unit) for unit_id, unit in self._units.items()]
        # Unit 0 stands for every other one.
        return [*known, self._device(0, None)]

    def _device(self, unit_id: int, unit: Unit | None) -> SimDevice:
        async def act(  # noqa: PLR0913, PLR0917 (the library calls it so)
            function: int, first: int, address: int, count: int, registers: list[int], values: object
        ) -> ExcCodes | None:
            if self._is_hung():
                # What the library passes over in silence.
                raise NoSuchIdException
            if unit is None:
                return ExcCodes.GATEWAY_NO_RESPONSE
            return _answer(unit, function, slice(address - first, address - first + count), registers, values)

        everything = SimData(0, count=_SIZE, values=0, datatype=DataType.REGISTERS)
        return SimDevice(unit_id, simdata=[everything], action=act)


def _answer(unit: Unit, function: int, block: slice, registers: list[int], values: object) -> ExcCodes | None:
    """Answer one request by filling in the registers that it is about, or refuse it."""
    if function not in unit.functions:
        return ExcCodes.ILLEGAL_FUNCTION
    try:
        if function in _READS:
            registers[block] = unit.read(block.start, block.stop - block.start)
        elif function in _WRITES and isinstance(values, list):
            unit.write(block.start, [int(value) for value in values])
    except Refusal as refusal:
        return refusal.code
    return None
