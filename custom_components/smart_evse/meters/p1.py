"""A smart meter's P1 port, over a serial cable or passed on over TCP.

The port sends a telegram every second (DSMR 5, Belgium) or every ten (DSMR 2 and 4, Sweden,
Luxembourg) and takes no questions. A gateway in front of it is a plain byte stream; most serve one
or two clients.

The meter's clock has whole seconds and is not ours, so a sample counts as measured when its
telegram has arrived, which is within 0.2 s of the measurement by wire. The clock is only used to
tell samples apart: a gateway that keeps repeating the last telegram of a dead cable is found out
by a clock that stands still.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from dsmr_parser.clients.settings import SERIAL_SETTINGS_V2_2, SERIAL_SETTINGS_V4, SERIAL_SETTINGS_V5
from dsmr_parser.clients.telegram_buffer import TelegramBuffer
import serialx

from ..links.errors import Silent, Unreachable, Unusable, WrongDevice
from .port import Measurement, MeterIdentity
from .telegram import CADENCES, Damaged, Telegram, parse

SHORTEST_SILENCE: Final = 15.0
"""The least time without a new telegram that counts as silence, in s."""

_CONNECT_TIMEOUT: Final = 10.0
_CHUNK: Final = 64 * 1024

_LONGEST_TELEGRAM: Final = 16 * 1024
"""Bytes after which what came in cannot be a telegram: the longest known have about 2 kB."""

_SERIAL_SETTINGS: Final = {"2.2": SERIAL_SETTINGS_V2_2, "4": SERIAL_SETTINGS_V4}
_SERIAL_KEYS: Final = ("baudrate", "bytesize", "parity", "stopbits")


class _Reader(Protocol):
    async def read(self, n: int, /) -> bytes: ...


class P1:
    """The meter behind `host` and `port`, or behind `serial_port`.

    `version` is one of `CADENCES`, or `None` to tell it by the telegrams (a serial line of DSMR 2.2
    has to be named: it is slower). `phases` is what the site has: currents are told only when the
    meter tells all of them. `silence` is how long no new telegram may come, in s; three times the
    meter's cadence and no less than `SHORTEST_SILENCE` where it is not given.
    """

    def __init__(  # noqa: PLR0913 (two ways to the meter, and what to expect there)
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        serial_port: str | None = None,
        version: str | None = None,
        phases: int = 3,
        silence: float | None = None,
    ) -> None:
        if (host is None or port is None) == (serial_port is None):
            raise Unusable("a P1 port has either a host and a port, or a serial port")
        if version is not None and version not in CADENCES:
            raise Unusable(f"{version} is no version of P1 telegrams")
        self._host = host
        self._port = port
        self._serial_port = serial_port
        self._version = version
        self._phases = phases
        self._silence = silence
        self._last: Telegram | None = None
        self.dropped = 0
        """Telegrams that did not match their checksum or could not be read."""

    async def identify(self) -> MeterIdentity:
        """Wait for one telegram; `WrongDevice` when what comes is none, `Silent` when nothing comes."""
        async with self._open() as line:
            return (await self._next(line, lambda _: True)).identity

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over every new telegram of one connection, until the line is lost or falls silent."""
        async with self._open() as line:
            while True:
                telegram = await self._next(line, self._is_new)
                publish(telegram.measurement(self._phases))

    @property
    def silence(self) -> float:
        """How long no new telegram may come, in s. A meter that has not said who it is may be a slow one."""
        if self._silence is not None:
            return self._silence
        version = self._version or (self._last.version if self._last else None)
        cadence = CADENCES[version] if version else max(CADENCES.values())
        return max(SHORTEST_SILENCE, 3 * cadence)

    async def _next(self, line: _Line, wanted: Callable[[Telegram], bool]) -> Telegram:
        """Wait for the next telegram. Of several that come at once the newest counts: it is the only fresh one."""
        silence, newest = self.silence, None
        try:
            async with asyncio.timeout(silence):
                while newest is None or line.has_more:
                    telegram = self._read(await line.telegram())
                    if telegram is not None and wanted(telegram):
                        newest = telegram
        except TimeoutError as err:
            raise line.why_silent(silence) from err
        return newest

    def _read(self, text: str) -> Telegram | None:
        try:
            return parse(text, self._version)
        except Damaged:
            self.dropped += 1
            return None

    def _is_new(self, telegram: Telegram) -> bool:
        """Tell whether the meter's clock has moved, also since the connection before this one.

        It may jump back when it is set right. A meter without a clock (DSMR 2.2) is believed.
        """
        last, self._last = self._last, telegram
        return last is None or telegram.at is None or telegram.at != last.at

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[_Line]:
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                reader, close = await (self._open_serial() if self._serial_port else self._open_tcp())
        except (OSError, serialx.SerialException) as err:  # a time-out is an OSError too
            raise Unreachable(f"no P1 port at {self._serial_port or self._host}") from err
        try:
            yield _Line(reader)
        finally:
            close()

    async def _open_tcp(self) -> tuple[_Reader, Callable[[], None]]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        return reader, writer.close

    async def _open_serial(self) -> tuple[_Reader, Callable[[], None]]:
        settings = _SERIAL_SETTINGS.get(self._version or "", SERIAL_SETTINGS_V5)
        reader, writer = await serialx.open_serial_connection(
            self._serial_port, **{key: settings[key] for key in _SERIAL_KEYS}
        )
        return reader, writer.close


class _Line:
    """The bytes of one connection, cut into telegrams."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader
        self._buffer = TelegramBuffer()
        self._pending: deque[str] = deque()
        self._unused = 0
        self._received = 0
        self._framed = False

    @property
    def has_more(self) -> bool:
        """Whether another telegram has arrived already."""
        return bool(self._pending)

    async def telegram(self) -> str:
        """Wait for a text from its `/` to the line of its `!`; skip what is before, between and half."""
        while not self._pending:
            try:
                chunk = await self._reader.read(_CHUNK)
            except (OSError, serialx.SerialException) as err:
                raise Unreachable("the line broke") from err
            if not chunk:
                raise Unreachable("the line was closed from the other side")
            self._received += len(chunk)
            self._pending.extend(self._cut(chunk))
        self._framed = True
        return self._pending.popleft()

    def _cut(self, chunk: bytes) -> Iterator[str]:
        """Every byte becomes one character, as the checksum counts them; a meter's own are ASCII."""
        self._unused += len(chunk)
        self._buffer.append(chunk.decode("latin-1"))
        for text in self._buffer.get_all():
            self._unused = 0
            yield text
        if self._unused > _LONGEST_TELEGRAM:
            self._unused = 0
            self._buffer = TelegramBuffer()

    def why_silent(self, waited: float) -> Silent | WrongDevice:
        if self._framed:
            return Silent(f"no telegram that is new and whole for {waited:g} s")
        if self._received:
            return WrongDevice("something is sent, but no telegrams of a smart meter")
        return Silent("connected, but nothing is sent")
