"""What a site keeps between two starts: live settings, sessions, and what chargers were set to before us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from homeassistant.core import HomeAssistant

from .access_store import AccessStore
from .const import DOMAIN
from .engine.model import ConnectorId, Mode, Override
from .engine.sessions.opened import OpenSession
from .engine.settings import GridOrder
from .engine.vehicle.departures import Trip, Weekly
from .journal import Journal
from .learned import LearnedStore
from .order_log import OrderLog
from .punctual import PunctualStore
from .records import Json, made_or, plain
from .refusal_log import RefusalLog
from .run_book import RunBook
from .till_book import TillBook

_VERSION = 1
_CHANGED = 1.0
"""A setting that somebody just changed is on disk this soon, in s."""

_REMEMBERED = 30.0
"""A power cut loses no more than this of what engine and peaks remember, in s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was set from the dashboard: currents in A, energy in Wh; `None` where nobody chose.

    Of what the driver wants of the car, the target is `target_distance` (km of range) before `target_energy` (Wh to
    bring in) before `target_soc` (%). `minimum_soc` is wanted as soon as possible, `limit_soc` the most that
    even the sun fills it to, `reserve_soc` what giving leaves in it, all in %. `cheap_price` is in currency
    per kWh. `departures` come every week, `trip` once and instead of those of its day; on the local dates
    in `skipped` the car stays.
    """

    mode: Mode = Mode.SOLAR
    override: Override | None = None
    min_current: float | None = None
    max_current: float | None = None
    mode_after_unplug: Mode | None = None
    stop_after: float | None = None
    target_soc: float | None = None
    target_energy: float | None = None
    target_distance: float | None = None
    minimum_soc: float | None = None
    limit_soc: float | None = None
    reserve_soc: float | None = None
    cheap_price: float | None = None
    departures: tuple[Weekly, ...] = ()
    trip: Trip | None = None
    skipped: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChosen:
    """What was set for the whole site: the limits that others ordered, and what the month's peak may be.

    `may_set_new_peak` leaves it free, `accepted_peak` is one in W that is paid for gladly.
    """

    orders: tuple[GridOrder, ...] = ()
    may_set_new_peak: bool = False
    accepted_peak: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a connector has to remember beyond a restart, in UTC.

    `starts` and `writes` are what was drawn on the budgets of its relay and its flash memory,
    `running` and `changed` how following the sun stood, and since when. `began` and `switched` are when the
    engine started it and changed its phases within the last day, `phases` how many it had last. `latency` is how
    long box and car take to follow in s, from so many `samples`.
    """

    starts: tuple[datetime, ...] = ()
    writes: tuple[datetime, ...] = ()
    running: bool = False
    changed: datetime | None = None
    began: tuple[datetime, ...] = ()
    switched: tuple[datetime, ...] = ()
    phases: int | None = None
    car_phases: int | None = None
    latency: float | None = None
    samples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedPeaks:
    """A capacity tariff's running window and the peaks of its period: Wh since the window began, W by their start."""

    window: datetime | None = None
    energy: float = 0.0
    peaks: tuple[tuple[datetime, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedMeter:
    """How much later than the chargers the grid meter was last found to show their steps, in s."""

    found: tuple[float, ...] = ()


@dataclass(slots=True)
class Kept:
    """Everything on record. `touched` holds each changed charger's configuration and originals.

    `sessions` are the journal's own, which writes them.
    """

    live: dict[ConnectorId, Chosen] = field(default_factory=dict)
    sessions: dict[ConnectorId, OpenSession] = field(default_factory=dict)
    touched: dict[str, Json] = field(default_factory=dict)
    remembered: dict[ConnectorId, Remembered] = field(default_factory=dict)
    site: SiteChosen = field(default_factory=SiteChosen)
    peaks: RememberedPeaks = field(default_factory=RememberedPeaks)
    meter: RememberedMeter = field(default_factory=RememberedMeter)


class SiteStore:
    """One site's file in Home Assistant's storage; what was learned or ordered and who was let in have their own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self.kept = Kept()
        self.learned = LearnedStore(hass, entry_id)
        self.order_log = OrderLog(hass, entry_id)
        self.journal = Journal(hass, entry_id)
        self.access = AccessStore(hass, entry_id)
        self.refusals = RefusalLog(hass, entry_id)
        self.payments = TillBook(hass, entry_id)
        self.statements = RunBook(hass, entry_id)

    async def async_load(self) -> None:
        """Read the file; what is missing in it has its default."""
        await self.learned.async_load()
        await self.order_log.async_load()
        await self.journal.async_load()
        await self.access.async_load()
        await self.refusals.async_load()
        await self.payments.async_load()
        await self.statements.async_load()
        data = await self._store.async_load() or {}
        self.kept = Kept(
            live={key: made_or(Chosen, value, Chosen()) for key, value in data.get("live", {}).items()},
            sessions=self.journal.states,
            touched=data.get("touched", {}),
            remembered={
                key: made_or(Remembered, value, Remembered()) for key, value in data.get("remembered", {}).items()
            },
            site=made_or(SiteChosen, data.get("site"), SiteChosen()),
            peaks=made_or(RememberedPeaks, data.get("peaks"), RememberedPeaks()),
            meter=made_or(RememberedMeter, data.get("meter"), RememberedMeter()),
        )

    def chosen(self, connector: ConnectorId) -> Chosen:
        """Return what was chosen for a connector."""
        return self.kept.live.get(connector, Chosen())

    def begin(self, connector: ConnectorId, mode: str | None) -> None:
        """Start a connector that is new here in the mode that was asked for."""
        if connector not in self.kept.live and mode in set(Mode):
            self.choose(connector, Chosen(mode=Mode(mode)))

    def choose(self, connector: ConnectorId, chosen: Chosen) -> None:
        """Change what was chosen for a connector."""
        self.kept.live[connector] = chosen
        self._store.save_within(self._as_json, _CHANGED)

    def choose_for_site(self, chosen: SiteChosen) -> None:
        """Change what was chosen for the whole site."""
        self.kept.site = chosen
        self._store.save_within(self._as_json, _CHANGED)

    def remember_site(self, peaks: RememberedPeaks, meter: RememberedMeter) -> None:
        """Note how a capacity tariff's window and peaks stand, and how late the grid meter is."""
        if (peaks, meter) != (self.kept.peaks, self.kept.meter):
            self.kept.peaks, self.kept.meter = peaks, meter
            self._store.save_within(self._as_json, _REMEMBERED)

    def remember(self, connector: ConnectorId, remembered: Remembered) -> None:
        """Note what a connector has to remember."""
        if remembered != self.kept.remembered.get(connector):
            self.kept.remembered[connector] = remembered
            self._store.save_within(self._as_json, _REMEMBERED)

    async def async_keep_originals(self, subentry_id: str, config: Mapping[str, Any], originals: Json) -> None:
        """Put on disk what a charger was set to before us; what is on record already stands."""
        known = self.kept.touched.setdefault(subentry_id, {"originals": {}})
        known["config"] = dict(config)
        known["originals"] = {**originals, **known["originals"]}
        await self.async_save()

    def originals(self, subentry_id: str) -> Json:
        """Return what a charger was set to before us, as far as it is on record."""
        kept: Json = self.kept.touched.get(subentry_id, {}).get("originals", {})
        return kept

    async def async_forget(self, subentry_id: str) -> None:
        """Drop a charger that is gone."""
        self.kept.touched.pop(subentry_id, None)
        for kept in (self.kept.live, self.kept.sessions, self.kept.remembered):
            for connector in [key for key in kept if key.partition(":")[0] == subentry_id]:
                kept.pop(connector)
        await self.async_save()

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_close(self) -> None:
        """Write everything before the site is unloaded."""
        await self.async_save()
        await self.learned.async_save()
        await self.order_log.async_save()
        await self.access.async_save()
        await self.refusals.async_save()

    async def async_remove(self) -> None:
        """Delete the file, and those of what was learned and ordered."""
        await self._store.async_remove()
        await self.learned.async_remove()
        await self.order_log.async_remove()
        await self.journal.async_remove()
        await self.access.async_remove()
        await self.refusals.async_remove()
        await self.payments.async_remove()
        await self.statements.async_remove()

    def _as_json(self) -> Json:
        return {
            "live": {key: plain(value) for key, value in self.kept.live.items()},
            "touched": self.kept.touched,
            "remembered": {key: plain(value) for key, value in self.kept.remembered.items()},
            "site": plain(self.kept.site),
            "peaks": plain(self.kept.peaks),
            "meter": plain(self.kept.meter),
        }
