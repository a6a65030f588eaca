"""When cars were charged, as a calendar: each session is an event. Whose they were it does not tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.sessions.model import SessionRecord
from .entity import SiteEntity, SiteRow
from .ledger import SessionFilter
from .session_desk import async_look_up, names_of

# Everything is pushed: there is nothing to update, in parallel or otherwise.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SiteCalendarDescription(SiteRow, CalendarEntityDescription):
    """A calendar of a site."""


SESSIONS = SiteCalendarDescription(key="sessions")

_LONGEST = timedelta(days=60)
"""No car stands at a charger for longer; one that does is found in the month in which it came."""

_STEP = timedelta(minutes=15)
"""A session that runs ends in this calendar a while from now, moved on as long as it runs."""


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar of a site."""
    async_add_entities([SessionCalendar(entry.runtime_data, SESSIONS)])


class SessionCalendar(SiteEntity, CalendarEntity):
    """The sessions of a site. It is on while a car is plugged in."""

    entity_description: SiteCalendarDescription

    def __init__(self, coordinator: SiteCoordinator, description: SiteCalendarDescription) -> None:
        super().__init__(coordinator, description)

    @override
    def _shown(self) -> object:
        return self.event

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The session that runs, of several the one that began last; else the last one that ended."""
        if running := self._running(dt_util.utcnow()):
            return max(running, key=lambda event: event.start)
        ended = [account.record for account in self.coordinator.data.figures.last.values()]
        return self._told(max(ended, key=lambda record: record.started)) if ended else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the sessions that lie in a span, or partly do."""
        which = SessionFilter(since=start_date - _LONGEST, until=end_date)
        records = await async_look_up(self.coordinator, lambda book: book.sessions(which))
        known = [self._told(record) for record in reversed(records) if record.ended is not None]
        running = [event for event in self._running(dt_util.utcnow()) if event.start < end_date]
        return [event for event in (*known, *running) if event.end > start_date]

    def _running(self, now: datetime) -> list[CalendarEvent]:
        end = dt_util.as_local(now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + _STEP)
        names = names_of(self.coordinator, ())
        return [
            CalendarEvent(
                start=dt_util.as_local(session.started),
                end=max(end, dt_util.as_local(session.started) + _STEP),
                summary=_summary(names.chargers[key], session.energy),
                description=names.vehicles.get(session.identity.vehicle or ""),
                uid=session.id,
            )
            for key, session in self.coordinator.data.sessions.items()
            if session.active and key in names.chargers
        ]

    def _told(self, record: SessionRecord) -> CalendarEvent:
        names, started = names_of(self.coordinator, ()), dt_util.as_local(record.started)
        ended = started if record.ended is None else dt_util.as_local(record.ended)
        return CalendarEvent(
            start=started,
            # A calendar has no event without length.
            end=max(ended, started + timedelta(seconds=1)),
            summary=_summary(names.chargers.get(record.connector, record.connector), record.energy_in),
            description=names.vehicles.get(record.vehicle or ""),
            uid=record.id,
        )


def _summary(charger: str, energy: int) -> str:
    return f"{charger}: {energy / 1000:.1f} kWh"
