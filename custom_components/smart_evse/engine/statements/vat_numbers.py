"""What VAT numbers look like in each country, as the European Commission's VIES and the tax offices write them.

Only the form is checked: whether a number was given out, only the office knows.
"""

import re
from typing import Final

_FORMS: Final = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}
_ANY: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{2,13}")
_SIGNS: Final = str.maketrans("", "", " .-/")

_GREECE: Final = {"GR": "EL"}
"""Its VAT numbers begin with another code than its addresses have (ISO 3166-1)."""


def vat_number(written: str, country: str | None = None) -> str | None:
    """Return a VAT number without spaces and with its country's code, `None` for what is none.

    The code may be left out where the number is of the party's own `country` (ISO 3166-1).
    """
    number = written.upper().translate(_SIGNS)
    home = _GREECE.get(country or "", country or "")
    told = number[:2]
    if told in _FORMS and re.fullmatch(_FORMS[told], number[2:]):
        return number
    if home in _FORMS and re.fullmatch(_FORMS[home], number):
        return home + number
    return number if told.isalpha() and told not in _FORMS and _ANY.fullmatch(number) else None
