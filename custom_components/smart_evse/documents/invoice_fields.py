"""What a statement has to have before it can be an e-invoice, by the rules of EN 16931 that fields alone can break."""

from collections.abc import Iterator
import re
from typing import Final

from ..engine.statements.model import Party, Statement, StatementKind
from .cii import printable
from .vat_category import category

_COUNTRY: Final = re.compile("[A-Z]{2}")
_VAT_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9A-Z+*.]+")
"""It begins with its country (rule BR-CO-09), unlike a tax number."""


class FieldsMissing(Exception):
    """A statement that cannot be an e-invoice, with the fields of it that are missing or do not fit."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(f"missing for an e-invoice: {', '.join(fields)}")
        self.fields = fields


def missing_fields(statement: Statement) -> tuple[str, ...]:
    """Return the fields that are missing or do not fit, by their path in the statement; none if it can be made."""
    return tuple(field for field, there in _fields(statement) if not there)


def _fields(statement: Statement) -> Iterator[tuple[str, object]]:
    issuer, recipient = statement.issuer, statement.recipient
    yield "kind", statement.kind is StatementKind.INVOICE
    yield "number", _said(statement.number)
    yield "lines", statement.lines or any(session.lines for session in statement.sessions)
    yield "vat", statement.vat
    yield "due_on", statement.due_on or _said(statement.payment_terms) or statement.total <= 0
    yield from _party("issuer", issuer)
    yield from _party("recipient", recipient)
    reverse = any(category(row, statement.vat).code == "AE" for row in statement.vat)
    known = issuer.vat_number if reverse else issuer.vat_number or _said(issuer.tax_number)
    yield "issuer.vat_number", known and _fits(issuer.vat_number)
    yield "recipient.vat_number", (recipient.vat_number or not reverse) and _fits(recipient.vat_number)


def _party(role: str, party: Party) -> Iterator[tuple[str, object]]:
    yield f"{role}.name", _said(party.name)
    yield f"{role}.postcode", _said(party.postcode)
    yield f"{role}.city", _said(party.city)
    yield f"{role}.country", _COUNTRY.fullmatch(party.country or "")


def _fits(vat_number: str | None) -> bool:
    return not vat_number or _VAT_NUMBER.fullmatch("".join(vat_number.split()).upper()) is not None


def _said(text: str | None) -> str | None:
    """A text that says something: not only spaces."""
    return text and printable(text)
