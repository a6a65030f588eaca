"""The parts between the head of a statement and its payment: sessions, prices, VAT, totals, meters, figures, notes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ...engine.statements.model import Fact, Meter, Statement, StatementKind, StatementSession
from ...engine.statements.per_driver import Share, per_driver
from ..manuscript import Charge, Manuscript, charges
from .head import total_label
from .sheet import INK, LEFT, QUIET, WIDTH, Heading, Sheet, Side

_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sessions: shown only where `wanted` says so, with the words' key of its heading."""

    key: str
    share: float
    cell: Callable[[StatementSession, Manuscript], str]
    side: Side = "L"
    wanted: Callable[[Statement], bool] = lambda _: True


def _several(of: Callable[[StatementSession], str | None]) -> Callable[[Statement], bool]:
    return lambda statement: len({of(each) for each in statement.sessions}) > 1


def _any(of: Callable[[StatementSession], object]) -> Callable[[Statement], bool]:
    return lambda statement: any(of(each) is not None for each in statement.sessions)


def _of_one(statement: Statement) -> bool:
    """A plate says whose car it was: that is for the one who pays for it, not for a list of many."""
    return statement.kind is not StatementKind.LIST and any(each.plate for each in statement.sessions)


def _short(name: str | None) -> str:
    """As much of a name as keeps a row a row; nobody known is a dash."""
    if not name:
        return "–"
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST].rstrip()}…"


def _started(session: StatementSession, text: Manuscript) -> str:
    marks = [key for key, there in (("part", session.part), ("estimated", session.estimated)) if there]
    return "\n".join((text.signs.moment(session.started), *(f"({text.told(f'mark_{key}')})" for key in marks)))


def _ended(session: StatementSession, text: Manuscript) -> str:
    return text.signs.moment(session.ended)


def _register(watt_hours: int | None, text: Manuscript) -> str:
    return "–" if watt_hours is None else text.signs.energy(watt_hours)


def _evidence(session: StatementSession, text: Manuscript) -> str:
    return text.told("evidence_missing" if session.evidence is None else f"evidence_{session.evidence}")


_COLUMNS: Final[tuple[_Column, ...]] = (
    _Column("started", 26, _started),
    _Column("ended", 26, _ended),
    _Column(
        "charger", 20, lambda each, _: _short(each.meter.charger), wanted=_several(lambda each: each.meter.charger)
    ),
    _Column("driver", 24, lambda each, _: _short(each.driver), wanted=_several(lambda each: each.driver)),
    _Column("plate", 20, lambda each, _: _short(each.plate), wanted=_of_one),
    _Column("card", 16, lambda each, _: _short(each.card), wanted=_any(lambda each: each.card)),
    _Column(
        "odometer",
        18,
        lambda each, text: "–" if each.odometer is None else text.signs.number(Decimal(each.odometer), 0),
        "R",
        _any(lambda each: each.odometer),
    ),
    _Column("register_start", 22, lambda each, text: _register(each.register_start, text), "R"),
    _Column("register_stop", 22, lambda each, text: _register(each.register_stop, text), "R"),
    _Column("energy", 18, lambda each, text: text.signs.energy(each.energy), "R"),
    _Column("evidence", 22, _evidence, "R", _any(lambda each: each.evidence)),
    _Column(
        "amount",
        18,
        lambda each, text: text.amount(text.shown(each)),
        "R",
        lambda statement: any(each.lines for each in statement.sessions),
    ),
)


def _room(rows: int) -> float:
    """What a table of few rows takes with its heading and its total, in mm: those stay on one page."""
    needed = 24 + 6.0 * rows
    return needed if needed < 90 else 40


def draw_list(sheet: Sheet, text: Manuscript) -> None:
    """Draw what each driver comes to, where there are several."""
    shares = sorted(per_driver(text.statement), key=lambda share: (share.name is None, share.name or ""))
    if text.statement.kind is not StatementKind.LIST or len(shares) < 2:
        return
    told, energy = text.told, text.signs.energy
    sheet.section(told("heading_list"), needs=_room(len(shares)))
    headings = (
        Heading(told("column_resident"), share=40),
        Heading(told("column_count"), "R", 18),
        Heading(told("column_energy"), "R", 22),
        Heading(told("column_from_sun"), "R", 22),
        Heading(told("column_amount", currency=text.statement.currency), "R", 22),
    )
    figures = [_share_figures(share, text) for share in shares]
    rows = [
        (_short(share.name), str(count), energy(taken), energy(sun), text.amount(amount))
        for share, (count, taken, sun, amount) in zip(shares, figures, strict=True)
    ]
    counts, energies, suns, amounts = zip(*figures, strict=True)
    total = (str(sum(counts)), energy(sum(energies)), energy(sum(suns)), text.amount(sum(amounts, Decimal(0))))
    sheet.table_of(headings, rows, total=(told("column_total"), *total))


def _share_figures(share: Share, text: Manuscript) -> tuple[int, int, int, Decimal]:
    """Sessions, energy and what of it was from the sun in Wh, and the amount as it is shown."""
    amount = share.gross if text.statement.prices_with_vat else share.net
    return len(share.sessions), share.energy, sum(each.from_sun for each in share.sessions), amount


def draw_sessions(sheet: Sheet, text: Manuscript) -> None:
    """Draw a row for each session, with the registers that its energy is the difference of."""
    sessions, told = text.statement.sessions, text.told
    sheet.section(told("heading_sessions"), needs=_room(len(sessions)))
    if not sessions:
        sheet.write_in(9, QUIET)
        sheet.cell(WIDTH, 6, told("no_sessions"), new_x="LMARGIN", new_y="NEXT")
        return
    columns = [column for column in _COLUMNS if column.wanted(text.statement)]
    headings = [
        Heading(told(f"column_{column.key}", currency=text.statement.currency), column.side, column.share)
        for column in columns
    ]
    rows = ([column.cell(each, text) for column in columns] for each in sessions)
    sums = {
        "started": told("column_total"),
        "energy": text.signs.energy(sum(each.energy for each in sessions)),
        "amount": text.amount(sum((text.shown(each) for each in sessions), Decimal(0))),
    }
    total = [sums.get(column.key, "") for column in columns]
    sheet.table_of(headings, rows, total=total, size=7.5)


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
    sheet.section(told("heading_prices"), needs=_room(len(found)))
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
        rows = [(_rate(row.rate, text), *map(text.amount, (row.net, row.vat, row.gross))) for row in statement.vat]
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
    if statement.rounding:
        rows.append(("label_rounding", statement.rounding))
    sheet.keep_together(8 + 5 * len(rows) + 4)
    top, side = sheet.get_y() + 3, LEFT + WIDTH - 75
    sheet.write_in(9)
    for key, value in rows:
        sheet.words(text.told(key), (side, top), 40)
        top = sheet.words(text.money(value), (side + 35, top), 40, side="R") + 0.8
    if rows:
        sheet.line(side, top + 0.4, LEFT + WIDTH, top + 0.4)
    sheet.write_in(11, INK, bold=True)
    sheet.words(text.told(total_label(text)), (side, top + 1.6), 45)
    sheet.words(text.money(statement.total), (side + 35, top + 1.6), 40, side="R")


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
        _short(meter.charger),
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
