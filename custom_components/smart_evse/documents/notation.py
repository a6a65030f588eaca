"""How numbers, money and dates are written in a language and a country.

Patterns are those of Unicode's Common Locale Data Repository (CLDR), shortened to what documents need.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.statements.coins import digits

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"

_SYMBOLS: Final = {
    "EUR": "€",
    "GBP": "£",
    "USD": "$",
    "SEK": "kr",
    "NOK": "kr",
    "DKK": "kr",
    "ISK": "kr",
    "PLN": "zł",
    "CZK": "Kč",
    "HUF": "Ft",
}

_APOSTROPHE_COUNTRIES: Final = frozenset({"CH", "LI"})
_GROUPS: Final = {"fr": _NO_BREAK, "sv": _NO_BREAK}

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_DATES: Final = {
    "de": "{day:02}.{month:02}.{year}",
    "nl": "{day:02}-{month:02}-{year}",
    "fr": "{day:02}/{month:02}/{year}",
    "sv": "{year}-{month:02}-{day:02}",
}
_ENGLISH_DATE: Final = "{day} {name} {year}"
"""The month is a word: 02/03 is another day on each side of an ocean."""

_SYMBOL_FIRST: Final = {"en": "", "nl": _NO_BREAK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """The signs of one reader. `language` is one of those that documents are written in."""

    language: str
    decimal: str
    group: str
    zone: tzinfo

    def number(self, value: Decimal, least: int, most: int | None = None) -> str:
        """Write with at least, and at most, so many decimals; what has more is rounded as people do on paper."""
        most = least if most is None else most
        text = f"{value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):,.{most}f}"
        whole, _, decimals = text.partition(".")
        decimals = decimals[:least] + decimals[least:].rstrip("0")
        whole = whole.replace(",", self.group)
        written = f"{whole}{self.decimal}{decimals}" if decimals else whole
        return written if any(sign in written for sign in "123456789") else written.removeprefix("-")

    def energy(self, watt_hours: int) -> str:
        """Write Wh as kWh, to the Wh."""
        return self.number(Decimal(watt_hours).scaleb(-3), 3)

    def amount(self, value: Decimal, currency: str) -> str:
        """Write money without its currency: in a column that names it."""
        return self.number(value, digits(currency))

    def money(self, value: Decimal, currency: str) -> str:
        """Write money with its currency where this language puts it."""
        return self._with_currency(self.amount(value, currency), currency)

    def price(self, value: Decimal, currency: str) -> str:
        """Write a price per unit, as exactly as it is set: 0.3636."""
        return self.number(value, digits(currency), 6)

    def rate(self, value: Decimal, currency: str) -> str:
        """Write a price per unit with its currency."""
        return self._with_currency(self.price(value, currency), currency)

    def date(self, day: date) -> str:
        """Write a day."""
        pattern = _DATES.get(self.language, _ENGLISH_DATE)
        return pattern.format(day=day.day, month=day.month, year=day.year, name=_MONTHS.split()[day.month - 1])

    def moment(self, moment: datetime) -> str:
        """Write a time by the clock of the site."""
        local = moment.astimezone(self.zone)
        return f"{self.date(local.date())} {local:%H:%M}"

    def _with_currency(self, amount: str, currency: str) -> str:
        symbol = _SYMBOLS.get(currency, currency)
        gap = _SYMBOL_FIRST.get(self.language)
        if gap is None:
            return f"{amount}{_NO_BREAK}{symbol}"
        if symbol.isalpha():
            symbol, gap = currency, _NO_BREAK
        return f"-{symbol}{gap}{amount[1:]}" if amount.startswith("-") else f"{symbol}{gap}{amount}"


def notation(language: str, country: str | None, zone: str) -> Notation:
    """Return the notation of a language, in a country (ISO 3166-1) that writes it in its own way.

    The language decides: 13,336 within English sentences is thirteen thousand, wherever they are read.
    """
    if country in _APOSTROPHE_COUNTRIES:
        mark, group = ".", _APOSTROPHE
    elif language == "en":
        mark, group = ".", ","
    else:
        mark, group = ",", _GROUPS.get(language, ".")
    return Notation(language=language, decimal=mark, group=group, zone=ZoneInfo(zone))
