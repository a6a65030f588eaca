"""The nouns of what a driver pays.

Semantics are those of OCPI 2.2.1 and 2.3.0 (module Tariffs), with what a site needs beside them. Prices are `Decimal`
in the tariff's currency, VAT is in %, times of the day and dates are those of the site's zone. "Not known" is `None`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    """What a price is for."""

    ENERGY = "energy"
    """Per kWh."""
    TIME = "time"
    """Per hour in which the car takes energy."""
    IDLE = "idle"
    """Per hour plugged in without taking any (OCPI's PARKING_TIME)."""
    FLAT = "flat"
    """Once for a session."""


class Source(StrEnum):
    """Where energy came from."""

    SUN = "sun"
    BATTERY = "battery"
    GRID = "grid"
    """Also what nobody knows the source of."""


class Basis(StrEnum):
    """What a price follows that is not written down once and for all."""

    SITE_PRICE = "site_price"
    """What a kWh from the grid costs the site, fees and taxes included, at the time."""
    FEED_IN = "feed_in"
    """What a kWh fed in would have earned at the time."""
    DEMAND = "demand"
    """How much of what there is has been taken: steps say what it costs from which share on.

    It is the power that the site takes of what it may take, or the connectors that are taken (and waited for) of those
    there are: whoever measures the share says which.
    """


@dataclass(frozen=True, slots=True)
class Step:
    """From a share of the site's limit (0 to 1) on a kWh costs this much more."""

    share: Decimal
    more: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """A price per kWh that moves: `factor` times its basis, and the component's own price on top.

    It never leaves [`least`, `most`]. With `Basis.DEMAND` the `steps` say what is added.
    """

    basis: Basis
    factor: Decimal = Decimal(1)
    least: Decimal | None = None
    most: Decimal | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One price. `step` is the least that is charged for, in Wh or s (OCPI's step_size); `vat` in %, `None`: none told.

    Whether `price` holds the VAT already is the tariff's to say.
    """

    dimension: Dimension
    price: Decimal
    vat: Decimal | None = None
    step: int = 1
    follows: Follows | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """When an element applies: all that is stated must hold; nothing stated always holds.

    Energies are kWh of the session so far, powers kW, currents A (sum of the phases from OCPI 2.3.0 on), durations s
    since plug-in. Lower bounds are included, upper ones are not; dates and times of the day likewise. A span of the day
    that ends before it begins runs past midnight. `weekdays`: Monday is 0. `sources` restricts a price to energy that
    came from there.
    """

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_energy: Decimal | None = None
    max_energy: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    weekdays: frozenset[int] = frozenset()
    sources: frozenset[Source] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Prices that hold under the same restrictions. For each dimension the first element that applies counts."""

    components: tuple[Component, ...]
    restrictions: Restrictions = Restrictions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The least or the most that a session costs; each of the two holds for itself."""

    before_vat: Decimal | None = None
    with_vat: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A fee for each month, and the energy in Wh that is paid with it; what goes beyond has the tariff's prices."""

    fee: Decimal
    included: int = 0
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a driver pays, from `valid_from` (included) until `valid_until` (not included).

    `vat_included` says whether the prices hold VAT. An id and `valid_from` name one version: a change is another
    version, so that what was priced stays explained.
    """

    id: str
    name: str
    currency: str
    elements: tuple[Element, ...]
    least: Bound = Bound()
    most: Bound = Bound()
    subscription: Subscription | None = None
    vat_included: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some time of a session in which nothing changed that a price could depend on: what is priced.

    `energy` is Wh and the sum of the three sources; `power` the mean in kW and `current` in A, where they are known.
    `site_price` and `feed_in` are the site's prices per kWh at the time, `demand` the share (0 to 1) of the site's
    limit that was taken. `charging` is false where the car was plugged in and took nothing. `waiting` is true where it
    took nothing because it had to wait: that time costs nothing, neither as charging nor as idle.
    """

    start: datetime
    end: datetime
    energy: int = 0
    from_sun: int = 0
    from_battery: int = 0
    from_grid: int = 0
    charging: bool = True
    waiting: bool = False
    power: Decimal | None = None
    current: Decimal | None = None
    site_price: Decimal | None = None
    feed_in: Decimal | None = None
    demand: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """What one price made of one or several stretches. Amounts are exact: they are rounded where they are booked.

    `quantity` is kWh, h or 1 after stepping, `price` per that unit as the tariff states it (with or without VAT),
    `net` and `gross` the amount without and with VAT.
    """

    dimension: Dimension
    start: datetime
    end: datetime
    quantity: Decimal
    price: Decimal
    vat: Decimal | None
    net: Decimal
    gross: Decimal
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What a tariff makes of a session or a part of it.

    `unpriced` is the Wh that no price was known for (a site's price that has not come in yet): then the amount is not
    final, and `without_price` says when they flowed, with a price and amounts of zero. `bounded` is what the least or
    most price of a session added (net, gross), both zero where neither applied. While that may change with a price to
    come, `bound_waits`.
    """

    tariff: str
    currency: str
    lines: tuple[PricedLine, ...]
    bounded: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    unpriced: int = 0
    without_price: tuple[PricedLine, ...] = ()
    bound_waits: bool = False

    @property
    def net(self) -> Decimal:
        """The exact amount without VAT."""
        return sum((line.net for line in self.lines), Decimal(0)) + self.bounded[0]

    @property
    def gross(self) -> Decimal:
        """The exact amount with VAT."""
        return sum((line.gross for line in self.lines), Decimal(0)) + self.bounded[1]
