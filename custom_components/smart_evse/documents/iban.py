"""Bank accounts and payment references with check digits (ISO 13616 IBAN, ISO 11649 creditor reference)."""

import re
from typing import Final

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SEPA: Final = (
    "AD:24 AT:20 BE:16 BG:22 CH:21 CY:28 CZ:24 DE:22 DK:18 EE:20 ES:24 FI:18 FO:18 FR:27 GB:22 GI:23 GL:18 GR:27 "
    "HR:21 HU:28 IE:22 IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28 PT:25 RO:24 SE:24 SI:19 "
    "SK:24 SM:27 VA:22"
)
_LENGTHS: Final = dict(pair.split(":") for pair in _SEPA.split())
"""How long an account of a country in the euro payments area (SEPA) is."""

_REFERENCE: Final = re.compile(r"RF\d{2}[A-Z0-9]{1,21}")


def compact(written: str) -> str:
    """Return an account or a reference without its spaces."""
    return "".join(written.split()).upper()


def valid_iban(written: str) -> bool:
    """Tell whether an account has the length of its country and its check digits (modulo 97)."""
    iban = compact(written)
    length = _LENGTHS.get(iban[:2])
    return bool(_IBAN.fullmatch(iban)) and length in (None, str(len(iban))) and _remainder(iban[4:] + iban[:4]) == 1


def in_groups(written: str) -> str:
    """Write an account or a reference in groups of four, as it is read aloud."""
    plain = compact(written)
    return " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def creditor_reference(number: str) -> str:
    """Make the reference that banks check from a statement's number: RF, two check digits, its letters and digits.

    What the form has no room for (21 signs) is cut at its front: numbers differ at their end.
    """
    plain = re.sub(r"[^A-Z0-9]", "", number.upper())[-21:]
    if not plain:
        raise ValueError(f"{number!r} has neither letters nor digits")
    return f"RF{98 - _remainder(f'{plain}RF00'):02}{plain}"


def valid_creditor_reference(written: str) -> bool:
    """Tell whether it is a creditor reference with its check digits."""
    reference = compact(written)
    return bool(_REFERENCE.fullmatch(reference)) and _remainder(reference[4:] + reference[:4]) == 1


def _remainder(signs: str) -> int:
    """A letter counts as two digits: A is 10, Z is 35."""
    return int("".join(str(int(sign, 36)) for sign in signs)) % 97
