"""Heidelberg Energy Control and Amperfied connect, over Modbus.

Energy Control: RTU at 19200 baud 8E1, units 1 to 16, directly or behind a TCP gateway; Amperfied
connect: TCP port 502, unit 255, one client at a time. Both have the same map from layout 1.0 on.

Source: "EC ModBus register table" (2021-02-22), and for layout 2 what public integrations agree on.
Readings are input registers, commands are holding registers, 32-bit values high word first. Power
is apparent power in VA, and energy is in VAh: all there is.

The watchdog is fed by any request. It falls back to a current of its own after up to 65 s, and is
meant to be set by the master: a box fresh from the factory stops (0 A) after 15 s. What is set here
with it: standby off, for a sleeping box does not answer, and the remote lock open, which an earlier
master may have left closed. All four come back on `restore`.

Doubts: layout 1.0.7 and older does not let the standby register be read, and layout 2 is not known
to have it, so there it stays as it is. Layouts before 1.0.7 may not count energy. Whether settings
are kept in flash memory is not said, so they are written only where they differ; the limit is taken
to be volatile. State 8 (derating) does not tell whether a car charges; its power does. A box whose
master has gone for good may stay at its old fallback (0 A from the factory) until it restarts.
"""

from collections.abc import Mapping
import contextlib
from dataclasses import replace
from typing import Final

from modbus_connection import IllegalDataAddressError, ModbusUnit
from modbus_connection.model import Component, gauge, integer, string, uint32

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, WrongDevice
from ..links.modbus import errors_of_modbus, within
from .port import Feeding, Identity, OutletReading, Traits, Watchdog, amps_of

TRAITS: Final = Traits(
    make="heidelberg",
    max_current=16.0,
    step=0.1,
    cadence=2.0,
    # Meeting a box takes two dozen messages, with the gap between them.
    timeout=15.0,
    spacing=1.0,
    settle=8.0,
    feeding=Feeding.READ,
)

GAP: Final = 0.1
"""How long the line is left alone between two messages, in s: the box needs it on RS-485."""

CONNECT_UNIT: Final = 255
"""The unit id of a connect; an Energy Control has one from 1 to 16."""

_LONGEST_TIMEOUT: Final = 65.0
_ENERGY_LAYOUT, _STANDBY_LAYOUT, _CONNECT_LAYOUT = 0x0107, 0x0108, 0x0200
_DERATING, _LOCKED = 8, 10
_STANDBY_OFF, _UNLOCKED = 4, 1

_STATES: Final = {
    2: VehicleState.NOT_CONNECTED,
    3: VehicleState.NOT_CONNECTED,
    4: VehicleState.CONNECTED,
    5: VehicleState.CONNECTED,
    6: VehicleState.CONNECTED,
    7: VehicleState.CHARGING,
    9: VehicleState.NO_POWER,
    10: VehicleState.FAULT,
    11: VehicleState.FAULT,
}


class _Readings(Component):
    register_space = "input"
    max_gap = 0
    max_span = 17  # the longest block that boxes are known to answer


class Live(_Readings):
    """What it does now. Energy since installation is there from layout 1.0.7 on."""

    max_gap = 2

    state = integer(5, signed=False)
    current_l1 = gauge(6, 0.1, signed=False, unit="A")
    current_l2 = gauge(7, 0.1, signed=False, unit="A")
    current_l3 = gauge(8, 0.1, signed=False, unit="A")
    voltage_l1 = integer(10, signed=False, unit="V")
    voltage_l2 = integer(11, signed=False, unit="V")
    voltage_l3 = integer(12, signed=False, unit="V")
    power = integer(14, signed=False, unit="VA")
    energy = uint32(17, unit="VAh")


class Hardware(_Readings):
    """Which version of the map this is (0x0108 for 1.0.8), and what the switch in the box is set to."""

    layout = integer(4, signed=False)
    max_current = integer(100, signed=False, unit="A")


class Label(_Readings):
    """Item number, date and serial number of an Energy Control, in one text of two blocks."""

    head = string(102, 15)
    tail = string(117, 17)


class ConnectLabel(_Readings):
    """The same of a connect, from layout 2 on."""

    max_span = 41  # a text is read in one go

    serial = string(1000, 18)
    item = string(1050, 18)
    firmware = string(1250, 41)


class PhaseSwitch(_Readings):
    """The contactor of a connect.solar: 1 or 3, and 0 while it switches."""

    phases = integer(5001, signed=False, nan=0)


class Limits(Component):
    """What the box is told, and what it falls back to."""

    limit = gauge(261, 0.1, signed=False, writable=within(6, 16, or_zero=True), unit="A", force_fc16=True)
    fallback = gauge(262, 0.1, signed=False, writable=within(6, 16, or_zero=True), unit="A", force_fc16=True)


class Guard(Component):
    """The watchdog (0 is off), going to sleep without a car (0 on, 4 off), and the remote lock."""

    max_gap = 0

    timeout = integer(257, signed=False, writable=within(0, 65_535), unit="ms", force_fc16=True)
    standby = integer(258, signed=False, writable=within(0, 4), force_fc16=True)
    unlocked = integer(259, signed=False, writable=within(0, 1), force_fc16=True)


class Orders(Component):
    """How many phases a connect.solar is to use."""

    phases = integer(501, signed=False, writable=within(1, 3), force_fc16=True)


