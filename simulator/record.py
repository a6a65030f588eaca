"""The ground truth: what really flowed, whatever any meter or controller says."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

type Amps = tuple[float, float, float]

KEPT = 7200
"""How many seconds of samples are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What flows in the house in W: `battery` positive when it gives, `chargers` positive when they take."""

    sun: float = 0.0
    house: float = 0.0
    battery: float = 0.0
    chargers: Mapping[str, float] = field(default_factory=dict)

    @property
    def grid(self) -> float:
        """What comes from the grid, negative when it is fed."""
        return self.house + sum(self.chargers.values()) - self.sun - self.battery

    @property
    def taken(self) -> float:
        """What all cars take together."""
        return sum(power for power in self.chargers.values() if power > 0)

    @property
    def given(self) -> float:
        """What all cars give together."""
        return -sum(power for power in self.chargers.values() if power < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One second: `at` in s since the beginning, `amps` signed, positive on import."""

    at: float
    clock: str
    amps: Amps
    grid: float
    flows: Flows


@dataclass(slots=True)
class Delivery:
    """What a charger took in Wh, and where from: the sun is counted to the house first."""

    from_sun: float = 0.0
    from_grid: float = 0.0
    given: float = 0.0


@dataclass(slots=True)
class Givings:
    """Where to went what cars gave, in Wh, and what cars took out of the home battery.

    The sun is counted to the house first, and so is what is given: only what the house does not need then is left
    for other cars, for the home battery and for the grid, in that order.
    """

    to_house: float = 0.0
    to_cars: float = 0.0
    to_battery: float = 0.0
    to_grid: float = 0.0
    battery_to_cars: float = 0.0

    def tick(self, hours: float, flows: Flows) -> None:
        """Take in what flows for a while."""
        left, need = flows.given, max(0.0, flows.house - flows.sun)
        spare = max(0.0, flows.battery - max(0.0, need - left))
        wants = {"to_house": need, "to_cars": flows.taken, "to_battery": max(0.0, -flows.battery), "to_grid": left}
        for name, want in wants.items():
            part = min(left, want)
            left -= part
            setattr(self, name, getattr(self, name) + part * hours)
        self.battery_to_cars += min(spare, flows.taken) * hours


@dataclass(slots=True)
class Record:
    """Seconds and ampere-seconds above the fuse (the fullest phase), energies, and the last samples.

    `longest_above` is the longest time at a stretch in s, `highest` the most that flowed in A.
    """

    fuse: float
    seconds: float = 0.0
    above: float = 0.0
    ampere_seconds: float = 0.0
    longest_above: float = 0.0
    highest: float = 0.0
    imported: float = 0.0
    exported: float = 0.0
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    givings: Givings = field(default_factory=Givings)
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=KEPT))
    _stretch: float = 0.0

    def tick(self, dt: float, amps: Amps, flows: Flows) -> None:
        """Take in what flows for a while."""
        self.seconds += dt
        self._watch_fuse(dt, amps)
        hours = dt / 3600
        self.imported += max(0.0, flows.grid) * hours
        self.exported += max(0.0, -flows.grid) * hours
        self.givings.tick(hours, flows)
        share = min(1.0, max(0.0, flows.sun - flows.house) / flows.taken) if flows.taken else 0.0
        for name, power in flows.chargers.items():
            delivery = self.deliveries.setdefault(name, Delivery())
            delivery.from_sun += max(0.0, power) * share * hours
            delivery.from_grid += max(0.0, power) * (1 - share) * hours
            delivery.given += max(0.0, -power) * hours

    def note(self, sample: Sample) -> None:
        self.samples.append(sample)

    def last(self, seconds: int) -> Sequence[Sample]:
        """The samples of the last seconds, oldest first."""
        return list(self.samples)[-seconds:]

    def _watch_fuse(self, dt: float, amps: Amps) -> None:
        most = max(abs(each) for each in amps)
        self.highest = max(self.highest, most)
        if most <= self.fuse:
            self._stretch = 0.0
            return
        self.above += dt
        self._stretch += dt
        self.longest_above = max(self.longest_above, self._stretch)
        self.ampere_seconds += sum(max(0.0, abs(each) - self.fuse) for each in amps) * dt
