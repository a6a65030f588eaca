"""The plan's runner: what is known becomes a plan, beside the heartbeat and never in its way.

A plan is made within milliseconds and improved when the solver ends; both happen in a thread. It is made anew when
something changes that it was made of, and every few minutes anyway. The beat only reads what is there.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
    async_track_time_interval,
)
from homeassistant.requirements import async_process_requirements
from homeassistant.util import dt as dt_util

from .cars import Cars, Wanted
from .const import CONF_EXPORT_KIND, CONF_PRICE_KIND, CONF_SLOT_MINUTES, DOMAIN, SOLVER, SUBENTRY_VEHICLE
from .days_ahead import async_departures, async_history, async_sources
from .engine.forecast.series import Series, Span
from .engine.model import ConnectorId, Decision, Memory, Snapshot
from .engine.plan import Plan, Problem, make_plan
from .engine.sessions.opened import OpenSession
from .expectations import Expectations, Expected
from .learned import LearnedStore
from .links.states import EntityPort
from .problem import make_problem
from .site_options import PriceKind

_LOGGER = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
SETTLE = timedelta(hours=1)
SOON = 2.0
"""How long changes are gathered before a plan is made anew, in s."""

SOLVER_TIME = 5.0
"""How long the solver may look for a better plan, in s."""

_MINUTES = 15
_AHEAD = timedelta(minutes=15)
"""What `sun_ahead` is the mean of."""

_TRY_AGAIN = timedelta(days=1)
"""How long a solver that could not be installed is not asked for again."""


class Planning:
    """Keeps one site's plan. `wanted` tells what is configured and chosen, `news` that there is another plan."""

    def __init__(  # noqa: PLR0913 (where it runs, what it learns from, and who is told)
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        learned: LearnedStore,
        states: EntityPort,
        *,
        wanted: Callable[[], Wanted],
        news: Callable[[], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._learned = learned
        self._states = states
        self._wanted = wanted
        self._news = news
        vehicles = {key: sub.data for key, sub in entry.subentries.items() if sub.subentry_type == SUBENTRY_VEHICLE}
        self.cars = Cars(states, learned, vehicles)
        self.expectations: Expectations | None = None
        self.plan: Plan | None = None
        self.problem: Problem | None = None
        self.solver_missing: datetime | None = None
        self._seen: tuple[Snapshot, Memory] | None = None
        self._import_price, self._export_price, self._sun = Series(), Series(), Series()
        self._there: dict[ConnectorId, tuple[bool, bool]] = {}
        self._waiting: CALLBACK_TYPE | None = None
        self._running = self._again = False

    @callback
    def start(self) -> None:
        """Begin: the sources may take a while to be found, and nobody waits for that."""
        self._entry.async_on_unload(self._stop)
        self._in_background(self._begin(), "sources")

    @callback
    def ask(self) -> None:
        """Plan anew soon, with whatever else changes until then."""
        if self._waiting is None and self.expectations is not None:
            self._waiting = async_call_later(self._hass, SOON, self._due)

    def completed(self, snapshot: Snapshot) -> Snapshot:
        """Add to what is what is planned and expected: at no cost, for the beat waits."""
        utc = snapshot.utc
        (ahead,) = self._sun.means([(utc, utc + _AHEAD)], coverage=0.0)
        return replace(
            snapshot,
            plan=self.plan,
            import_price=self._import_price.at(utc),
            export_price=self._export_price.at(utc),
            sun_ahead=ahead,
            vehicles=tuple(self.cars.readings(self._wanted().connectors, snapshot.now)),
        )

    @property
    def is_ready(self) -> bool:
        """Whether enough is known to make a plan."""
        return self.expectations is not None and self._seen is not None

    def expected(self, utc: datetime) -> Expected:
        """Return what the plan goes by, for whoever shows it."""
        (sun,) = self._sun.means([(utc, utc + timedelta(hours=1))], coverage=0.0)
        site, options = self._learned.site, self._entry.options
        return Expected(
            buys=options.get(CONF_PRICE_KIND, PriceKind.NONE) != PriceKind.NONE,
            sells=options.get(CONF_EXPORT_KIND, PriceKind.NONE) != PriceKind.NONE,
            prices=self._import_price,
            sun=sun,
            sun_error=site.sun_score.doubt if site.sun_score.is_tested else None,
            house_error=site.house_score.doubt if site.house_score.is_tested else None,
        )

    def saw(self, snapshot: Snapshot, decision: Decision, sessions: Mapping[ConnectorId, OpenSession]) -> None:
        """Learn from a beat, and plan anew when a car came or left, or may charge or may no more."""
        self._seen = snapshot, decision.memory
        if self.expectations is not None:
            self.expectations.saw(snapshot, decision)
        settings = self._wanted().settings
        self.cars.saw(snapshot, decision, sessions, settings)
        granted = {known.id: known.access.granted for known in settings.connectors}
        states = {key: reading.state for key, reading in snapshot.connectors}
        there = {
            key: (state.plugged, granted.get(key, True))
            for key, state in states.items()
            if state is not None and not state.faulty
        }
        if there != self._there:
            self._there = there
            self.ask()

    async def _begin(self) -> None:
        sources = await async_sources(self._hass, self._entry, self._states)
        self.expectations = Expectations(self._learned, dt_util.get_default_time_zone(), sources)
        watched = self.expectations.watched | self.cars.soc_entities | self.cars.calendars
        unload = self._entry.async_on_unload
        if watched:
            unload(async_track_state_change_event(self._hass, watched, self._changed))
        unload(async_track_time_interval(self._hass, self._timer, EVERY))
        unload(async_track_time_interval(self._hass, self._settle, SETTLE))
        self._run()
        await self._recall()

    async def _recall(self) -> None:
        """Look at the history and the calendars, and plan with what they say."""
        if self.expectations is None:
            return
        history = await async_history(self._hass, self._entry, self._wanted().connectors)
        await self.expectations.recall(history, dt_util.utcnow())
        for calendar in self.cars.calendars:
            self.cars.calendar[calendar] = await async_departures(self._hass, calendar, self.expectations.clock)
        self.ask()

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        if self.expectations is not None:
            self.expectations.hurry(entity_id)
        if entity_id in self.cars.calendars:
            self._in_background(self._recall(), "calendar")
        self.ask()

    @callback
    def _timer(self, _now: datetime) -> None:
        self._run()

    @callback
    def _settle(self, now: datetime) -> None:
        if self.expectations is not None:
            self.expectations.settle(dt_util.utcnow())
        self._in_background(self._recall(), "history")

    @callback
    def _due(self, _now: datetime) -> None:
        self._waiting = None
        self._run()

    @callback
    def _run(self) -> None:
        """Plan now, or once more when the plan that is being made is done."""
        self._again = self._running
        if not self._running:
            self._running = True
            self._in_background(self._replan(), "plan")

    async def _replan(self) -> None:
        try:
            await self._plan()
        finally:
            self._running = False
        if self._again:
            self._run()

    async def async_simulate(self, wanted: Wanted) -> Plan:
        """Return what would be planned if this were wanted; `HomeAssistantError` before anything is known."""
        put_together = self._problem(wanted)
        if put_together is None:
            raise HomeAssistantError("Nothing is known of the site yet")
        problem, _ = await self._hass.async_add_executor_job(put_together)
        seconds = SOLVER_TIME if await self._has_solver() else 0.0
        return await self._hass.async_add_executor_job(make_plan, problem, None, seconds)

    async def _plan(self) -> None:
        if self.expectations is None:
            return
        await self.expectations.refresh(dt_util.utcnow())
        put_together = self._problem(self._wanted())
        if put_together is None:
            return
        problem, knows_sun = await self._hass.async_add_executor_job(put_together)
        self._expect(problem, knows_sun=knows_sun)
        await self._make(problem, 0.0)
        if problem.stays and not self._again and await self._has_solver():
            await self._make(problem, SOLVER_TIME)

    def _problem(self, wanted: Wanted) -> Callable[[], tuple[Problem, bool]] | None:
        """Return what puts a problem together, in a thread, and says whether any sun is expected."""
        if self.expectations is None or self._seen is None:
            return None
        expectations, (snapshot, memory) = self.expectations, self._seen
        minutes = int(self._entry.options.get(CONF_SLOT_MINUTES, _MINUTES))

        def put_together() -> tuple[Problem, bool]:
            outlook, doubt = expectations.outlook(snapshot.utc), expectations.sun_doubt
            problem = make_problem(snapshot, wanted, memory, outlook, self.cars, minutes=minutes, doubt=doubt)
            return problem, bool(outlook.sun.spans)

        return put_together

    async def _make(self, problem: Problem, seconds: float) -> None:
        """Make a plan and hand it on; one that cannot be made leaves the old one as it is."""
        # What was made of the same a moment ago is followed by nobody yet: a better one simply takes its place.
        followed = self.plan if self.plan is not None and self.plan.made_at < problem.now else None
        try:
            plan = await self._hass.async_add_executor_job(make_plan, problem, followed, seconds)
        except Exception:
            _LOGGER.exception("No plan could be made")
            return
        self.problem = problem
        if plan != self.plan:
            self.plan = plan
            self._news()

    def _expect(self, problem: Problem, *, knows_sun: bool) -> None:
        """Keep what the plan was made with: the beat goes by the same prices."""
        slots = problem.slots
        self._import_price = Series(tuple(Span(slot.start, slot.end, slot.import_price) for slot in slots))
        self._export_price = Series(tuple(Span(slot.start, slot.end, slot.export_price) for slot in slots))
        sun = (Span(slot.start, slot.end, slot.sun) for slot in slots)
        self._sun = Series(tuple(sun)) if knows_sun else Series()

    async def _has_solver(self) -> bool:
        """Install the solver on first use; without it the simple plan serves."""
        now = dt_util.utcnow()
        if self.solver_missing is not None and now - self.solver_missing < _TRY_AGAIN:
            return False
        try:
            await async_process_requirements(self._hass, DOMAIN, [SOLVER], False)
        except HomeAssistantError as err:
            _LOGGER.info("Plans are made without a solver: %s", err)
            self.solver_missing = now
            return False
        self.solver_missing = None
        return True

    @callback
    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting()
            self._waiting = None

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._entry.async_create_background_task(self._hass, work, f"{DOMAIN} {self._entry.title} {name}")
