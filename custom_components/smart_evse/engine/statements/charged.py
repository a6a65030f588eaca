"""What a statement is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ..sessions.model import Interval, SessionRecord
from ..tariffs.model import Dimension, Priced, Source
from .model import Evidence, Fact, Meter, Party

BOUND = "bound"
"""The words' key of what the least or most price of a session added."""


class Valuation(StrEnum):
    """What a session may be worth."""

    TARIFF = "tariff"
    """What the driver's tariff says."""
    PAID = "paid"
    """What it cost: the grid at its price, what was stored at what it had cost, the sun at nothing."""
    GRID = "grid_reference"
    """What it would have cost if all of it had come from the grid."""
    COST = "sun_at_feed_in"
    """What was paid, and what the sun in it would have earned if it had been fed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a session is worth by one valuation.

    Of several drivers in one session each may have a tariff: then `driver` says whose intervals were priced, `None`
    where it was the whole session.
    """

    valuation: Valuation
    priced: Priced
    driver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedSession:
    """A session as a statement takes it in: what is on record, and in words what there are only ids of.

    `names` are drivers by their id, as the statement shall print them. `card` and `vehicle` are what is printed, too.
    """

    record: SessionRecord
    intervals: tuple[Interval, ...]
    meter: Meter
    values: tuple[Value, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    vehicle: str | None = None
    plate: str | None = None
    card: str | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """An amount that is not a session's: a monthly fee. `price` is per unit, with or without VAT as the statement's."""

    what: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: Decimal | None = None
    driver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which statement is wanted, and what nobody but the owner can say.

    `since` is included, `until` is not. `driver` and `vehicle` are ids; without them it is the whole site's. `method`
    is one of the preset's, its first if `None`; `region` picks a figure where regions have their own. `facts` win over
    the built-in figures. `exemption` says why no VAT is charged (a key of the words). `public_energy` is Wh that the
    car took elsewhere. `issuer_id` names the issuer where names may change or be somebody else's, too. `provisional`
    accepts energy whose price is not known yet: what claims its energy leaves such sessions out, since nothing that was
    sent may change, an overview marks them. `incomplete` accepts what the preset needs and nobody told.
    """

    id: str
    preset: str
    issuer: Party
    recipient: Party
    since: datetime
    until: datetime
    zone: str
    currency: str
    made_on: date
    language: str = "en"
    method: str | None = None
    region: str | None = None
    driver: str | None = None
    vehicle: str | None = None
    prices_with_vat: bool = True
    exemption: str | None = None
    facts: tuple[Fact, ...] = ()
    extras: tuple[Extra, ...] = ()
    due_on: date | None = None
    payment_terms: str | None = None
    reference: str | None = None
    business_miles: Decimal | None = None
    public_energy: int = 0
    provisional: bool = False
    incomplete: bool = False
    issuer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """An amount before it is rounded: what becomes a line. `with_vat` says whether the price holds the VAT.

    `net_before` and `gross_before` are what the same line of the session had come to where this part of it begins.
    """

    what: Dimension | str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: Decimal | None
    net: Decimal
    gross: Decimal
    source: Source | None = None
    tariff: str | None = None
    driver: str | None = None
    with_vat: bool = True
    net_before: Decimal = Decimal(0)
    gross_before: Decimal = Decimal(0)
