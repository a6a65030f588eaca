"""Where sessions meet the ledger: each reading carries its session on, and what that finishes goes on record."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from .bookkeeping import Bookkeeper
from .configuration import Connector
from .const import DOMAIN
from .engine.model import ConnectorId, ConnectorReading, Snapshot
from .engine.sessions.ending import ended
from .engine.sessions.follow import Followed, follow
from .engine.sessions.opened import OpenSession
from .evidence import Evidence
from .imports import Imports
from .journal import Page, newest
from .moments import Moments
from .store import SiteStore
from .upkeep import Upkeep
from .use_statistics import UseStatistics

_LOGGER = logging.getLogger(__name__)

SAVED = timedelta(seconds=30)
"""A power cut takes no more of a session's attribution than this."""

_IDLE = 20
"""A connector where nothing flows is saved every so many times: the register says the same."""

_UNKNOWN = 1000
"""More pages than these are not written between two saves of the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something happened to a session: it began, or it ended."""

    connector: ConnectorId
    session: str
    began: bool


class Sessions:
    """Follows the sessions of one site. Nothing of it waits for a disk."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], store: SiteStore, moments: Moments) -> None:
        self.books = Bookkeeper(hass, entry.entry_id, store.journal)
        self._hass = hass
        self._entry = entry
        self._store = store
        self._journal = store.journal
        self._moments = moments
        self.imports = Imports(hass, self.books, moments.prices, store.journal)
        self.evidence = Evidence(hass, entry, self.books)
        self.use = UseStatistics(hass, entry, self.books, store)
        self.upkeep = Upkeep(hass, entry, self.books, moments.prices, store.journal)
        self._unsaved: dict[ConnectorId, tuple[object, ...]] = {}
        self._ticks = 0
        self._stumbled: set[str] = set()
        self._listeners: list[Callable[[Turn], None]] = []

    @property
    def states(self) -> Mapping[ConnectorId, OpenSession]:
        """The session of each connector, the last one until the next car comes."""
        return self._journal.states

    async def async_open(self) -> None:
        """Find out how the sessions stood when Home Assistant ended, however it ended."""
        journal, known = self._journal, await self.books.async_open()
        if known is None:
            # Nobody knows how many pages are in it by now.
            journal.number += _UNKNOWN
        else:
            journal.states = newest(known.states, journal.states)
            journal.number = max(journal.number, *known.numbers.values(), 0)
        self._store.kept.sessions = journal.states
        await self.evidence.async_open()

    @callback
    def start(self, connectors: Mapping[ConnectorId, Connector]) -> None:
        """Begin to write; what ran at a charger that is no more has ended when it was last heard of."""
        for key, state in list(self._journal.states.items()):
            if key not in connectors:
                self._end(state)
        self.upkeep.start(connectors)
        self.use.start(connectors)
        unload = self._entry.async_on_unload
        unload(async_track_time_interval(self._hass, self._tick, SAVED))
        unload(self._hass.bus.async_listen(EVENT_HOMEASSISTANT_FINAL_WRITE, self._final_write))
        self._entry.async_create_background_task(
            self._hass, self.books.run(), f"{DOMAIN} {self._entry.title} bookkeeping"
        )

    def _end(self, state: OpenSession) -> None:
        if state.active or state.left is not None:
            end = ended(state, state.left or state.until)
            self._put(
                end.state, Followed(state=end.state, session=state.id, intervals=end.intervals, closed=end.record)
            )
        del self._journal.states[state.connector]

    @callback
    def look(self, snapshot: Snapshot) -> None:
        """Take notice of a beat, before its readings are followed."""
        with self._never_in_the_way("sources"):
            self._moments.look(snapshot)

    @callback
    def saw(self, connector: Connector, reading: ConnectorReading, snapshot: Snapshot) -> OpenSession | None:
        """Carry a connector's session on by a reading, and return it."""
        with self._never_in_the_way(connector.id):
            self._follow(connector, reading, snapshot)
        return self._journal.states.get(connector.id)

    def _follow(self, connector: Connector, reading: ConnectorReading, snapshot: Snapshot) -> None:
        key = connector.id
        before = self._journal.states.get(key)
        told = follow(before, self._moments.moment(connector, reading, snapshot))
        if told.state is before:
            return
        self._journal.states[key] = told.state
        turns = _turns(before, told)
        if turns or told.intervals:
            self._put(told.state, told)
        for turn in turns:
            for heard in tuple(self._listeners):
                heard(turn)

    @contextmanager
    def _never_in_the_way(self, what: str) -> Iterator[None]:
        """Let nothing that goes wrong with the books stop the beat, which keeps the fuse safe; say it once."""
        try:
            yield
        except Exception:
            if what not in self._stumbled:
                _LOGGER.exception("The sessions of %s cannot be followed", self._entry.title)
            self._stumbled.add(what)
        else:
            self._stumbled.discard(what)

    @callback
    def async_listen(self, heard: Callable[[Turn], None]) -> Callable[[], None]:
        """Call `heard` when a session begins or ends; returns how to stop."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    @callback
    def changed(self) -> None:
        """Tell whoever shows sessions that one on record is another now."""
        self.books.tell()

    async def async_close(self) -> None:
        """Have everything on disk, and let go of the ledger."""
        await self._async_save_all()
        await self.books.async_close()

    async def _final_write(self, _event: Event) -> None:
        await self._async_save_all()

    async def _async_save_all(self) -> None:
        # Whoever ends while a backup is made has no later to wait for.
        self.books.release()
        for state in self._journal.states.values():
            self._put(state)
        await self.books.async_drain()
        await self._journal.async_save()

    @callback
    def _tick(self, _now: datetime) -> None:
        """Save what has moved, and now and then what has not."""
        self._ticks += 1
        for key, state in self._journal.states.items():
            if self._unsaved.get(key) != _mark(state) or self._ticks % _IDLE == 0:
                self._put(state)
        self.books.try_again()

    def _put(self, state: OpenSession, told: Followed | None = None) -> None:
        self._unsaved[state.connector], number = _mark(state), self._journal.next_number()
        if told is None or told.session is None:
            self.books.put(Page(number=number, state=state, session=state.id if state.active else None))
            return
        self.books.put(
            Page(number=number, state=state, session=told.session, intervals=told.intervals, closed=told.closed)
        )


def _mark(state: OpenSession) -> tuple[object, ...]:
    """Return what makes a session worth saving when it changes."""
    return state.id, state.active, state.energy, state.energy_out, state.identity


def _turns(before: OpenSession | None, told: Followed) -> list[Turn]:
    """Return what began and what ended with a moment."""
    turns = []
    state = told.state
    if told.closed is not None:
        turns.append(Turn(connector=told.closed.connector, session=told.closed.id, began=False))
    if state is not None and state.active and (before is None or not before.active or before.id != state.id):
        turns.append(Turn(connector=state.connector, session=state.id, began=True))
    return turns
