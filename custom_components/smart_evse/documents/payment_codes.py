"""What a phone scans to pay: the European transfer code (EPC069-12), Swish, or a link.

A code says what to pay to whom; that it was paid only the bank's statement tells.
"""

from dataclasses import dataclass
from decimal import Decimal
import io
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ..engine.statements.model import Statement, StatementKind
from .cii import printable
from .iban import compact, valid_creditor_reference, valid_iban

if TYPE_CHECKING:
    from segno import QRCode

_NAME: Final = 70
_TEXT: Final = 140
_LEAST: Final = Decimal("0.01")
_MOST: Final = Decimal("999999999.99")
_BYTES: Final = 331
"""What the largest code holds that EPC069-12 allows: version 13 with error correction M."""

_SWISH_NUMBER: Final = re.compile(r"\d{10,11}")
_SWISH_TEXT: Final = 50
_NOT_IN_SWISH: Final = re.compile(r"[^A-Za-zÅÄÖåäö0-9 :;.,?!()\"-]")
_ALL_LOCKED: Final = 0


class NotPayable(Exception):
    """What was asked for cannot be a payment code: the sentence says why."""


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A code on a document: the key of the words beside it, what is in it, and whether it is a link to click."""

    words: str
    payload: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Euros to an account. A reference with check digits (ISO 11649) goes where banks match it, any other is told."""

    name: str
    account: str
    amount: Decimal
    reference: str | None = None
    text: str | None = None
    bic: str | None = None


def transfer_payload(to: Transfer) -> str:
    """Return the content of a transfer's QR code (EPC069-12, version 002)."""
    if not valid_iban(to.account):
        raise NotPayable(f"{to.account} is no account number (IBAN): its check digits are wrong")
    if not _LEAST <= to.amount <= _MOST or to.amount != round(to.amount, 2):
        raise NotPayable(f"{to.amount} is not an amount that can be transferred")
    reference = compact(to.reference) if to.reference and valid_creditor_reference(to.reference) else ""
    told = "" if reference else " ".join(part for part in (to.reference, to.text) if part)
    lines = (
        "BCD",
        "002",
        "1",
        "SCT",
        compact(to.bic or ""),
        _one_line(to.name)[:_NAME],
        compact(to.account),
        f"EUR{to.amount:.2f}",
        "",
        reference,
        _one_line(told)[:_TEXT],
    )
    return "\n".join(lines).rstrip("\n").encode()[:_BYTES].decode(errors="ignore")


def swish_payload(*, number: str, amount: Decimal, message: str) -> str:
    """Return the content of a Swish QR code: amount and message are not for the payer to change."""
    receiver = re.sub(r"[\s-]", "", number).removeprefix("+")
    if not _SWISH_NUMBER.fullmatch(receiver):
        raise NotPayable(f"{number} is no Swish number")
    if amount <= 0 or amount != round(amount, 2):
        raise NotPayable(f"{amount} is not an amount that can be paid with Swish")
    plain = _NOT_IN_SWISH.sub("", message)[:_SWISH_TEXT]
    return f"C{receiver};{f'{amount:.2f}'.replace('.', ',')};{quote(plain, safe='')};{_ALL_LOCKED}"


def payment_codes(
    statement: Statement, *, due: Decimal | None = None, link: str | None = None, swish: str | None = None
) -> tuple[PaymentCode, ...]:
    """Return the codes that a statement can be paid with; none where nothing is to be paid.

    `due` is what is left to be paid where a part of it has come.
    """
    amount = statement.total if due is None else due
    if statement.kind is StatementKind.LIST or amount <= 0:
        return ()
    issuer, codes = statement.issuer, []
    reference = statement.reference or statement.number
    if link:
        codes.append(PaymentCode("scan_link", link, link))
    if swish and statement.currency == "SEK":
        payload = swish_payload(number=swish, amount=amount, message=reference or statement.id)
        codes.append(PaymentCode("scan_swish", payload))
    if statement.currency == "EUR" and issuer.account and valid_iban(issuer.account):
        transfer = Transfer(
            name=issuer.name, account=issuer.account, amount=amount, reference=reference, bic=issuer.bic
        )
        codes.append(PaymentCode("scan_epc", transfer_payload(transfer)))
    return tuple(codes)


def code_rows(payload: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a QR code without its quiet zone, dark ones true. `ImportError` without its writer."""
    return tuple(tuple(bool(module) for module in row) for row in _made(payload).matrix)


def code_png(payload: str, scale: int = 8) -> bytes:
    """Return a QR code as a picture (PNG) with its quiet zone, `scale` pixels a module."""
    picture = io.BytesIO()
    _made(payload).save(picture, kind="png", scale=scale, border=4)
    return picture.getvalue()


def _made(payload: str) -> QRCode:
    """Error correction M and nothing above: what EPC069-12 asks for is good for the others too."""
    import segno  # noqa: PLC0415 (installed on first use)

    return segno.make_qr(payload, error="m", encoding="utf-8", boost_error=False)


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
