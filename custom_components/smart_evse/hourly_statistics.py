"""Energy and cost in Home Assistant's statistics, in the hour in which they flowed, however late that is known.

A sensor can only say what is now. What a register showed after a power cut, what a charger told of days later, and a
price that came after the energy belong into hours that are over: only statistics can be written there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.unit_conversion import EnergyConverter

from .bookkeeping import Bookkeeper, LedgerClosed
from .configuration import Connector
from .const import DOMAIN
from .engine.model import ConnectorId
from .journal import Journal, Position
from .ledger import Ledger, Tip
from .ledger.hours import Through, through, told_since
from .sentences import statistic_name

_LOGGER = logging.getLogger(__name__)

_SOON = 10.0
"""How long changes are gathered before they are written, in s."""

_RECORDER = "recorder"
_KILO: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What went through a connector: before the first of the hours, and in each."""

    connector: ConnectorId
    before: Through
    hours: Mapping[datetime, Through]


class HourlyStatistics:
    """Keeps the statistics of one site's connectors true to the ledger."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper, journal: Journal) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._journal = journal
        self._connectors: Mapping[ConnectorId, Connector] = {}
        self._waiting = False

    @callback
    def start(self, connectors: Mapping[ConnectorId, Connector]) -> None:
        """Begin, where there is a recorder."""
        self._connectors = connectors
        if _RECORDER in self._hass.config.components:
            self._entry.async_on_unload(self._books.async_listen(self._ask))
            self._ask()

    @callback
    def _ask(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._entry.async_on_unload(async_call_later(self._hass, _SOON, self._due))

    @callback
    def _due(self, _now: datetime) -> None:
        self._waiting = False
        name = f"{DOMAIN} {self._entry.title} statistics"
        self._entry.async_create_background_task(self._hass, self._write(), name)

    async def _write(self) -> None:
        last = self._journal.counted
        after = Tip(epoch=last.epoch, sequence=last.sequence, hash=last.hash)
        try:
            tip, found = await self._books.async_read(partial(_changed, after=after))
        except LedgerClosed:
            return
        for hours in found:
            if (connector := self._connectors.get(hours.connector)) is not None:
                self._tell(connector, hours)
        if self._journal.counted is not last:
            # Somebody asked for all of it anew meanwhile.
            return
        self._journal.counted = Position(epoch=tip.epoch, sequence=tip.sequence, hash=tip.hash)
        self._journal.save_within(_SOON)

    def _tell(self, connector: Connector, hours: Hours) -> None:
        # Whoever runs without a recorder has no database library either.
        from homeassistant.components.recorder.models import StatisticMeanType, StatisticMetaData  # noqa: PLC0415
        from homeassistant.components.recorder.statistics import async_add_external_statistics  # noqa: PLC0415

        for kind, unit, unit_class, values in _kinds(self._hass.config.currency, hours):
            metadata = StatisticMetaData(
                has_sum=True,
                mean_type=StatisticMeanType.NONE,
                name=statistic_name(self._hass, kind, connector.name),
                source=DOMAIN,
                statistic_id=f"{DOMAIN}:{connector.id.lower().replace(':', '_')}_{kind}",
                unit_class=unit_class,
                unit_of_measurement=unit,
            )
            async_add_external_statistics(
                self._hass, metadata, [{"start": at, "state": state, "sum": total} for at, state, total in values]
            )


type Row = tuple[datetime, float, float]


def _kinds(currency: str, hours: Hours) -> Iterator[tuple[str, str, str | None, list[Row]]]:
    """Yield each statistic that has something in it: its key, its unit and that unit's class, its rows."""
    energy = (UnitOfEnergy.KILO_WATT_HOUR, EnergyConverter.UNIT_CLASS)
    told = (
        ("energy", *energy, lambda each: each.energy_in / _KILO),
        ("energy_discharged", *energy, lambda each: each.energy_out / _KILO),
        ("cost", currency, None, lambda each: float(each.cost)),
    )
    for kind, unit, unit_class, value in told:
        rows = list(_summed(value(hours.before), ((at, value(each)) for at, each in hours.hours.items())))
        if rows and rows[-1][2]:
            yield kind, unit, unit_class, rows


def _summed(before: float, values: Iterable[tuple[datetime, float]]) -> Iterator[Row]:
    for at, value in values:
        before += value
        yield at, value, before


def _changed(ledger: Ledger, *, after: Tip) -> tuple[Tip, list[Hours]]:
    """Return the last record, and the hours of every connector that are other than they were at a place."""
    tip, found = ledger.tip, []
    for connector, news in told_since(ledger, after).items():
        before, hours = through(ledger, connector, news.since)
        # Where something was told before and nothing is now, that has to be said, too.
        told = dict.fromkeys(sorted(news.moved | set(hours)), Through())
        found.append(Hours(connector=connector, before=before, hours={**told, **hours}))
    return tip, found
