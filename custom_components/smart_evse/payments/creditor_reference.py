"""A reference by which money finds its statement: the RF creditor reference of ISO 11649.

Two letters, two check digits by mod 97 (ISO 7064, letters counted from A = 10), and up to 21 letters and digits of
one's own. Banks check it when it is typed, so that a slip is noticed before the money goes.
"""

from .errors import Refused

_LONGEST = 21


def creditor_reference(number: str) -> str:
    """Return the reference of a statement's number; other signs than letters and digits are left out."""
    own = plain(number)
    if not own or len(own) > _LONGEST:
        raise Refused(f"{number!r} makes no reference: it needs 1 to {_LONGEST} letters and digits")
    return f"RF{98 - _remainder(f'{own}RF00'):02d}{own}"


def is_creditor_reference(text: str) -> bool:
    """Tell whether a text is such a reference with its check digits right, written with spaces or without."""
    joined = plain(text)
    fits = joined.startswith("RF") and joined[2:4].isdecimal() and 5 <= len(joined) <= _LONGEST + 4
    return fits and _remainder(joined[4:] + joined[:4]) == 1


def plain(text: str) -> str:
    """Return only the letters and digits, as capitals: banks change the rest as they like."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())


def _remainder(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97
