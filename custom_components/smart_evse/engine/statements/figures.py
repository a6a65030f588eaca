"""Figures of laws and offices, each with where it is written and when it holds. The owner's own win over them.

`source` names the text first; "by way of" says through which pages it was read where the text itself was not at hand.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .errors import FigureMissing
from .model import Fact
from .span import midnight

DE_FLAT = "de_flat_price"
"""Germany: what a kWh counts as without looking at the contract (Strompreispauschale)."""

BE_CAP = {name: f"be_cap_{name}" for name in ("flanders", "brussels", "wallonia")}
"""Belgium: the most that may be paid back for a kWh, by region and quarter."""

UK_HOME = "uk_mile_home"
UK_PUBLIC = "uk_mile_public"
"""United Kingdom: advisory electric rates for a business mile of a company car, by where it was charged."""

CONTRACT = "contract_price"
"""The owner's: what a kWh costs by contract, taxes included."""
MONTH_AVERAGE = "month_average"
"""The owner's: what a kWh of the whole house came to in a month, base fee included (dynamic tariffs)."""
BASE_FEE = "base_fee"
"""The owner's: what the contract costs a month beside its kWh."""
HOUSEHOLD = "household_energy"
"""The owner's: the kWh that the whole house takes in a year, the car's included: what the base fee is shared over."""
PER_KWH = "administration_per_kwh"
PER_CENT = "administration_percent"
PER_DRIVER = "administration_fee"
"""The owner's: what administration costs: a kWh, a share of the amount in %, or each driver and statement."""

_BMF = (
    "BMF-Schreiben 11.11.2025, IV C 5 - S 2334/00087/014/013, Rn. 30; Destatis table 61243-0001;"
    " by way of bbh-fortbildungen.de and zdh.de"
)
_CREG = (
    "SPF/FOD Finances circular 2024/C/77 with addenda and 2025/C/38; CREG_Tariff_EV.csv; by way of pages quoting them"
)
_HMRC = "HMRC, Advisory fuel rates (gov.uk/guidance/advisory-fuel-rates); by way of pages quoting it"

_QUARTERS: tuple[tuple[int, int, str, str, str], ...] = (
    (2025, 1, "0.2822", "0.3294", "0.3256"),
    (2025, 2, "0.3194", "0.3585", "0.3617"),
    (2025, 3, "0.3456", "0.3787", "0.3843"),
    (2025, 4, "0.3070", "0.3356", "0.3457"),
    (2026, 1, "0.3132", "0.3426", "0.3523"),
    (2026, 2, "0.3191", "0.3555", "0.3636"),
    (2026, 3, "0.3222", "0.3719", "0.3783"),
    (2026, 4, "0.3225", "0.3688", "0.3779"),
)
"""EUR/kWh in Flanders, Brussels and Wallonia. The fourth quarter of 2026 is CREG's file, without an addendum yet."""

_MILES: tuple[tuple[date, date, str, str], ...] = (
    (date(2025, 9, 1), date(2025, 11, 30), "0.08", "0.14"),
    (date(2025, 12, 1), date(2026, 2, 28), "0.07", "0.14"),
    (date(2026, 3, 1), date(2026, 5, 31), "0.07", "0.15"),
    (date(2026, 6, 1), date(2026, 8, 31), "0.07", "0.15"),
    (date(2026, 9, 1), date(2026, 11, 30), "0.07", "0.15"),
)
"""GBP/mile at home and in public."""


def _figure(key: str, value: str, where: tuple[str, str], first: date, last: date) -> Fact:
    unit, source = where
    return Fact(key=key, value=Decimal(value), unit=unit, source=source, valid_from=first, valid_until=last)


def _caps() -> Iterator[Fact]:
    for year, quarter, *values in _QUARTERS:
        first = date(year, 3 * quarter - 2, 1)
        last = (date(year, 3 * quarter, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        for key, value in zip(BE_CAP.values(), values, strict=True):
            yield _figure(key, value, ("EUR/kWh", _CREG), first, last)


def _miles() -> Iterator[Fact]:
    for first, last, home, public in _MILES:
        yield _figure(UK_HOME, home, ("GBP/mile", _HMRC), first, last)
        yield _figure(UK_PUBLIC, public, ("GBP/mile", _HMRC), first, last)


FIGURES: tuple[Fact, ...] = (
    _figure(DE_FLAT, "0.34", ("EUR/kWh", _BMF), date(2026, 1, 1), date(2026, 12, 31)),
    *_caps(),
    *_miles(),
)
"""The built-in table."""


def figure(key: str, day: date, own: Iterable[Fact] = ()) -> Fact | None:
    """Return what a figure is on a day, the owner's first; `None` if nobody says. Of several the latest begun holds."""
    for table in (own, FIGURES):
        holding = [fact for fact in table if fact.key == key and _holds(fact, day)]
        if holding:
            return max(holding, key=_begun)
    return None


def needed(key: str, day: date, own: Iterable[Fact] = ()) -> Fact:
    """Return what a figure is on a day; `FigureMissing` if nobody says."""
    found = figure(key, day, own)
    if found is None:
        written = max((fact for fact in FIGURES if fact.key == key), key=_begun, default=None)
        raise FigureMissing(key, day, None if written is None else written.source)
    return found


def stretches(
    key: str, since: datetime, until: datetime, zone: ZoneInfo, own: tuple[Fact, ...] = ()
) -> Iterator[tuple[datetime, datetime, date]]:
    """Yield the stretches of a span within which a figure does not change, each with its first day."""
    days = {day for fact in (*own, *FIGURES) if fact.key == key for day in _borders(fact)}
    borders = sorted(moment for day in days if since < (moment := midnight(day, zone)) < until)
    for low, high in zip([since, *borders], [*borders, until], strict=True):
        yield low, high, low.astimezone(zone).date()


def holds_since(key: str, moment: datetime, zone: ZoneInfo, own: tuple[Fact, ...] = ()) -> datetime | None:
    """Return since when a figure is what it is at a moment, `None` where nobody tells when that began."""
    days = {day for fact in (*own, *FIGURES) if fact.key == key for day in _borders(fact)}
    return max((began for day in days if (began := midnight(day, zone)) <= moment), default=None)


def _begun(fact: Fact) -> date:
    return fact.valid_from or date.min


def _borders(fact: Fact) -> Iterator[date]:
    if fact.valid_from is not None:
        yield fact.valid_from
    if fact.valid_until is not None:
        yield fact.valid_until + timedelta(days=1)


def _holds(fact: Fact, day: date) -> bool:
    return (fact.valid_from is None or fact.valid_from <= day) and (fact.valid_until is None or day <= fact.valid_until)
