"""The paper: A4 with its fonts, colours and margins, the foot of each page, tables and codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
import logging
from pathlib import Path
from typing import Final, Literal, override

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from fpdf.table import Row
from fpdf.util import Padding

FAMILY: Final = "OpenSans"
INK: Final = (33, 37, 41)
QUIET: Final = (108, 117, 125)
LINE: Final = (206, 212, 218)
TINT: Final = (243, 246, 245)
ACCENT: Final = (15, 118, 90)

LEFT: Final = 25.0
RIGHT: Final = 20.0
WIDTH: Final = 210.0 - LEFT - RIGHT
_TOP: Final = 20.0
_BOTTOM: Final = 27.0
_LEADING: Final = 1.35
_LONGEST: Final = 40
_FIRST: Final = Padding(0.9, 0, 0.9, 0)
_OTHERS: Final = Padding(0.9, 0, 0.9, 2)
_FONTS: Final = Path(__file__).parents[1] / "fonts"

# What cuts the fonts down to the letters in use tells of each table in them, some hundred lines a document.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)

type Side = Literal["L", "R", "C"]
type Ink = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its heading, which side it keeps to, and its share of the width."""

    text: str
    side: Side = "L"
    share: float = 1.0


class Sheet(FPDF):
    """A document in the making. `foot` is printed on each page beside its number, `page_words` are those around it."""

    def __init__(self, *, foot: Sequence[str], page_words: str, made: datetime) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self._foot = tuple(foot)
        self._page_words = page_words
        self.add_font(FAMILY, "", _FONTS / "OpenSans-Regular.ttf")
        self.add_font(FAMILY, "B", _FONTS / "OpenSans-SemiBold.ttf")
        self.set_creation_date(made)
        self.set_producer("Smart EVSE")
        self.set_margins(LEFT, _TOP, RIGHT)
        self.set_auto_page_break(auto=True, margin=_BOTTOM)
        self.c_margin = 0
        self.set_draw_color(*LINE)
        self.set_line_width(0.15)
        self.write_in(9)
        self.add_page()

    @override
    def footer(self) -> None:
        self.set_y(-_BOTTOM + 6)
        self.set_draw_color(*LINE)
        self.set_line_width(0.15)
        self.line(LEFT, self.get_y(), LEFT + WIDTH, self.get_y())
        self.write_in(6.5, QUIET)
        self.set_y(self.get_y() + 1.5)
        top = self.get_y()
        for line in self._foot:
            self.cell(WIDTH - 25, 3.2, self.fitting(line, WIDTH - 25), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_xy(LEFT + WIDTH - 22, top)
        self.cell(22, 3.2, self._page_words.format(page=self.page_no(), pages="{nb}"))

    def write_in(self, size: float, ink: Ink = INK, *, bold: bool = False) -> None:
        """Choose how the next words look; `size` in points."""
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*ink)

    def words(self, text: str, where: tuple[float, float], width: float, side: Side = "L") -> float:
        """Write a paragraph at a place and return where it ends; all in mm."""
        self.set_xy(*where)
        self.multi_cell(width, self.font_size * _LEADING, text, align=side, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        return float(self.get_y())

    def fitting(self, text: str, width: float) -> str:
        """Return as much of a text as fits on one line of a width."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def section(self, heading: str, *, needs: float = 24.0) -> None:
        """Begin a part under a heading, on the next page where less than `needs` mm are left."""
        self.keep_together(needs)
        self.set_y(self.get_y() + 5)
        self.write_in(10, ACCENT, bold=True)
        self.cell(WIDTH, 5, heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(self.get_y() + 1)
        self.write_in(8)

    def keep_together(self, height: float) -> None:
        """Turn the page where less than so many mm are left."""
        if self.get_y() + height > self.h - _BOTTOM:
            self.add_page()

    def table_of(
        self, headings: Sequence[Heading], rows: Iterable[Sequence[str]], *, total: Sequence[str] = (), size: float = 8
    ) -> None:
        """Draw a table that breaks between rows, with its headings again on each page; `total` is its last row."""
        self.write_in(size)
        self.set_draw_color(*LINE)
        self.set_fill_color(255, 255, 255)
        with self.table(
            col_widths=tuple(heading.share for heading in headings),
            text_align=tuple(heading.side for heading in headings),
            width=WIDTH,
            align="L",
            v_align="T",
            line_height=size * 0.5,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD", color=QUIET, size_pt=size - 1),
        ) as table:
            _fill(table.row(), [heading.text for heading in headings])
            for row in rows:
                _fill(table.row(), row)
            if total:
                _fill(table.row(style=FontFace(emphasis="BOLD")), total)

    def code(self, rows: Sequence[Sequence[bool]], x: float, y: float, width: float) -> None:
        """Draw a QR code without its quiet zone: dark modules of a row in one, so that no line shows between them."""
        module = width / len(rows)
        self.set_fill_color(0, 0, 0)
        for place, row in enumerate(rows):
            for first, length in _runs(row):
                self.rect(x + first * module, y + place * module, length * module, module, style="F")

    def link_at(self, text: str, url: str) -> None:
        """Write a link that can be clicked, and read on paper."""
        self.set_text_color(*ACCENT)
        self.write(4.2, text, link=url)
        self.set_text_color(*INK)


def _fill(row: Row, cells: Sequence[str]) -> None:
    """All space between columns is on their left: what keeps to the right ends where the page's text does."""
    for place, text in enumerate(cells):
        row.cell(text, padding=_FIRST if place == 0 else _OTHERS)


def _runs(row: Sequence[bool]) -> Iterable[tuple[int, int]]:
    start = None
    for place, dark in enumerate((*row, False)):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


def short(name: str | None) -> str:
    """As much of a name as keeps a row a row; nobody known is a dash."""
    if not name:
        return "–"
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST].rstrip()}…"


def room_for(rows: int) -> float:
    """What a table of few rows takes with its heading and its total, in mm: those stay on one page."""
    needed = 24 + 6.0 * rows
    return needed if needed < 90 else 40
