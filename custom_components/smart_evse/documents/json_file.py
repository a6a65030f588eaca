"""Tables as JSON, for programs: keys instead of headings, times with their offset from UTC."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
import json

from .table import Cell, Table

type Plain = str | int | float | None


def json_bytes(about: Mapping[str, str], *tables: Table) -> bytes:
    """Write each table with its totals under its title, after what is to be known `about` them."""
    told = {
        **about,
        **{table.title: plain_rows(table) for table in tables},
        "totals": {table.title: plain_totals(table) for table in tables},
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def plain_rows(table: Table) -> list[dict[str, Plain]]:
    """Return the rows of a table by the keys of its columns."""
    return [{key: _plain(cell) for key, cell in row.items()} for row in table.named_rows()]


def plain_totals(table: Table) -> dict[str, Plain]:
    """Return the totals of a table, of those columns that have one."""
    totals = zip(table.columns, table.totals, strict=True)
    return {column.key: _plain(total) for column, total in totals if total is not None}


def _plain(cell: Cell) -> Plain:
    match cell:
        case Decimal():
            # Its shortest form is what was rounded, to the last digit.
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        case datetime():
            return cell.isoformat(timespec="seconds")
    return cell
