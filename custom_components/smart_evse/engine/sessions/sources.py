"""Where the energy of a car comes from.

The house is served first, then the chargers in proportion to what they take, so that all of them draw from the same
sources: first the sun, then the home battery, then the grid. What a bidirectional car gives serves the house before
the battery does; where another car takes it, nobody knows what it once was.

The home battery is perfectly mixed: each Wh in it is as much sun, and has cost as much, as any other. Sun that is
stored has cost what feeding it in would have earned, energy from the grid its price. What was in it before anybody
looked is dark; it goes as the rest goes, until so little of it is left that the mix is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .counter import WATCHED

_KNOWN = 0.9
"""The part of a battery's content that has to be known before anything is said of its mix."""


_COARSE = 300.0
_COARSE_PART = 0.05
"""Batteries tell their charge in whole percents, and losses are not counted: what they say is right to this, in Wh
and as a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The sources of what a connector takes, each 0 to 1. What is missing to 1 comes from nobody knows where."""

    sun: float = 0.0
    battery: float = 0.0
    grid: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What the home battery gives: the share of the sun in it (0 to 1), and its cost in currency per kWh."""

    sun: float
    price: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What flows at one instant, in W, all of one sample.

    `shares` are those of every connector that takes something, `None` where a meter is silent or none takes. The home
    battery takes `sun_stored`, `grid_stored` and, while a meter is silent, `dark_stored`; it gives `released`.
    """

    shares: Shares | None = None
    sun_stored: float = 0.0
    grid_stored: float = 0.0
    dark_stored: float = 0.0
    released: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a kWh is worth at an instant, in currency: bought from the grid, and sold to it."""

    bought: float | None = None
    sold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The content of a home battery in Wh, by where it came from, and its `cost` in currency.

    `priced` is how much of it has a price. An estimate: the battery's losses have no price.
    """

    sun: float = 0.0
    grid: float = 0.0
    dark: float = 0.0
    priced: float = 0.0
    cost: float = 0.0

    @property
    def total(self) -> float:
        """All of it, in Wh."""
        return self.sun + self.grid + self.dark

    @property
    def mix(self) -> Mix | None:
        """What it gives, `None` while too little of it is known."""
        known = self.sun + self.grid
        if known <= 0 or known < _KNOWN * self.total:
            return None
        priced = self.priced > 0 and self.priced >= _KNOWN * self.total
        return Mix(sun=self.sun / known, price=1000 * self.cost / self.priced if priced else None)


def split(
    *, solar: float | None, battery: float | None, grid: float | None, connectors: Iterable[float | None]
) -> Flows:
    """Split what flows at one instant by where it comes from.

    Powers in W: `solar` is never negative, `battery` positive on discharge, `grid` positive on import, `connectors`
    positive where a car takes. A site without sun or battery has 0 of it; `None` is a silent meter.
    """
    cars = tuple(connectors)
    if solar is None or battery is None or grid is None or None in cars:
        return Flows(dark_stored=max(-(battery or 0.0), 0.0), released=max(battery or 0.0, 0.0))
    taking = sum(power for power in cars if power is not None and power > 0)
    giving = -sum(power for power in cars if power is not None and power < 0)
    sun, stored = max(solar, 0.0), max(battery, 0.0)
    house = max(0.0, sun + battery + grid + giving - taking)
    sun, house = _served(sun, house)
    giving, house = _served(giving, house)
    stored, house = _served(stored, house)
    left_sun, without_sun = _served(sun, taking)
    _, without_cars = _served(giving, without_sun)
    _, bought = _served(stored, without_cars)
    charging = max(-battery, 0.0)
    stored_sun = min(left_sun, charging)
    shares = Shares(
        sun=(taking - without_sun) / (taking or 1.0),
        battery=(without_cars - bought) / (taking or 1.0),
        grid=bought / (taking or 1.0),
    )
    return Flows(
        shares=shares if taking else None,
        sun_stored=stored_sun,
        grid_stored=charging - stored_sun,
        released=max(battery, 0.0),
    )


def carried(stored: Stored, flows: Flows, worth: Worth, *, seconds: float, content: float | None = None) -> Stored:
    """Return what is in a battery after so many seconds of these flows.

    `content` is what it says is in it in Wh (its charge times its capacity), `None` where nobody knows. A time that
    nobody watched adds nothing: what the content has grown by is dark.
    """
    if 0 < seconds <= WATCHED:
        stored = _scaled(stored, stored.total - flows.released * seconds / 3600)
        stored = _filled(stored, flows, worth, seconds / 3600)
    if content is None or abs(content - stored.total) <= max(_COARSE, _COARSE_PART * content):
        return stored
    if content < stored.total:
        return _scaled(stored, content)
    return replace(stored, dark=stored.dark + content - stored.total)


def _filled(stored: Stored, flows: Flows, worth: Worth, hours: float) -> Stored:
    sun, grid = flows.sun_stored * hours, flows.grid_stored * hours
    return Stored(
        sun=stored.sun + sun,
        grid=stored.grid + grid,
        dark=stored.dark + flows.dark_stored * hours,
        priced=stored.priced + (0.0 if worth.sold is None else sun) + (0.0 if worth.bought is None else grid),
        cost=stored.cost + (sun * (worth.sold or 0.0) + grid * (worth.bought or 0.0)) / 1000,
    )


def _scaled(stored: Stored, total: float) -> Stored:
    """Return the same mix with another total in Wh."""
    part = max(0.0, total) / stored.total if stored.total > 0 else 0.0
    return Stored(
        sun=stored.sun * part,
        grid=stored.grid * part,
        dark=stored.dark * part,
        priced=stored.priced * part,
        cost=stored.cost * part,
    )


def _served(source: float, need: float) -> tuple[float, float]:
    """Return what is left of a source and of a need once the one has served the other, in W."""
    served = min(source, need)
    return source - served, need - served
