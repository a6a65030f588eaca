"""How a car's appetite falls as it fills: learned from what it takes when it is offered more.

Unless a car has shown something else it takes 11 kW up to 80 % and falls evenly to a tenth of that when
full; a box that never offers as much notices later.
"""

from dataclasses import dataclass, replace

from ..plan.curve import Point, share_at

USUAL_FULL = 11_000.0
"""The wall power in W that the usual taper is a share of."""

_USUAL: tuple[Point, ...] = ((0.8, 1.0), (1.0, 0.1))

BUCKETS = 20
"""Of 5 % each."""

_RATE = 0.2
_TAKES_ALL = 0.95
_TAKES_LESS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Taper:
    """The wall power in W that a car takes at most in each twentieth of its charge; `None` not seen."""

    watts: tuple[float | None, ...] = (None,) * BUCKETS

    def points(self, most: float) -> tuple[Point, ...]:
        """The share of `most` W that is taken, by the share of the capacity: never rising, down to a trickle."""
        if most <= 0:
            return ()
        lowest, points = 1.0, []
        for place, power in self._places():
            lowest = max(min(lowest, power / most), 0.02)
            points.append((place, lowest))
        first = next((index for index, (_, share) in enumerate(points) if share < 1.0), None)
        return () if first is None else tuple(points[max(0, first - 1) :])

    def _places(self) -> list[Point]:
        """Bucket centres and the full battery, each with what was seen or the usual."""
        places = [((index + 0.5) / BUCKETS, watts) for index, watts in enumerate(self.watts)]
        known = [(place, _usual(place) if watts is None else watts) for place, watts in places]
        last = known[-1][1]
        corner = [] if self.watts[16] is not None or self.watts[15] is not None else [(0.8, _usual(0.8))]
        return sorted([*known, *corner, (1.0, min(last, _usual(1.0)) if self.watts[-1] is None else last)])


def see(taper: Taper, soc: float, offered: float, taken: float) -> Taper:
    """Learn from a steady minute of charging: W offered and taken at the wall, at `soc` %.

    A car that takes what it is offered can take as much at least; one that takes clearly less has
    shown its most. What lies between says nothing.
    """
    if offered <= 0 or taken <= 0:
        return taper
    bucket = min(BUCKETS - 1, max(0, int(soc / 100 * BUCKETS)))
    known = taper.watts[bucket]
    if taken >= _TAKES_ALL * offered:
        before = _usual((bucket + 0.5) / BUCKETS) if known is None else known
        return taper if taken <= before else _with(taper, bucket, taken)
    if taken > _TAKES_LESS * offered:
        return taper
    return _with(taper, bucket, taken if known is None else known + _RATE * (taken - known))


def _with(taper: Taper, bucket: int, watts: float) -> Taper:
    return replace(taper, watts=(*taper.watts[:bucket], watts, *taper.watts[bucket + 1 :]))


def _usual(place: float) -> float:
    """The usual power in W; below the bend only a box's own limit holds, however large."""
    return USUAL_FULL * share_at(_USUAL, place) if place >= 0.8 else float("inf")
