"""Cutting a stretch in two: whole Wh go to both parts, from every source, and none is lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor

from .model import Stretch
from .pieces import seconds


def cut_at(stretch: Stretch, at: datetime) -> tuple[Stretch, Stretch]:
    """Return a stretch before and after an instant within it (UTC)."""
    share = seconds(stretch.start, at) / seconds(stretch.start, stretch.end)
    return _cut(stretch, floor(stretch.energy * share), at)


def cut_after(stretch: Stretch, energy: int) -> tuple[Stretch, Stretch]:
    """Return a stretch until its first `energy` Wh have flowed, and after."""
    share = Fraction(energy, stretch.energy)
    at = stretch.start + timedelta(microseconds=round(seconds(stretch.start, stretch.end) * share * 10**6))
    return _cut(stretch, energy, at)


def _cut(stretch: Stretch, energy: int, at: datetime) -> tuple[Stretch, Stretch]:
    battery = stretch.from_battery
    sources = (stretch.from_sun, battery, stretch.energy - stretch.from_sun - battery)
    exact = [Fraction(source * energy, stretch.energy or 1) for source in sources]
    whole = [floor(each) for each in exact]
    # What is missing to whole Wh is taken where most was cut off, and there is always some left of it.
    order = sorted(range(3), key=lambda place: whole[place] - exact[place])
    for place in order[: energy - sum(whole)]:
        whole[place] += 1
    first = _of(stretch, whole)
    rest = _of(stretch, [source - taken for source, taken in zip(sources, whole, strict=True)])
    return replace(first, end=at), replace(rest, start=at)


def _of(stretch: Stretch, sources: list[int]) -> Stretch:
    sun, battery, grid = sources
    return replace(stretch, energy=sum(sources), from_sun=sun, from_battery=battery, from_grid=grid)
