"""A table as it is shown: its cells are rounded already, so that its totals are the sum of what is read in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    TIME = "time"
    """An aware time in the zone of the site."""
    DURATION = "duration"
    """Whole seconds."""
    ENERGY = "energy"
    """kWh to the Wh."""
    MONEY = "money"
    """Rounded where it is booked: to the cent for a session, finer for a quarter of an hour."""
    PRICE = "price"
    """Currency per kWh."""
    SHARE = "share"
    """%."""
    FIGURE = "figure"


type Cell = str | datetime | Decimal | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: the key of its heading, what it holds, its decimals, and whether a total means something."""

    key: str
    kind: Kind = Kind.TEXT
    decimals: int = 0
    summed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings. `headings` has the words of `title` and of each column's key."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    headings: Mapping[str, str]

    @property
    def totals(self) -> tuple[Cell, ...]:
        """The sum of what each column shows, `None` where that would mean nothing."""
        return tuple(self._total(place, column) for place, column in enumerate(self.columns))

    def named_rows(self) -> Iterator[dict[str, Cell]]:
        """Yield each row by the keys of its columns."""
        for row in self.rows:
            yield {column.key: cell for column, cell in zip(self.columns, row, strict=True)}

    def _total(self, place: int, column: Column) -> Cell:
        figures = [cell for row in self.rows if isinstance(cell := row[place], Decimal | int)]
        return sum(figures, Decimal(0)) if column.summed and figures else None
