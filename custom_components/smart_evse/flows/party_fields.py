"""The fields about somebody who sends or gets statements, and what is looked at before they are kept."""

import re
from typing import Final

from homeassistant.const import CONF_COUNTRY, CONF_NAME
from homeassistant.helpers.selector import CountrySelector
import voluptuous as vol

from ..const import (
    CONF_ADDRESS,
    CONF_BANK_ACCOUNT,
    CONF_BIC,
    CONF_CITY,
    CONF_CONTACT,
    CONF_POSTCODE,
    CONF_SWISH,
    CONF_VAT_NUMBER,
)
from ..documents.iban import compact, valid_iban
from ..engine.statements.vat_numbers import vat_number
from .fields import LINES, TEXT, Answers
from .probe import Unfit

_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_SWISH: Final = re.compile(r"\+?\d{10,11}")

PARTY_FIELDS: Final[dict[vol.Marker, object]] = {
    vol.Required(CONF_NAME): TEXT,
    vol.Optional(CONF_ADDRESS): LINES,
    vol.Optional(CONF_POSTCODE): TEXT,
    vol.Optional(CONF_CITY): TEXT,
    vol.Optional(CONF_COUNTRY): CountrySelector(),
    vol.Optional(CONF_CONTACT): TEXT,
}


def checked(said: Answers) -> Answers:
    """Return what was said as it is written down; `Unfit` for a number that is none."""
    found: Answers = {key: value.strip() if isinstance(value, str) else value for key, value in said.items()}
    if (account := found.get(CONF_BANK_ACCOUNT)) is not None:
        if not valid_iban(account):
            raise Unfit("no_iban", CONF_BANK_ACCOUNT)
        found[CONF_BANK_ACCOUNT] = compact(account)
    if (bic := found.get(CONF_BIC)) is not None:
        found[CONF_BIC] = compact(bic)
        if not _BIC.fullmatch(found[CONF_BIC]):
            raise Unfit("no_bic", CONF_BIC)
    if (written := found.get(CONF_VAT_NUMBER)) is not None:
        number = vat_number(written, found.get(CONF_COUNTRY))
        if number is None:
            raise Unfit("no_vat_number", CONF_VAT_NUMBER)
        found[CONF_VAT_NUMBER] = number
    if (swish := found.get(CONF_SWISH)) is not None:
        found[CONF_SWISH] = re.sub(r"[\s-]", "", swish)
        if not _SWISH.fullmatch(found[CONF_SWISH]):
            raise Unfit("no_swish_number", CONF_SWISH)
    return found
