"""Takes back what was sent: the same statement once more, with the amounts turned round."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from .model import Line, Statement, StatementKind, StatementSession, VatRow

CREDIT_NOTE = "credit_note"
"""The words' key of what it is."""


def credit_note(statement: Statement, *, id: str, made_on: date) -> Statement:  # noqa: A002 - what it is called everywhere
    """Return what takes back a statement. It gets a number of its own, and quantities are negative, prices are not."""
    return replace(
        statement,
        id=id,
        number=None,
        made_on=made_on,
        due_on=None,
        sessions=tuple(_session(one) for one in statement.sessions),
        lines=tuple(_line(one) for one in statement.lines),
        vat=tuple(_row(one) for one in statement.vat),
        energy=-statement.energy,
        net=_turned(statement.net),
        total=_turned(statement.total),
        notes=(CREDIT_NOTE, *(note for note in statement.notes if note != CREDIT_NOTE)),
        corrects=statement.id,
    )


def needs_credit_note(statement: Statement) -> bool:
    """Whether it can only be cancelled by a credit note: an invoice that has a number is in somebody's books."""
    return statement.kind is StatementKind.INVOICE and statement.number is not None and statement.corrects is None


def _session(one: StatementSession) -> StatementSession:
    return replace(
        one,
        energy=-one.energy,
        from_sun=-one.from_sun,
        lines=tuple(_line(line) for line in one.lines),
        net=_turned(one.net),
        gross=_turned(one.gross),
        other_values=(),
    )


def _line(line: Line) -> Line:
    return replace(line, quantity=_turned(line.quantity), net=_turned(line.net), gross=_turned(line.gross))


def _row(row: VatRow) -> VatRow:
    return replace(row, net=_turned(row.net), vat=_turned(row.vat), gross=_turned(row.gross))


def _turned(amount: Decimal) -> Decimal:
    # Minus nothing is nothing.
    return -amount + 0