class Heidelberg:
    """An Energy Control: one outlet, limited by a current, with a watchdog that is set from here."""

    traits = TRAITS

    def __init__(self, unit: ModbusUnit, *, gap: float = GAP) -> None:
        unit.set_message_spacing(gap)
        self._unit = unit
        self._hardware = Hardware(unit)
        self._live = Live(unit)
        self._limits = Limits(unit)
        self._guard = Guard(unit)
        self._changeable: Mapping[str, Component] = {
            "fallback": self._limits,
            "timeout": self._guard,
            "unlocked": self._guard,
            "standby": self._guard,
        }

    async def identify(self) -> Identity:
        self._hardware = Hardware(self._unit)
        with errors_of_modbus(refused=WrongDevice):
            await self._learn()
        most = self._hardware.max_current or 0
        if not 0x0100 <= self._version < 0x0300 or not 6 <= most <= 32:
            raise WrongDevice(f"register layout {self._version:#06x} is not an Energy Control's")
        maker, model, serial, firmware = await self._label()
        return Identity(maker=maker, model=model, serial=serial, firmware=firmware, max_current=most)

    async def read(self) -> tuple[OutletReading, ...]:
        with errors_of_modbus():
            await self._learn()
            await self._live.async_update()
            await self._limits.async_update()
            if self._live.state == _LOCKED:
                await self._guard.async_update()
        live, state = self._live, self._state
        return (
            OutletReading(
                state=state,
                power=live.power,
                currents=PerPhase(live.current_l1 or 0, live.current_l2 or 0, live.current_l3 or 0),
                voltages=PerPhase(live.voltage_l1 or 0, live.voltage_l2 or 0, live.voltage_l3 or 0),
                energy_in=live.energy,
                limit=self._limits.limit,
                fault=self._fault if state is not None and state.faulty else None,
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        amps = amps_of(self.traits, outlet, limit)
        with errors_of_modbus():
            await self._limits.write("limit", amps)

    async def originals(self) -> Mapping[str, float]:
        with errors_of_modbus():
            await self._learn()
            await self._limits.async_update()
            await self._guard.async_update()
        values = {name: getattr(owner, name) for name, owner in self._changeable.items()}
        return {name: float(value) for name, value in values.items() if value is not None}

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        milliseconds = 1000 * min(watchdog.timeout, _LONGEST_TIMEOUT)
        amps = min(watchdog.amps, self.traits.max_current) if watchdog.amps >= self.traits.min_current else 0.0
        await self.restore({"fallback": amps, "timeout": milliseconds, "unlocked": _UNLOCKED, "standby": _STANDBY_OFF})
        armed = await self.originals()
        return Watchdog(timeout=armed["timeout"] / 1000, amps=armed["fallback"])

    async def restore(self, originals: Mapping[str, float]) -> None:
        present = await self.originals()
        with errors_of_modbus():
            for name, value in originals.items():
                if name in present and present[name] != value:
                    await self._changeable[name].write(name, value)

    async def _learn(self) -> None:
        """Read the layout once: it says which registers are there."""
        if self._hardware.layout is not None:
            return
        await self._hardware.async_update()
        if self._version < _ENERGY_LAYOUT:
            self._live.restrict_fields(set(Live.declared_fields) - {"energy"})
        if not _STANDBY_LAYOUT <= self._version < _CONNECT_LAYOUT:
            self._guard.restrict_fields(("timeout", "unlocked"))

    async def _label(self) -> tuple[str, str, str | None, str | None]:
        """Give maker, model, serial number and firmware, as far as the box tells them."""
        version = self._version
        label = ConnectLabel(self._unit) if version >= _CONNECT_LAYOUT else Label(self._unit)
        with contextlib.suppress(Refused), errors_of_modbus():
            await label.async_update()
        if isinstance(label, ConnectLabel):
            return "Amperfied", f"connect {_text(label.item) or ''}".strip(), _text(label.serial), _text(label.firmware)
        words = ((label.head or "") + (label.tail or "")).replace("\0", " ").split()
        layout = f"{version >> 8}.{version >> 4 & 0xF}.{version & 0xF}"
        return "Heidelberg", "Energy Control", words[-1] if words else None, layout

    @property
    def _version(self) -> int:
        return self._hardware.layout or 0

    @property
    def _state(self) -> VehicleState | None:
        if self._live.state == _DERATING:
            return VehicleState.CHARGING if self._live.power else VehicleState.CONNECTED
        return _STATES.get(self._live.state or 0)

    @property
    def _fault(self) -> str:
        locked = self._live.state == _LOCKED and self._guard.unlocked == 0
        return "locked by an earlier master (register 259)" if locked else f"state {self._live.state}"


class Amperfied(Heidelberg):
    """A connect, which has a serial number; a connect.solar also switches phases."""

    def __init__(self, unit: ModbusUnit, *, gap: float = GAP) -> None:
        super().__init__(unit, gap=gap)
        self._switch, self._orders = PhaseSwitch(unit), Orders(unit)
        self._switches: bool | None = None

    async def identify(self) -> Identity:
        self._switches = None
        identity = await super().identify()
        await self._read_phases()
        return replace(identity, switches_phases=self._switches)

    async def read(self) -> tuple[OutletReading, ...]:
        (reading,) = await super().read()
        return (replace(reading, phases=await self._read_phases()),)

    async def set_phases(self, outlet: int, phases: int) -> None:
        if outlet != 0 or phases not in (1, 3):
            raise Refused(f"outlet {outlet} has no {phases} phases")
        with errors_of_modbus():
            await self._orders.write("phases", phases)

    async def _read_phases(self) -> int | None:
        """A connect.home or connect.business has no contactor, and none will grow."""
        if self._switches is False:
            return None
        with errors_of_modbus():
            try:
                await self._switch.async_update()
            except IllegalDataAddressError:
                self._switches = False
                return None
        self._switches = True
        return self._switch.phases


def _text(words: str | None) -> str | None:
    """A text ends at its first zero; one that is empty or was not read tells nothing."""
    return (words or "").split("\0")[0].strip() or None
