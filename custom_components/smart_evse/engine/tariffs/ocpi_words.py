"""OCPI's words for ours, its versions, and what goes wrong between the two."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .model import Dimension

type Json = dict[str, Json] | list[Json] | str | int | Decimal | bool | None
"""What is written: numbers with a point are `Decimal`, never float."""


class Version(StrEnum):
    """A version of OCPI."""

    V2_2_1 = "2.2.1"
    V2_3_0 = "2.3.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who offers a tariff: a country (ISO 3166-1) and the three letters of a party in it."""

    country: str
    party: str


class NotInOcpi(ValueError):
    """Something that OCPI has no words for: `what` is the name of the field it is about."""

    def __init__(self, what: str) -> None:
        super().__init__(f"OCPI cannot say: {what}")
        self.what = what


class BadTariff(ValueError):
    """A tariff that cannot be read: `where` is the path of the field that is missing or makes no sense."""

    def __init__(self, where: str) -> None:
        super().__init__(f"No OCPI tariff: {where}")
        self.where = where


DIMENSIONS = {
    Dimension.ENERGY: "ENERGY",
    Dimension.TIME: "TIME",
    Dimension.IDLE: "PARKING_TIME",
    Dimension.FLAT: "FLAT",
}

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

BOUNDS = {Version.V2_2_1: ("excl_vat", "incl_vat"), Version.V2_3_0: ("before_taxes", "after_taxes")}
"""What the amounts without and with VAT of a least and a most price are called."""

NUMBERS = {
    "min_energy": "min_kwh",
    "max_energy": "max_kwh",
    "min_current": "min_current",
    "max_current": "max_current",
    "min_power": "min_power",
    "max_power": "max_power",
}
"""Restrictions that are numbers, ours and theirs."""
