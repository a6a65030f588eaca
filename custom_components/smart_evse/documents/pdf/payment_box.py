"""The box to pay by: account and reference in words, codes to scan, and a link."""

from collections.abc import Iterator, Sequence
from typing import Final

from ...engine.statements.model import StatementKind
from ..iban import in_groups, valid_creditor_reference, valid_iban
from ..manuscript import Manuscript
from ..payment_codes import PaymentCode, code_rows
from .sheet import LEFT, LINE, QUIET, TINT, WIDTH, Sheet

_CODE: Final = 27.0
_QUIET_ZONE: Final = 4.0
"""White around a code in mm: four modules of the largest that is printed."""
_HEIGHT: Final = 49.0

_LONGEST_PAYLOAD: Final = 600
"""What still reads from a page that was printed and held before a phone; a longer link is only clicked."""


def draw_payment(sheet: Sheet, text: Manuscript, codes: Sequence[PaymentCode]) -> None:
    """Draw the box; nothing where nothing is to be paid."""
    statement = text.statement
    if statement.kind is StatementKind.LIST or text.due <= 0 or not (codes or statement.issuer.account):
        return
    scanned = [code for code in codes if len(code.payload) <= _LONGEST_PAYLOAD]
    height = _HEIGHT if scanned else 15 + 4.8 * len(tuple(_facts(text)))
    sheet.keep_together(height + 6)
    top = sheet.get_y() + 7
    sheet.set_fill_color(*TINT)
    sheet.set_draw_color(*LINE)
    sheet.rect(LEFT, top, WIDTH, height, style="DF", round_corners=True, corner_radius=2)
    sheet.write_in(10, bold=True)
    sheet.words(text.told("heading_payment"), (LEFT + 5, top + 4), 80)
    _draw_words(sheet, text, codes, top + 11, WIDTH - 10 - len(scanned) * (_CODE + 14))
    for place, code in enumerate(reversed(scanned)):
        _draw_code(sheet, text, code, LEFT + WIDTH - 5 - (place + 1) * (_CODE + 9) - place * 5, top + 4)
    sheet.set_y(top + height)


def _draw_words(sheet: Sheet, text: Manuscript, codes: Sequence[PaymentCode], top: float, width: float) -> None:
    for label, value in _facts(text):
        sheet.write_in(8, QUIET)
        low = sheet.words(label, (LEFT + 5, top), 27)
        sheet.write_in(8.5)
        top = max(low, sheet.words(value, (LEFT + 33, top), width - 28)) + 0.6
    for code in codes:
        if code.link is not None:
            sheet.set_xy(LEFT + 5, top + 1)
            sheet.write_in(8.5, bold=True)
            sheet.link_at(text.told("pay_online"), code.link)


def _facts(text: Manuscript) -> Iterator[tuple[str, str]]:
    statement, told = text.statement, text.told
    issuer, reference = statement.issuer, statement.reference or statement.number
    yield told("label_amount"), text.money(text.due)
    if statement.due_on is not None:
        yield told("label_due"), text.signs.date(statement.due_on)
    if issuer.account:
        yield told("label_payee"), issuer.name
        known = valid_iban(issuer.account)
        yield told("label_iban" if known else "label_account"), in_groups(issuer.account) if known else issuer.account
        if issuer.bic:
            yield told("label_bic"), issuer.bic
    if reference:
        checked = valid_creditor_reference(reference)
        yield told("label_payment_reference"), in_groups(reference) if checked else reference


def _draw_code(sheet: Sheet, text: Manuscript, code: PaymentCode, x: float, y: float) -> None:
    size = _CODE + 2 * _QUIET_ZONE
    sheet.set_fill_color(255, 255, 255)
    sheet.rect(x, y, size, size, style="F")
    sheet.code(code_rows(code.payload), x + _QUIET_ZONE, y + _QUIET_ZONE, _CODE)
    if code.link is not None:
        sheet.link(x, y, size, size, code.link)
    sheet.write_in(6.5, QUIET)
    sheet.words(text.told(code.words), (x, y + size + 1.2), size, side="C")
