"""Who is at a connector: from the card that is shown to the plug that is pulled, and what they took meanwhile."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from .admit import Bearer
from .quota import Used

PLUG_IN: Final = timedelta(minutes=3)
"""Whoever shows a card first has this long to plug the car in."""

_NOTHING: Final = Decimal(0)
_KILO: Final = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Somebody at a connector. `plugged` says that a car was there since they came.

    `taken` in Wh and `spent` in the site's currency are counted from `since`, when the period of their quota began,
    and are not in the ledger yet. `energy` is what the session had taken when it was last looked at, in Wh.
    """

    bearer: Bearer
    plugged: bool = False
    energy: float | None = None
    taken: float = 0.0
    spent: Decimal = _NOTHING
    since: datetime | None = None

    @property
    def used(self) -> Used:
        """What they took."""
        return Used(energy=int(self.taken), money=self.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Who was at a connector before, with the car that is there still: what they took is in no ledger yet."""

    presences: tuple[Presence, ...] = ()

    def and_then(self, presence: Presence) -> Gone:
        """Add somebody who has gone; who took nothing is left out."""
        return Gone(presences=(*self.presences, presence)) if presence.taken else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a connector looks like: whether a car is there, `None` for not known; what its session took, in Wh.

    `price` is that of a kWh now, `None` while nobody knows it.
    """

    utc: datetime
    plugged: bool | None
    energy: float | None = None
    price: Decimal | None = None


def stays(presence: Presence, sight: Sight, since: datetime | None) -> Presence | None:
    """Carry on with who is there; `None` when the car has left, or never came.

    `since` is when the period of their quota began: what they took before is none of its.
    """
    if sight.plugged is False and (presence.plugged or sight.utc - presence.bearer.since >= PLUG_IN):
        return None
    if presence.since != since:
        presence = replace(presence, since=since, taken=0.0, spent=_NOTHING)
    more = 0.0 if sight.energy is None else _more(presence.energy, sight.energy)
    cost = _NOTHING if sight.price is None else Decimal(more) / _KILO * sight.price
    return replace(
        presence,
        plugged=presence.plugged or bool(sight.plugged),
        energy=presence.energy if sight.energy is None else sight.energy,
        taken=presence.taken + more,
        spent=presence.spent + cost,
    )


def _more(before: float | None, energy: float) -> float:
    """Return what was taken since the last look. A session that counts less is a new one."""
    if before is None:
        return 0.0
    return energy - before if energy >= before else energy
