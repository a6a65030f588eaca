"""Cards that are held in front of chargers: each is told once, for as long as its reader tells it."""

from collections.abc import Callable

from homeassistant.core import callback

from .engine.model import ConnectorId

type Heard = Callable[[str], None]


class CardReaders:
    """The readers of a site's chargers."""

    def __init__(self) -> None:
        self._listeners: dict[ConnectorId, list[Heard]] = {}
        self._told: dict[ConnectorId, str | None] = {}

    @callback
    def listen(self, connector: ConnectorId, heard: Heard) -> Callable[[], None]:
        """Call `heard` with each card that is presented; returns how to stop."""
        listeners = self._listeners.setdefault(connector, [])
        listeners.append(heard)
        return lambda: listeners.remove(heard)

    @callback
    def read(self, connector: ConnectorId, card: str | None) -> None:
        """Take what a reader tells now."""
        before, self._told[connector] = self._told.get(connector), card
        if card and card != before:
            for heard in tuple(self._listeners.get(connector, ())):
                heard(card)


def mask(card: str) -> str:
    """Return what may be shown of a card's number: an end that tells the cards of a household apart.

    The whole number would be enough to copy a card, and a state is kept in history and shown to guests.
    """
    tail = card[-4:] if len(card) >= 8 else card[-2:] if len(card) >= 4 else ""
    return f"…{tail}"
