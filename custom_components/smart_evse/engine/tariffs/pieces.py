"""Taking a session apart where a restriction of its tariff may change, so that every piece has one price."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise

from .edges import edges
from .model import Stretch, Tariff

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a stretch in which no restriction changes.

    `since` and `until` say which part of the stretch it is, 0 to 1. `energy_before` is Wh and `seconds_before` s of the
    session before the piece; `local` is when it begins on the wall.
    """

    stretch: Stretch
    since: Fraction
    until: Fraction
    energy_before: Fraction
    seconds_before: Fraction
    local: datetime

    @property
    def start(self) -> datetime:
        """When it begins."""
        return _at(self.stretch, self.since)

    @property
    def end(self) -> datetime:
        """When it ends."""
        return _at(self.stretch, self.until)

    @property
    def share(self) -> Fraction:
        """How much of the stretch it is."""
        return self.until - self.since


def pieces(tariff: Tariff, stretches: Sequence[Stretch], zone: tzinfo) -> Iterator[Piece]:
    """Yield the pieces of a session in order; what flowed within a stretch flowed evenly."""
    session = [_in_utc(stretch) for stretch in stretches]
    if not session:
        return
    began = session[0].start
    instants = edges(tariff, began, session[-1].end, zone)
    steps = _energy_steps(tariff)
    taken = Fraction(0)
    for stretch in session:
        cuts = {Fraction(0), Fraction(1)}
        cuts.update(_cuts_in_time(stretch, instants))
        cuts.update(_cuts_in_energy(stretch, taken, steps))
        ordered = sorted(cuts)
        for since, until in pairwise(ordered):
            start = _at(stretch, since)
            yield Piece(
                stretch=stretch,
                since=since,
                until=until,
                energy_before=taken + since * stretch.energy,
                seconds_before=Fraction((start - began) // _MICROSECOND, 10**6),
                local=start.astimezone(zone),
            )
        taken += stretch.energy


def seconds(start: datetime, end: datetime) -> Fraction:
    """Return how long it is from one instant (UTC) to another, exactly."""
    return Fraction((end - start) // _MICROSECOND, 10**6)


def _in_utc(stretch: Stretch) -> Stretch:
    # Two times of one zone are told apart by their clocks alone, and those are set twice a year.
    return replace(stretch, start=stretch.start.astimezone(UTC), end=stretch.end.astimezone(UTC))


def _at(stretch: Stretch, share: Fraction) -> datetime:
    return stretch.start + timedelta(microseconds=round((stretch.end - stretch.start) // _MICROSECOND * share))


def _cuts_in_time(stretch: Stretch, instants: list[datetime]) -> Iterator[Fraction]:
    whole = seconds(stretch.start, stretch.end)
    for instant in instants[bisect_right(instants, stretch.start) : bisect_left(instants, stretch.end)]:
        yield seconds(stretch.start, instant) / whole


def _energy_steps(tariff: Tariff) -> list[Fraction]:
    """Return the energies (Wh) at which a restriction changes."""
    restrictions = [element.restrictions for element in tariff.elements]
    bounds = {bound for each in restrictions for bound in (each.min_energy, each.max_energy) if bound is not None}
    return sorted(Fraction(bound) * 1000 for bound in bounds)


def _cuts_in_energy(stretch: Stretch, taken: Fraction, steps: list[Fraction]) -> Iterator[Fraction]:
    for step in steps:
        if taken < step < taken + stretch.energy:
            yield (step - taken) / stretch.energy
