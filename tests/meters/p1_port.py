"""A P1 port behind a TCP gateway, and the telegrams it sends."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
import re

FIXTURES = Path(__file__).parent.parent / "fixtures" / "meters"

CLOCK = "0-0:1.0.0"


def crc16(data: bytes) -> int:
    """Compute the checksum of DSMR 5.0.2, section 5.2: CRC16, x^16 + x^15 + x^2 + 1, least bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def seal(text: str) -> str:
    """Give a telegram the checksum that belongs to it, if it has one."""
    body, _, checksum = text.partition("!")
    return f"{body}!{crc16(f'{body}!'.encode('latin-1')):04X}\r\n" if checksum.strip() else text


def telegram(name: str, changes: Mapping[str, str | None] | None = None) -> str:
    """Read a fixture and change the values of some objects, or leave lines out, and seal it again."""
    text = (FIXTURES / f"{name}.txt").read_text().replace("\n", "\r\n")
    for code, value in (changes or {}).items():
        line = "" if value is None else f"{code}({value})\r\n".replace("\\", r"\\")
        text, count = re.subn(rf"^{re.escape(code)}\(.*?\r\n", line, text, flags=re.MULTILINE)
        assert count == 1, code
    return seal(text)


def ticking(name: str, count: int, changes: Mapping[str, str | None] | None = None) -> Iterable[str]:
    """Send the same telegram again and again, a second apart by its own clock."""
    for second in range(count):
        yield telegram(name, {CLOCK: f"2406281412{second:02d}S", **(changes or {})})


class P1Port:
    """Sends what `send` is told to whoever is connected; a client that comes finds the stream as it is."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._clients: list[asyncio.StreamWriter] = []
        self._connected = asyncio.Event()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        self._connected.clear()
        for client in self._clients:
            client.transport.abort()
        self._clients.clear()
        await asyncio.sleep(0)

    async def send(self, *parts: str | bytes) -> None:
        await asyncio.wait_for(self._connected.wait(), 5)
        for part in parts:
            for client in self._clients:
                client.write(part.encode("latin-1") if isinstance(part, str) else part)
                await client.drain()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.append(writer)
        self._connected.set()
