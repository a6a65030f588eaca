"""Which statements are due by themselves: on a day of each month those of the month before, or of the quarter.

Options of the site:
    statement_day      the day of the month (1 to 28), none: nothing is made by itself
    statement_run      what is made: `invoices` to drivers, what `recipients` get
    statement_drivers  ids of the only drivers that are meant, none: all
    statement_notify   where it is told: actions (without `notify.`) and entities of notify
    statement_attach   whether the files go with it
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
import uuid
from zoneinfo import ZoneInfo

from .const import (
    CONF_STATEMENT_ATTACH,
    CONF_STATEMENT_DAY,
    CONF_STATEMENT_DRIVERS,
    CONF_STATEMENT_NOTIFY,
    CONF_STATEMENT_RUN,
)
from .engine.statements.model import StatementKind
from .engine.statements.presets import PRESETS
from .engine.statements.span import midnight
from .parties import Recipient
from .statement_span import span_of

INVOICES: Final = "invoices"
RECIPIENTS: Final = "recipients"
RUNS: Final = (INVOICES, RECIPIENTS)

INVOICE: Final = "invoice"
_QUARTERLY: Final = frozenset({"be_employer"})
"""Sorts of statement whose law counts in quarters."""

_FAR: Final = 13
"""No more months are made up for than these."""

_NAMES: Final = uuid.UUID("8d6a0f0c-2f57-4c0c-8a2e-6a3c1d9a5e41")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the owner wants to be made by itself."""

    day: int
    kinds: frozenset[str] = frozenset(RUNS)
    drivers: frozenset[str] = frozenset()
    notify: tuple[str, ...] = ()
    attach: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One statement that is due: `driver` and `recipient` are ids, `None` for the site and for the driver."""

    preset: str
    since: datetime
    until: datetime
    driver: str | None = None
    recipient: str | None = None

    def id(self, site: str) -> str:
        """Return the id of its statement: the same whenever it is due."""
        told = (site, self.preset, self.driver, self.recipient, self.since.isoformat(), self.until.isoformat())
        return uuid.uuid5(_NAMES, "/".join(map(str, told))).hex


def run_of(options: Mapping[str, Any]) -> Run | None:
    """Return what the owner wants, `None` for nothing."""
    if not (day := options.get(CONF_STATEMENT_DAY)):
        return None
    return Run(
        day=int(day),
        kinds=frozenset(options.get(CONF_STATEMENT_RUN) or RUNS),
        drivers=frozenset(options.get(CONF_STATEMENT_DRIVERS) or ()),
        notify=tuple(options.get(CONF_STATEMENT_NOTIFY) or ()),
        attach=bool(options.get(CONF_STATEMENT_ATTACH)),
    )


def days_of(run: Run, begun: datetime, now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the days on which something was due since it began, the first first."""
    first, last = begun.astimezone(zone).date(), now.astimezone(zone).date()
    months = range(max(_month(first), _month(last) - _FAR), _month(last) + 1)
    for month in months:
        day = date(month // 12, month % 12 + 1, run.day)
        if begun < midnight(day, zone) <= now:
            yield day


def jobs_of(
    run: Run, day: date, drivers: Mapping[str, bool], known: tuple[Recipient, ...], zone: ZoneInfo
) -> Iterator[Job]:
    """Yield what is due on a day. `drivers` says of each whether they pay by a tariff."""
    meant = {key: pays for key, pays in drivers.items() if not run.drivers or key in run.drivers}
    invoiced: set[str] = set()
    if RECIPIENTS in run.kinds:
        for recipient in known:
            for job in _jobs_for(recipient, day, meant, zone):
                invoiced |= {job.driver} if job.preset == INVOICE and job.driver is not None else set()
                yield job
    if INVOICES in run.kinds:
        since, until = span_of("last_month", day, zone)
        for driver, pays in meant.items():
            if pays and driver not in invoiced:
                yield Job(preset=INVOICE, since=since, until=until, driver=driver)


def _jobs_for(recipient: Recipient, day: date, drivers: Mapping[str, bool], zone: ZoneInfo) -> Iterator[Job]:
    quarterly = recipient.preset in _QUARTERLY
    if quarterly and day.month % 3 != 1:
        return
    since, until = span_of("last_quarter" if quarterly else "last_month", day, zone)
    if PRESETS[recipient.preset].kind is StatementKind.LIST:
        yield Job(preset=recipient.preset, since=since, until=until, recipient=recipient.id)
        return
    for driver in sorted(recipient.drivers & drivers.keys()):
        yield Job(preset=recipient.preset, since=since, until=until, driver=driver, recipient=recipient.id)


def _month(day: date) -> int:
    return 12 * day.year + day.month - 1
