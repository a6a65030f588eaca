"""The heartbeat: read, decide, command, publish.

A beat awaits nothing. It works on the last readings, and whoever reads or commands a device does
so in the background. A fresh grid sample starts a beat at once; a timer beats anyway, so that
silence is noticed.
"""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import logging
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event, async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .asking import Asking
from .cars import Wanted
from .configuration import Connector, Standing, site_settings
from .const import CONF_MODE, DOMAIN
from .decision_log import DecisionLog
from .engine.capacity_tariff import CapacityTariff
from .engine.decide import decide
from .engine.grid_operator import order_events
from .engine.model import ConnectorId, Decision, SiteSettings, Snapshot
from .engine.plan import Plan
from .engine.sessions.opened import OpenSession
from .engine.wishes import active_override
from .equipment import Equipment, Listening
from .expectations import Expected
from .figures import Figures
from .identification import Identification
from .live import LiveSite
from .moments import site_moments
from .orders import order_entities, told_orders
from .planning import Planning
from .recollection import recalled, remembered, remembered_site
from .running_charges import RunningCharges
from .sessions import Sessions
from .site_access import SiteAccess
from .states import HassStates
from .store import Chosen, SiteStore
from .tills import Tills

_LOGGER = logging.getLogger(__name__)

BEAT = timedelta(seconds=5)

type SmartEvseConfigEntry = ConfigEntry[SiteCoordinator]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """One beat: what was, decided and expected, how the sessions stand, and the grid meter's cadence in s."""

    snapshot: Snapshot
    decision: Decision
    sessions: Mapping[ConnectorId, OpenSession] = field(default_factory=dict)
    cadence: float | None = None
    expected: Expected = field(default_factory=Expected)
    figures: Figures = field(default_factory=Figures)
    settings: SiteSettings

    @property
    def capacity(self) -> CapacityTariff | None:
        """The capacity tariff of the site."""
        return self.settings.capacity

    @property
    def plan(self) -> Plan | None:
        """What is planned, `None` until the first plan is made."""
        return self.snapshot.plan


