"""The P1 port of a Dutch smart meter behind a TCP gateway: DSMR 5.0.2, a telegram a second.

It takes no questions. Whoever is connected gets every telegram.
"""

import asyncio
from typing import Final

from .meter import Readable, Reading

_HEADER: Final = "/SIM5\\House-1"
_EQUIPMENT: Final = b"E0047000012345677".hex().upper()


def crc16(data: bytes) -> int:
    """Compute the checksum of DSMR 5.0.2, section 5.2: CRC16, x^16 + x^15 + x^2 + 1, least bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def telegram(reading: Reading) -> str:
    """Write a telegram with its checksum. The house lives in summer time."""
    clock = f"{reading.at:%y%m%d%H%M%S}S"
    lines = [
        _HEADER,
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({clock})",
        f"0-0:96.1.1({_EQUIPMENT})",
        *_registers(reading),
        "0-0:96.14.0(0002)",
        f"1-0:1.7.0({_kw(reading.power)})",
        f"1-0:2.7.0({_kw(-reading.power)})",
        *_phases(reading),
    ]
    body = "\r\n".join(lines) + "\r\n!"
    return f"{body}{crc16(body.encode('ascii')):04X}\r\n"


def _kw(watts: float) -> str:
    return f"{max(0.0, watts) / 1000:06.3f}*kW"


def _registers(reading: Reading) -> list[str]:
    """Half of everything was at the low tariff once; what comes now is at the high one."""
    return [
        "1-0:1.8.1(002000.000*kWh)",
        f"1-0:1.8.2({reading.imported / 1000 - 2000:010.3f}*kWh)",
        "1-0:2.8.1(001000.000*kWh)",
        f"1-0:2.8.2({reading.exported / 1000 - 1000:010.3f}*kWh)",
    ]


def _phases(reading: Reading) -> list[str]:
    codes = (2, 4, 6)
    phases = list(zip(codes, reading.watts, reading.amps, reading.volts, strict=True))
    return [
        *(f"1-0:{code + 1}2.7.0({volts:05.1f}*V)" for code, _, _, volts in phases),
        *(f"1-0:{code + 1}1.7.0({amps:03d}*A)" for code, _, amps, _ in phases),
        *(f"1-0:{code}1.7.0({_kw(watts)})" for code, watts, _, _ in phases),
        *(f"1-0:{code}2.7.0({_kw(-watts)})" for code, watts, _, _ in phases),
    ]


class P1Port:
    """The gateway. `send` is called once a second by whoever lets time pass."""

    def __init__(self, meter: Readable, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.sent = 0
        self._meter = meter
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for client in list(self._clients):
            client.transport.abort()
        self._clients.clear()

    def send(self) -> None:
        """Send a telegram to everybody; one who does not read is left behind, not waited for."""
        if self._meter.silent:
            return
        self.sent += 1
        data = telegram(self._meter.reading()).encode("ascii")
        for client in self._clients:
            client.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while await reader.read(1024):
                pass
        except ConnectionError:
            pass
        finally:
            self._clients.discard(writer)
            writer.close()
