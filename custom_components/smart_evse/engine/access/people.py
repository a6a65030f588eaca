"""Who is known, and how a card that was read finds its owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from .model import Card, Driver, Guest

_PLACES = 3
"""A number as short as this is no card's own: it is its place in the list of the box that read it."""

_SEPARATORS = str.maketrans("", "", " :-._")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody on record: drivers and guests by their id, cards by their number."""

    drivers: Mapping[str, Driver] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)
    guests: Mapping[str, Guest] = field(default_factory=dict)
    _by_id: Mapping[str, Card] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {card.id: card for card in self.cards.values()})

    @classmethod
    def of(cls, drivers: Iterable[Driver], cards: Iterable[Card], guests: Iterable[Guest]) -> Self:
        """Put them in order. Of two cards with one number the blocked one counts."""
        return cls(
            drivers={driver.id: driver for driver in drivers},
            cards={card.number: card for card in sorted(cards, key=lambda card: card.blocked)},
            guests={guest.id: guest for guest in guests},
        )

    def card(self, card_id: str) -> Card | None:
        """Return a card by its id."""
        return self._by_id.get(card_id)


def card_number(told: str, charger: str) -> str:
    """Return a card's number as it is kept: in upper case and without separators.

    Some boxes keep the number to themselves and tell the place in their own list instead; the first card of one box is
    not the first of another, so that such a place is kept together with the id of its `charger`.
    """
    number = told.upper().translate(_SEPARATORS)
    return f"{charger}#{number}" if len(number) <= _PLACES else number
