"""The meter of the simulated charger: it signs what it counted when a car comes and when it leaves.

Its key lies here for everybody to read, and its clock was never set: it shows how signed values look, and proves
nothing.
"""

import json
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ..signed.keys import written
from ..signed.model import PublicKey, Signed

NUMBER: Final = "1DEMO00000001"

_SECRET: Final = ec.derive_private_key(20261121, ec.SECP256R1())
_NEVER_SET: Final = "1970-01-01T00:00:00,000+0000 U"


def demo_key() -> PublicKey:
    """Return the key that this meter would have on its label."""
    at = _SECRET.public_key().public_numbers()
    return PublicKey(curve="secp256r1", point=f"04{at.x:064x}{at.y:064x}")


class DemoSignatures:
    """What the meter has signed of the car that is there, or of the last one."""

    def __init__(self) -> None:
        self._signed: tuple[Signed, ...] = ()
        self._plugged = False
        self._page = 0

    def look(self, register: float, *, plugged: bool) -> tuple[Signed, ...]:
        """Take notice of whether a car is there and of the register, in Wh; return what is signed."""
        if plugged and not self._plugged:
            self._signed = (self._sign("B", register),)
        elif self._plugged and not plugged:
            self._signed = (*self._signed, self._sign("E", register))
        self._plugged = plugged
        return self._signed

    def _sign(self, event: str, register: float) -> Signed:
        self._page += 1
        reading = {
            "TM": _NEVER_SET,
            "TX": event,
            "RV": round(register / 1000, 4),
            "RI": "1-0:1.8.0",
            "RU": "kWh",
            "RT": "AC",
            "EF": "",
            "ST": "G",
        }
        head = {"FV": "1.0", "GI": "Demo (simulated)", "GS": NUMBER, "PG": f"T{self._page}", "MS": NUMBER}
        payload = json.dumps({**head, "IS": False, "IT": "NONE", "ID": "", "RD": [reading]})
        signature = _SECRET.sign(payload.encode(), ec.ECDSA(hashes.SHA256())).hex()
        section = json.dumps({"SA": "ECDSA-secp256r1-SHA256", "SD": signature})
        return Signed(text=f"OCMF|{payload}|{section}", key=written(demo_key()))
