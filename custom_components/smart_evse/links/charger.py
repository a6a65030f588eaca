"""One charger on the line: who it is, what it last said, and its watchdog made to fit the site."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
import logging

from ..chargers.port import (
    LOCK,
    Charger,
    Closing,
    Feeding,
    Guarded,
    Identity,
    Lockable,
    OutletReading,
    Restorable,
    Watchdog,
)
from ..engine.command import Rules
from ..engine.model import VOLTAGE, AcLimit, ConnectorReading, PerPhase, PowerLimit
from ..signed.model import Signed
from .commander import Commander
from .errors import DeviceError, Refused
from .reader import Pace, Reader

_LOGGER = logging.getLogger(__name__)

WATCHDOG = 60.0
"""How long a charger waits for us before it helps itself, in s: longer than a reload, shorter than a fire."""

_GREETING = 2.0
"""The first read asks who is there and sets the watchdog as well: it may take this many times as long."""

_LOOSE = 0.5
"""A watchdog current read back within this of what was asked for is the same, in A."""

type Originals = Mapping[str, float]

LIMIT = "limit_{}"
"""How the limit that an outlet had before us is named among a charger's originals."""

LOCKED = "locked"
"""How it is named there that we have locked it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How a charger is connected: the grid phase (0 to 2) behind each of its phases."""

    phase_map: tuple[int, ...] = (0, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Who wants to know: of new readings, of trouble, and of what must be put back one day.

    `keep` is awaited before anything in the charger is changed.
    """

    heard: Callable[[], None]
    trouble: Callable[[DeviceError | None], None]
    keep: Callable[[Originals], Awaitable[None]]
    may_read: Callable[[], bool] = lambda: True
    before: Callable[[], Originals] = dict
    """What is on record of what must be put back."""


class ChargerLine:
    """A charger with its reader and its command worker.

    `readings` holds one reading for each outlet, phases already in the grid's order, `signed` what the meter there
    has signed.
    """

    def __init__(self, charger: Charger, wiring: Wiring, hooks: Hooks, clock: Callable[[], float]) -> None:
        self.charger = charger
        self.identity: Identity | None = None
        self.error: DeviceError | None = None
        self.readings: tuple[ConnectorReading, ...] = ()
        self.signed: tuple[tuple[Signed, ...], ...] = ()
        self.guarded: bool | None = None
        self._fallback = 0.0
        self._wiring = wiring
        self._hooks = hooks
        self._clock = clock
        self._greeted = False
        traits = charger.traits
        self.commander = Commander(charger, _rules(charger), clock=clock, done=self._hurry)
        self.reader = Reader(
            self._read,
            self._heard,
            self._reported,
            pace=Pace(cadence=traits.cadence, timeout=_GREETING * traits.timeout),
            may_read=hooks.may_read if traits.feeding is Feeding.READ else lambda: True,
        )

    @property
    def fallback(self) -> float:
        """What the charger's watchdog is to fall back to, in A."""
        return self._fallback

    def set_fallback(self, amps: float) -> None:
        """Say what the charger's watchdog shall fall back to; a charger that was told otherwise is told again."""
        if amps != self._fallback:
            self._fallback = amps
            self._greeted = False

    def set_locked(self, *, locked: bool) -> None:
        """Say whether the charger shall ask every car who is there, where it has an access control of its own."""
        if locked != self.commander.admits:
            self.commander.admits = locked
            self._greeted = False

    async def close(self) -> None:
        """Let go of what the driver holds open."""
        if isinstance(self.charger, Closing):
            await self.charger.close()

    async def put_back(self, originals: Originals) -> None:
        """Restore what was changed in the charger: its limit first, and control over it last."""
        await self.charger.identify()
        guarded, restorable = isinstance(self.charger, Guarded), isinstance(self.charger, Restorable)
        if guarded or not restorable:
            await self._put_back_limits(originals)
        if isinstance(self.charger, Restorable):
            await self.charger.restore({key: value for key, value in originals.items() if not _is_limit(key)})

    async def _put_back_limits(self, originals: Originals) -> None:
        traits = self.charger.traits
        for outlet in range(traits.outlets):
            if (before := originals.get(LIMIT.format(outlet))) is not None:
                limit = PowerLimit(before) if traits.dc else AcLimit(before, traits.phases)
                # A limit that we may not set ourselves is one that was set by other means, and returns by them.
                with suppress(Refused):
                    await self.charger.set_limit(outlet, limit)

    async def _read(self) -> tuple[OutletReading, ...]:
        if not self._greeted:
            self.identity = await self.charger.identify()
        readings = await self.charger.read()
        if not self._greeted:
            share = self._fallback
            await self._guard(readings)
            # A share that changed meanwhile is still to be told.
            self._greeted = share == self._fallback
        return readings

    async def _guard(self, readings: tuple[OutletReading, ...]) -> None:
        """Set the charger's watchdog to this site's share, once what it was is on record."""
        limits = {LIMIT.format(i): reading.limit for i, reading in enumerate(readings) if reading.limit is not None}
        changed = await self.charger.originals() if isinstance(self.charger, Restorable) else {}
        await self._hooks.keep({**changed, **limits})
        if isinstance(self.charger, Lockable):
            await self._lock(self.charger)
        if not isinstance(self.charger, Guarded):
            return
        wanted = Watchdog(timeout=WATCHDOG, amps=self._fallback)
        told = await self.charger.arm(wanted)
        self.guarded = told.amps <= wanted.amps + _LOOSE
        if not self.guarded:
            _LOGGER.warning("The watchdog was to fall back to %s A, the charger says %s A", wanted.amps, told.amps)

    async def _lock(self, charger: Lockable) -> None:
        """Lock the charger, or take back that it was locked: an access control that its owner chose is left alone."""
        before = self._hooks.before()
        if self.commander.admits:
            await self._hooks.keep({LOCKED: 1.0})
            await charger.lock()
        elif LOCKED in before and LOCK in before:
            await charger.restore({LOCK: before[LOCK]})

    def _heard(self, readings: tuple[OutletReading, ...]) -> None:
        now = self._clock()
        for outlet, reading in enumerate(readings):
            self.commander.observe(outlet, reading, now - reading.ago)
        self.signed = tuple(reading.signed for reading in readings)
        self.readings = tuple(_to_grid(reading, self._wiring, now) for reading in readings)
        self._hooks.heard()

    def _reported(self, error: DeviceError | None) -> None:
        if error is not None:
            # A charger that was away may have restarted, and its watchdog with it.
            self._greeted = False
        elif self.error is not None:
            self.commander.doubt()
        self.error = error
        self._hooks.trouble(error)

    def _hurry(self) -> None:
        self.reader.hurry()


def _is_limit(key: str) -> bool:
    return key.startswith(LIMIT.format(""))


def _rules(charger: Charger) -> Rules:
    traits = charger.traits
    return Rules(
        spacing=traits.spacing,
        renew=traits.renew,
        wears=traits.wears,
        settle=traits.settle,
        step=traits.step,
        volts=VOLTAGE,
    )


def _to_grid(reading: OutletReading, wiring: Wiring, now: float) -> ConnectorReading:
    return ConnectorReading(
        at=now - reading.ago,
        state=reading.state,
        power=reading.power,
        currents=_map(reading.currents, wiring.phase_map),
        voltages=_map(reading.voltages, wiring.phase_map),
        energy_in=reading.energy_in,
        energy_out=reading.energy_out,
        limit=reading.limit,
        current_phases=reading.phases,
        soc=reading.soc,
        card=reading.card,
        stay=reading.stay,
        vehicle_id=reading.vehicle_id,
        fault=reading.fault,
    )


def _map(values: PerPhase | None, phase_map: tuple[int, ...]) -> PerPhase | None:
    """Put the charger's own phases where they are at the grid."""
    if values is None:
        return None
    grid = [0.0, 0.0, 0.0]
    for own, phase in enumerate(phase_map):
        grid[phase] = values[own]
    return PerPhase(*grid)
