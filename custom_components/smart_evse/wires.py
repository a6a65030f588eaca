"""The wires that drivers are given: an HTTP session, a Modbus unit, the states of Home Assistant."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import time
from typing import TYPE_CHECKING

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.loader import async_get_loaded_integration

from .const import DOMAIN
from .links.demo import DemoHouse
from .links.errors import Refused
from .states import HassStates

if TYPE_CHECKING:
    from modbus_connection import ModbusUnit

    from .links.modbus import Endpoint, ModbusLines

_LINES = f"{DOMAIN}_modbus_lines"

_CORE_CONNECTIONS = "modbus_connections"
"""Where Home Assistant's own Modbus integration keeps the connections that it lends units of."""


class HassWires:
    """The wires of one site, or of one question that a flow asks (`entry` `None`)."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry | None) -> None:
        self.hass = hass
        self._entry = entry
        self._lent: list[Endpoint] = []
        self._demo: DemoHouse | None = None

    @property
    def session(self) -> ClientSession:
        """Home Assistant's shared HTTP session."""
        return async_get_clientsession(self.hass)

    def modbus(self, endpoint: Endpoint, unit_id: int) -> ModbusUnit:
        """Lend a Modbus unit.

        Many gateways serve one client: where Home Assistant already holds a connection to the same
        endpoint and lends units, ours is borrowed from it.
        """
        if self._entry is not None and endpoint.endpoint in self.hass.data.get(_CORE_CONNECTIONS, {}):
            return self._borrow(self._entry, endpoint, unit_id)
        unit = self._lines().unit(endpoint, unit_id)
        self._lent.append(endpoint)
        return unit

    def _lines(self) -> ModbusLines:
        """Return the lines that all sites and flows share: one connection for each endpoint, whoever asks."""
        # Whoever asks has a Modbus driver, which has loaded the library: others do without.
        from .links.modbus import ModbusLines  # noqa: PLC0415

        lines: ModbusLines = self.hass.data.setdefault(_LINES, ModbusLines())
        return lines

    def states(self) -> HassStates:
        """Return what the drivers over Home Assistant's own entities read and call."""
        return HassStates(self.hass)

    def demo(self) -> DemoHouse:
        """Return the simulated house: one for each site, so that its meter sees its charger."""
        if self._demo is None:
            self._demo = DemoHouse(clock=time.monotonic)
        return self._demo

    async def close(self) -> None:
        """Give back what was lent; the last one to do so closes the connection."""
        lent, self._lent = self._lent, []
        for endpoint in lent:
            await self._lines().release(endpoint)

    def _borrow(self, entry: ConfigEntry, endpoint: Endpoint, unit_id: int) -> ModbusUnit:
        # Whoever holds connections lends them and is loaded. Naming it among our dependencies would
        # make every Home Assistant install its requirements, needed or not.
        lender = async_get_loaded_integration(self.hass, "modbus").get_component()
        lend: Callable[[HomeAssistant, ConfigEntry, Endpoint, int], ModbusUnit] = vars(lender)["async_get_unit"]
        try:
            return lend(self.hass, entry, endpoint, unit_id)
        except HomeAssistantError as err:
            raise Refused(str(err)) from err


@asynccontextmanager
async def temporary_wires(hass: HomeAssistant) -> AsyncIterator[HassWires]:
    """Hand out wires for as long as a question takes."""
    wires = HassWires(hass, None)
    try:
        yield wires
    finally:
        await wires.close()
