"""A session that runs: all that has to be saved so that it can be carried on after a power cut."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..model import ConnectorId
from .counter import Counter
from .model import Ends, Mark
from .moment import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an interval is booked under: when one of these changes, the next begins."""

    import_price: Decimal | None = None
    export_price: Decimal | None = None
    driver: str | None = None
    tariff: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Where the energy of an interval came from, in Wh as measured from power: its register is split by them.

    `dark` is what nobody knows the source of. `mixed` is how much of `battery` came with a known mix: `stored_sun`
    of it once was sun, and it had cost `stored_cost`.
    """

    sun: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    dark: float = 0.0
    mixed: float = 0.0
    stored_sun: float = 0.0
    priced: float = 0.0
    stored_cost: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.sun + self.battery + self.grid + self.dark


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterval:
    """The interval that runs.

    `taken` and `given` are what was on record when it began, in Wh. `unseen` are the Wh of it that a register showed
    after nobody had looked. `vehicle` is what the car counted in Wh. `co2` is the intensity summed up over
    `co2_seconds`, `demand` the share of what the main fuse lets through over `demand_seconds`.
    """

    start: datetime
    taken: int = 0
    given: int = 0
    unseen: int = 0
    weights: Weights = Weights()
    peak: float | None = None
    vehicle: float | None = None
    co2: float = 0.0
    co2_seconds: float = 0.0
    demand: float = 0.0
    demand_seconds: float = 0.0
    terms: Terms = Terms()
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that runs, or the last one of a connector until the next car comes. Powers in W, times in UTC.

    Without an `id` there was none yet: only the register is known, at which the first will begin.

    `updated` is its last reading, and once it has ended its end. `until` is how far it is metered, on a time that
    never runs back; the reading was taken at `at` by the wall clock and at `now` by the monotonic clock
    of `run`. `heard` is when anything was heard of the connector last, by the clock of `heard_run`: a reading whose
    register is missing or in doubt is heard, and not metered. `left` is when the car left, while its register is
    waited for. `stray` says that a charger session came to an end
    while nobody looked: whose the energy since is nobody knows.
    """

    id: str
    connector: ConnectorId
    started: datetime
    updated: datetime
    until: datetime
    at: datetime
    now: float
    run: str
    heard: float
    heard_run: str
    interval: OpenInterval
    active: bool = True
    left: datetime | None = None
    stray: bool = False
    taken: Counter = field(default_factory=Counter)
    given: Counter = field(default_factory=Counter)
    power: float = 0.0
    vehicle_counter: float | None = None
    soc: Ends = field(default_factory=Ends)
    odometer: Ends = field(default_factory=Ends)
    identity: Identity = field(default_factory=Identity)
    charger_session: str | None = None
    currency: str | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def energy(self) -> int:
        """What the car has taken so far, in Wh."""
        return self.taken.booked

    @property
    def energy_out(self) -> int:
        """What the car has given so far, in Wh."""
        return self.given.booked

    @property
    def duration(self) -> float:
        """How long the car has been, or was, plugged in, in s."""
        return max(0.0, (self.updated - self.started).total_seconds())

    @property
    def estimated(self) -> bool:
        """Whether some of the energy was summed up from power, or a register broke."""
        return bool(self.marks & {Mark.ESTIMATED, Mark.REGISTER_BACKWARDS, Mark.REGISTER_LEAPT})
