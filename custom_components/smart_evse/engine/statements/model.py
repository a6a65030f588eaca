"""The nouns of a statement: what somebody is asked to pay, or what somebody claims back.

All amounts on a statement are rounded to the currency's smallest coin, and every total is the sum of what is shown.
Energies are Wh, registers too; times aware UTC, `zone` is what they are shown in. "Not known" is `None`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ..tariffs.model import Dimension, Source


class StatementKind(StrEnum):
    """What a statement is for."""

    INVOICE = "invoice"
    """The recipient pays the issuer."""
    REIMBURSEMENT = "reimbursement"
    """The issuer (a driver) claims back from the recipient (an employer) what charging at home has cost."""
    LIST = "list"
    """Sums for somebody else's books: a housing association's list per apartment, a site's overview."""


class StatementState(StrEnum):
    """How far a statement has come. Nothing leads back, but that a bank may take back a payment.

    What was wrong is cancelled and made anew.
    """

    OPEN = "open"
    SENT = "sent"
    PAID = "paid"
    CANCELLED = "cancelled"


class Certification(StrEnum):
    """What the meter of a charger is certified for, as its owner has recorded it."""

    NONE = "none"
    MID = "mid"
    EICHRECHT = "eichrecht"


class Evidence(StrEnum):
    """What became of the meter's signature over a session."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sends or gets a statement. `address` is lines as on an envelope without the country, `country` ISO 3166-1.

    `account` is an IBAN, `reference` what the other side knows it by (a customer or personnel number, an apartment),
    `contact` mail or telephone.
    """

    name: str
    address: tuple[str, ...] = ()
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    vat_number: str | None = None
    tax_number: str | None = None
    company_number: str | None = None
    account: str | None = None
    bic: str | None = None
    contact: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """Where energy was measured: `number` is the meter's serial number, `year` that of its calibration."""

    charger: str
    number: str | None = None
    certification: Certification = Certification.NONE
    year: int | None = None
    point: str | None = None
    """The number of the metering point at the grid (EAN, MaLo), where a preset wants it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One amount.

    `what` is a dimension or the key of a document's words (`subscription`, `administration`, `base_fee`). `quantity` is
    kWh, h, months, miles or 1, `price` per that unit, not rounded; `net` and `gross` are rounded. `driver` is the id of
    whom it concerns on a list of several.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSession:
    """A session or the part of it that lies in the span: `started` and `ended` are those of the part.

    `register_start` and `register_stop` are the charger's, at the part's ends where they are known. `net` and `gross`
    are the sums of `lines`. `other_values` has what else it is worth (a key of the words -> amount), for information.
    `provisional` says that a price was not known when this was made. `driver` is a name as it is printed, `driver_id`
    whose energy it was.
    """

    id: str
    started: datetime
    ended: datetime
    energy: int
    meter: Meter
    register_start: int | None = None
    register_stop: int | None = None
    from_sun: int = 0
    vehicle: str | None = None
    plate: str | None = None
    driver: str | None = None
    driver_id: str | None = None
    card: str | None = None
    odometer: int | None = None
    estimated: bool = False
    part: bool = False
    provisional: bool = False
    lines: tuple[Line, ...] = ()
    net: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    other_values: tuple[tuple[str, Decimal], ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """What one rate comes to. `exemption` is the key of the words that say why none is charged.

    What no VAT was told of has a row of its own beside what is taxed at 0 %: it is outside of VAT.
    """

    rate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    exemption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure that came from a law or an office, with where it is written. It holds on its last day, too."""

    key: str
    value: Decimal
    unit: str
    source: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A closed span's account.

    `number` is the issuer's, without gaps; a list has none. `lines` are what is not a session's: fees, subscriptions, a
    reimbursement by a flat price. `total` is what is to be paid, VAT included. `notes` are keys of the document's
    words. `reference` is what a payment names. `method` is the way to value energy that was chosen of those the preset
    has. `left_out` are sessions that are not on it since their price was not known. A credit note has `corrects`, the
    id of what it takes back, and negative amounts. `issuer_id` says which of those who send statements has sent it,
    whatever they are called by now.
    """

    id: str
    kind: StatementKind
    preset: str
    issuer: Party
    recipient: Party
    currency: str
    zone: str
    since: datetime
    until: datetime
    made_on: date
    language: str
    number: str | None = None
    due_on: date | None = None
    driver: str | None = None
    vehicle: str | None = None
    method: str | None = None
    prices_with_vat: bool = True
    sessions: tuple[StatementSession, ...] = ()
    lines: tuple[Line, ...] = ()
    vat: tuple[VatRow, ...] = ()
    energy: int = 0
    net: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    reference: str | None = None
    payment_terms: str | None = None
    corrects: str | None = None
    left_out: tuple[str, ...] = ()
    issuer_id: str | None = None
