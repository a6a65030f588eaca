"""The Modbus lines: one connection for each endpoint, shared by all that hang on it.

A gateway or a charger often serves a single client, and an RS-485 pair carries one request at a
time. So chargers and meters never open a connection themselves: they are lent a unit on a shared
one, which paces requests and opens the link again by itself after it was lost.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
import logging

from modbus_connection import (
    AcknowledgeError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusSerialParams,
    ModbusTcpParams,
    ModbusUnit,
    ServerDeviceBusyError,
)
from modbus_connection.pymodbus import ModbusConnection

from .errors import Busy, DeviceError, Refused, Silent, Unreachable, WrongUnit

type Endpoint = ModbusTcpParams | ModbusSerialParams

ANSWER_TIME = 3.0
"""How long a device may take to answer one request, in s. Home chargers need well below one."""

# The first kind that fits decides, so the special ones stand before the general ones.
_MEANINGS: tuple[tuple[type[Exception], type[DeviceError]], ...] = (
    (GatewayPathUnavailableError, WrongUnit),
    (GatewayTargetError, WrongUnit),
    (ServerDeviceBusyError, Busy),
    (AcknowledgeError, Busy),
    (ModbusExceptionError, Refused),
    (ModbusConnectionError, Unreachable),
    # A time-out, a frame that is corrupt, or one that answers something else.
    (ModbusError, Silent),
    (OSError, Unreachable),
)


def _is_being_cancelled() -> bool:
    """Tell a cancellation, which pymodbus answers with an error of its own: taken for one, nothing would ever stop."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0


@contextmanager
def errors_of_modbus(*, refused: type[DeviceError] = Refused) -> Iterator[None]:
    """Turn what the Modbus library raises inside into our own family; also a decorator.

    `refused` is what it means here that the device knows no such register: `WrongDevice` while
    finding out who answers.
    """
    try:
        yield
    except tuple(kind for kind, _ in _MEANINGS) as err:
        if _is_being_cancelled():
            raise asyncio.CancelledError from err
        meaning = next(meaning for kind, meaning in _MEANINGS if isinstance(err, kind))
        raise (refused if meaning is Refused else meaning)(str(err)) from err


def within(low: float, high: float, *, or_zero: bool = False) -> Callable[[float], float]:
    """Give a writable register its range: everything outside is `Refused` before it reaches the wire.

    A register is an unsigned word, and a small negative number would arrive as a very large one.
    """

    def validate(value: float) -> float:
        if low <= value <= high or (or_zero and value == 0):
            return value
        raise Refused(f"{value} is outside {low} to {high}")

    return validate


@dataclass(slots=True)
class _Line:
    params: Endpoint
    connection: ModbusConnection
    users: int = 0


class ModbusLines:
    """The owner of all shared connections. Nothing is opened before the first request.

    `timeout` is how long a device may take to be reached, and to answer a request, in s.
    """

    def __init__(self, *, timeout: float = ANSWER_TIME) -> None:
        _hush()
        self._timeout = timeout
        self._lines: dict[tuple[object, ...], _Line] = {}

    def unit(self, params: Endpoint, unit_id: int) -> ModbusUnit:
        """Lend a unit; each loan is given back by one `release`.

        `Refused` when the same port is in use with other settings: a bus has one speed.
        """
        line = self._lines.get(params.endpoint)
        if line is None:
            line = _Line(params, ModbusConnection(params, timeout=self._timeout))
            self._lines[params.endpoint] = line
        elif line.params != params:
            raise Refused(f"{params.endpoint[1]} is already in use with other settings")
        line.users += 1
        return line.connection.for_unit(unit_id)

    async def release(self, params: Endpoint) -> None:
        """Give one unit back; the last one closes the connection."""
        line = self._lines.get(params.endpoint)
        if line is None:
            return
        line.users -= 1
        if line.users <= 0:
            del self._lines[params.endpoint]
            await _close(line)

    @asynccontextmanager
    async def temporary_unit(self, params: Endpoint, unit_id: int) -> AsyncIterator[ModbusUnit]:
        """Lend a unit for a moment, over a connection that is open already if there is one."""
        unit = self.unit(params, unit_id)
        try:
            yield unit
        finally:
            await self.release(params)

    async def close(self) -> None:
        """Close every connection; units that are still lent answer `Unreachable` from now on."""
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            await _close(line)


def _hush() -> None:
    """Keep pymodbus from logging an error for each request that a silent device does not answer.

    Each of them is raised as well, and said once by whoever reads the device. A level that somebody
    has chosen stays.
    """
    logger = logging.getLogger("pymodbus")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)


async def _close(line: _Line) -> None:
    try:
        with errors_of_modbus():
            # A link that is just being opened is waited for: closed under way it fails, with nobody left to hear it.
            await line.connection.disconnect()
            await line.connection.close()
    except DeviceError:
        # A link that cannot even be closed is one that is gone.
        return
