"""Codes of guests: what is kept of them, and how one that is typed finds its guest.

A code is short enough to be typed, so that its hash alone would soon be guessed. It is hashed slowly (scrypt, RFC 7914)
and with a secret of the site that is kept elsewhere: whoever has the ledger, or a copy of it, has no codes.
"""

from collections.abc import Iterable
import hashlib
import hmac

from .model import Guest

DIGITS = 8
"""How long a code is. With the lock-out a thousand wrong ones take weeks, of a hundred million."""

# About 16 MB and some tens of ms for each try (RFC 7914, section 2): nothing for a guest, much for a guesser.
_COST, _BLOCK, _LANES = 2**14, 8, 1

_SEPARATORS = str.maketrans("", "", " -.")


def spoken(number: int) -> str:
    """Write a random number as a code: eight digits, from 0 to 99999999."""
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def grouped(code: str) -> str:
    """Return a code as people read it to each other."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"


def keyed_hash(code: str, secret: bytes) -> str:
    """Return what is kept of a code. It takes its time: not for an event loop."""
    typed = code.translate(_SEPARATORS).encode()
    return hashlib.scrypt(typed, salt=secret, n=_COST, r=_BLOCK, p=_LANES, dklen=32).hex()


def holder(guests: Iterable[Guest], code_hash: str) -> Guest | None:
    """Return whose code has this hash. All are compared, each in the same time: how long it takes tells nothing."""
    found = None
    for guest in guests:
        if hmac.compare_digest(guest.code_hash, code_hash):
            found = guest
    return found
