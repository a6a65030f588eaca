"""What goes in and what comes out of a converter that is off or within its range."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
import itertools

type Point = tuple[float, float]
type Line = tuple[float, float]
"""Intercept in W and slope of `out = intercept + slope * in`."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Power out over power in, in W: straight between the points, nothing below the first of them.

    For charging, wall W to battery W; for discharging, battery W to wall W. Points rise in both.
    """

    points: tuple[Point, ...]

    @property
    def least(self) -> float:
        """The least power in, above 0."""
        return self.points[0][0] if self.points else 0.0

    @property
    def most(self) -> float:
        """The most power in."""
        return self.points[-1][0] if self.points else 0.0

    @property
    def best(self) -> float:
        """The power in of which the largest share comes out."""
        return max(self.points, key=_share, default=(0.0, 0.0))[0]

    @property
    def usable(self) -> bool:
        """Whether anything comes out at all."""
        return bool(self.points) and self.points[-1][0] > 0 and self.points[-1][1] > 0

    def at(self, power: float) -> float:
        """Return what comes out of `power`, in W."""
        if not self.points:
            return 0.0
        most, full = self.points[-1]
        if power >= most:
            return full
        return 0.0 if power < self.points[0][0] - 1e-6 else _between(self.points, power)

    def inverse(self, power: float) -> float:
        """Return the power in that gives `power`, at least the least one, at most the most."""
        return _between(tuple((out, into) for into, out in self.points), power)

    def slope(self, power: float) -> float:
        """Return what one more W in brings out there; at the upper end, what the last one brought."""
        if len(self.points) < 2:
            return 0.0
        index = min(max(1, bisect_right(self.points, power + 1e-6, key=_first)), len(self.points) - 1)
        (left, low), (right, high) = self.points[index - 1], self.points[index]
        return (high - low) / (right - left) if right > left else 0.0

    def hull(self) -> tuple[Line, ...]:
        """Return the lines whose lowest is the concave cover of the points: never below the curve."""
        corners = concave(self.points)
        if len(corners) < 2:
            return tuple((0.0, out / into) for into, out in corners if into > 0)
        pairs = itertools.pairwise(corners)
        return tuple(_line(left, right) for left, right in pairs)


def concave(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return the corners of the concave cover of points that rise along the first axis."""
    corners: list[Point] = []
    for point in sorted(points):
        if corners and point[0] <= corners[-1][0]:
            corners[-1] = (corners[-1][0], max(corners[-1][1], point[1]))
            continue
        while len(corners) > 1 and _above(corners[-2], point, corners[-1]):
            corners.pop()
        corners.append(point)
    return tuple(corners)


def share_at(points: tuple[Point, ...], place: float) -> float:
    """Return the value between points, flat beyond both ends; 1 where there are none."""
    return _between(points, place) if points else 1.0


def _first(point: Point) -> float:
    return point[0]


def _share(point: Point) -> float:
    return point[1] / point[0]


def _above(left: Point, right: Point, middle: Point) -> bool:
    """Say whether the chord passes over the point between."""
    slope = (right[1] - left[1]) / (right[0] - left[0])
    return left[1] - slope * left[0] + slope * middle[0] >= middle[1]


def _line(left: Point, right: Point) -> Line:
    slope = (right[1] - left[1]) / (right[0] - left[0])
    return left[1] - slope * left[0], slope


def _between(points: tuple[Point, ...], place: float) -> float:
    if not points:
        return 0.0
    if place <= points[0][0]:
        return points[0][1]
    if place >= points[-1][0]:
        return points[-1][1]
    index = 1
    while points[index][0] <= place:
        index += 1
    (left, low), (right, high) = points[index - 1], points[index]
    return low + (high - low) * (place - left) / (right - left)
