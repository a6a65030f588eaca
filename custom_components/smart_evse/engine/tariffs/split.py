"""A part of what a session costs: the parts of a session cost what the whole does, wherever it is cut.

The session is priced as a whole and its lines are cut, so that no step, threshold or least price begins anew. A fee
belongs to the part in which it fell due; what steps and the least and most price add, to the part with the end.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

from .amounts import exact
from .gather import Key, gathered, key_of
from .model import Priced, PricedLine
from .pieces import seconds
from .rounding import rounded

_NOTHING = (Decimal(0), Decimal(0))


def priced_between(priced: Priced, since: datetime, until: datetime) -> Priced:
    """Return the part of a priced session from `since` (included) until `until`.

    `started` and `ended` stay those of the session, whose end belongs to the part that ends with it.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    without_price = _cut_all(priced, priced.without_price, since, until)
    return replace(
        priced,
        lines=_cut_all(priced, priced.lines, since, until),
        bounded=priced.bounded if priced.ended and _falls(priced, priced.ended, since, until) else _NOTHING,
        unpriced=ceil(sum((line.quantity for line in without_price), Decimal(0)) * 1000),
        without_price=without_price,
    )


def booked_between(priced: Priced, since: datetime, until: datetime, *, by_price: bool = True) -> Priced:
    """Return a part as it is booked: a line for each price (or for each dimension), rounded to whole coins.

    What was booked up to an instant is the rounded amount up to it, so that parts add up to what the whole is booked
    with, and the first part is what it would be if nothing came after it.
    """
    begin = min(since, priced.started or since)
    before = priced_between(priced, begin, since) if begin < since else replace(priced, lines=(), bounded=_NOTHING)
    so_far = priced_between(priced, begin, until)
    part = priced_between(priced, since, until)
    earlier, later = _booked(before, by_price=by_price), _booked(so_far, by_price=by_price)
    lines: list[PricedLine] = []
    for line in gathered(part.lines, by_price=by_price):
        key = key_of(line, by_price=by_price)
        net, gross = later[key]
        net_before, gross_before = earlier.get(key, _NOTHING)
        lines.append(replace(line, net=net - net_before, gross=gross - gross_before))
    net, gross = part.bounded
    return replace(part, lines=tuple(lines), bounded=(rounded(net, priced.currency), rounded(gross, priced.currency)))


def _booked(part: Priced, *, by_price: bool) -> dict[Key, tuple[Decimal, Decimal]]:
    """Return the rounded amounts (net, gross) of a part that begins with the session."""
    return {
        key_of(line, by_price=by_price): (rounded(line.net, part.currency), rounded(line.gross, part.currency))
        for line in gathered(part.lines, by_price=by_price)
    }


def _cut_all(priced: Priced, lines: tuple[PricedLine, ...], since: datetime, until: datetime) -> tuple[PricedLine, ...]:
    parts = (_cut(priced, line, since, until) for line in lines)
    return tuple(part for part in parts if part is not None)


def _cut(priced: Priced, line: PricedLine, since: datetime, until: datetime) -> PricedLine | None:
    if line.start == line.end:
        return line if _falls(priced, line.start, since, until) else None
    start, end = max(line.start, since), min(line.end, until)
    if start >= end:
        return None
    if (start, end) == (line.start, line.end):
        return line
    whole = seconds(line.start, line.end)
    first, last = seconds(line.start, start) / whole, seconds(line.start, end) / whole
    return replace(
        line,
        start=start,
        end=end,
        quantity=_between(line.quantity, first, last),
        net=_between(line.net, first, last),
        gross=_between(line.gross, first, last),
    )


def _between(amount: Decimal, first: Fraction, last: Fraction) -> Decimal:
    """Return what lies between two shares of an amount: parts that touch add up exactly."""
    return exact(Fraction(amount) * last) - exact(Fraction(amount) * first)


def _falls(priced: Priced, instant: datetime, since: datetime, until: datetime) -> bool:
    """Say whether an instant of the session lies within."""
    if instant == priced.ended and instant != priced.started:
        return since < instant <= until
    return since <= instant < until
