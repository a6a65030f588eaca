"""The lines of an e-invoice: one for each amount of a session, and one for each of the statement itself.

EN 16931 counts without VAT. The statement's lines come to its net amounts exactly, also where prices hold the VAT.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.statements.coins import rounded
from ..engine.statements.model import Line, Statement, StatementSession, VatRow
from .notation import Notation, notation
from .vat_category import row_of
from .words import Words

_UNITS: Final = {"kWh": "KWH", "h": "HUR", "month": "MON", "months": "MON", "mile": "SMI", "miles": "SMI"}
"""UN/ECE recommendation 20; `C62` is one of anything."""

_ONE: Final = "C62"
_PRICE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line without VAT, its price never negative: what is given back has a negative quantity."""

    name: str
    description: str | None
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    vat: VatRow
    first: date | None = None
    last: date | None = None


def invoice_lines(statement: Statement, told: Words) -> tuple[InvoiceLine, ...]:
    """Return all lines; those of a credit note are turned round, since its type says which way it goes."""
    lines = _lines(statement, told)
    if statement.corrects is not None:
        return tuple(replace(each, quantity=-each.quantity, net=-each.net) for each in lines)
    return tuple(lines)


def line_name(line: Line, told: Words) -> str:
    """Say what an amount is for."""
    return told.say("what", str(line.what) if line.source is None else f"{line.what}_{line.source}")


def _lines(statement: Statement, told: Words) -> Iterator[InvoiceLine]:
    signs = notation(told.language, statement.recipient.country, statement.zone)
    zone = ZoneInfo(statement.zone)
    for session in statement.sessions:
        about = _description(session, signs)
        days = (session.started.astimezone(zone).date(), session.ended.astimezone(zone).date())
        for line in session.lines:
            if (made := _line(line, statement, told)) is not None:
                yield replace(made, description=about, first=days[0], last=days[1])
    for line in statement.lines:
        if (made := _line(line, statement, told)) is not None:
            yield made


def _line(line: Line, statement: Statement, told: Words) -> InvoiceLine | None:
    row = row_of(statement.vat, line.vat)
    if row is None:
        return None
    price = line.price
    if statement.prices_with_vat:
        price = price * 100 / (100 + row.rate)
    price = rounded(price, _PRICE)
    return InvoiceLine(
        name=line_name(line, told),
        description=None,
        quantity=line.quantity if price >= 0 else -line.quantity,
        unit=_UNITS.get(line.unit, _ONE),
        price=abs(price),
        net=line.net,
        vat=row,
    )


def _description(session: StatementSession, signs: Notation) -> str:
    """Where and when, and the registers that the energy is the difference of."""
    told = [session.meter.charger, f"{signs.moment(session.started)} – {signs.moment(session.ended)}"]
    if session.meter.number:
        told.append(session.meter.number)
    if session.register_start is not None and session.register_stop is not None:
        told.append(f"{signs.energy(session.register_start)} – {signs.energy(session.register_stop)} kWh")
    return ", ".join(told)
