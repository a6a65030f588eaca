"""What somebody in the house switches on, beside what was recorded."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An appliance: W while it is on, for how long in s, with a cycle (s on, s off) or an inrush.

    `inrush` is how much more it takes (as a factor) in its first `inrush_time` s.
    """

    watts: float
    seconds: float
    cycle: tuple[float, float] | None = None
    inrush: float = 1.0
    inrush_time: float = 0.0


KINDS: Final = {
    "kettle": Kind(watts=2200, seconds=180),
    "oven": Kind(watts=2500, seconds=2400, cycle=(60, 60)),
    "induction": Kind(watts=2000, seconds=900, cycle=(1, 1)),
    "washer": Kind(watts=2100, seconds=900),
    "heat_pump": Kind(watts=2600, seconds=3600, inrush=3.0, inrush_time=0.3),
}


@dataclass(slots=True)
class Appliance:
    """One that runs, on one phase (0 to 2), since `on_for` s."""

    kind: Kind
    phase: int
    seconds: float
    on_for: float = 0.0

    @property
    def watts(self) -> float:
        if self.kind.cycle is not None:
            on, off = self.kind.cycle
            if self.on_for % (on + off) >= on:
                return 0.0
        surge = self.kind.inrush if self.on_for < self.kind.inrush_time else 1.0
        return self.kind.watts * surge

    @property
    def finished(self) -> bool:
        return self.on_for >= self.seconds
