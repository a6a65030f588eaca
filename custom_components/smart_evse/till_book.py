"""How statements are being paid, kept over restarts: written down before anything is asked of a provider.

One file a site, in Home Assistant's storage. It has the providers' references and pages, amounts and states, ids of
statements and drivers: no name, no key, and nothing of a card.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .payments import Collection
from .payments.collection_json import as_json, from_json
from .punctual import PunctualStore
from .records import Json, made_or, plain

_VERSION: Final = 1

_KEPT: Final = timedelta(days=400)
"""How long a collection is kept: twice as long as money can be given back, and the statement tells it for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWish:
    """A page on which a driver may leave a card: `charges` says that they agreed to be charged by themselves."""

    driver: str
    issuer: str
    page: str
    asked: datetime
    charges: bool = False


class TillBook:
    """What all tills of a site keep.

    `is_unsure`: what is on record came back from a backup, and nobody has looked yet what was paid since.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}.payments", private=True)
        self._collections: dict[str, tuple[str, Collection]] = {}
        self.wishes: dict[str, CardWish] = {}
        self.is_unsure = False

    async def async_load(self) -> None:
        """Read the file."""
        data = await self._store.async_load() or {}
        self._collections = dict(_collections(data.get("collections", {})))
        wishes = {key: made_or(CardWish, each, None) for key, each in data.get("wishes", {}).items()}
        self.wishes = {key: wish for key, wish in wishes.items() if wish is not None}
        self.is_unsure = data.get("unsure") is True

    async def async_put(self, issuer: str, collection: Collection) -> None:
        """Keep a collection of an issuer's: it is on disk when this returns."""
        self._collections[collection.statement] = (issuer, collection)
        await self.async_save()

    async def async_wish(self, driver: str, wish: CardWish | None) -> None:
        """Keep the page on which a driver may leave a card, the last one only; `None` when that is over."""
        if wish is not None:
            self.wishes[driver] = wish
        elif self.wishes.pop(driver, None) is None:
            return
        await self.async_save()

    async def async_doubt(self, *, unsure: bool) -> None:
        """Keep whether something may have been paid that nobody here knows of."""
        self.is_unsure = unsure
        await self.async_save()

    def issuer_of(self, statement: str) -> str | None:
        """Return whose till tried to get a statement paid."""
        return self._collections[statement][0] if statement in self._collections else None

    def collection(self, statement: str) -> Collection | None:
        """Return how a statement is being paid."""
        return self._collections[statement][1] if statement in self._collections else None

    def of(self, issuer: str) -> IssuersBook:
        """Return the part of an issuer."""
        return IssuersBook(self, issuer)

    def collections(self, issuer: str) -> list[Collection]:
        """Return all of an issuer's."""
        return [each for whose, each in self._collections.values() if whose == issuer]

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _as_json(self) -> Json:
        return {
            "collections": {
                key: {"issuer": issuer, "collection": as_json(each)}
                for key, (issuer, each) in self._collections.items()
            },
            "wishes": {key: plain(wish) for key, wish in self.wishes.items()},
            "unsure": self.is_unsure,
        }


class IssuersBook:
    """The book of one issuer's till: a `payments.Book`."""

    def __init__(self, book: TillBook, issuer: str) -> None:
        self._book = book
        self._issuer = issuer

    async def get(self, statement: str) -> Collection | None:
        return self._book.collection(statement)

    async def put(self, collection: Collection) -> None:
        await self._book.async_put(self._issuer, collection)

    async def all(self) -> Sequence[Collection]:
        return self._book.collections(self._issuer)


def _collections(data: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Collection]]]:
    """Read what was kept; what cannot be read is left out, and a statement can be paid anew."""
    oldest = dt_util.utcnow() - _KEPT
    for key, told in data.items():
        try:
            collection = from_json(told["collection"])
        except ValueError, TypeError, KeyError:
            continue
        if any(attempt.begun >= oldest for attempt in collection.attempts) or not collection.attempts:
            yield key, (str(told["issuer"]), collection)
