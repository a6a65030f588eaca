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
master has gone for good may stay at its old fallback (0 A from the factory) until it restarts. Whether a connect tells
the UID of a card (input registers 2002 to 2007) as text or as bytes is not said; either is read.
"""

from collections.abc import Mapping
import contextlib
from dataclasses import replace
from typing import Final

from modbus_connection import IllegalDataAddressError, ModbusUnit
from modbus_connection.model import Component

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, WrongDevice
from ..links.modbus import errors_of_modbus
from .heidelberg_registers import CardReader, ConnectLabel, Guard, Hardware, Label, Limits, Live, Orders, PhaseSwitch
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
        self._switch, self._orders, self._cards = PhaseSwitch(unit), Orders(unit), CardReader(unit)
        self._switches: bool | None = None
        self._reads_cards = True

    async def identify(self) -> Identity:
        self._switches, self._reads_cards = None, True
        identity = await super().identify()
        await self._read_phases()
        return replace(identity, switches_phases=self._switches)

    async def read(self) -> tuple[OutletReading, ...]:
        (reading,) = await super().read()
        plugged = reading.state is not None and reading.state.plugged
        card = await self._read_card() if plugged else None
        return (replace(reading, phases=await self._read_phases(), card=card),)

    async def set_phases(self, outlet: int, phases: int) -> None:
        if outlet != 0 or phases not in (1, 3):
            raise Refused(f"outlet {outlet} has no {phases} phases")
        with errors_of_modbus():
            await self._orders.write("phases", phases)

    async def _read_card(self) -> str | None:
        """Not every connect has a reader, or a register for it."""
        if not self._reads_cards:
            return None
        with errors_of_modbus():
            try:
                await self._cards.async_update()
            except IllegalDataAddressError:
                self._reads_cards = False
                return None
        return self._cards.uid

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
