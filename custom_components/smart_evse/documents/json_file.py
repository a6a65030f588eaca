"""Tables as JSON, for programs: keys instead of headings, times with their offset from UTC."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
import json

from .table import Cell, Table


def json_bytes(about: Mapping[str, str], *tables: Table) -> bytes:
    """Write each table with its totals under its title, after what is to be known `about` them."""
    told = {
        **about,
        **{table.title: [_plain(row) for row in table.named_rows()] for table in tables},
        "totals": {table.title: _totals(table) for table in tables},
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _plain(row: Mapping[str, Cell]) -> dict[str, object]:
    return {key: _value(cell) for key, cell in row.items()}


def _totals(table: Table) -> dict[str, object]:
    totals = zip(table.columns, table.totals, strict=True)
    return {column.key: _value(total) for column, total in totals if total is not None}


def _value(cell: Cell) -> object:
    match cell:
        case Decimal():
            # Its shortest form is what was rounded, to the last digit.
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        case datetime():
            return cell.isoformat(timespec="seconds")
    return cell
