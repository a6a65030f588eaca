"""Alfen Eve (NG9xx platform), over Modbus TCP: port 502, unit 200 for the station, 1 and 2 for its sockets.

Source: Alfen, "Implementation of Modbus Slave TCP/IP for Alfen NG9xx platform" 2.3. Values are high
word first; what a station or its meter does not have is filled with 0xFFFF, a float of which is no
number. The interface belongs to active load balancing (a licence): the installer chooses "energy
management system" as its source, mode "socket", and the safe current. A station serves two masters,
hangs when asked several times a second, and takes a single word by function 16 only.

Its watchdog is the validity of a limit: one that is not written again in time (60 s from the
factory) gives way to the safe current. Both are the installer's and cannot be set from here. A limit
is kept in volatile memory. Switching phases has to be allowed by the installer, too.

Doubts: state E is listed as "no vehicle" and taken for that. A double station whose sockets share
one supply lowers what it applies (register 1206) below what was set, which is no contradiction.
"""

from collections.abc import Sequence
from dataclasses import replace
import math
from typing import Final

from modbus_connection import ModbusUnit
from modbus_connection.model import Component, float32, float64, integer, string, uint64

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, WrongDevice
from ..links.modbus import errors_of_modbus, within
from .port import Feeding, Identity, OutletReading, Traits, amps_of

TRAITS: Final = Traits(
    make="alfen",
    step=0.1,
    cadence=2.0,
    spacing=1.0,
    settle=10.0,
    feeding=Feeding.LIMIT,
    renew=20.0,
)

STATION_UNIT: Final = 200
"""The unit id of the station itself; its sockets are units 1 and 2."""

_STATES: Final = {
    "A": VehicleState.NOT_CONNECTED,
    "B1": VehicleState.CONNECTED,
    "B2": VehicleState.CONNECTED,
    "C1": VehicleState.CONNECTED,
    "C2": VehicleState.CHARGING,
    "D1": VehicleState.CONNECTED,
    "D2": VehicleState.VENTILATION,
    "E": VehicleState.NOT_CONNECTED,
    "F": VehicleState.FAULT,
}


class Product(Component):
    """What the station is: unit 200."""

    maker = string(117, 5)
    firmware = string(123, 17)
    platform = string(140, 17)
    serial = string(157, 11)


class Station(Component):
    """What the station allows: unit 200."""

    max_current = float32(1100, unit="A")
    sockets = integer(1105, signed=False)


class Meter(Component):
    """What the meter of a socket measures."""

    # What lies between is there too, or is filled: one read instead of two.
    max_gap = 32

    age = uint64(301, nan=2**64 - 1, unit="ms")
    voltage_l1 = float32(306, unit="V")
    voltage_l2 = float32(308, unit="V")
    voltage_l3 = float32(310, unit="V")
    current_l1 = float32(320, unit="A")
    current_l2 = float32(322, unit="A")
    current_l3 = float32(324, unit="A")
    power = float32(344, unit="W")
    energy = float64(374, unit="Wh")


class Control(Component):
    """How a socket is, and what it is told."""

    available = integer(1200, signed=False)
    state = string(1201, 5)
    applied = float32(1206, unit="A")
    limit = float32(1210, writable=within(6, 32, or_zero=True), unit="A")
    phases = integer(1215, signed=False, nan=0xFFFF, writable=within(1, 3), force_fc16=True)


class Socket:
    """One outlet: its meter and its control."""

    def __init__(self, unit: ModbusUnit) -> None:
        self.meter = Meter(unit)
        self.control = Control(unit)

    async def read(self) -> OutletReading:
        await self.control.async_update()
        await self.meter.async_update()
        meter, control = self.meter, self.control
        state = _STATES.get(_text(control.state)) if control.available else VehicleState.FAULT
        return OutletReading(
            state=state,
            power=_known(meter.power),
            currents=_phases(meter.current_l1, meter.current_l2, meter.current_l3),
            voltages=_phases(meter.voltage_l1, meter.voltage_l2, meter.voltage_l3),
            energy_in=_known(meter.energy),
            limit=_known(control.applied),
            phases=control.phases,
            fault=_fault(control) if state is VehicleState.FAULT else None,
            ago=(meter.age or 0) / 1000,
        )


class Alfen:
    """An Eve with one socket, or two: an outlet each, limited by a current of its own."""

    def __init__(self, station: ModbusUnit, sockets: Sequence[ModbusUnit]) -> None:
        self.traits = replace(TRAITS, outlets=len(sockets))
        self._product = Product(station)
        self._station = Station(station)
        self._sockets = tuple(Socket(unit) for unit in sockets)

    async def identify(self) -> Identity:
        with errors_of_modbus(refused=WrongDevice):
            await self._product.async_update()
            await self._station.async_update()
        if not _text(self._product.maker).startswith("Alfen"):
            raise WrongDevice(f"made by {self._product.maker!r}, not by Alfen")
        return Identity(
            maker="Alfen",
            model=f"Eve {_text(self._product.platform)}".strip(),
            serial=_text(self._product.serial) or None,
            firmware=_text(self._product.firmware) or None,
            max_current=_known(self._station.max_current),
            outlets=self._station.sockets or 1,
        )

    async def read(self) -> tuple[OutletReading, ...]:
        with errors_of_modbus():
            return tuple([await socket.read() for socket in self._sockets])

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        amps = amps_of(self.traits, outlet, limit)
        with errors_of_modbus():
            await self._sockets[outlet].control.write("limit", amps)

    async def set_phases(self, outlet: int, phases: int) -> None:
        if not 0 <= outlet < len(self._sockets) or phases not in (1, 3):
            raise Refused(f"outlet {outlet} has no {phases} phases")
        with errors_of_modbus():
            await self._sockets[outlet].control.write("phases", phases)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _phases(l1: float | None, l2: float | None, l3: float | None) -> PerPhase | None:
    """A meter that measures one phase leaves the others out, as nothing is wired there."""
    if (first := _known(l1)) is None:
        return None
    return PerPhase(first, _known(l2) or 0.0, _known(l3) or 0.0)


def _text(words: str | None) -> str:
    """A text ends at its first zero; what follows may be left over from a longer one."""
    return (words or "").split("\0")[0].strip()


def _fault(control: Control) -> str:
    return f"state {_text(control.state)}" if control.available else "out of service"
