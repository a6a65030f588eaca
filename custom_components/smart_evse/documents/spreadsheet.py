"""Tables as a workbook (XLSX), one sheet each.

What writes it is installed on first use. Totals are formulas, so that they follow whoever filters or corrects.
"""

from datetime import datetime
from decimal import Decimal
import io
from typing import TYPE_CHECKING, Final

from .table import Cell, Column, Kind, Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_DAY: Final = 86_400
_WIDTH: Final = {Kind.TEXT: 20, Kind.TIME: 19}
_OTHER_WIDTH: Final = 14


def spreadsheet_bytes(*tables: Table, made: datetime | None = None) -> bytes:
    """Write a workbook with a sheet for each table. `ImportError` where the writer is not installed.

    With `made` its bytes are the same whenever it is written again; without it the workbook says the time it was.
    """
    import xlsxwriter  # noqa: PLC0415 (installed on first use)

    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as workbook:
        if made is not None:
            workbook.set_properties({"created": made.replace(tzinfo=None)})
        for table in tables:
            _write_sheet(workbook, table)
    return output.getvalue()


def _write_sheet(workbook: Workbook, table: Table) -> None:
    sheet = workbook.add_worksheet(table.headings[table.title][:31])
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(table.columns):
        shape = workbook.add_format({"num_format": _format(column)})
        sheet.set_column(place, place, _WIDTH.get(column.kind, _OTHER_WIDTH))
        sheet.write_string(0, place, table.headings[column.key], bold)
        for line, row in enumerate(table.rows, start=1):
            _write(sheet, (line, place), row[place], column, shape)
        _write_total(workbook, sheet, table, place)
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _write_total(workbook: Workbook, sheet: Worksheet, table: Table, place: int) -> None:
    from xlsxwriter.utility import xl_range  # noqa: PLC0415 (as above)

    line, column = len(table.rows) + 1, table.columns[place]
    shape = workbook.add_format({"bold": True, "top": 1, "num_format": _format(column)})
    total = table.totals[place]
    if place == 0:
        sheet.write_string(line, place, table.headings["total"], shape)
    elif total is None or not isinstance(total, Decimal | int):
        sheet.write_blank(line, place, None, shape)
    else:
        area = xl_range(1, place, line - 1, place)
        sheet.write_formula(line, place, f"=SUM({area})", shape, _number(total, column))


def _write(sheet: Worksheet, where: tuple[int, int], cell: Cell, column: Column, shape: Format) -> None:
    match cell:
        case None:
            sheet.write_blank(*where, None, shape)
        case str():
            sheet.write_string(*where, cell)
        case datetime():
            sheet.write_datetime(*where, cell.replace(tzinfo=None), shape)
        case _:
            sheet.write_number(*where, _number(cell, column), shape)


def _number(cell: Decimal | int, column: Column) -> float:
    """A workbook counts time in days."""
    return int(cell) / _DAY if column.kind is Kind.DURATION else float(cell)


def _format(column: Column) -> str:
    match column.kind:
        case Kind.TEXT:
            return "@"
        case Kind.TIME:
            return "yyyy-mm-dd hh:mm:ss"
        case Kind.DURATION:
            return "[h]:mm:ss"
    return "0." + "0" * column.decimals if column.decimals else "0"
