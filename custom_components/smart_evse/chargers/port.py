"""What a charger looks like to us: a small port, and abilities that a driver may have beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import math
from typing import Final, Protocol, runtime_checkable

from ..engine.model import AcLimit, Limit, PerPhase, VehicleState
from ..links.errors import Refused
from ..signed.model import Signed


class Feeding(StrEnum):
    """What keeps a charger's own watchdog quiet."""

    NONE = "none"
    LIMIT = "limit"
    READ = "read"
    KEEP_ALIVE = "keep_alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a make of charger is like, before anyone asked it.

    `cadence` is how often it is read and `timeout` how long one read may take, in s. `step` is
    the finest step of its limit in A. `spacing` is the least time between two commands in s,
    `settle` how long it and a car take to follow one. `renew` is how often the limit is written
    again (or `keep_alive` called) so that the charger's watchdog stays quiet, `None` where it has
    none. `wears` says that setting the limit writes to persistent memory. `max_age` is how old a
    reading may be and still be believed, in s, where that is not to be told from `cadence`.
    """

    make: str
    outlets: int = 1
    dc: bool = False
    bidirectional: bool = False
    phases: int = 3
    min_current: float = 6.0
    max_current: float = 32.0
    step: float = 1.0
    cadence: float = 2.0
    timeout: float = 5.0
    spacing: float = 1.0
    settle: float = 8.0
    feeding: Feeding = Feeding.NONE
    renew: float | None = None
    wears: bool = False
    has_register: bool = True
    max_age: float | None = None


def amps_of(traits: Traits, outlet: int, limit: Limit) -> float:
    """Give the current of a limit for an AC box in A, rounded toward zero to a step of its own.

    `Refused` unless there is such an outlet, and the limit is an AC one of 0 or within the range.
    """
    if not 0 <= outlet < traits.outlets:
        raise Refused(f"{traits.make} has no outlet {outlet}")
    if not isinstance(limit, AcLimit):
        raise Refused(f"{traits.make} is limited by a current")
    if limit.amps == 0:
        return 0.0
    if not traits.min_current <= limit.amps <= traits.max_current:
        raise Refused(f"{limit.amps} A is outside {traits.min_current} to {traits.max_current} A")
    return round(math.floor(limit.amps / traits.step + 1e-6) * traits.step, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answered. `serial` is what tells two boxes apart; `None` where it does not tell.

    `switches_phases` says whether this very box can do what `PhaseSwitching` offers for its make.
    """

    maker: str
    model: str
    serial: str | None = None
    firmware: str | None = None
    max_current: float | None = None
    outlets: int = 1
    phases: int | None = None
    switches_phases: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletReading:
    """What one outlet reports, phases in the *charger's* order. `None` for what it does not tell.

    Power in W (positive when the car takes energy), currents in A, lifetime registers in Wh,
    `limit` in A for each phase (W for DC), `phases` the number switched on. `ago` is how long
    before it was handed over it was measured, in s. `stay` is what the box calls the stay of the car that is there:
    another one is another car. `vehicle_id` is what it read from the car itself. `signed` is what the meter has signed
    of the car that is there or of the last one, told with every reading as long as the charger has it.
    """

    state: VehicleState | None = None
    power: float | None = None
    currents: PerPhase | None = None
    voltages: PerPhase | None = None
    energy_in: float | None = None
    energy_out: float | None = None
    limit: float | None = None
    phases: int | None = None
    soc: float | None = None
    card: str | None = None
    stay: str | None = None
    vehicle_id: str | None = None
    fault: str | None = None
    ago: float = 0.0
    signed: tuple[Signed, ...] = ()


class Charger(Protocol):
    """A box on the wall. Every method raises a `DeviceError` and nothing else."""

    @property
    def traits(self) -> Traits: ...

    async def identify(self) -> Identity:
        """Ask who is there; `WrongDevice` when it is something else."""

    async def read(self) -> tuple[OutletReading, ...]:
        """Read every outlet once, in order."""

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Command one outlet (from 0). A limit of 0 stops the charge, whatever that takes here.

        The value is within the charger's range and a multiple of its step, or 0.
        """


@runtime_checkable
class PhaseSwitching(Protocol):
    """A charger that can switch between one and three phases. Called only while no current flows."""

    async def set_phases(self, outlet: int, phases: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """A charger's own watchdog: silent for `timeout` s, it falls back to `amps` on each phase."""

    timeout: float
    amps: float


@runtime_checkable
class Restorable(Protocol):
    """A charger in which something of ours stays behind: settings that commanding it changed."""

    async def originals(self) -> Mapping[str, float]:
        """What we are going to change, by a name of the driver's own, as it is now."""

    async def restore(self, originals: Mapping[str, float]) -> None:
        """Put back what `originals` returned; nothing of ours stays commanded."""


@runtime_checkable
class Guarded(Restorable, Protocol):
    """A charger with a watchdog that can be set; what `arm` changes is among its `originals`."""

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        """Set the watchdog and return what the charger then says it is."""


LOCK: Final = "lock"
"""How a charger's own access control is named among its originals: above 0 while it asks every car who is there."""


@runtime_checkable
class Lockable(Restorable, Protocol):
    """A charger with an access control of its own, which is among its `originals` as `LOCK`."""

    async def lock(self) -> None:
        """Let the charger ask every car from now on who is there, also while nobody talks to it."""

    async def admit(self, outlet: int) -> None:
        """Let the car that is there charge until it leaves, for all the charger cares."""


@runtime_checkable
class KeptAlive(Protocol):
    """A charger that wants a sign of life of its own (`Feeding.KEEP_ALIVE`)."""

    async def keep_alive(self) -> None: ...


@runtime_checkable
class Closing(Protocol):
    """A driver that holds something open (subscriptions, a socket of its own)."""

    async def close(self) -> None: ...
