"""A statement of several drivers by driver: what a housing association's list has a row for."""

from dataclasses import dataclass
from decimal import Decimal

from .model import Line, Statement, StatementSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one driver has on a statement; `name` as it is printed, `driver` the id, `None` where nobody is known."""

    driver: str | None
    name: str | None
    sessions: tuple[StatementSession, ...]
    lines: tuple[Line, ...]
    energy: int
    net: Decimal
    gross: Decimal


def per_driver(statement: Statement) -> tuple[Share, ...]:
    """Return each driver's share, in the order in which they first charged. They add up to the statement unrounded."""
    drivers = dict.fromkeys(one.driver_id for one in statement.sessions)
    drivers |= dict.fromkeys(line.driver for line in statement.lines)
    return tuple(_share(statement, driver) for driver in drivers)


def _share(statement: Statement, driver: str | None) -> Share:
    sessions = tuple(one for one in statement.sessions if one.driver_id == driver)
    lines = tuple(line for line in statement.lines if line.driver == driver)
    return Share(
        driver=driver,
        name=next((one.driver for one in sessions if one.driver), None),
        sessions=sessions,
        lines=lines,
        energy=sum(one.energy for one in sessions),
        net=sum([*(one.net for one in sessions), *(line.net for line in lines)], Decimal(0)),
        gross=sum([*(one.gross for one in sessions), *(line.gross for line in lines)], Decimal(0)),
    )
