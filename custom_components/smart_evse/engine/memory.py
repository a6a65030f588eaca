"""What single rules remember from beat to beat: small nouns that `model.py` puts together.

Times are seconds of the monotonic clock, currents in A, powers in W.
"""

from dataclasses import dataclass
from datetime import datetime
import math

from .settings import OrderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMemory:
    """Since when a connector has been served, or has waited for its turn."""

    served_since: float | None = None
    waiting_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppetiteMemory:
    """What a car was seen to take of what it is offered: `amps` `None` while it takes all."""

    amps: float | None = None
    since: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingMemory:
    """When a bidirectional connector last took and last gave, and what its car holds.

    `soc` is the charge in % as last believed, counted on from what was told at `told_at`; `counted_at` is how
    far. `doubted_since` is since when something else is told than can be. `starts` are when it began
    to give or to take for the house within the last hour.
    """

    took_at: float = -math.inf
    gave_at: float = -math.inf
    soc: float | None = None
    told_at: float = -math.inf
    counted_at: float = -math.inf
    doubted_since: float | None = None
    starts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefMemory:
    """What the home battery leaves to the cars that serve the house.

    `need` is what the house draws beyond sun and battery in W. `most` is what the battery gave while the house
    still drew from the grid (more it cannot or may not), as of `most_at` and its charge `soc` in %. `short_since`
    is since when it has left something open, `charging_since` since when it has taken from the grid.
    """

    need: float | None = None
    most: float | None = None
    most_at: float = -math.inf
    soc: float | None = None
    short_since: float | None = None
    charging_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartMemory:
    """How following the plan stands.

    `slow` is the surplus without its quick changes in W. `regret` is what doing otherwise would have saved by
    now, and `phase_regret` the same for the other number of phases, in currency. `target` is the current
    followed last in A, `short` what the car leaves of it, `phases` how many it wants, `None` while it does not mind.
    `missed` is what not giving has lost since the house has had a need, and `gives` says that it was enough.
    """

    running: bool = False
    changed_at: float | None = None
    slow: float | None = None
    regret: float = 0.0
    phase_regret: float = 0.0
    target: float | None = None
    short: float = 0.0
    phases: int | None = None
    missed: float = 0.0
    gives: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyMemory:
    """How long box and car were seen to take to follow a limit, in s; `None` until seen.

    `origin` is the current in A that the change being timed began at.
    """

    seconds: float | None = None
    samples: int = 0
    origin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMemory:
    """How late the grid meter shows what the chargers do, and what the sun leaves in spite of it.

    `found` are the delays found last, in s. `drawn` is what all chargers drew (time, W) and `shown` what flowed at the
    grid connection without the home battery, as told lately; `at` is when the meter spoke last. `base` and `filtered`
    are those of `HouseMemory` for a meter that is late, `None` for one that is not known to be.
    """

    found: tuple[float, ...] = ()
    drawn: tuple[tuple[float, float], ...] = ()
    shown: tuple[tuple[float, float], ...] = ()
    at: float | None = None
    base: float | None = None
    bases: tuple[tuple[float, float], ...] = ()
    filtered: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryMemory:
    """What is known of the home battery.

    `most` is the most it was seen to take while it left something to the grid in W, `leaving_since` since when it does,
    `soc` its charge in % when that was learned. `reached` says that the charge is there that the cars wait for.
    """

    most: float | None = None
    leaving_since: float | None = None
    soc: float | None = None
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseMemory:
    """The part of the main fuse's melting time that overloads have used on each phase, 0 to 1."""

    at: float | None = None
    used: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityMemory:
    """The running window of a capacity tariff: its start, the energy imported in it in Wh, and the peaks so far.

    `peaks` holds the highest window means of the running period (weighted as the tariff weighs them), each with
    the start of its window, in W. `house` is what is imported beside the chargers lately, in W.
    """

    window: datetime | None = None
    at: float | None = None
    energy: float = 0.0
    peaks: tuple[tuple[datetime, float], ...] = ()
    house: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMemory:
    """A small step of our own that asks the grid meter for an answer: since `at` a connector is held to so many `amps`.

    `charger` and `consumption` are the powers in W before it. `still` asks a meter that does not move, otherwise
    one that moves the wrong way. `followed_at` is when the car was seen to have followed, `unmoved` how many samples
    since then have said the same as before.
    """

    connector: str
    at: float
    amps: float
    charger: float
    consumption: float
    still: bool
    followed_at: float | None = None
    unmoved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtMemory:
    """How the grid meter moves, and what speaks against it.

    `said` is what the sample taken at `at` told, `since` since when it tells the same while a car moves it, `repeats`
    how often it did. `longest` is the longest time in s that it has ever rested like that, as of `longest_at`;
    `changes` counts how often it has moved. `trail` holds time, power of all connectors and consumption lately.
    `stuck_at` is when it was found to stand still.
    """

    at: float | None = None
    said: tuple[object, ...] = ()
    since: float = -math.inf
    repeats: int = 0
    longest: float = 0.0
    longest_at: float = -math.inf
    changes: int = 0
    trail: tuple[tuple[float, float, float], ...] = ()
    asked: AskedMemory | None = None
    stuck_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OffGridMemory:
    """Whether the grid was found missing or ill, and since when it has been well again."""

    stopped: bool = False
    well_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One limit that somebody ordered, as it was followed: an entry of the log that proves it.

    `watts` is what the connectors could take beside the sun. `before` is what they took when it began, `highest`
    the most they took from the grid once there was time to follow; both in W, `None` where nobody could tell.
    `ended` `None` is still running.
    """

    id: str
    kind: OrderKind
    watts: float
    started: datetime
    ended: datetime | None = None
    before: float | None = None
    highest: float | None = None
