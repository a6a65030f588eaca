"""A statement as its reader sees it: in the words of a language, with the signs of a country."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from ..engine.statements.coins import rounded
from ..engine.statements.model import Line, Statement, StatementSession
from ..engine.tariffs.model import Dimension, Source
from .e_invoice import Preceding, is_credit, last_day
from .notation import Notation, notation
from .words import Words, words

_SIX: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A statement, the words it is told in, the notation of its reader, and what a credit note takes back.

    `received` is what of it has been paid.
    """

    statement: Statement
    told: Words
    signs: Notation
    preceding: Preceding | None = None
    received: Decimal = Decimal(0)

    @property
    def due(self) -> Decimal:
        """What is left to be paid."""
        return self.statement.total - self.received

    @property
    def title(self) -> str:
        """What sort of document it is."""
        return self.told("title_credit_note" if is_credit(self.statement) else f"title_{self.statement.kind}")

    @property
    def intro(self) -> str:
        """The sentence under the title."""
        if is_credit(self.statement):
            return self.told("note_credit_note")
        return self.told.say("intro", self.statement.preset)

    @property
    def span(self) -> str:
        """The span by the clock of the site, its last day included."""
        return self.told("span", first=self.signs.date(self.first_day), last=self.signs.date(last_day(self.statement)))

    @property
    def first_day(self) -> date:
        """The first day by the clock of the site."""
        return self.statement.since.astimezone(self.signs.zone).date()

    def shown(self, line: Line | StatementSession) -> Decimal:
        """The amount that is summed: with VAT where prices hold it."""
        return line.gross if self.statement.prices_with_vat else line.net

    def amount(self, value: Decimal) -> str:
        """An amount in a column that names the currency."""
        return self.signs.amount(value, self.statement.currency)

    def money(self, value: Decimal) -> str:
        """An amount with its currency."""
        return self.signs.money(value, self.statement.currency)

    def what(self, line: Line | Charge) -> str:
        """What an amount is for."""
        return self.told.say("what", str(line.what) if line.source is None else f"{line.what}_{line.source}")

    def all_lines(self) -> Iterator[Line]:
        """Yield the sessions' lines, then the statement's own."""
        for session in self.statement.sessions:
            yield from session.lines
        yield from self.statement.lines

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences to be read: those the statement names, and what its sessions ask for."""
        sessions, named = self.statement.sessions, list(self.statement.notes)
        asked = {
            "rounding": True,
            "estimated": any(each.estimated for each in sessions),
            "parts": any(each.part for each in sessions),
            "certification": bool(sessions),
            "evidence": any(each.evidence is not None for each in sessions),
        }
        named += [key for key, needed in asked.items() if needed and key not in named]
        said = tuple(self.told.say("note", key) for key in dict.fromkeys(named))
        return tuple(note for note in said if note != self.intro)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Lines of a kind as one. `price` is their mean where `mean` is true: they did not all have the same."""

    what: Dimension | str
    source: Source | None
    unit: str
    vat: Decimal | None
    quantity: Decimal
    price: Decimal
    mean: bool
    amount: Decimal


def manuscript(statement: Statement, preceding: Preceding | None = None, received: Decimal = Decimal(0)) -> Manuscript:
    """Prepare a statement for its reader. Reads the words from a file: never on the event loop."""
    told = words(statement.language)
    country = statement.recipient.country or statement.issuer.country
    return Manuscript(statement, told, notation(told.language, country, statement.zone), preceding, received)


def charges(text: Manuscript) -> tuple[Charge, ...]:
    """Return what everything adds up from: lines of a kind in one, in the order in which each kind comes first."""
    kinds: dict[tuple[str, Source | None, str, Decimal | None], list[Line]] = {}
    for line in text.all_lines():
        kinds.setdefault((str(line.what), line.source, line.unit, line.vat), []).append(line)
    return tuple(_charge(lines, text) for lines in kinds.values())


def _charge(lines: list[Line], text: Manuscript) -> Charge:
    first = lines[0]
    quantity = _sum(line.quantity for line in lines)
    amount = _sum(text.shown(line) for line in lines)
    mean = len({line.price for line in lines}) > 1
    return Charge(
        what=first.what,
        source=first.source,
        unit=first.unit,
        vat=first.vat,
        quantity=quantity,
        price=rounded(amount / quantity, _SIX) if mean and quantity else first.price,
        mean=mean,
        amount=amount,
    )


def _sum(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, Decimal(0))
