"""Makes the statements that are due by themselves, each once, and says what has been made and what waits.

Each is known by an id that says what it is of: made twice it is the same one, however often Home Assistant stops in
between. What is settled is kept, so that what its owner took back stays so.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
import logging
from typing import Final
from zoneinfo import ZoneInfo

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .bookkeeping import LedgerClosed
from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.statements.model import StatementState
from .ledger import StatementFilter, StatementsBook
from .ledger.statements import StatementOnRecord
from .parties import recipients
from .run_book import Left
from .sentences import complaint
from .site_tariffs import Payer
from .statement_ask import Ask
from .statement_desk import async_issue, async_preview
from .statement_jobs import INVOICE, Job, Run, days_of, jobs_of, run_of
from .statement_mail import async_send
from .statement_span import name_of_span

_LOGGER = logging.getLogger(__name__)

_OFTEN: Final = timedelta(hours=1)
_FIRST: Final = 60.0
"""How long after the start it is looked first, in s: there is more to do at first."""

_LATER: Final = frozenset({"statement_not_final", "statement_still_runs", "statement_not_over"})
_NOTHING: Final = frozenset({"statement_empty"})


class StatementRun:
    """Looks after one site."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._book = site.store.statements
        self._run = run_of(site.config_entry.options)
        self._looking = False

    @callback
    def start(self) -> None:
        """Begin to look: shortly after the start, and every hour."""
        hass, unload = self._site.hass, self._site.config_entry.async_on_unload
        unload(async_call_later(hass, _FIRST, self._look))
        unload(async_track_time_interval(hass, self._look, _OFTEN))

    @callback
    def _look(self, _now: datetime) -> None:
        if not self._looking:
            self._looking = True
            entry = self._site.config_entry
            entry.async_create_background_task(self._site.hass, self._work(), f"{DOMAIN} {entry.title} statements")

    async def _work(self) -> None:
        try:
            await self.async_run()
        except LedgerClosed as err:
            _LOGGER.debug("No statements can be made now: %s", err)
        except Exception:
            _LOGGER.exception("Statements cannot be made by themselves")
        finally:
            self._looking = False

    async def async_run(self) -> None:
        """Make what is due and was not made yet."""
        async with self._book.turn:
            await self._run_once()

    async def _run_once(self) -> None:
        now, run = dt_util.utcnow(), self._run
        await self._book.async_begin(None if run is None else now)
        if run is None or self._book.begun is None:
            return
        zone = ZoneInfo(self._site.hass.config.time_zone)
        found: dict[str, Left] = {}
        for day in days_of(run, self._book.begun, now, zone):
            for period, jobs in self._due(run, day, zone).items():
                left = await self._make(run, period, jobs)
                if left.waiting or left.failed:
                    found[period] = left
        if found != self._book.left:
            self._book.left = found
            self._site.async_update_listeners()

    def _due(self, run: Run, day: date, zone: ZoneInfo) -> dict[str, list[Job]]:
        """Return what is due of a day by its period, and not settled."""
        site, due = self._site, dict[str, list[Job]]()
        for job in jobs_of(run, day, self._drivers(day, zone), recipients(site.config_entry), zone):
            if job.id(site.config_entry.entry_id) not in self._book.settled:
                due.setdefault(name_of_span(job.since, job.until, zone), []).append(job)
        return due

    def _drivers(self, day: date, zone: ZoneInfo) -> Mapping[str, bool]:
        """Return who charges here, and whether they pay by a tariff."""
        site, people = self._site, self._site.access.desk.people
        at = dt_util.as_utc(datetime(day.year, day.month, 1, tzinfo=zone)) - timedelta.resolution
        places = [None, *site.connectors]

        def pays(driver: str) -> bool:
            payers = (Payer(driver=driver, connector=place) for place in places)
            return any(site.tariffs.holding(payer, at) is not None for payer in payers)

        return {key: pays(key) for key, driver in people.drivers.items() if driver.active and key not in people.guests}

    async def _make(self, run: Run, period: str, jobs: list[Job]) -> Left:
        """Make what is due of a period; what fails does not keep the others from being made."""
        left, made, settled = Left(period=period), list[StatementOnRecord](), list[str]()
        for job in jobs:
            try:
                found = await self._one(job)
            except ServiceValidationError as err:
                key = err.translation_key or ""
                if key in _LATER:
                    left = replace(left, waiting=left.waiting + 1)
                elif key in _NOTHING or await self._is_made(job):
                    settled.append(job.id(self._site.config_entry.entry_id))
                else:
                    left = replace(left, failed=left.failed + 1, why=left.why or complaint(self._site.hass, err))
                continue
            except LedgerClosed:
                raise
            except HomeAssistantError as err:
                left = replace(left, failed=left.failed + 1, why=left.why or complaint(self._site.hass, err))
                continue
            settled.append(job.id(self._site.config_entry.entry_id))
            made += [] if found is None else [found]
        if made:
            await async_send(self._site, run, period, made)
        # Only now: whoever stops here makes nothing twice, but tells it again.
        if settled:
            await self._book.async_settle(settled)
        return left

    async def _one(self, job: Job) -> StatementOnRecord | None:
        """Make one statement, `None` where it would be an invoice over nothing."""
        site = self._site
        ask = Ask(
            id=job.id(site.config_entry.entry_id),
            preset=job.preset,
            since=job.since,
            until=job.until,
            driver=job.driver,
            recipient=job.recipient,
            rest=job.preset == INVOICE,
            begun_before=self._billed_from(job),
        )
        draft = await async_preview(site, ask)
        final = not (draft.running or draft.statement.left_out)
        if final and not draft.statement.total and draft.claimed is None and job.recipient is None:
            return None
        return await async_issue(site, ask)

    def _billed_from(self, job: Job) -> datetime | None:
        """Return from when on each session of a driver is billed by itself, `None` where none is."""
        driver = self._site.access.desk.people.drivers.get(job.driver or "")
        if job.preset != INVOICE or driver is None or self._site.tills.of_driver(driver) is None:
            return None
        return driver.charged_from

    async def _is_made(self, job: Job) -> bool:
        """Say whether somebody has made it by hand."""
        which = StatementFilter(driver=job.driver, preset=job.preset, since=job.since, until=job.until)
        known = await self._site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statements(which))
        return any(
            (one.since, one.until) == (job.since, job.until)
            and one.corrects is None
            and one.state is not StatementState.CANCELLED
            for one in known
        )
