"""Cards that are held in front of chargers: each is told once, for as long as its reader tells it.

Some readers tell the last card for ever. Whoever is there when Home Assistant starts did not show it: a card that was
told before is no news then.
"""

from collections.abc import Callable
import hmac

from homeassistant.core import callback

from .access_store import AccessStore
from .engine.model import ConnectorId

type Heard = Callable[[str], None]

_MARK = 2
"""So many bytes tell one card from the next, and tell nothing of its number."""


class CardReaders:
    """The readers of a site's chargers."""

    def __init__(self, store: AccessStore) -> None:
        self._store = store
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
        is_first = connector not in self._told
        if not is_first and card == self._told[connector]:
            return
        self._told[connector] = card
        mark, marks = self._mark(card), self._store.kept.cards
        is_news = not is_first or mark != marks.get(connector)
        if mark != marks.get(connector):
            marks[connector] = mark
            self._store.keep(soon=True)
        if card and is_news:
            for heard in tuple(self._listeners.get(connector, ())):
                heard(card)

    def _mark(self, card: str | None) -> str:
        return hmac.digest(self._store.kept.secret, card.encode(), "sha256")[:_MARK].hex() if card else ""


def mask(card: str) -> str:
    """Return what may be shown of a card's number: an end that tells the cards of a household apart.

    The whole number would be enough to copy a card, and a state is kept in history and shown to guests.
    """
    tail = card[-4:] if len(card) >= 8 else card[-2:] if len(card) >= 4 else ""
    return f"…{tail}"
