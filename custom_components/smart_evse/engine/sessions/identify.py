"""Who charges what: a ladder of clues, the surest first."""

from dataclasses import replace

from .model import Rung
from .moment import Identity

_ORDER = tuple(Rung)


def settled(before: Identity, now: Identity) -> Identity:
    """Return what is known once something was said again: a surer clue stands, one as sure is the later word.

    A charger that forgets the card after the start takes nothing back.
    """
    kept = replace(before, card=before.card or now.card)
    if now.driver is not None and (before.driver is None or not _surer(before.known_by, now.known_by)):
        kept = replace(kept, driver=now.driver, known_by=now.known_by, card=now.card or kept.card)
    if now.vehicle is not None and (before.vehicle is None or not _surer(before.vehicle_by, now.vehicle_by)):
        kept = replace(kept, vehicle=now.vehicle, vehicle_by=now.vehicle_by)
    return replace(kept, tariff=now.tariff or kept.tariff) if now.driver in (None, kept.driver) else kept


def _surer(one: Rung, other: Rung) -> bool:
    return _ORDER.index(one) < _ORDER.index(other)
