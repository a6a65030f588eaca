"""A Modbus box on a real socket: serves the registers of a dump and behaves as its make does.

`ModbusBox` answers Modbus TCP or, as a serial gateway in transparent mode does, RTU frames over TCP. It refuses what
the device refuses: addresses that it does not have, functions and block lengths that it does not know. What a write
does is for the subclass of a make to say.
"""

import asyncio
from collections.abc import Iterable, Sequence
import contextlib
from dataclasses import dataclass, field
import json
from pathlib import Path
import struct
from typing import Literal

DUMPS = Path(__file__).parent.parent / "fixtures" / "chargers"

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, NO_TARGET = 1, 2, 3, 11

type Space = Literal["holding", "input"]
_SPACES: dict[int, Space] = {3: "holding", 4: "input", 6: "holding", 16: "holding"}


class Refusal(Exception):
    """The device answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Unit:
    """The registers behind one unit id, one word an address."""

    holding: dict[int, int] = field(default_factory=dict)
    input: dict[int, int] = field(default_factory=dict)
    write_only: set[int] = field(default_factory=set)

    def space(self, name: Space) -> dict[int, int]:
        return self.holding if name == "holding" else self.input

    def put_u32(self, address: int, value: float) -> None:
        self.holding[address], self.holding[address + 1] = divmod(round(value), 0x10000)

    def put_float(self, address: int, value: float) -> None:
        self.holding[address], self.holding[address + 1] = struct.unpack(">2H", struct.pack(">f", value))

    def put_double(self, address: int, value: float) -> None:
        self.holding.update(
            zip(range(address, address + 4), struct.unpack(">4H", struct.pack(">d", value)), strict=True)
        )

    def put_text(self, address: int, text: str, count: int) -> None:
        words = struct.unpack(f">{count}H", text.encode().ljust(2 * count, b"\0"))
        self.holding.update(zip(range(address, address + count), words, strict=True))

    def u32(self, address: int) -> int:
        return self.holding[address] * 0x10000 + self.holding[address + 1]

    def float(self, address: int) -> float:
        (value,) = struct.unpack(">f", struct.pack(">2H", self.holding[address], self.holding[address + 1]))
        return float(value)


def load_dump(name: str) -> dict[int, Unit]:
    """Read a dump: unit id -> space -> first address of a run -> its words."""
    dump: dict[str, dict[str, dict[str, dict[str, list[int]]]]] = json.loads((DUMPS / f"{name}.json").read_text())
    return {
        int(unit): Unit(holding=_words(spaces.get("holding", {})), input=_words(spaces.get("input", {})))
        for unit, spaces in dump["units"].items()
    }


def _words(runs: dict[str, list[int]]) -> dict[int, int]:
    return {int(start) + i: word for start, words in runs.items() for i, word in enumerate(words)}


class ModbusBox:
    """The server. Subclasses override `wrote` and, where the make is peculiar, `read`."""

    functions: Sequence[int] = (3, 4, 6, 16)
    longest_read = 125

    def __init__(self, units: dict[int, Unit], *, rtu: bool = False) -> None:
        self.units = units
        self.requests: list[tuple[int, int, int, tuple[int, ...]]] = []
        self.port = 0
        self._rtu = rtu
        self._mood: Literal["well", "silent", "babbling"] = "well"
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def writes(self) -> list[tuple[int, int, int, tuple[int, ...]]]:
        """Tell what was written: unit, function, address, words."""
        return [request for request in self.requests if request[1] in (6, 16)]

    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        """Give the words that were asked for."""
        bank = self.units[unit]
        addresses = range(address, address + count)
        if any(each not in bank.space(space) or each in bank.write_only for each in addresses):
            raise Refusal(ILLEGAL_ADDRESS)
        return [bank.space(space)[each] for each in addresses]

    def wrote(self, unit: int, address: int, words: Sequence[int]) -> None:
        """Take a write; the default is a register that keeps it."""
        bank = self.units[unit].holding
        if any(address + i not in bank for i in range(len(words))):
            raise Refusal(ILLEGAL_ADDRESS)
        bank.update({address + i: word for i, word in enumerate(words)})

    # How it is with the box

    def fall_silent(self) -> None:
        self._mood = "silent"

    def babble(self) -> None:
        self._mood = "babbling"

    def disguise(self) -> None:
        """Become a box with a few registers of its own, all at other addresses."""
        self.units = {unit: Unit(holding={40000: 0x5375, 40001: 0x6E53}) for unit in self.units}

    async def come_back(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in list(self._clients):
            client.transport.abort()
        self._clients.clear()
        await asyncio.sleep(0)

    # The wire

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await (self._serve_rtu(reader, writer) if self._rtu else self._serve_tcp(reader, writer))
        self._clients.discard(writer)
        writer.close()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transaction, _, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
        answer = self._answer(unit, await reader.readexactly(length - 1))
        if self._mood == "babbling":
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif answer is not None:
            writer.write(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)

    async def _serve_rtu(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(7)
        body = head[2:] + (await reader.readexactly(head[6]) if head[1] == 16 else b"")
        frame = head[:2] + (body if head[1] == 16 else body[:4])
        # A request without a byte count is 8 bytes long, and 7 have been read: the last one ends its CRC.
        crc = await reader.readexactly(2) if head[1] == 16 else head[6:] + await reader.readexactly(1)
        if struct.unpack("<H", crc)[0] != _crc(frame):
            return
        answer = self._answer(frame[0], frame[1:])
        if self._mood == "babbling":
            writer.write(b"\xff\xaa\x55" * 4)
        elif answer is not None and frame[0] in self.units:
            full = frame[:1] + answer
            writer.write(full + struct.pack("<H", _crc(full)))

    def _answer(self, unit: int, request: bytes) -> bytes | None:
        if self._mood == "silent":
            return None
        function = request[0]
        try:
            return bytes([function]) + self._handle(unit, function, request[1:])
        except Refusal as refusal:
            return bytes([function | 0x80, refusal.code])

    def _handle(self, unit: int, function: int, data: bytes) -> bytes:
        if unit not in self.units:
            raise Refusal(NO_TARGET)
        if function not in self.functions:
            raise Refusal(ILLEGAL_FUNCTION)
        address, second = struct.unpack(">HH", data[:4])
        if function in (3, 4):
            self.requests.append((unit, function, address, (second,)))
            if second > self.longest_read:
                raise Refusal(ILLEGAL_VALUE)
            words = list(self.read(unit, _SPACES[function], address, second))
            return bytes([2 * len(words)]) + struct.pack(f">{len(words)}H", *words)
        written = (second,) if function == 6 else struct.unpack(f">{second}H", data[5:])
        self.requests.append((unit, function, address, tuple(written)))
        self.wrote(unit, address, written)
        return data[:4]


def _crc(frame: bytes) -> int:
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
