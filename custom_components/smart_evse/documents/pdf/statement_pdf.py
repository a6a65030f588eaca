"""A statement as PDF (PDF/A-3), with its e-invoice inside where it has one."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from ..e_invoice import FILE_NAME
from ..iban import in_groups, valid_iban
from ..manuscript import Manuscript
from ..payment_codes import PaymentCode
from .factur_x import metadata
from .head import draw_head
from .payment_box import draw_payment
from .sections import draw_facts, draw_meters, draw_notes, draw_other_values, draw_prices, draw_sums
from .sessions import draw_list, draw_sessions
from .sheet import Sheet

_NOON: Final = time(12, tzinfo=UTC)


def statement_pdf(
    text: Manuscript,
    *,
    codes: Sequence[PaymentCode] | None = (),
    logo: bytes | None = None,
    e_invoice: bytes | None = None,
) -> bytes:
    """Return the document: the same bytes whenever it is made again.

    `codes` are what it can be paid with, `None` where nothing is to be paid any more.
    """
    statement = text.statement
    made = datetime.combine(statement.made_on, _NOON)
    sheet = Sheet(foot=_foot(text), page_words=_page_words(text), made=made)
    title = text.title if statement.number is None else f"{text.title} {statement.number}"
    sheet.set_title(title)
    sheet.set_author(statement.issuer.name)
    sheet.set_subject(text.span)
    sheet.set_lang(text.told.language)
    sheet.set_xmp_metadata(metadata(title, statement.issuer.name, text.span, made, hybrid=e_invoice is not None))
    draw_head(sheet, text, logo)
    draw_list(sheet, text)
    draw_sessions(sheet, text)
    draw_prices(sheet, text)
    draw_sums(sheet, text)
    if codes is not None:
        draw_payment(sheet, text, codes)
    draw_other_values(sheet, text)
    draw_meters(sheet, text)
    draw_facts(sheet, text)
    draw_notes(sheet, text)
    if e_invoice is not None:
        sheet.embed_file(
            bytes=e_invoice,
            basename=FILE_NAME,
            mime_type="text/xml",
            modification_date=made,
            desc="Factur-X",
            associated_file_relationship="Alternative",
            compress=True,
        )
    return bytes(sheet.output())


def _foot(text: Manuscript) -> tuple[str, ...]:
    issuer, told = text.statement.issuer, text.told
    town = " ".join(part for part in (issuer.postcode, issuer.city) if part)
    account = issuer.account and (in_groups(issuer.account) if valid_iban(issuer.account) else issuer.account)
    numbers = (
        ("vat_number", issuer.vat_number),
        ("tax_number", issuer.tax_number),
        ("company_number", issuer.company_number),
        ("account", account),
    )
    first = (issuer.name, *issuer.address, town, issuer.contact)
    second = (f"{told(f'label_{key}')} {value}" for key, value in numbers if value)
    return " · ".join(part for part in first if part), " · ".join(second)


def _page_words(text: Manuscript) -> str:
    return text.told("page", page="{page}", pages="{pages}")
