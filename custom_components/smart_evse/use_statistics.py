"""How the chargers of a site are used, hour by hour in Home Assistant's statistics: whether another one is needed.

A session that ended, was corrected or was imported changes hours that are over, so that those are written once more;
sums go on from the hour before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import PERCENTAGE, UnitOfEnergy, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_change
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import DurationConverter, EnergyConverter

from .bookkeeping import Bookkeeper, LedgerClosed
from .configuration import Connector
from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.analysis import SPEEDS, Refusal, Span, Stay
from .engine.sessions.ending import record as as_it_stands
from .engine.sessions.hourly_use import HOUR, HourOfUse, hourly
from .engine.sessions.model import SessionRecord
from .journal import Position, Used
from .ledger import Ledger, SessionFilter, SessionsBook, Tip
from .ledger.hours import hour_of, told_since
from .sentences import use_statistic_name
from .store import SiteStore

if TYPE_CHECKING:
    from homeassistant.components.recorder.models import StatisticData

_RECORDER: Final = "recorder"
_SOON = 120.0
"""How long after the start hours that are missing are written, in s."""

_MINUTE = 3
"""At which minute an hour is written: its last readings have come by then."""

_BACK = timedelta(days=731)
"""What is older is in no statistic of ours: nobody knows any more who was refused then."""

_LONGEST = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One statistic: its key and unit, and what an hour adds to its sum, or its mean, least and most in the hour."""

    key: str
    unit: str | None = None
    unit_class: str | None = None
    adds: Callable[[HourOfUse], float] | None = None
    shows: Callable[[HourOfUse], tuple[float, float, float]] | None = None


def _by_speed(place: int) -> Kind:
    return Kind(
        key=f"speed_{place}",
        unit=UnitOfEnergy.KILO_WATT_HOUR,
        unit_class=EnergyConverter.UNIT_CLASS,
        adds=lambda hour: hour.by_speed[place] / 1000,
    )