class SiteCoordinator(LiveSite, DataUpdateCoordinator[SiteData]):
    """One site: where the devices and the engine meet."""

    config_entry: SmartEvseConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: SmartEvseConfigEntry, store: SiteStore, equipment: Equipment
    ) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=entry.title)
        self.equipment = equipment
        self.store = store
        self.states = HassStates(hass)
        self.planning = Planning(hass, entry, store.learned, self.states, wanted=self._wanted, news=self.beat)
        self.access = SiteAccess(hass, entry, store.access, changed=self._changed)
        who = Identification(
            hass, entry, self.access.door.identity, lambda: self.access.desk.people, lambda: self.sessions.states
        )
        moments = site_moments(hass, entry, store, self.states, who.identity)
        self.sessions = Sessions(hass, entry, store, moments)
        self.tariffs = who.tariffs
        self.charges = RunningCharges(hass, entry, who.tariffs, moments, self.sessions.books, store.journal)
        self.access.charge = self.charges.at
        self.access.desk.worth = self.tariffs.worth if self.tariffs.all else self.access.desk.worth
        self.asking = Asking(hass, entry, self.sessions, who)
        self.tills = Tills(hass, entry, store.payments, self.sessions.books, self.access.desk)
        self.log = DecisionLog()
        self.figures = Figures()
        for item in equipment.connectors.values():
            store.begin(item.id, item.data.get(CONF_MODE))
        self._started = time.monotonic()
        self._memory = recalled(store.kept, self._started, dt_util.utcnow())
        self._settings: SiteSettings | None = None
        self._plugged: dict[ConnectorId, bool] = {}
        self._looked_at: dict[ConnectorId, float] = {}
        self._marks: dict[ConnectorId, object] = {}
        equipment.remind(store.kept.remembered, self._started, dt_util.utcnow())

    @property
    def connectors(self) -> Mapping[ConnectorId, Connector]:
        """Every outlet of every charger of the site."""
        return self.equipment.connectors

    @property
    def site_name(self) -> str:
        """What the owner calls the site."""
        return self.config_entry.title

    def start(self) -> None:
        """Begin to read, to beat and to command."""
        # A car that left while nobody looked has left all the same.
        self._plugged = {key: session.active for key, session in self.store.kept.sessions.items()}
        self.sessions.start(self.connectors)
        self.asking.start(self.connectors)
        self.access.start(self.connectors, news=self.beat)
        self.equipment.listen(
            Listening(grid=self.beat, other=self._heard, identified=self._changed, may_read=self._decides)
        )
        for name, line in self.equipment.tasks():
            self._in_background(name, line)
        unload = self.config_entry.async_on_unload
        unload(async_track_time_interval(self.hass, self._timer, BEAT))
        if orders := order_entities(self.config_entry.options):
            unload(async_track_state_change_event(self.hass, orders, self._ordered))
        self.beat()
        self.planning.start()

    def available(self, connector: ConnectorId) -> bool:
        """Whether a connector has been heard of lately."""
        settings = next((item for item in self.settings().connectors if item.id == connector), None)
        reading = self.data.snapshot.connector(connector)
        if settings is None or reading is None:
            return False
        return self.data.snapshot.now - reading.at <= settings.max_age

    @property
    def has_fresh_sample(self) -> bool:
        """Whether the grid meter has been heard of lately."""
        snapshot = self.data.snapshot
        return snapshot.grid is not None and snapshot.now - snapshot.grid.at <= self.settings().grid_max_age

    def settings(self) -> SiteSettings:
        """Return the engine's settings, made anew when something they are made of has changed."""
        if self._settings is None:
            self._settings = self._make_settings(self.store.kept.live)
            self.equipment.set_fallbacks(self._settings, self.access.door.controlled)
        return self._settings

    async def async_simulate(self, connector: ConnectorId, **changes: Any) -> Plan:  # noqa: ANN401 - as for `async_set_live`
        """Return what would be planned if live settings were others; nothing is set by that."""
        chosen = {**self.store.kept.live, connector: replace(self.store.chosen(connector), **changes)}
        wanted = Wanted(settings=self._make_settings(chosen), connectors=self.connectors, chosen=chosen)
        return await self.planning.async_simulate(wanted)

    def _wanted(self) -> Wanted:
        return Wanted(settings=self.settings(), connectors=self.connectors, chosen=dict(self.store.kept.live))

    def _make_settings(self, chosen: Mapping[ConnectorId, Chosen]) -> SiteSettings:
        sessions = self.store.kept.sessions
        return site_settings(
            self.config_entry,
            self.connectors.values(),
            chosen,
            Standing(
                grid_max_age=self.equipment.grid_max_age,
                circuit_max_age=self.equipment.circuit_max_age,
                energy={key: session.energy for key, session in sessions.items() if session.active},
                site=self.store.kept.site,
                orders=told_orders(self.config_entry.options, self.states),
                access=self.access.verdicts(self.connectors),
                zone=self.hass.config.time_zone,
            ),
        )

    @callback
    def async_apply(self) -> None:
        """Act at once on what was set, and plan anew."""
        self._changed()
        self.beat()
        self.planning.ask()

    @callback
    def beat(self) -> None:
        """Decide on what is known now, hand the decision on, and tell everyone."""
        snapshot = self.planning.completed(self.equipment.snapshot(time.monotonic(), dt_util.utcnow(), self._started))
        self._follow(snapshot)
        self.access.look(snapshot, self.connectors, self.store.kept.sessions)
        decision = decide(snapshot, self._current_settings(), self._memory)
        for event in order_events(self._memory.orders, decision.memory.orders, snapshot.utc):
            self.store.order_log.note(event, snapshot.utc)
        self._memory = decision.memory
        self.log.note(self.data.decision if self.data else None, decision, snapshot.utc)
        self._remember(snapshot, decision)
        self.planning.saw(snapshot, decision, self.store.kept.sessions)
        self.equipment.command(decision)
        self.data = SiteData(
            snapshot=snapshot,
            decision=decision,
            sessions=dict(self.store.kept.sessions),
            cadence=self.equipment.grid_cadence,
            expected=self.planning.expected(snapshot.utc),
            figures=self.figures,
            settings=self.settings(),
        )
        self.last_update_success = True
        self.async_update_listeners()

    def _current_settings(self) -> SiteSettings:
        settings = self.settings()
        ages = {circuit.id: circuit.max_age for circuit in settings.circuits if circuit.max_age is not None}
        if settings.grid_max_age != self.equipment.grid_max_age or ages != self.equipment.circuit_max_age:
            self._settings = None
            return self.settings()
        return settings

    def _changed(self) -> None:
        self._settings = None

    @callback
    def _timer(self, _now: datetime) -> None:
        self.beat()

    @callback
    def _heard(self) -> None:
        """Take notice of a charger or a slow sensor: only a car that comes, goes or starts is worth a beat."""
        snapshot = self.equipment.snapshot(time.monotonic(), dt_util.utcnow(), self._started)
        known = {key: reading.state for key, reading in self.data.snapshot.connectors} if self.data else {}
        if any(key not in known or known[key] is not reading.state for key, reading in snapshot.connectors):
            self.beat()

    @callback
    def _ordered(self, _event: Event[EventStateChangedData]) -> None:
        self.async_apply()

    def _decides(self) -> bool:
        """Whether decisions are being made: a charger's watchdog is fed by nothing else."""
        return self.data is not None and time.monotonic() - self.data.snapshot.now < 3 * BEAT.total_seconds()

    def _follow(self, snapshot: Snapshot) -> None:
        self.sessions.look(snapshot)
        for key, reading in snapshot.connectors:
            if self._looked_at.get(key) == reading.at:
                continue
            self._looked_at[key] = reading.at
            self._follow_session(key, snapshot)
        self._end_overrides(snapshot.utc)

    def _follow_session(self, key: ConnectorId, snapshot: Snapshot) -> None:
        reading = snapshot.connector(key)
        if reading is None:
            return
        before = self.store.kept.sessions.get(key)
        session = self.sessions.saw(self.connectors[key], reading, snapshot)
        if session is not before and self.live(key).stop_after is not None:
            self._settings = None
        if reading.state is None or reading.state.faulty:
            return
        if self._plugged.get(key) and not reading.state.plugged:
            self.forget_stay(key)
            self._changed()
        self._plugged[key] = reading.state.plugged

    def _end_overrides(self, utc: datetime) -> None:
        if self.end_orders(utc):
            self._changed()
        for key, chosen in list(self.store.kept.live.items()):
            if chosen.override is not None and active_override(chosen.override, utc) is None:
                self.store.choose(key, replace(chosen, override=None))
                self._changed()

    def _remember(self, snapshot: Snapshot, decision: Decision) -> None:
        """Keep what must outlast this process, when a connector's run or budget has changed."""
        for key, memory in decision.memory.connectors:
            command = self.equipment.command_memory(key)
            run = (memory.solar.running, memory.solar.changed_at, memory.starts, memory.switches, memory.phases)
            mark = (*run, memory.car_phases, memory.latency.seconds, command.starts, command.writes)
            if mark != self._marks.get(key):
                self._marks[key] = mark
                self.store.remember(key, remembered(memory, command, snapshot.now, snapshot.utc))
        self.store.remember_site(*remembered_site(decision.memory))

    def _in_background(self, name: str, line: Coroutine[Any, Any, None]) -> None:
        self.config_entry.async_create_background_task(self.hass, line, f"{DOMAIN} {self.site_name} {name}")
