"""The sessions of a statement, and on a list what each driver comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ...engine.statements.model import Statement, StatementKind, StatementSession
from ...engine.statements.per_driver import Share, per_driver
from ..manuscript import Manuscript
from .sheet import QUIET, WIDTH, Heading, Sheet, Side, room_for, short


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


def _started(session: StatementSession, text: Manuscript) -> str:
    known = (("part", session.part), ("estimated", session.estimated), ("provisional", session.provisional))
    marks = (f"({text.told(f'mark_{key}')})" for key, there in known if there)
    return "\n".join((text.signs.moment(session.started), *marks))


def _ended(session: StatementSession, text: Manuscript) -> str:
    return text.signs.moment(session.ended)


def _register(watt_hours: int | None, text: Manuscript) -> str:
    return "–" if watt_hours is None else text.signs.energy(watt_hours)


def _evidence(session: StatementSession, text: Manuscript) -> str:
    return text.told("evidence_missing" if session.evidence is None else f"evidence_{session.evidence}")


_COLUMNS: Final[tuple[_Column, ...]] = (
    _Column("started", 26, _started),
    _Column("ended", 26, _ended),
    _Column("charger", 20, lambda each, _: short(each.meter.charger), wanted=_several(lambda each: each.meter.charger)),
    _Column("driver", 24, lambda each, _: short(each.driver), wanted=_several(lambda each: each.driver)),
    _Column("plate", 20, lambda each, _: short(each.plate), wanted=_of_one),
    _Column("card", 16, lambda each, _: short(each.card), wanted=_any(lambda each: each.card)),
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


def draw_list(sheet: Sheet, text: Manuscript) -> None:
    """Draw what each driver comes to, where there are several."""
    shares = sorted(per_driver(text.statement), key=lambda share: (share.name is None, share.name or ""))
    if text.statement.kind is not StatementKind.LIST or len(shares) < 2:
        return
    told, energy = text.told, text.signs.energy
    sheet.section(told("heading_list"), needs=room_for(len(shares)))
    headings = (
        Heading(told("column_resident"), share=40),
        Heading(told("column_count"), "R", 18),
        Heading(told("column_energy"), "R", 22),
        Heading(told("column_from_sun"), "R", 22),
        Heading(told("column_amount", currency=text.statement.currency), "R", 22),
    )
    figures = [_share_figures(share, text) for share in shares]
    rows = [
        (short(share.name), str(count), energy(taken), energy(sun), text.amount(amount))
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
    sheet.section(told("heading_sessions"), needs=room_for(len(sessions)))
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
