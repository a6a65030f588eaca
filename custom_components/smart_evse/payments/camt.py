"""A bank's account statement as XML: camt.053 of ISO 20022, and its sisters camt.052 and camt.054.

What came in and is booked is read, whatever the version (001.02 to 001.13): only the names of elements count, not their
namespace. The file comes from outside: document types and entities are refused before anything is expanded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from .errors import Unreadable

LARGEST = 20_000_000
"""No household's bank writes a longer file, in bytes."""

_MESSAGES = ("BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """Money that came in. `id` is the bank's own name for it, the same in each file that tells it.

    `reference` is the structured one, `text` what the payer wrote and gave as end-to-end reference.
    """

    id: str
    amount: Decimal
    currency: str
    booked_on: date | None
    reference: str | None
    text: str
    payer: str | None


def read_camt(content: bytes) -> tuple[BankEntry, ...]:
    """Return what came in, in order; raise `Unreadable` for anything that is no such file."""
    root = _tree(content)
    if not any(_find(root, message) is not None for message in _MESSAGES):
        raise Unreadable("the file is no account statement (camt.053)")
    entries = (entry for element in root.iter("Ntry") if _came_in(element) for entry in _entries(element))
    return tuple(_numbered(entries))


def _tree(content: bytes) -> Element:
    if len(content) > LARGEST:
        raise Unreadable("the file is too large")
    builder = TreeBuilder()
    reader = ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise Unreadable("the file has a document type: no bank writes one")

    reader.StartDoctypeDeclHandler = refuse
    reader.EntityDeclHandler = refuse
    reader.StartElementHandler = lambda name, attributes: builder.start(name.rpartition(" ")[2], attributes)
    reader.EndElementHandler = lambda name: builder.end(name.rpartition(" ")[2])
    reader.CharacterDataHandler = builder.data
    try:
        reader.Parse(content, True)
        return builder.close()
    except (ExpatError, ValueError, AssertionError) as err:
        raise Unreadable("the file is no XML") from err


def _came_in(entry: Element) -> bool:
    """Tell whether an entry is booked and a credit; what was sent back is not ours to keep."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    return status in (None, "BOOK") and _text(entry, "CdtDbtInd") == "CRDT" and _text(entry, "RvslInd") != "true"


def _entries(entry: Element) -> Iterator[BankEntry]:
    """Read an entry, or each of the payments that it sums up."""
    parts = entry.findall("NtryDtls/TxDtls")
    booked_on = _date(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm"))
    for part in parts or [entry]:
        money = next((found for where in _AMOUNTS if (found := part.find(where)) is not None), None)
        if money is None:
            # The bank sums up and does not say what each was: a single one is the whole.
            if len(parts) > 1:
                continue
            money = entry.find("Amt")
        amount = _amount(money)
        if money is None or amount is None or (_text(part, "CdtDbtInd") or "CRDT") != "CRDT":
            continue
        written = (*(each.text or "" for each in part.findall("RmtInf/Ustrd")), _text(part, "Refs/EndToEndId") or "")
        yield BankEntry(
            id=_text(part, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef") or "",
            amount=amount,
            currency=money.get("Ccy", ""),
            booked_on=booked_on,
            reference=_text(part, "RmtInf/Strd/CdtrRefInf/Ref"),
            text=" ".join(" ".join(written).split()),
            payer=_text(part, "RltdPties/Dbtr/Pty/Nm") or _text(part, "RltdPties/Dbtr/Nm"),
        )


_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt")


def _numbered(entries: Iterator[BankEntry]) -> Iterator[BankEntry]:
    """Make each name its own: a bank may give one to a whole batch, or none at all."""
    seen: dict[str, int] = {}
    for entry in entries:
        name = entry.id or f"{entry.booked_on}/{entry.amount}/{entry.reference or entry.text}"
        number = seen[name] = seen.get(name, 0) + 1
        yield BankEntry(
            id=name if number == 1 else f"{name}/{number}",
            amount=entry.amount,
            currency=entry.currency,
            booked_on=entry.booked_on,
            reference=entry.reference,
            text=entry.text,
            payer=entry.payer,
        )


def _find(root: Element, name: str) -> Element | None:
    return next(root.iter(name), None)


def _text(element: Element, path: str) -> str | None:
    return (element.findtext(path) or "").strip() or None


def _date(said: str | None) -> date | None:
    try:
        return None if said is None else date.fromisoformat(said[:10])
    except ValueError:
        return None


def _amount(element: Element | None) -> Decimal | None:
    try:
        amount = None if element is None else Decimal((element.text or "").strip())
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and amount > 0 else None
