"""The categories of VAT that EN 16931 knows (UNCL 5305), for the rates and exemptions of statements."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..engine.statements.model import VatRow
from ..engine.statements.rounding import OUTSIDE

_EXEMPT: Final = "E"
_CODES: Final = {OUTSIDE: "O", "private": "O", "reverse_charge": "AE"}
"""Every other exemption is one by law: a small business, for example."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category's code, and its rate in % as it is written; what is outside of VAT has no rate at all."""

    code: str
    percent: str | None


def category(row: VatRow, rows: tuple[VatRow, ...]) -> Category:
    """Return the category of a row among all; what is outside of VAT cannot stand beside what is not: it is exempt."""
    if row.rate > 0:
        return Category("S", f"{row.rate.normalize():f}")
    code = _CODES.get(row.exemption, _EXEMPT) if row.exemption else "Z"
    if code != "O":
        return Category(code, "0")
    return Category(code, None) if len(rows) == 1 else Category(_EXEMPT, "0")


def row_of(rows: tuple[VatRow, ...], rate: Decimal | None) -> VatRow | None:
    """Return the row that a line with a rate belongs to; one without a rate belongs to what is outside of VAT."""
    found = [row for row in rows if row.rate == (rate or Decimal(0))]
    # Statements of before have one row for both.
    return next((row for row in found if outside(row) == (rate is None)), next(iter(found), None))


def outside(row: VatRow) -> bool:
    """Tell whether a row is of what there is no VAT on, not even one of 0 %."""
    return row.exemption == OUTSIDE
