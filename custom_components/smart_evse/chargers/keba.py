"""KEBA KeContact P30 (c-series and x-series) and P40, over Modbus TCP: port 502, unit 255.

Source: KEBA, "KeContact P30 Modbus TCP Programmers Guide" V1.02 and "KeContact P40 Modbus TCP
Programmers Guide" V1.02. Values are unsigned 32-bit, high word first; commands are single words.
The box answers one value a request and refuses a longer read. On a P30 Modbus has to be switched
on (DIP switch 1.3, or its web page), and it excludes the UDP interface.

The P30 is stopped by its enable register; the P40 by a current of 0, its enable register being
announced for a later firmware. The current is kept until a reboot, in volatile memory.

The failsafe is the box's watchdog. It is fed here by commands, as the UDP guide says of `curr` and
`ena`; after it has struck, both have to be sent again, and every command does that. Rewriting its
time-out would feed it too, but some P30 firmware answers that too slowly.

Doubts: the P30 guide asks for 0.5 s between reads and 5 s between writes; boxes are known to take
reads back to back, writes are spaced. P40 firmware before 1.2.1 counts energy in Wh and not in
0.1 Wh, if its version is coded as that of a P30. A P30 measures no voltage while it does not charge.
Whether ending a charge by the enable register ends an authorised session is up to the firmware.
"""

from collections.abc import Mapping
import contextlib
from typing import Final

from modbus_connection import IllegalDataAddressError, ModbusUnit
from modbus_connection.model import Component, gauge, integer, uint32

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, WrongDevice
from ..links.modbus import errors_of_modbus, within
from .port import Feeding, Identity, OutletReading, Traits, Watchdog, amps_of

TRAITS: Final = Traits(
    make="keba",
    step=0.1,
    cadence=2.0,
    # One value a message, and a P30 may take its time over the failsafe.
    timeout=10.0,
    spacing=5.0,
    settle=8.0,
    feeding=Feeding.LIMIT,
    renew=10.0,
)

_FAMILIES: Final = {"3": "KeContact P30", "4": "KeContact P40"}
_P40_TENTHS_SINCE: Final = (1, 2, 1)
_NOT_READY, _CHARGING, _ERROR, _SUSPENDED = 1, 3, 4, 5
_VEHICLE_PLUGGED: Final = 0b100
_BY_MODBUS: Final = 3


class _Single(Component):
    """Registers that are read one value a request."""

    max_gap = 0
    max_span = 2


class Setup(_Single):
    """What does not change while the box runs."""

    serial = uint32(1014)
    product = uint32(1016)
    firmware = uint32(1018)
    supported_current = uint32(1110, scale=0.001, unit="A")


class Live(_Single):
    """What it does now."""

    state = uint32(1000)
    cable = uint32(1004)
    current_l1 = uint32(1008, scale=0.001, unit="A")
    current_l2 = uint32(1010, scale=0.001, unit="A")
    current_l3 = uint32(1012, scale=0.001, unit="A")
    power = uint32(1020, scale=0.001, unit="W")
    energy = uint32(1036)
    voltage_l1 = uint32(1040, unit="V")
    voltage_l2 = uint32(1042, unit="V")
    voltage_l3 = uint32(1044, unit="V")
    max_current = uint32(1100, scale=0.001, unit="A")
    card = uint32(1500)


class Fault(_Single):
    """Why it does nothing; read only when it says so."""

    code = uint32(1006)


class PhaseSwitch(_Single):
    """The contactor for one or three phases. Not in every firmware."""

    source = uint32(1550)
    phases = uint32(1552)


class Failsafe(_Single):
    """The watchdog as the box has it."""

    current = uint32(1600, scale=0.001, unit="A")
    timeout = uint32(1602, unit="s")


class Commands(_Single):
    """What can be written, and not read."""

    current = gauge(5004, 0.001, signed=False, writable=within(6, 63, or_zero=True), unit="A")
    enable = integer(5014, signed=False, writable=within(0, 1))
    failsafe_current = gauge(5016, 0.001, signed=False, writable=within(6, 63, or_zero=True), unit="A")
    failsafe_timeout = integer(5018, signed=False, writable=within(10, 600, or_zero=True), unit="s")
    failsafe_persist = integer(5020, signed=False, writable=within(0, 1))
    three_phases = integer(5052, signed=False, writable=within(0, 1))


