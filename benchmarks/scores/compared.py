"""Laws beside each other: what each captured of what could be saved, and how many times worse than the ideal it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import math
import statistics
from typing import Final

from benchmarks.bounds.sparing import ACTIONS
from benchmarks.laws.table import IDEAL, OURS, OURS_ONE_WAY, PLUG
from benchmarks.scores.score import Score

BOUND = "device bound"
ONE_WAY = "device bound, one way"
SPARING = f"device bound, {ACTIONS} actions a week"
OPTIMUM = "offline optimum"
BOUNDS = frozenset({BOUND, ONE_WAY, SPARING, OPTIMUM})
_ONE_WAY_OF: Final = {OURS: OURS_ONE_WAY, BOUND: ONE_WAY}
"""Each with the same that only charges."""

_WORTHWHILE = 5.0
"""A group whose prize in EUR is less is shown and not judged."""

_VOID = 0.005
"""The part of the wanted energy whose missing makes a saving void."""


@dataclass(frozen=True, slots=True)
class Compared:
    """All laws of a group, each by its runs: one for each week and seed, in the same order."""

    name: str
    runs: Mapping[str, Sequence[Score]]

    @property
    def laws(self) -> list[str]:
        """The laws, the bounds last."""
        return sorted(self.runs, key=lambda name: name in BOUNDS)

    def total(self, law: str) -> Score:
        """Return the runs of a law as one."""
        return Score.added(self.runs[law])

    @property
    def prize(self) -> float:
        """What could be saved against plug-in-and-go, in EUR; not a number where no bound is known."""
        return self._saved(BOUND) if BOUND in self.runs else math.nan

    @property
    def is_judged(self) -> bool:
        """Whether there is enough to save to say anything."""
        return self.prize >= _WORTHWHILE

    def saved(self, law: str) -> float:
        """Return what a law saved against plug-in-and-go, in EUR."""
        return self._saved(law) if PLUG in self.runs else math.nan

    def captured(self, law: str) -> float:
        """Return the saving as a part of the prize: 0 is plug-in-and-go, 1 the device bound."""
        return self.saved(law) / self.prize if self.prize else math.nan

    def is_void(self, law: str) -> bool:
        """Say whether so much energy was missing that the saving counts for nothing; a bound is no law to be judged."""
        return law not in BOUNDS and self.total(law).missing_share > _VOID

    def spread(self, law: str) -> float:
        """Return how far the captured part scatters from run to run (standard deviation), runs of no prize left out."""
        if BOUND not in self.runs or PLUG not in self.runs:
            return math.nan
        rows = zip(self.runs[PLUG], self.runs[law], self.runs[BOUND], strict=True)
        shares = [
            (plug.cost - own.cost) / (plug.cost - best.cost) for plug, own, best in rows if plug.cost - best.cost > 1
        ]
        return statistics.stdev(shares) if len(shares) > 1 else math.nan

    def extra_captured(self, law: str) -> float:
        """Return what giving power back saved a law, as a part of what it could have saved the device bound.

        Each is compared with itself on the same device that only charges: what the one-way plan leaves to be desired
        is nothing that giving back has to make up for.
        """
        alone = _ONE_WAY_OF.get(law)
        if alone is None or not {alone, BOUND, ONE_WAY} <= self.runs.keys():
            return math.nan
        possible = self.total(ONE_WAY).cost - self.total(BOUND).cost
        return (self.total(alone).cost - self.total(law).cost) / possible if possible else math.nan

    def delivered(self, law: str) -> float:
        """Return the energy delivered as a part of what could have been; of what was wanted where no bound is known."""
        most = self.total(OPTIMUM).given if OPTIMUM in self.runs else self.total(law).wanted
        return self.total(law).given / most if most else math.nan

    def against_ideal(self, law: str) -> tuple[float, float, float]:
        """Return A·s and seconds above the fuse and the time to safe as multiples of the ideal law's."""
        if IDEAL not in self.runs:
            return math.nan, math.nan, math.nan
        own, ideal = self.total(law), self.total(IDEAL)
        pairs = ((own.over_as, ideal.over_as), (own.over_s, ideal.over_s), (own.safe_p95, ideal.safe_p95))
        first, second, third = (one / other if other else math.nan for one, other in pairs)
        return first, second, third

    def _saved(self, law: str) -> float:
        return sum(score.cost for score in self.runs[PLUG]) - sum(score.cost for score in self.runs[law])


def together(name: str, groups: Iterable[Compared]) -> Compared:
    """Return several groups as one."""
    runs: dict[str, list[Score]] = {}
    for group in groups:
        for law, scores in group.runs.items():
            runs.setdefault(law, []).extend(scores)
    return Compared(name, runs)
