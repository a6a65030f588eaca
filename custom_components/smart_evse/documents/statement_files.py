"""A statement as the files that people send on: the one way in for all who want them.

The same statement makes the same bytes whenever it is asked for: what was sent can be made again, only that it tells
what has been paid by then, and asks for no more than the rest. It draws, packs and reads words from files: never on
the event loop. What draws PDF and QR codes is installed on first use; `ImportError` says that it is not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from enum import StrEnum
import re
from typing import Final

from ..engine.statements.model import Statement
from ..engine.tariffs.ocpi_words import Json
from .cdr_file import cdr_bytes
from .csv_file import csv_bytes
from .e_invoice import FILE_NAME, Preceding, e_invoice
from .invoice_fields import missing_fields
from .manuscript import Manuscript, manuscript
from .payment_codes import payment_codes
from .separators import DecimalMark, separators
from .spreadsheet import spreadsheet_bytes
from .statement_json import statement_json
from .statement_tables import statement_tables

type File = tuple[str, bytes]


class Format(StrEnum):
    """In which form a statement is wanted."""

    PDF = "pdf"
    """With the e-invoice inside where the statement has all that one needs."""
    E_INVOICE = "e_invoice"
    """The same, and an error that names what is missing where it cannot be one."""
    XML = "xml"
    """The e-invoice alone."""
    CSV = "csv"
    """A file for each table."""
    XLSX = "xlsx"
    """A sheet for each table."""
    JSON = "json"
    CDR = "cdr"
    """Charge detail records of OCPI; none where there are none."""


NEEDS_DRAWING: Final = frozenset({Format.PDF, Format.E_INVOICE})
"""Formats that want fpdf2 and segno; a workbook wants XlsxWriter, all others nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What goes on a document beside the statement.

    `logo` is a picture (PNG, JPEG), `link` where it can be paid online, `swish` the issuer's Swish number. `preceding`
    is what a credit note takes back, `records` are its sessions as charge detail records. `mark` is the decimal mark in
    CSV where that of the country is not wanted. `other_values` tells what else the energy is worth: for the owner's own
    books, since it says what the site pays itself. `received` is what of it has been paid: only the rest is asked for.
    `settled` says that it is paid or cancelled: then it does not ask to be paid.
    """

    logo: bytes | None = None
    link: str | None = None
    swish: str | None = None
    preceding: Preceding | None = None
    records: tuple[Json, ...] = ()
    mark: DecimalMark | None = None
    other_values: bool = False
    received: Decimal = Decimal(0)
    settled: bool = False


def statement_files(
    statement: Statement, formats: Iterable[Format | str], enclosed: Enclosed | None = None
) -> tuple[File, ...]:
    """Return name and content of each file. `FieldsMissing`: it cannot be the e-invoice that was asked for."""
    with_it = enclosed or Enclosed()
    told = statement if with_it.other_values else _without_other_values(statement)
    text = manuscript(told, with_it.preceding, with_it.received)
    wanted = dict.fromkeys(Format(each) for each in formats)
    if Format.E_INVOICE in wanted:
        wanted.pop(Format.PDF, None)
    return tuple(file for each in wanted for file in _WRITERS[each](text, with_it))


def file_stem(text: Manuscript) -> str:
    """Return what its files are called: what it is, and its number or, without one, the first day of its span."""
    called = text.statement.number or f"{text.first_day:%Y-%m-%d}"
    return re.sub(r"[^\w.-]+", "_", f"{text.title} {called}").strip("._")


def _without_other_values(statement: Statement) -> Statement:
    return replace(statement, sessions=tuple(replace(each, other_values=()) for each in statement.sessions))


def _pdf(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    hybrid = not missing_fields(text.statement)
    return _drawn(text, with_it, _e_invoice(text) if hybrid else None)


def _hybrid(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    return _drawn(text, with_it, _e_invoice(text))


def _e_invoice(text: Manuscript) -> bytes:
    return e_invoice(text.statement, text.preceding, text.received)


def _drawn(text: Manuscript, with_it: Enclosed, xml: bytes | None) -> tuple[File, ...]:
    from .pdf.statement_pdf import statement_pdf  # noqa: PLC0415 (what draws is installed on first use)

    statement, due = text.statement, text.due
    codes = None if with_it.settled else payment_codes(statement, due=due, link=with_it.link, swish=with_it.swish)
    return ((f"{file_stem(text)}.pdf", statement_pdf(text, codes=codes, logo=with_it.logo, e_invoice=xml)),)


def _xml(text: Manuscript, _: Enclosed) -> tuple[File, ...]:
    return ((f"{file_stem(text)}_{FILE_NAME}", _e_invoice(text)),)


def _csv(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    country = text.statement.recipient.country or text.statement.issuer.country
    signs = separators(text.told.language, country, with_it.mark)
    tables = statement_tables(text)
    return tuple((f"{file_stem(text)}_{table.title}.csv", csv_bytes(table, signs)) for table in tables)


def _xlsx(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    made = datetime.combine(text.statement.made_on, time(12, tzinfo=UTC))
    return ((f"{file_stem(text)}.xlsx", spreadsheet_bytes(*statement_tables(text), made=made)),)


def _json(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    return ((f"{file_stem(text)}.json", statement_json(text.statement)),)


def _cdr(text: Manuscript, with_it: Enclosed) -> tuple[File, ...]:
    return ((f"{file_stem(text)}_cdr.json", cdr_bytes(with_it.records)),) if with_it.records else ()


_WRITERS: Final[dict[Format, Callable[[Manuscript, Enclosed], tuple[File, ...]]]] = {
    Format.PDF: _pdf,
    Format.E_INVOICE: _hybrid,
    Format.XML: _xml,
    Format.CSV: _csv,
    Format.XLSX: _xlsx,
    Format.JSON: _json,
    Format.CDR: _cdr,
}
