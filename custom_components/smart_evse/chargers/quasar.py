"""Wallbox Quasar 1, a bidirectional DC box (CHAdeMO, 7.4 kW, one phase), over Modbus TCP: port 502, unit 1.

Source: the register list that Wallbox gave to public projects; there is no public manual. Registers
are single words. Power is positive when the car takes it. The box obeys only while its control
register says "remote"; its set point is then a power, and a charge is started and stopped by an
action. Between 0 and 1380 W it knows nothing, either way. It has no energy register.

After a command the box needs 2.5 s before it can be read: until then its last reading is handed
over again, older. Its watchdog is an idle time after which it stops unless anything was asked of it,
so its fallback is always 0.

The state of charge is 0 while no power flows, which means "not known"; it may be stale just after
one began. Doubts: in the first minutes after a restart the box reports an error that clears by
itself. What the least idle time is, is not said: what it took is read back. `originals` gives
control back to the owner's app, and with it the box's own start on plugging in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
import time
from typing import Final

from modbus_connection import ModbusUnit
from modbus_connection.model import Component, integer

from ..engine.model import Limit, PowerLimit, VehicleState
from ..links.errors import Busy, Refused, WrongDevice
from ..links.modbus import errors_of_modbus, within
from .port import Feeding, Identity, OutletReading, Traits, Watchdog

TRAITS: Final = Traits(
    make="quasar",
    dc=True,
    bidirectional=True,
    phases=1,
    # 1380 W at the lowest voltage of a public grid, 207 V.
    min_current=7.0,
    max_current=32.0,
    step=0.1,
    cadence=5.0,
    # Setting the idle time means waiting to read it back.
    timeout=12.0,
    spacing=5.0,
    settle=15.0,
    feeding=Feeding.READ,
    has_register=False,
)

QUIET: Final = 2.5
"""How long after a command the box cannot be read, in s."""

_LEAST, _MOST = 1380, 7400
# 32 A at the highest voltage of a public grid, 253 V: more than the box takes, and no mistake.
_CEILING = 8100

_START, _STOP = 1, 2
_REMOTE, _POWER = 1, 1

_STATES: Final = {
    0: VehicleState.NOT_CONNECTED,
    1: VehicleState.CHARGING,
    2: VehicleState.CONNECTED,
    3: VehicleState.CONNECTED,
    4: VehicleState.CONNECTED,
    5: VehicleState.CONNECTED,
    6: VehicleState.NOT_CONNECTED,
    7: VehicleState.FAULT,
    8: VehicleState.CONNECTED,
    9: VehicleState.FAULT,
    10: VehicleState.CONNECTED,
    11: VehicleState.CHARGING,
}
_UNCONFIGURED: Final = 9
_STOPPED: Final = frozenset({0, 3, 4, 5, 6})


class Plate(Component):
    """Who it is."""

    firmware = integer(1, signed=False)
    serial_high = integer(2, signed=False)
    serial_low = integer(3, signed=False)


class Rating(Component):
    """The most power it was installed for, 1380 to 7400 W."""

    power = integer(514, signed=False, unit="W")


class Control(Component):
    """Who commands it, and how."""

    max_gap = 0

    remote = integer(81, signed=False, writable=within(0, 1))
    autostart = integer(82, signed=False, writable=within(0, 1))
    by_power = integer(83, signed=False, writable=within(0, 1))
    idle_timeout = integer(88, signed=False, writable=within(0, 0xFFFF), unit="s")


class Command(Component):
    """What it is to do."""

    max_gap = 0

    action = integer(257, signed=False, writable=within(1, 2))
    power = integer(260, writable=within(-_MOST, _MOST), unit="W")


class Live(Component):
    """What it does now. The box answers the whole stretch; what lies between is not ours to know."""

    power = integer(526, unit="W")
    state = integer(537, signed=False)
    soc = integer(538, signed=False, nan=0, unit="%")
    error_1 = integer(539, signed=False)
    error_2 = integer(540, signed=False)
    error_3 = integer(541, signed=False)
    error_4 = integer(542, signed=False)


class Quasar:
    """A Quasar 1: one outlet, limited by a power that may be negative.

    `clock` tells monotonic seconds, `pause` lets some of them pass.
    """

    traits = TRAITS

    def __init__(
        self,
        unit: ModbusUnit,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._plate = Plate(unit)
        self._rating = Rating(unit)
        self._control = Control(unit)
        self._command = Command(unit)
        self._live = Live(unit)
        self._clock = clock
        self._pause = pause
        self._commanded_at = float("-inf")
        self._last: tuple[float, OutletReading] | None = None

    async def identify(self) -> Identity:
        with errors_of_modbus(refused=WrongDevice):
            await self._plate.async_update()
            await self._rating.async_update()
        if not _LEAST <= (self._rating.power or 0) <= _MOST:
            raise WrongDevice(f"a rating of {self._rating.power} W is not a Quasar's")
        serial = (self._plate.serial_high or 0) << 16 | (self._plate.serial_low or 0)
        return Identity(
            maker="Wallbox",
            model="Quasar 1",
            serial=str(serial),
            firmware=str(self._plate.firmware),
            max_current=32.0,
            phases=1,
        )

    async def read(self) -> tuple[OutletReading, ...]:
        if self._clock() - self._commanded_at < QUIET:
            if self._last is None:
                raise Busy("still taking a command")
            at, reading = self._last
            return (replace(reading, ago=self._clock() - at),)
        with errors_of_modbus():
            await self._live.async_update()
            await self._command.async_update()
            # Whether somebody else took control, to take it back with the next command.
            await self._control.async_update()
        reading = self._reading()
        self._last = self._clock(), reading
        return (reading,)

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        watts = self._watts(outlet, limit)
        with errors_of_modbus():
            if self._rating.power is None:
                await self._rating.async_update()
            watts = max(-self._most, min(watts, self._most))
            try:
                await self._obey(watts)
            finally:
                self._commanded_at = self._clock()

    async def originals(self) -> Mapping[str, float]:
        await self._settled()
        with errors_of_modbus():
            await self._control.async_update()
        control = self._control
        values = {
            "idle_timeout": control.idle_timeout,
            "by_power": control.by_power,
            "autostart": control.autostart,
            "remote": control.remote,
        }
        return {name: float(value) for name, value in values.items() if value is not None}

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        await self._put(
            {"idle_timeout": round(watchdog.timeout), "by_power": _POWER, "autostart": 0, "remote": _REMOTE}
        )
        armed = await self.originals()
        return Watchdog(timeout=armed["idle_timeout"], amps=0.0)

    async def restore(self, originals: Mapping[str, float]) -> None:
        await self._put(originals)

    def _watts(self, outlet: int, limit: Limit) -> int:
        if outlet != 0:
            raise Refused(f"{self.traits.make} has no outlet {outlet}")
        if not isinstance(limit, PowerLimit):
            raise Refused(f"{self.traits.make} is limited by a power")
        if limit.watts == 0:
            return 0
        if not _LEAST <= abs(limit.watts) <= _CEILING:
            raise Refused(f"{limit.watts} W is outside {_LEAST} to {_MOST} W, either way")
        # Toward zero, as every limit, but not for the noise of a float.
        return int(round(limit.watts, 3))

    async def _obey(self, watts: int) -> None:
        """Take control where it is not ours, then stop before lowering, and set a power before starting."""
        control = self._control
        taken = (control.remote, control.autostart, control.by_power)
        if taken != (_REMOTE, 0, _POWER):
            await control.write("remote", _REMOTE)
            await control.write("autostart", 0)
            await control.write("by_power", _POWER)
        if watts == 0:
            await self._command.write("action", _STOP)
            await self._command.write("power", 0)
        else:
            await self._command.write("power", watts)
            await self._command.write("action", _START)

    async def _put(self, wanted: Mapping[str, float]) -> None:
        """Write what differs; control last, for it decides whether the rest is obeyed."""
        present = await self.originals()
        with errors_of_modbus():
            for name in ("idle_timeout", "by_power", "autostart", "remote"):
                if name in wanted and present.get(name) != wanted[name]:
                    await self._control.write(name, wanted[name])
                    self._commanded_at = self._clock()

    async def _settled(self) -> None:
        """Wait until the box can be read again. Only setting up and removing a charger asks for this."""
        rest = self._commanded_at + QUIET - self._clock()
        if rest > 0:
            await self._pause(rest)

    @property
    def _most(self) -> int:
        return min(self._rating.power or _MOST, _MOST)

    def _reading(self) -> OutletReading:
        live = self._live
        state = _STATES.get(live.state) if live.state is not None else None
        return OutletReading(
            state=state,
            power=live.power,
            limit=0.0 if live.state in _STOPPED else self._command.power,
            soc=live.soc if state is not None and state.plugged else None,
            fault=self._fault if state is VehicleState.FAULT else None,
        )

    @property
    def _fault(self) -> str:
        if self._live.state == _UNCONFIGURED:
            return "power sharing is not configured"
        live = self._live
        errors = [f"{error or 0:04x}" for error in (live.error_1, live.error_2, live.error_3, live.error_4)]
        return f"errors {' '.join(errors)}"
