"""What a statement's parts are worth by its method, before anything is rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from ..sessions.model import Interval
from ..tariffs.model import Dimension
from .amounts import amounts
from .charged import ChargedSession, Exact, Wanted
from .figures import BASE_FEE, HOUSEHOLD, holds_since, needed, stretches
from .model import Fact
from .parts import Part, clipped, earlier, energy_of
from .presets import Method, Way

_KWH = Decimal(1000)
_MONTHS = Decimal(12)
_SIX = Decimal("0.000001")
BASE_FEE_SHARE = "base_fee"
"""The words' key of the share of the contract's base fee."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A part of a session with what it is a part of. It `waits` where a price of it is not known yet."""

    session: ChargedSession
    intervals: tuple[Interval, ...]
    part: Part
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Valued:
    """What each part is worth, in their order, and the figures that were taken."""

    amounts: tuple[tuple[Exact, ...], ...]
    facts: tuple[Fact, ...] = ()


def valued(counted: Sequence[Counted], method: Method, wanted: Wanted) -> Valued:
    """Return what parts are worth; `FigureMissing` where a figure of a day with energy is not known."""
    if method.way is Way.VALUE:
        return Valued(tuple(amounts(one.session, one.intervals, method.valuation, one.part) for one in counted))
    if method.way is Way.MILES:
        return Valued(((),) * len(counted))
    key, zone = figure_key(method, wanted), ZoneInfo(wanted.zone)
    found: list[list[Exact]] = [[] for _ in counted]
    facts: list[Fact] = []
    for low, high, day in stretches(key, wanted.since, wanted.until, zone, wanted.facts):
        energies = [_energy(one, low, high) for one in counted]
        if not any(energies):
            continue
        fact = needed(key, day, wanted.facts)
        facts.append(fact)
        rate = fact.value
        if method.way is Way.CAPPED:
            rate = min(rate, _mean(counted, method, low, high, sum(energies)))
        since = holds_since(key, low, zone, wanted.facts)
        for place, energy in enumerate(energies):
            if energy:
                found[place].append(_by_rate(Dimension.ENERGY, rate, energy, _before(counted[place], low, high, since)))
    shares, more = _base_fee(counted, method, wanted)
    for place, share in enumerate(shares):
        found[place] += share
    return Valued(tuple(tuple(some) for some in found), (*facts, *more))


def figure_key(method: Method, wanted: Wanted) -> str:
    """Return the key of the method's figure, that of the region where they have their own."""
    return (method.figure or "").format(region=wanted.region or "")


def _energy(one: Counted, low: datetime, high: datetime) -> int:
    return energy_of(one.intervals, clipped(one.intervals, one.part.windows, low, high))


def _before(one: Counted, low: datetime, high: datetime, since: datetime | None) -> int:
    """Return the Wh of a session before its part in a stretch, since the figure has held."""
    windows = clipped(one.intervals, one.part.windows, low, high)
    return energy_of(one.intervals, earlier(one.intervals, windows, since))


def _mean(counted: Sequence[Counted], method: Method, low: datetime, high: datetime, energy: int) -> Decimal:
    """Return what a kWh was worth on the mean of a stretch, never rounded to more than it was."""
    total = Decimal(0)
    for one in counted:
        windows = clipped(one.intervals, one.part.windows, low, high)
        found = amounts(one.session, one.intervals, method.valuation, one.part, windows)
        total += sum((exact.gross for exact in found), Decimal(0))
    return (total * _KWH / energy).quantize(_SIX, rounding=ROUND_DOWN)


def _base_fee(counted: Sequence[Counted], method: Method, wanted: Wanted) -> tuple[list[list[Exact]], tuple[Fact, ...]]:
    """Return each part's share of the base fee, where the owner told what it is and what it is shared over."""
    nothing: list[list[Exact]] = [[] for _ in counted]
    if not method.base_fee or not any(fact.key == BASE_FEE for fact in wanted.facts):
        return nothing, ()
    zone = ZoneInfo(wanted.zone)
    facts: list[Fact] = []
    for low, high, day in stretches(BASE_FEE, wanted.since, wanted.until, zone, wanted.facts):
        energies = [_energy(one, low, high) for one in counted]
        if any(energies):
            fee, house = (needed(key, day, wanted.facts) for key in (BASE_FEE, HOUSEHOLD))
            facts += [fee, *([] if house in facts else [house])]
            rate = (fee.value * _MONTHS / house.value).quantize(_SIX)
            since = holds_since(BASE_FEE, low, zone, wanted.facts)
            for place, energy in enumerate(energies):
                if energy:
                    ahead = _before(counted[place], low, high, since)
                    nothing[place].append(_by_rate(BASE_FEE_SHARE, rate, energy, ahead))
    return nothing, tuple(facts)


def _by_rate(what: Dimension | str, rate: Decimal, energy: int, ahead: int) -> Exact:
    """Return what energy comes to, after the Wh that the session took `ahead` of it at the same rate."""
    quantity = Decimal(energy) / _KWH
    amount, before = quantity * rate, Decimal(ahead) / _KWH * rate
    return Exact(
        what=what,
        quantity=quantity,
        unit="kWh",
        price=rate,
        vat=None,
        net=amount,
        gross=amount,
        net_before=before,
        gross_before=before,
    )
