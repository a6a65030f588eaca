"""Which statement a transfer is for: what comes in on a bank account is held against what is open.

Nothing is booked by this: it proposes, and a person or an action confirms. A transfer tells its statement by the RF
reference or by the statement's number, anywhere in what the payer wrote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .camt import BankEntry

_SHORTEST = 4
"""A shorter number would be found in anything."""


class Fit(StrEnum):
    """How an amount goes with what is open."""

    EXACT = "exact"
    PARTIAL = "partial"
    OVER = "over"
    """More than is open; also what comes for a statement that nothing is open of any more."""
    OTHER_CURRENCY = "other_currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStatement:
    """What may be paid: `open` is what is not paid yet, `reference` what a payment names beside the number."""

    id: str
    number: str | None
    reference: str | None
    open: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A transfer, and the statement it seems to be for. `left` is what is open then, negative where too much came."""

    entry: BankEntry
    statement: str
    fit: Fit
    left: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What was found: `ambiguous` names several statements, `unmatched` none; both are for a person to look at."""

    proposals: tuple[Proposal, ...]
    ambiguous: tuple[BankEntry, ...]
    unmatched: tuple[BankEntry, ...]


def match(
    entries: Iterable[BankEntry], statements: Iterable[OpenStatement], known: frozenset[str] = frozenset()
) -> Matching:
    """Hold transfers against statements, in order; `known` are the ids of entries that are booked already."""
    listed = tuple(statements)
    left = {each.id: each.open for each in listed}
    proposals: list[Proposal] = []
    ambiguous: list[BankEntry] = []
    unmatched: list[BankEntry] = []
    for entry in entries:
        if entry.id in known:
            continue
        named = _named(entry, listed)
        if len(named) != 1:
            (ambiguous if named else unmatched).append(entry)
            continue
        (statement,) = named
        fit = _fit(entry, statement, left[statement.id])
        if fit is not Fit.OTHER_CURRENCY:
            left[statement.id] -= entry.amount
        proposals.append(Proposal(entry=entry, statement=statement.id, fit=fit, left=left[statement.id]))
    return Matching(proposals=tuple(proposals), ambiguous=tuple(ambiguous), unmatched=tuple(unmatched))


def _fit(entry: BankEntry, statement: OpenStatement, left: Decimal) -> Fit:
    if entry.currency != statement.currency:
        return Fit.OTHER_CURRENCY
    if entry.amount == left:
        return Fit.EXACT
    return Fit.PARTIAL if entry.amount < left else Fit.OVER


def _named(entry: BankEntry, statements: tuple[OpenStatement, ...]) -> list[OpenStatement]:
    """Return the statements that a transfer names: by the structured reference first, else by what was written."""
    if entry.reference is not None:
        reference = _plain(entry.reference)
        found = [each for each in statements if reference in _names(each)]
        if found:
            return found
    written = _plain(f"{entry.reference or ''} {entry.text}")
    named = {each.id: [name for name in _names(each) if _holds(entry, written, name)] for each in statements}
    longest = max((len(name) for names in named.values() for name in names), default=0)
    # Of 2026-1 and 2026-12 the longer one is meant where both are found.
    return [each for each in statements if any(len(name) == longest for name in named[each.id])]


def _holds(entry: BankEntry, written: str, name: str) -> bool:
    """Tell whether a name was written, with spaces and dashes wherever they are, and not as a part of a longer one."""
    start = written.find(name)
    while start >= 0:
        end = start + len(name)
        before, after = written[start - 1 : start], written[end : end + 1]
        touches = (before.isdigit() and name[0].isdigit()) or (after.isdigit() and name[-1].isdigit())
        if not touches or _stands_alone(entry, name):
            return True
        start = written.find(name, start + 1)
    return False


def _stands_alone(entry: BankEntry, name: str) -> bool:
    return any(_plain(word) == name for word in f"{entry.reference or ''} {entry.text}".split())


def _plain(text: str) -> str:
    """Return only the letters and digits, as capitals: banks change the rest as they like."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())


def _names(statement: OpenStatement) -> tuple[str, ...]:
    names = (_plain(name) for name in (statement.reference, statement.number) if name is not None)
    return tuple(name for name in names if len(name) >= _SHORTEST)
