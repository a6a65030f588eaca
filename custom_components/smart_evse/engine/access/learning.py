"""Learn mode: the next card that is presented gets an owner."""

from dataclasses import dataclass
from datetime import datetime

from .model import Card
from .people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A wait for a new card until `until` (UTC), for a driver by id.

    `connectors` are where it may be presented, any where there are none.
    """

    driver: str
    until: datetime
    connectors: frozenset[str] = frozenset()
    label: str | None = None
    vehicle: str | None = None


class CardTaken(Exception):
    """The card that was presented belongs to somebody else, by the id of their driver."""

    def __init__(self, driver: str) -> None:
        super().__init__("The card belongs to another driver")
        self.driver = driver


def is_meant(lesson: Lesson, connector: str, utc: datetime) -> bool:
    """Say whether a card that is presented at a connector is the one that is waited for."""
    return utc < lesson.until and (not lesson.connectors or connector in lesson.connectors)


def learnt(lesson: Lesson, number: str, people: People, new_id: str) -> Card:
    """Return the card as it is put on record; `number` is as it is kept, `new_id` for a card never seen before.

    A card that somebody else drives with is not taken from them: `CardTaken`. One that nobody owns, or that was
    blocked, is theirs from now on.
    """
    known = people.cards.get(number)
    owner = None if known is None else people.drivers.get(known.driver or "")
    if owner is not None and owner.id != lesson.driver and owner.active:
        raise CardTaken(owner.id)
    return Card(
        id=new_id if known is None else known.id,
        number=number,
        driver=lesson.driver,
        label=lesson.label or (None if known is None else known.label),
        vehicle=lesson.vehicle or (None if known is None else known.vehicle),
    )