KINDS: Final[tuple[Kind, ...]] = (
    Kind(key="taken", shows=lambda hour: (hour.taken, hour.least_taken, hour.most_taken)),
    Kind(key="charging", shows=lambda hour: (hour.charging, 0, hour.most_charging)),
    Kind(key="full", unit=PERCENTAGE, shows=lambda hour: (100 * hour.full,) * 3),
    Kind(
        key="idle",
        unit=UnitOfTime.HOURS,
        unit_class=DurationConverter.UNIT_CLASS,
        adds=lambda hour: hour.idle / HOUR.total_seconds(),
    ),
    Kind(key="refusals", adds=lambda hour: hour.refused),
    *(_by_speed(place) for place in range(len(SPEEDS) + 1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Garage:
    """What the ledger does not have of a site: its connectors, the sessions that run, and who was refused."""

    connectors: Sequence[ConnectorId]
    running: Sequence[SessionRecord]
    refusals: Sequence[Refusal]


class UseStatistics:
    """Keeps the statistics of one site's use true to its ledger, where there are several chargers or refusals."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper, store: SiteStore) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._store = store
        self._connectors: Sequence[ConnectorId] = ()

    @callback
    def start(self, connectors: Mapping[ConnectorId, Connector]) -> None:
        """Begin, where there is a recorder."""
        self._connectors = tuple(connectors)
        if _RECORDER in self._hass.config.components:
            unload = self._entry.async_on_unload
            unload(async_call_later(self._hass, _SOON, self._due))
            unload(async_track_time_change(self._hass, self._due, minute=_MINUTE, second=0))

    @callback
    def _due(self, _now: datetime) -> None:
        name = f"{DOMAIN} {self._entry.title} use"
        self._entry.async_create_background_task(self._hass, self.async_write(), name)

    async def async_write(self) -> None:
        """Write all whole hours that are missing or others than they were."""
        journal, refusals = self._store.journal, self._store.refusals.refusals
        if len(self._connectors) < 2 and not refusals:
            return
        now = dt_util.utcnow()
        running = tuple(as_it_stands(state) for state in journal.states.values() if state.active)
        garage = Garage(connectors=self._connectors, running=running, refusals=refusals)
        try:
            tip, hours = await self._books.async_read(partial(_look, garage=garage, used=journal.used, now=now))
        except LedgerClosed:
            return
        if hours:
            await self._tell(hours)
            journal.used = Used(until=hours[-1].at + HOUR, tip=Position(epoch=tip.epoch, sequence=tip.sequence))
            journal.save_within(_SOON)

    async def _tell(self, hours: Sequence[HourOfUse]) -> None:
        # Whoever runs without a recorder has no database library either.
        from homeassistant.components.recorder.models import StatisticMeanType, StatisticMetaData  # noqa: PLC0415
        from homeassistant.components.recorder.statistics import async_add_external_statistics  # noqa: PLC0415

        before = await self._sums_before(hours[0].at)
        for kind in KINDS:
            statistic = self._id(kind)
            metadata = StatisticMetaData(
                has_sum=kind.adds is not None,
                mean_type=StatisticMeanType.NONE if kind.shows is None else StatisticMeanType.ARITHMETIC,
                name=use_statistic_name(self._hass, kind.key, self._entry.title),
                source=DOMAIN,
                statistic_id=statistic,
                unit_class=kind.unit_class,
                unit_of_measurement=kind.unit,
            )
            rows = list(_rows(kind, hours, before.get(statistic, 0.0)))
            async_add_external_statistics(self._hass, metadata, rows)

    async def _sums_before(self, hour: datetime) -> dict[str, float]:
        """Return the sums as they were told for the hour before."""
        from homeassistant.components.recorder.statistics import statistics_during_period  # noqa: PLC0415
        from homeassistant.helpers.recorder import get_instance  # noqa: PLC0415

        wanted = {self._id(kind) for kind in KINDS if kind.adds is not None}
        look = partial(statistics_during_period, self._hass, hour - HOUR, hour, wanted, "hour", None, {"sum"})
        found = await get_instance(self._hass).async_add_executor_job(look)
        return {key: float(rows[-1].get("sum") or 0.0) for key, rows in found.items() if rows}

    def _id(self, kind: Kind) -> str:
        return f"{DOMAIN}:{self._entry.entry_id.lower()}_{kind.key}"


def _rows(kind: Kind, hours: Iterable[HourOfUse], total: float) -> Iterator[StatisticData]:
    for hour in hours:
        if kind.adds is not None:
            added = kind.adds(hour)
            total += added
            yield {"start": hour.at, "state": added, "sum": total}
        elif kind.shows is not None:
            mean, least, most = kind.shows(hour)
            yield {"start": hour.at, "mean": mean, "min": least, "max": most}


def _look(ledger: Ledger, *, garage: Garage, used: Used, now: datetime) -> tuple[Tip, list[HourOfUse]]:
    """Return the hours to be written, and how far the ledger went then."""
    tip, until = ledger.tip, hour_of(now)
    news = told_since(ledger, Tip(epoch=used.tip.epoch, sequence=used.tip.sequence))
    begun = [each.since for each in news.values()]
    begun += [hour_of(refusal.at) for refusal in garage.refusals[:1]] if used.until is None else [used.until]
    since = max(min(begun, default=until), hour_of(now - _BACK))
    if since >= until:
        return tip, []
    book = SessionsBook(ledger)
    known = book.with_intervals(SessionFilter(since=since - _LONGEST, until=until))
    stays = {record.id: Stay(record=record, intervals=intervals) for record, intervals in known}
    stays |= {record.id: Stay(record=record, intervals=book.intervals(record.id)) for record in garage.running}
    span = Span(since=since, until=until, zone=UTC)
    return tip, list(hourly([*stays.values()], span, garage.connectors, garage.refusals))
