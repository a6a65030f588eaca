"""Who sends statements and who gets them, and the meters that they speak of, as the owner has told.

Both kinds are subentries, called by their title. Their data has the fields of a `Party` under their own names, the
address as one text with a line for each of its lines, the account as `bank_account`; and beside them
    issuer      payment_days, number_prefix, first_number and first_number_year (where the numbers of that year begin
                here; those of others at 1), exemption (a key of the documents' words), swish, reference_style
                ("creditor" or "number"), logo (the name of a file beside the ledger), stripe_key, webhook_secret,
                stripe_account (what the provider calls it)
    recipient   preset, method, region, drivers (ids of whose statements they get; none listed means nobody's own),
                facts (list of `Fact` as JSON: figures of the owner's that win over the built-in ones)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_COUNTRY

from .configuration import Connector
from .const import (
    CONF_ADDRESS,
    CONF_BANK_ACCOUNT,
    CONF_BIC,
    CONF_CALIBRATION_YEAR,
    CONF_CERTIFICATION,
    CONF_CITY,
    CONF_COMPANY_NUMBER,
    CONF_CONTACT,
    CONF_DRIVERS,
    CONF_EXEMPTION,
    CONF_FACTS,
    CONF_FIRST_NUMBER,
    CONF_FIRST_NUMBER_YEAR,
    CONF_LOGO,
    CONF_METER_NUMBER,
    CONF_METERING_POINT,
    CONF_METHOD,
    CONF_NUMBER_PREFIX,
    CONF_PAYMENT_DAYS,
    CONF_POSTCODE,
    CONF_PRESET,
    CONF_REFERENCE,
    CONF_REFERENCE_STYLE,
    CONF_REGION,
    CONF_STRIPE_KEY,
    CONF_SWISH,
    CONF_TAX_NUMBER,
    CONF_VAT_NUMBER,
    CONF_WEBHOOK_SECRET,
    SUBENTRY_ISSUER,
    SUBENTRY_RECIPIENT,
)
from .documents.iban import creditor_reference
from .engine.access.model import Driver
from .engine.statements.model import Certification, Fact, Meter, Party
from .ledger import Numbering
from .records import made

PAYMENT_DAYS: Final = 14
"""How long somebody has to pay unless the issuer says otherwise."""

CREDITOR: Final = "creditor"
"""Payments are named by a reference that banks check (ISO 11649)."""

NUMBER: Final = "number"
"""Payments are named by the statement's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who sends statements. `payment_days` is the time to pay, `logo` the name of a picture beside the ledger.

    Numbers of `first_number_year` begin at `first_number`: those before it were given elsewhere.

    `exemption` says why no VAT is charged (a key of the documents' words), `None` where it is.
    """

    id: str
    party: Party
    payment_days: int = PAYMENT_DAYS
    number_prefix: str = ""
    first_number: int = 1
    first_number_year: int | None = None
    exemption: str | None = None
    swish: str | None = None
    reference_style: str = CREDITOR
    logo: str | None = None
    stripe_key: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)

    def first_of(self, year: int) -> int:
        """Return where the numbers of a year begin."""
        return self.first_number if year == self.first_number_year else 1

    def reference(self, number: str) -> str:
        """Return what a payment of a statement names."""
        return creditor_reference(number) if self.reference_style == CREDITOR else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets statements that are not for the driver: an employer, a housing association. `drivers` are whose."""

    id: str
    party: Party
    preset: str
    method: str | None = None
    region: str | None = None
    facts: tuple[Fact, ...] = ()
    drivers: frozenset[str] = frozenset()


def issuers(entry: ConfigEntry[Any]) -> tuple[Issuer, ...]:
    """Return everybody who sends statements of a site, the first that was told first."""
    return tuple(
        Issuer(
            id=each.subentry_id,
            party=_party(each),
            payment_days=int(each.data.get(CONF_PAYMENT_DAYS, PAYMENT_DAYS)),
            number_prefix=each.data.get(CONF_NUMBER_PREFIX, ""),
            first_number=each.data.get(CONF_FIRST_NUMBER, 1),
            first_number_year=each.data.get(CONF_FIRST_NUMBER_YEAR),
            exemption=each.data.get(CONF_EXEMPTION),
            swish=each.data.get(CONF_SWISH),
            reference_style=each.data.get(CONF_REFERENCE_STYLE, CREDITOR),
            logo=each.data.get(CONF_LOGO),
            stripe_key=each.data.get(CONF_STRIPE_KEY),
            webhook_secret=each.data.get(CONF_WEBHOOK_SECRET),
        )
        for each in _of_kind(entry, SUBENTRY_ISSUER)
    )


def numbering_of(entry: ConfigEntry[Any], whose: str, year: int) -> Numbering:
    """Return how documents of a year are numbered by an issuer, or by a driver who claims back; `whose` is an id."""
    first = next((each.first_of(year) for each in issuers(entry) if each.id == whose), 1)
    return Numbering(issuer=whose, year=year, first=first)


def recipients(entry: ConfigEntry[Any]) -> tuple[Recipient, ...]:
    """Return everybody who gets statements instead of the driver."""
    return tuple(
        Recipient(
            id=each.subentry_id,
            party=_party(each),
            preset=each.data[CONF_PRESET],
            method=each.data.get(CONF_METHOD),
            region=each.data.get(CONF_REGION),
            facts=tuple(made(Fact, fact) for fact in each.data.get(CONF_FACTS, ())),
            drivers=frozenset(each.data.get(CONF_DRIVERS, ())),
        )
        for each in _of_kind(entry, SUBENTRY_RECIPIENT)
    )


def recipients_of(entry: ConfigEntry[Any], driver: str) -> Iterator[Recipient]:
    """Yield who gets statements of a driver."""
    yield from (each for each in recipients(entry) if driver in each.drivers)


def driver_party(driver: Driver) -> Party:
    """Return a driver as a party: who is invoiced, or who claims back from an employer."""
    lines = tuple(line.strip() for line in (driver.address or "").splitlines() if line.strip())
    return Party(
        name=driver.name,
        address=lines,
        postcode=driver.postcode,
        city=driver.city,
        country=driver.country,
        account=driver.account,
    )


def meter_of(connector: Connector) -> Meter:
    """Return the meter of a connector's charger, as statements tell it."""
    data = connector.data
    year = data.get(CONF_CALIBRATION_YEAR)
    return Meter(
        charger=connector.name,
        number=data.get(CONF_METER_NUMBER),
        certification=Certification(data.get(CONF_CERTIFICATION, Certification.NONE)),
        year=None if year is None else int(year),
        point=data.get(CONF_METERING_POINT),
    )


def _of_kind(entry: ConfigEntry[Any], kind: str) -> Iterable[ConfigSubentry]:
    return (each for each in entry.subentries.values() if each.subentry_type == kind)


def _party(subentry: ConfigSubentry) -> Party:
    told: Mapping[str, Any] = subentry.data
    return Party(
        name=subentry.title,
        address=tuple(line.strip() for line in told.get(CONF_ADDRESS, "").splitlines() if line.strip()),
        postcode=told.get(CONF_POSTCODE),
        city=told.get(CONF_CITY),
        country=told.get(CONF_COUNTRY),
        vat_number=told.get(CONF_VAT_NUMBER),
        tax_number=told.get(CONF_TAX_NUMBER),
        company_number=told.get(CONF_COMPANY_NUMBER),
        account=told.get(CONF_BANK_ACCOUNT),
        bic=told.get(CONF_BIC),
        contact=told.get(CONF_CONTACT),
        reference=told.get(CONF_REFERENCE),
    )
