"""A HomeWizard P1 dongle: version 1 of its local API, over plain HTTP.

Source: HomeWizard's API documentation. It hands out what its meter sent last.
"""

from typing import Final

from aiohttp import web

from .meter import Meter, Reading
from .p1 import telegram

SERIAL: Final = "5c2faf00e5e1"


class HomeWizardPort:
    """The dongle's web server."""

    def __init__(self, meter: Meter, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self._meter = meter
        self._last: Reading | None = None
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/api", self._device),
                web.get("/api/v1/data", self._data),
                web.get("/api/v1/telegram", self._telegram),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def listen(self) -> None:
        """Take in the next telegram of the meter, once a second."""
        if not self._meter.silent:
            self._last = self._meter.reading()

    async def _device(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "product_name": "P1 Meter",
                "product_type": "HWE-P1",
                "serial": SERIAL,
                "firmware_version": "4.19",
                "api_version": "v1",
            }
        )

    async def _telegram(self, _: web.Request) -> web.Response:
        return web.Response(text="" if self._last is None else telegram(self._last))

    async def _data(self, _: web.Request) -> web.Response:
        return web.json_response(_values(self._last))


def _values(reading: Reading | None) -> dict[str, object]:
    values: dict[str, object] = {
        "wifi_ssid": "House",
        "wifi_strength": 84,
        "smr_version": 50,
        "meter_model": "SIM House",
    }
    if reading is None:
        return values
    values |= {
        "unique_id": "".join(f"{ord(letter):02X}" for letter in "E0047000012345677"),
        "active_tariff": 2,
        "total_power_import_kwh": round(reading.imported / 1000, 3),
        "total_power_export_kwh": round(reading.exported / 1000, 3),
        "active_power_w": reading.power,
    }
    for phase in range(3):
        watts, amps = reading.watts[phase], reading.amps[phase]
        values[f"active_power_l{phase + 1}_w"] = watts
        values[f"active_current_l{phase + 1}_a"] = -amps if watts < 0 else amps
        values[f"active_voltage_l{phase + 1}_v"] = round(reading.volts[phase], 1)
    return values
