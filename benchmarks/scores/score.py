"""All figures of one run, and how runs add up."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
import math
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A run, or several added up. Money in EUR, energies in kWh, times in s, `over_as` in A·s, `peak` in kW.

    `fits` is the sun that a charger of whole amperes over one or three phases could have taken without buying.
    `cost` is the site's whole bill with missing energy at twice the highest price and what the home battery has more
    or less at the end at the mean price. `hunting` is what was bought within five minutes of feeding in while a car
    charged. `safe_p95` is how long overloads last, `melt` the most of its melting time any fuse used in an hour.
    """

    cost: float = 0.0
    wanted: float = 0.0
    given: float = 0.0
    missing: float = 0.0
    wall: float = 0.0
    from_sun: float = 0.0
    fits: float = 0.0
    bought: float = 0.0
    sun: float = 0.0
    hunting: float = 0.0
    peak: float = 0.0
    sessions: int = 0
    outlets: int = 1
    days: float = 0.0
    actions: int = 0
    switches: int = 0
    hard: int = 0
    commands: int = 0
    writes: int = 0
    over_s: int = 0
    over_as: float = 0.0
    safe_p95: float = 0.0
    melt: float = 0.0
    beats: int = 0
    beat_ms: float = 0.0
    plans: int = 0
    plan_ms: float = 0.0
    plan_most_ms: float = 0.0
    unsafe_s: float = 0.0
    runtime: float = 0.0

    @classmethod
    def added(cls, scores: Iterable[Score]) -> Self:
        """Return several runs as one: sums, the worst of what is a worst, the mean of what is a mean."""
        runs = list(scores)
        worst = {name: max((getattr(run, name) for run in runs), default=0.0) for name in _WORST}
        sums = {field.name: sum(getattr(run, field.name) for run in runs) for field in fields(cls)}
        means = {name: _weighted(runs, name, count) for name, count in _MEANS.items()}
        return cls(**(sums | worst | means))

    @property
    def solar_share(self) -> float:
        """The part of the cars' energy that the sun gave."""
        return self.from_sun / self.wall if self.wall > 0 else math.nan

    @property
    def missing_share(self) -> float:
        """The part of the wanted energy that was not there at departure."""
        return self.missing / self.wanted if self.wanted > 0 else 0.0

    def a_week(self, value: float) -> float:
        """Return a count for each week."""
        return value * 7.0 / self.days if self.days else math.nan


_WORST = ("outlets", "safe_p95", "melt", "plan_most_ms", "peak", "unsafe_s")
_MEANS = {"beat_ms": "beats", "plan_ms": "plans"}


def _weighted(runs: list[Score], name: str, count: str) -> float:
    total = sum(getattr(run, count) for run in runs)
    return sum(getattr(run, name) * getattr(run, count) for run in runs) / total if total else 0.0
