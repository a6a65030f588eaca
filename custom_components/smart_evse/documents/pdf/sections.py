"""The parts after the sessions of a statement: prices, VAT, totals, meters, figures, notes."""

from decimal import Decimal

from ...engine.statements.model import Fact, Meter
from ..manuscript import Charge, Manuscript, charges
from ..vat_category import outside
from .head import total_label
from .sheet import INK, LEFT, QUIET, WIDTH, Heading, Sheet, room_for, short


def draw_prices(sheet: Sheet, text: Manuscript) -> None:
    """Draw what the amount adds up from, by component."""
    found, told = charges(text), text.told
    if not found:
        return
    statement = text.statement
    kind = "plain" if not statement.vat else "gross" if statement.prices_with_vat else "net"
    headings = [
        Heading(told("column_what"), share=52),
        Heading(told("column_quantity"), "R", 30),
        Heading(told(f"column_price_{kind}", currency=statement.currency), "R", 34),
        *([Heading(told("column_rate"), "R", 16)] if statement.vat else []),
        Heading(told("column_amount", currency=statement.currency), "R", 24),
    ]
    sheet.section(told("heading_prices"), needs=room_for(len(found)))
    rows = [_price_cells(each, text) for each in found]
    amount = text.amount(sum((each.amount for each in found), Decimal(0)))
    sheet.table_of(headings, rows, total=(told("column_total"), *[""] * (len(headings) - 2), amount))


def _price_cells(charge: Charge, text: Manuscript) -> tuple[str, ...]:
    signs = text.signs
    price = signs.price(charge.price, text.statement.currency)
    return (
        text.what(charge),
        f"{signs.number(charge.quantity, 0, 3)} {text.told.say('unit', charge.unit)}",
        f"{text.told('mean_price')} {signs.number(charge.price, 2, 4)}" if charge.mean else price,
        *([_rate(charge.vat, text)] if text.statement.vat else []),
        text.amount(charge.amount),
    )


def _rate(rate: Decimal | None, text: Manuscript) -> str:
    return "–" if rate is None else text.signs.number(rate, 0, 2)


def draw_sums(sheet: Sheet, text: Manuscript) -> None:
    """Draw the VAT of each rate, and what it all comes to."""
    statement, told = text.statement, text.told
    if statement.vat:
        sheet.section(told("heading_vat"), needs=50 + 6 * len(statement.vat))
        headings = (
            Heading(told("column_rate"), share=30),
            Heading(told("column_net"), "R", 30),
            Heading(told("column_vat"), "R", 30),
            Heading(told("column_gross"), "R", 30),
        )
        rows = [
            (_rate(None if outside(row) else row.rate, text), *map(text.amount, (row.net, row.vat, row.gross)))
            for row in statement.vat
        ]
        sheet.table_of(headings, rows)
        for row in statement.vat:
            if row.exemption:
                sheet.write_in(8)
                sheet.multi_cell(WIDTH, 4.2, told.say("exemption", row.exemption), new_x="LMARGIN", new_y="NEXT")
    _draw_total(sheet, text)


def _draw_total(sheet: Sheet, text: Manuscript) -> None:
    statement = text.statement
    rows: list[tuple[str, Decimal]] = []
    if statement.vat:
        rows.append(("label_net", sum((row.net for row in statement.vat), Decimal(0))))
        rows.append(("label_vat", sum((row.vat for row in statement.vat), Decimal(0))))
    paid = [("label_paid", -text.received), ("label_left", text.due)] if text.received else []
    sheet.keep_together(8 + 5 * len(rows) + 4 + 7 * len(paid))
    top, side = sheet.get_y() + 3, LEFT + WIDTH - 75
    sheet.write_in(9)
    for key, value in rows:
        sheet.words(text.told(key), (side, top), 40)
        top = sheet.words(text.money(value), (side + 35, top), 40, side="R") + 0.8
    if rows:
        sheet.line(side, top + 0.4, LEFT + WIDTH, top + 0.4)
    sheet.write_in(11, INK, bold=True)
    sheet.words(text.told(total_label(text)), (side, top + 1.6), 45)
    top = sheet.words(text.money(statement.total), (side + 35, top + 1.6), 40, side="R")
    for key, value in paid:
        sheet.write_in(9 if key == "label_paid" else 11, bold=key == "label_left")
        sheet.words(text.told(key), (side, top + 1), 45)
        top = sheet.words(text.money(value), (side + 35, top + 1), 40, side="R")


def draw_other_values(sheet: Sheet, text: Manuscript) -> None:
    """Draw what it all is worth by other rules: for information, not part of the amount."""
    sums: dict[str, Decimal] = {}
    for session in text.statement.sessions:
        for key, value in session.other_values:
            sums[key] = sums.get(key, Decimal(0)) + value
    if not sums:
        return
    told = text.told
    sheet.section(told("heading_other_values"))
    headings = (
        Heading(told("column_figure"), share=60),
        Heading(told("column_amount", currency=text.statement.currency), "R", 30),
    )
    sheet.table_of(headings, [(told.say("value", key), text.amount(value)) for key, value in sums.items()])


def draw_meters(sheet: Sheet, text: Manuscript) -> None:
    """Draw where the energy was measured, and what each meter is certified for: nothing beyond it."""
    meters = list(dict.fromkeys(session.meter for session in text.statement.sessions))
    if not meters:
        return
    told = text.told
    points = any(meter.point for meter in meters)
    keys = ("charger", "meter", "certification", "year", *(("point",) if points else ()))
    sheet.section(told("heading_meters"))
    headings = [Heading(told(f"column_{key}")) for key in keys]
    sheet.table_of(headings, [_meter_cells(meter, text)[: len(keys)] for meter in meters])


def _meter_cells(meter: Meter, text: Manuscript) -> tuple[str, ...]:
    return (
        short(meter.charger),
        meter.number or "–",
        text.told(f"certification_{meter.certification}"),
        "–" if meter.year is None else str(meter.year),
        meter.point or "–",
    )


def draw_facts(sheet: Sheet, text: Manuscript) -> None:
    """Draw the figures that came from laws and offices, with where they are written and when they hold."""
    facts, told = text.statement.facts, text.told
    if not facts:
        return
    sheet.section(told("heading_facts"))
    headings = (
        Heading(told("column_figure"), share=46),
        Heading(told("label_amount"), share=26),
        Heading(told("column_basis"), share=60),
        Heading(told("column_valid"), share=34),
    )
    rows = [
        (
            told.say("fact", fact.key),
            f"{text.signs.number(fact.value, 0, 6)} {fact.unit}",
            fact.source,
            _valid(fact, text),
        )
        for fact in facts
    ]
    sheet.table_of(headings, rows, size=7.5)


def _valid(fact: Fact, text: Manuscript) -> str:
    told, date = text.told, text.signs.date
    if fact.valid_from and fact.valid_until:
        return told("span", first=date(fact.valid_from), last=date(fact.valid_until))
    if fact.valid_from:
        return told("from", first=date(fact.valid_from))
    return told("until", last=date(fact.valid_until)) if fact.valid_until else "–"


def draw_notes(sheet: Sheet, text: Manuscript) -> None:
    """Draw the sentences that belong to it."""
    sheet.section(text.told("heading_notes"), needs=16)
    sheet.write_in(7.5, QUIET)
    for note in text.notes:
        sheet.multi_cell(WIDTH, 3.9, note, align="L", new_x="LMARGIN", new_y="NEXT")
        sheet.set_y(sheet.get_y() + 0.8)
