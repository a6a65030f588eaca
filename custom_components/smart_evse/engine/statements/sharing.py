"""How much of a priced line belongs to a part of a session.

A price for energy goes with the energy, one for time with the time, a flat fee with the moment it began. What a line
comes to before a moment is kept to twelve digits, and a part gets the difference of two of those: so all parts of a
session come to exactly what the session does, wherever it is cut.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ..sessions.model import Interval
from ..tariffs.amounts import exact
from ..tariffs.model import Dimension, PricedLine, Source
from .parts import Window, before

_TICK = datetime.resolution

type _Holds = Callable[[Interval], int]
"""How much of what a line goes with is in an interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What of a line belongs to a part, and what it had come to before."""

    quantity: Decimal
    net: Decimal
    gross: Decimal
    net_before: Decimal
    gross_before: Decimal


@dataclass(frozen=True, slots=True)
class _Piece:
    """What of a line lies in an interval: `weight`, after the `ahead` of those before it."""

    interval: Interval
    held: int
    low: datetime
    high: datetime
    ahead: int
    weight: int

    def until(self, moment: datetime, *, closed: bool) -> int:
        """Return how much lies before a moment, or not after it."""
        if self.low == self.high:
            return self.ahead + (self.weight if closed or moment > self.low else 0)
        inside = max(self.low, min(moment, self.high))
        return self.ahead + _between(self.interval, self.held, self.low, inside)


def shared(line: PricedLine, intervals: tuple[Interval, ...], own: Iterable[int], windows: Sequence[Window]) -> Shared:
    """Return what of a line belongs to a run of windows; `own` are the places of the intervals it was made of."""
    pieces = _pieces(line, [(place, intervals[place]) for place in own])
    total = sum(piece.weight for piece in pieces.values())
    amounts = (line.quantity, line.net, line.gross)
    quantity, net, gross = (Decimal(0),) * 3
    for window in windows:
        piece = pieces.get(window.place)
        if piece is None:
            continue
        low = Fraction(piece.until(window.low, closed=False), total)
        high = Fraction(piece.until(window.high, closed=window.low == window.high), total)
        if low != high:
            more = [_at(amount, high) - _at(amount, low) for amount in amounts]
            quantity, net, gross = quantity + more[0], net + more[1], gross + more[2]
    before = Fraction(_ahead(pieces, windows[0]), total) if total and windows else Fraction(0)
    return Shared(
        quantity=quantity, net=net, gross=gross, net_before=_at(line.net, before), gross_before=_at(line.gross, before)
    )


def _ahead(pieces: Mapping[int, _Piece], first: Window) -> int:
    """Return how much of a line lies before a window."""
    if (piece := pieces.get(first.place)) is not None:
        return piece.until(first.low, closed=False)
    return sum(piece.weight for place, piece in pieces.items() if place < first.place)


def _at(amount: Decimal, share: Fraction) -> Decimal:
    """Return what an amount comes to at a share of it."""
    return amount if share == 1 else exact(Fraction(amount) * share)


def _pieces(line: PricedLine, own: list[tuple[int, Interval]]) -> dict[int, _Piece]:
    if line.dimension is not Dimension.FLAT:
        for holds in (_holds(line), _length):
            pieces = dict(_along(line, own, holds))
            if any(piece.weight for piece in pieces.values()):
                return pieces
    return dict(_at_once(line, own))


def _along(line: PricedLine, own: list[tuple[int, Interval]], holds: _Holds) -> Iterator[tuple[int, _Piece]]:
    ahead = 0
    for place, interval in own:
        low, high, held = max(line.start, interval.start), min(line.end, interval.end), holds(interval)
        if low > high or (low == high and interval.start != interval.end):
            continue
        weight = held if low == high else _between(interval, held, low, high)
        yield place, _Piece(interval, held, low, high, ahead, weight)
        ahead += weight


def _at_once(line: PricedLine, own: list[tuple[int, Interval]]) -> Iterator[tuple[int, _Piece]]:
    """Yield the one moment in which a line was charged, in the interval that it lies in or is nearest to."""
    begun = [pair for pair in own if pair[1].start <= line.start] or own[:1]
    for place, interval in begun[-1:]:
        last = max(interval.start, interval.end - _TICK)
        moment = max(interval.start, min(line.start, last))
        yield place, _Piece(interval, 1, moment, moment, 0, 1)


def _between(interval: Interval, held: int, low: datetime, high: datetime) -> int:
    return before(interval, held, high) - before(interval, held, low)


def _length(interval: Interval) -> int:
    return (interval.end - interval.start) // _TICK


def _holds(line: PricedLine) -> _Holds:
    if line.dimension is Dimension.ENERGY:
        return _SOURCES[line.source]
    return _busy if line.dimension is Dimension.TIME else _idle


def _busy(interval: Interval) -> int:
    return _length(interval) if interval.energy_in else 0


def _idle(interval: Interval) -> int:
    return 0 if interval.energy_in else _length(interval)


_SOURCES: dict[Source | None, _Holds] = {
    None: lambda interval: interval.energy_in,
    Source.SUN: lambda interval: interval.from_sun,
    Source.BATTERY: lambda interval: interval.from_battery,
    Source.GRID: lambda interval: interval.from_grid + interval.unattributed,
}
