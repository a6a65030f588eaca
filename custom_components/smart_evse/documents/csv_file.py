"""A table as CSV, with the signs of a country, as office programs open it without being asked anything."""

import csv
from datetime import datetime
from decimal import Decimal
import io

from .separators import Separators
from .table import Cell, Column, Kind, Table

_BEGINS_A_FORMULA = frozenset("=+-@\t\r")


def csv_bytes(table: Table, signs: Separators) -> bytes:
    """Write headings, rows and totals; the mark at its beginning tells office programs that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=signs.column, lineterminator="\r\n")
    writer.writerow(table.headings[column.key] for column in table.columns)
    for row in (*table.rows, _total_row(table)):
        writer.writerow(_written(cell, column, signs) for cell, column in zip(row, table.columns, strict=True))
    return text.getvalue().encode("utf-8-sig")


def _total_row(table: Table) -> tuple[Cell, ...]:
    return (table.headings["total"], *table.totals[1:])


def clock(seconds: int) -> str:
    """Write a duration as hours, minutes and seconds, however many hours there are."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _written(cell: Cell, column: Column, signs: Separators) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case str():
            # Some office programs run what looks like a formula, and a note may come from anybody.
            return f"'{cell}" if cell[:1] in _BEGINS_A_FORMULA else cell
    if column.kind is Kind.DURATION:
        return clock(int(cell))
    return f"{Decimal(cell):.{column.decimals}f}".replace(".", signs.decimal)