class Keba:
    """A KeContact: one outlet, limited by a current, with a watchdog that can be set."""

    traits = TRAITS

    def __init__(self, unit: ModbusUnit) -> None:
        self._setup = Setup(unit)
        self._live = Live(unit)
        self._fault = Fault(unit)
        self._switch = PhaseSwitch(unit)
        self._failsafe = Failsafe(unit)
        self._commands = Commands(unit)
        self._known = False
        self._switches = False
        self._stopped = False

    async def identify(self) -> Identity:
        self._known = False
        with errors_of_modbus(refused=WrongDevice):
            await self._learn()
        family = _FAMILIES.get(str(self._setup.product)[0])
        if family is None:
            raise WrongDevice(f"product code {self._setup.product} is not a KeContact's")
        return Identity(
            maker="KEBA",
            model=family,
            serial=str(self._setup.serial),
            firmware=".".join(str(part) for part in self._version),
            max_current=self._setup.supported_current,
            switches_phases=self._switches,
        )

    async def read(self) -> tuple[OutletReading, ...]:
        with errors_of_modbus():
            await self._learn()
            await self._live.async_update()
            if self._live.state == _ERROR:
                await self._fault.async_update()
            if self._switches:
                await self._switch.async_update()
        live, state = self._live, self._state
        voltages = PerPhase(live.voltage_l1 or 0, live.voltage_l2 or 0, live.voltage_l3 or 0)
        return (
            OutletReading(
                state=state,
                power=live.power,
                currents=PerPhase(live.current_l1 or 0, live.current_l2 or 0, live.current_l3 or 0),
                voltages=voltages if voltages.total else None,
                energy_in=self._energy,
                limit=self._limit,
                phases=self._switch.phases if self._switches else None,
                card=f"{live.card:08X}" if live.card and state is not VehicleState.NOT_CONNECTED else None,
                fault=f"error code {self._fault.code:#x}" if state is VehicleState.FAULT else None,
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        amps = amps_of(self.traits, outlet, limit)
        with errors_of_modbus():
            await self._learn()
            if amps or self._is_p40:
                await self._commands.write("current", amps)
            if not self._is_p40:
                await self._commands.write("enable", int(amps > 0))
        self._stopped = amps == 0

    async def set_phases(self, outlet: int, phases: int) -> None:
        if outlet != 0 or phases not in (1, 3):
            raise Refused(f"outlet {outlet} has no {phases} phases")
        with errors_of_modbus():
            await self._learn()
            if not self._switches:
                raise Refused("phase switching is not installed, or not left to Modbus")
            await self._commands.write("three_phases", int(phases == 3))

    async def originals(self) -> Mapping[str, float]:
        with errors_of_modbus():
            await self._failsafe.async_update()
        return {"current": self._failsafe.current or 0.0, "timeout": self._failsafe.timeout or 0.0}

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        amps = watchdog.amps if watchdog.amps >= self.traits.min_current else 0.0
        await self.restore({"current": amps, "timeout": min(max(watchdog.timeout, 10), 600)})
        armed = await self.originals()
        return Watchdog(timeout=armed["timeout"], amps=armed["current"])

    async def restore(self, originals: Mapping[str, float]) -> None:
        # Saving it wears the memory of a P30, so what is there already is not written again.
        if dict(originals) == await self.originals():
            return
        with errors_of_modbus():
            await self._learn()
            await self._commands.write("failsafe_current", originals["current"])
            await self._commands.write("failsafe_timeout", originals["timeout"])
            if not self._is_p40:
                # An unsaved failsafe is gone after a power cut, when it is needed most. Early
                # firmware cannot save it.
                with contextlib.suppress(IllegalDataAddressError):
                    await self._commands.write("failsafe_persist", 1)

    async def _learn(self) -> None:
        """Find out once which family this is, and whether its phase switch is left to Modbus."""
        if self._known:
            return
        await self._setup.async_update()
        try:
            await self._switch.async_update()
            self._switches = self._switch.source == _BY_MODBUS
        except IllegalDataAddressError:
            self._switches = False
        self._known = True

    @property
    def _is_p40(self) -> bool:
        return str(self._setup.product).startswith("4")

    @property
    def _version(self) -> tuple[int, int, int]:
        coded = self._setup.firmware or 0
        return coded >> 24, coded >> 16 & 0xFF, coded >> 8 & 0xFF

    @property
    def _energy(self) -> float | None:
        if self._live.energy is None:
            return None
        whole = self._is_p40 and self._version < _P40_TENTHS_SINCE
        return float(self._live.energy) if whole else self._live.energy / 10

    @property
    def _state(self) -> VehicleState | None:
        if self._live.state == _ERROR:
            return VehicleState.FAULT
        if self._live.state == _CHARGING:
            return VehicleState.CHARGING
        if self._live.cable is None:
            return None
        return VehicleState.CONNECTED if self._live.cable & _VEHICLE_PLUGGED else VehicleState.NOT_CONNECTED

    @property
    def _limit(self) -> float | None:
        """The enable register cannot be read: what we have stopped is told by the state."""
        if self._stopped and self._live.state in (_NOT_READY, _SUSPENDED):
            return 0.0
        return self._live.max_current
