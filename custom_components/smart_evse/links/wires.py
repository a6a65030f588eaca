"""What a driver may be given to reach its device. Made at the front door, where Home Assistant is."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # A site without Modbus never has to load its libraries.
    from aiohttp import ClientSession
    from modbus_connection import ModbusUnit

    from .demo import DemoHouse
    from .modbus import Endpoint
    from .states import EntityPort


class Wires(Protocol):
    """The lines of one site. Asking for one opens nothing yet."""

    @property
    def session(self) -> ClientSession: ...

    def modbus(self, endpoint: Endpoint, unit_id: int) -> ModbusUnit:
        """Lend a unit on the connection that all devices at this endpoint share."""

    def states(self) -> EntityPort:
        """Return the entities that Home Assistant already has."""

    def demo(self) -> DemoHouse:
        """Return the simulated house, the same one each time: its meter sees its charger."""
