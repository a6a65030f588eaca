"""The people of a site, as the ledger has them: read once, changed through here, and asked without waiting."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
import uuid

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util

from .bookkeeping import LedgerClosed
from .const import DOMAIN
from .engine.access.learning import CardTaken, Lesson, is_meant, learnt
from .engine.access.model import Card, Driver, Guest, Quota
from .engine.access.people import People
from .engine.access.quota import Used
from .engine.model import ConnectorId
from .engine.sessions.model import Interval, SessionRecord

if TYPE_CHECKING:
    from .ledger import Ledger

type Worth = Callable[[SessionRecord, Sequence[Interval], str, datetime | None], Decimal | None]
"""What a driver pays for their part of a session since then; `None` where they have no tariff."""

type Leaving = Callable[[Driver], Awaitable[None]]
"""Is told of a driver who is about to be forgotten."""

PEOPLE_CHANGED = f"{DOMAIN}_people"
"""The signal that somebody was put on record: all sites of this Home Assistant share them."""


class Books(Protocol):
    """Who reads and writes the ledger, in a thread and one thing after the other. Both raise when it is closed."""

    async def async_read[T](self, work: Callable[[Ledger], T]) -> T: ...
    async def async_write[T](self, work: Callable[[Ledger], T]) -> T: ...


def _no_tariff(
    _record: SessionRecord, _intervals: Sequence[Interval], _driver: str, _since: datetime | None
) -> Decimal | None:
    return None


async def _nobody_minds(_driver: Driver) -> None:
    return


@dataclass(slots=True)
class _Learning:
    lesson: Lesson
    learned: asyncio.Future[Card]


class Desk:
    """Where people are looked up and changed. `changed` is called whenever something here is new.

    `worth` says what drivers pay; it is asked in a thread.
    """

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        self._hass = hass
        self._changed = changed
        self.worth: Worth = _no_tariff
        self.leaving: Leaving = _nobody_minds
        self._books: Books | None = None
        self._known: People | None = None
        self._noted: dict[str, Card] = {}
        self._counted: dict[str, tuple[datetime | None, Used]] = {}
        self._lessons: list[_Learning] = []

    async def async_open(self, books: Books) -> None:
        """Read everybody from the ledger, whose error is passed on."""
        self._books = books
        await self.async_read()

    async def async_read(self) -> None:
        """Read everybody anew."""
        if (books := self._books) is not None:
            known = await books.async_read(_read)
            self._noted = {number: card for number, card in self._noted.items() if number not in known.cards}
            self._known = replace(known, cards={**known.cards, **self._noted})
            self._changed()

    @property
    def is_open(self) -> bool:
        """Whether people were read: before, nobody can be told from a stranger."""
        return self._known is not None

    @property
    def people(self) -> People:
        """Everybody on record, as far as it was read."""
        return People() if self._known is None else self._known

    async def async_put(self, *parties: Driver | Card | Guest) -> None:
        """Add or change people and cards. Raises the ledger's error while it is closed."""
        await self._write(lambda ledger: _put(ledger, parties))

    async def async_forget(self, driver_id: str) -> None:
        """Forget who a driver was; what they took stays in the sums. Who minds (`leaving`) is told before."""
        if (driver := self.people.drivers.get(driver_id)) is not None:
            await self.leaving(driver)
        await self._write(lambda ledger: _forget(ledger, driver_id))

    async def async_learn(self, lesson: Lesson) -> Card:
        """Wait for a card, and put it on record. `TimeoutError` when none comes, `CardTaken` for somebody else's."""
        waiting = _Learning(lesson, self._hass.loop.create_future())
        self._lessons.append(waiting)
        try:
            async with asyncio.timeout((lesson.until - dt_util.utcnow()).total_seconds()):
                card = await waiting.learned
        finally:
            self._lessons.remove(waiting)
        await self.async_put(card)
        return card

    @callback
    def note(self, card: Card) -> None:
        """Know a card from now on; it is on record a moment later."""
        self._noted[card.number] = card
        self._known = replace(self.people, cards={**self.people.cards, card.number: card})

    @callback
    def is_learned(self, connector: ConnectorId, number: str, utc: datetime) -> bool:
        """Give a card that was presented to whoever waits for it; says whether somebody did."""
        for waiting in self._lessons:
            if waiting.learned.done() or not is_meant(waiting.lesson, connector, utc):
                continue
            try:
                waiting.learned.set_result(learnt(waiting.lesson, number, self.people, new_id()))
            except CardTaken as err:
                waiting.learned.set_exception(err)
            return True
        return False

    @callback
    def used(self, account: str, since: datetime | None) -> Used:
        """Return what the ledger has of a driver or guest since then, as it was counted last."""
        begun, used = self._counted.get(account, (since, Used()))
        return used if begun == since else Used()

    @callback
    def add(self, account: str, since: datetime | None, used: Used) -> None:
        """Count what is about to be in the ledger."""
        self._counted[account] = (since, self.used(account, since) + used)

    async def async_count(self, begun: Callable[[Quota], datetime | None]) -> None:
        """Count anew what was taken of every quota. A guest is a driver, too."""
        rules = [(driver.id, driver.rule.quota) for driver in self.people.drivers.values()]
        wanted = [(account, begun(quota)) for account, quota in rules if quota is not None]
        # To ask a tariff means to look at every session: only where money is limited, and somebody pays by one.
        charged = {account for account, quota in rules if quota is not None and quota.money is not None}
        asked = charged if self.worth is not _no_tariff else set[str]()
        if wanted and (books := self._books) is not None:
            self._counted.update(await books.async_read(lambda ledger: _taken(ledger, wanted, self.worth, asked)))

    async def _write(self, put: Callable[[Ledger], None]) -> None:
        if (books := self._books) is None:
            raise LedgerClosed("it is not open yet")
        await books.async_write(put)
        await self.async_read()
        async_dispatcher_send(self._hass, PEOPLE_CHANGED, self)


def new_id() -> str:
    """Return an id for somebody or something new; it tells nothing."""
    return uuid.uuid4().hex


def _read(ledger: Ledger) -> People:
    from .people_pages import read  # noqa: PLC0415 - in a thread: a database library takes a while

    return read(ledger)


def _put(ledger: Ledger, parties: Iterable[Driver | Card | Guest]) -> None:
    from .people_pages import put  # noqa: PLC0415

    put(ledger, *parties)


def _forget(ledger: Ledger, driver_id: str) -> None:
    from .people_pages import forget  # noqa: PLC0415

    forget(ledger, driver_id)


def _taken(
    ledger: Ledger, wanted: Iterable[tuple[str, datetime | None]], worth: Worth, charged: Container[str]
) -> dict[str, tuple[datetime | None, Used]]:
    from .people_pages import taken  # noqa: PLC0415

    return dict(taken(ledger, wanted, worth, charged))
