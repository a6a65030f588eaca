"""The head of a statement: who writes to whom, what it is, and the figures that matter."""

from collections.abc import Iterator
import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from ...engine.statements.model import Party, StatementKind, StatementSession
from ..e_invoice import is_credit
from ..manuscript import Manuscript
from .sheet import ACCENT, INK, LEFT, QUIET, TINT, WIDTH, Sheet

_LOGO: Final = (55.0, 20.0)
"""The most that a logo takes, in mm."""

_WINDOW: Final = 45.0
"""Where the window of an envelope begins, in mm from above (DIN 5008 form B); 85 mm x 45 mm."""
_SIDE: Final = LEFT + 100.0
_TITLE: Final = 98.0


def draw_head(sheet: Sheet, text: Manuscript, logo: bytes | None) -> None:
    """Draw all that stands before the sessions."""
    statement = text.statement
    _draw_sender(sheet, statement.issuer, logo)
    low = _draw_window(sheet, statement.issuer, statement.recipient)
    low = max(low, _draw_facts(sheet, text))
    sheet.set_y(max(_TITLE, low + 6))
    sheet.write_in(17, INK, bold=True)
    heading = text.title if statement.number is None else f"{text.title} {statement.number}"
    sheet.multi_cell(WIDTH, 8, heading, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.write_in(10, QUIET)
    sheet.multi_cell(WIDTH, 5.5, text.span, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.write_in(9)
    sheet.set_y(sheet.get_y() + 2)
    sheet.multi_cell(WIDTH, 4.6, text.intro, align="L", new_x="LMARGIN", new_y="NEXT")
    _draw_figures(sheet, text)


def _draw_sender(sheet: Sheet, issuer: Party, logo: bytes | None) -> None:
    if logo is not None and (picture := _picture(logo)) is not None:
        scale = min(_LOGO[0] / picture.width, _LOGO[1] / picture.height)
        width = picture.width * scale
        sheet.image(picture, x=LEFT + WIDTH - width, y=13, w=width, alt_text=issuer.name)
        return
    sheet.write_in(12, ACCENT, bold=True)
    sheet.words(issuer.name, (LEFT + WIDTH - 90, 15), 90, side="R")


def _picture(logo: bytes) -> Image.Image | None:
    """A logo that cannot be read is no reason to be without the statement: the name stands in its place."""
    try:
        picture = Image.open(io.BytesIO(logo))
        picture.load()
    except UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError:
        return None
    return picture.convert("RGBA") if picture.mode not in {"RGB", "RGBA", "L"} else picture


def _draw_window(sheet: Sheet, issuer: Party, recipient: Party) -> float:
    sheet.write_in(6.5, QUIET)
    sender = " · ".join((issuer.name, *issuer.address, _town(issuer)))
    sheet.set_xy(LEFT, _WINDOW + 7)
    sheet.cell(82, 3.5, sheet.fitting(sender.rstrip(" ·"), 82))
    sheet.write_in(10)
    abroad = recipient.country != issuer.country
    lines = (recipient.name, *recipient.address, _town(recipient, abroad=abroad))
    top = _WINDOW + 13
    for line in [line for line in lines if line][:7]:
        top = sheet.words(line, (LEFT, top), 82)
    return top


def _town(party: Party, *, abroad: bool = False) -> str:
    """Town and postcode in the order of the country, its code before them in a letter from another one."""
    code = f"{party.country}-" if abroad and party.country else ""
    if party.country == "GB":
        return "  ".join(part for part in (party.city, party.postcode, code.rstrip("-")) if part)
    return code + " ".join(part for part in (party.postcode, party.city) if part)


def _draw_facts(sheet: Sheet, text: Manuscript) -> float:
    top = _WINDOW + 7
    for label, value in _facts(text):
        sheet.write_in(8, QUIET)
        low = sheet.words(label, (_SIDE, top), 27)
        sheet.write_in(8)
        top = max(low, sheet.words(value, (_SIDE + 28, top), WIDTH - 128)) + 0.7
    return top


def _facts(text: Manuscript) -> Iterator[tuple[str, str]]:
    statement, signs = text.statement, text.signs
    recipient, issuer = statement.recipient, statement.issuer
    told = (
        ("number", statement.number),
        ("date", signs.date(statement.made_on)),
        ("due", None if statement.due_on is None else signs.date(statement.due_on)),
        ("corrects", text.preceding.number if text.preceding else statement.corrects),
        ("reference", recipient.reference),
        ("own_reference", issuer.reference if issuer.reference != recipient.reference else None),
        ("your_vat_number", recipient.vat_number),
        ("driver", _only({session.driver for session in statement.sessions} - {issuer.name, recipient.name})),
        ("vehicle", _only({_vehicle(session) for session in statement.sessions})),
    )
    yield from ((text.told(f"label_{key}"), value) for key, value in told if value)


def _only(names: set[str | None]) -> str | None:
    """What there is one of: of several, each session says its own."""
    return names.pop() if len(names) == 1 else None


def _vehicle(session: StatementSession) -> str | None:
    return ", ".join(part for part in (session.vehicle, session.plate) if part) or None


def _draw_figures(sheet: Sheet, text: Manuscript) -> None:
    """The figures that matter, side by side on a quiet ground."""
    figures = tuple(_figures(text))
    top, width = sheet.get_y() + 4, WIDTH / len(figures)
    sheet.set_fill_color(*TINT)
    sheet.rect(LEFT, top, WIDTH, 15, style="F")
    for place, (label, value) in enumerate(figures):
        x = LEFT + place * width + 4
        sheet.write_in(7, QUIET)
        sheet.set_xy(x, top + 2.5)
        sheet.cell(width - 6, 3.5, sheet.fitting(label, width - 6))
        last = place == len(figures) - 1
        sheet.write_in(11, ACCENT if last else INK, bold=True)
        sheet.set_xy(x, top + 6.8)
        sheet.cell(width - 6, 5.5, sheet.fitting(value, width - 6))
    sheet.set_xy(LEFT, top + 15)


def _figures(text: Manuscript) -> Iterator[tuple[str, str]]:
    statement, told = text.statement, text.told
    yield told("label_sessions"), str(len(statement.sessions))
    yield told("label_energy"), f"{text.signs.energy(statement.energy)} kWh"
    sun = sum(session.from_sun for session in statement.sessions)
    if sun and statement.kind is not StatementKind.INVOICE:
        yield told("label_from_sun"), f"{text.signs.energy(sun)} kWh"
    yield told(total_label(text)), text.money(statement.total)
    if text.received:
        yield told("label_left"), text.money(text.due)


def total_label(text: Manuscript) -> str:
    """The words' key of what the total is."""
    if text.statement.kind is StatementKind.LIST or text.received:
        return "label_total"
    if is_credit(text.statement):
        return "label_credited"
    return "label_to_reimburse" if text.statement.kind is StatementKind.REIMBURSEMENT else "label_to_pay"
