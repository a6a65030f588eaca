"""Which signs part decimals and columns in the office programs of a country.

Office programs read a CSV file by the settings of the machine: where those write 1,5 they part columns by semicolons.
The countries that write a decimal comma are those of Unicode's Common Locale Data Repository (CLDR).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DecimalMark(StrEnum):
    """The sign between a number's whole part and its decimals."""

    COMMA = "comma"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Separators:
    """The sign before the decimals, and the one between two columns."""

    decimal: str
    column: str


_SEPARATORS: Final = {
    DecimalMark.COMMA: Separators(decimal=",", column=";"),
    DecimalMark.POINT: Separators(decimal=".", column=","),
}

_COMMA_COUNTRIES: Final = (
    "AD AL AM AR AT AZ BA BE BG BO BR BY CL CO CR CY CZ DE DK DZ EC EE ES FI FO FR GE GL GR HR HU ID IS IT KG KZ LT LU "
    "LV MA MC MD ME MK NL NO PL PT PY RO RS RU SE SI SK SM SR TJ TN TR UA UY UZ VE VN XK ZA"
)

_SEMICOLON_COUNTRIES: Final = frozenset({"CH", "LI"})
"""They write a decimal point and part columns by semicolons all the same."""

_POINT_LANGUAGES: Final = frozenset({"en", "ja", "ko", "zh", "th", "he", "hi", "ms"})


def separators(language: str, country: str | None, mark: DecimalMark | None = None) -> Separators:
    """Return the signs for a country (ISO 3166-1), else those of a language (BCP 47); `mark` was asked for."""
    if mark is not None:
        return _SEPARATORS[mark]
    if country in _SEMICOLON_COUNTRIES:
        return Separators(decimal=".", column=";")
    spoken = language.partition("-")[0].lower()
    if country == "CA":
        return _SEPARATORS[DecimalMark.COMMA if spoken == "fr" else DecimalMark.POINT]
    if country is not None:
        return _SEPARATORS[DecimalMark.COMMA if country in _COMMA_COUNTRIES.split() else DecimalMark.POINT]
    point = spoken in _POINT_LANGUAGES
    return _SEPARATORS[DecimalMark.POINT if point else DecimalMark.COMMA]
