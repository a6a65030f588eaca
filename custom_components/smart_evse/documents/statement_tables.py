"""A statement as tables for office programs: its sessions, every amount of it, and what each driver comes to."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ..engine.statements.coins import digits
from ..engine.statements.model import Line, StatementKind, StatementSession
from ..engine.statements.per_driver import Share, per_driver
from .account import kilowatt_hours
from .manuscript import Manuscript
from .table import Cell, Column, Kind, Table

_ENERGY: Final = Column(key="energy", kind=Kind.ENERGY, decimals=3, summed=True)
_FROM_SUN: Final = Column(key="from_sun", kind=Kind.ENERGY, decimals=3, summed=True)
_NET: Final = Column(key="net", kind=Kind.MONEY, decimals=2, summed=True)
_GROSS: Final = Column(key="gross", kind=Kind.MONEY, decimals=2, summed=True)

_SESSIONS: Final[tuple[Column, ...]] = (
    Column(key="started", kind=Kind.TIME),
    Column(key="ended", kind=Kind.TIME),
    Column(key="charger"),
    Column(key="meter"),
    Column(key="certification"),
    Column(key="point"),
    Column(key="driver"),
    Column(key="vehicle"),
    Column(key="plate"),
    Column(key="card"),
    Column(key="odometer", kind=Kind.FIGURE),
    Column(key="register_start", kind=Kind.ENERGY, decimals=3),
    Column(key="register_stop", kind=Kind.ENERGY, decimals=3),
    _ENERGY,
    _FROM_SUN,
    Column(key="evidence"),
    Column(key="estimated"),
    Column(key="part"),
    Column(key="provisional"),
    _NET,
    _GROSS,
    Column(key="currency"),
    Column(key="session"),
)

_LINES: Final[tuple[Column, ...]] = (
    Column(key="statement"),
    Column(key="session"),
    Column(key="driver"),
    Column(key="what"),
    Column(key="tariff"),
    Column(key="quantity", kind=Kind.FIGURE, decimals=3),
    Column(key="unit"),
    Column(key="price", kind=Kind.PRICE, decimals=6),
    Column(key="rate", kind=Kind.SHARE, decimals=2),
    _NET,
    _GROSS,
    Column(key="currency"),
)

_LIST: Final[tuple[Column, ...]] = (
    Column(key="resident"),
    Column(key="count", kind=Kind.FIGURE, summed=True),
    _ENERGY,
    _FROM_SUN,
    _NET,
    _GROSS,
    Column(key="currency"),
)


def statement_tables(text: Manuscript) -> tuple[Table, ...]:
    """Return the sessions and the amounts, and before them what each driver comes to on a list."""
    statement = text.statement
    names = {each.driver_id: each.driver for each in statement.sessions}
    owners = [(each, line) for each in statement.sessions for line in each.lines]
    amounts: list[tuple[str | None, str | None, Line]] = [(each.id, each.driver, line) for each, line in owners]
    amounts += [(None, names.get(line.driver), line) for line in statement.lines]
    sessions = _table("sessions", _SESSIONS, (_session_row(each, text) for each in statement.sessions), text)
    lines = _table("lines", _LINES, (_line_row(*each, text) for each in amounts), text)
    if statement.kind is not StatementKind.LIST:
        return sessions, lines
    shares = sorted(per_driver(statement), key=lambda share: (share.name is None, share.name or ""))
    return _table("list", _LIST, (_share_row(share, text) for share in shares), text), sessions, lines


def _table(title: str, columns: tuple[Column, ...], rows: Iterator[tuple[Cell, ...]], text: Manuscript) -> Table:
    coins = digits(text.statement.currency)
    columns = tuple(replace(each, decimals=coins) if each.kind is Kind.MONEY else each for each in columns)
    keys = ("total", title, *(column.key for column in columns))
    headings = {key: text.told(f"column_{key}") for key in keys}
    return Table(title=title, columns=columns, rows=tuple(rows), headings=headings)


def _session_row(session: StatementSession, text: Manuscript) -> tuple[Cell, ...]:
    told, meter = text.told, session.meter
    return (
        session.started.astimezone(text.signs.zone),
        session.ended.astimezone(text.signs.zone),
        meter.charger,
        meter.number,
        told(f"certification_{meter.certification}"),
        meter.point,
        session.driver,
        session.vehicle,
        session.plate,
        session.card,
        session.odometer,
        _register(session.register_start),
        _register(session.register_stop),
        kilowatt_hours(session.energy),
        kilowatt_hours(session.from_sun),
        None if session.evidence is None else told(f"evidence_{session.evidence}"),
        told("mark_estimated") if session.estimated else None,
        told("mark_part") if session.part else None,
        told("mark_provisional") if session.provisional else None,
        session.net,
        session.gross,
        text.statement.currency,
        session.id,
    )


def _line_row(session: str | None, driver: str | None, line: Line, text: Manuscript) -> tuple[Cell, ...]:
    statement = text.statement
    return (
        statement.number or statement.id,
        session,
        driver,
        text.what(line),
        line.tariff,
        line.quantity,
        text.told.say("unit", line.unit),
        line.price,
        line.vat,
        line.net,
        line.gross,
        statement.currency,
    )


def _share_row(share: Share, text: Manuscript) -> tuple[Cell, ...]:
    return (
        share.name,
        len(share.sessions),
        kilowatt_hours(share.energy),
        kilowatt_hours(sum(each.from_sun for each in share.sessions)),
        share.net,
        share.gross,
        text.statement.currency,
    )


def _register(watt_hours: int | None) -> Decimal | None:
    return None if watt_hours is None else kilowatt_hours(watt_hours)
