"""The action that says how chargers are used: whether another one is needed, and when the energy flows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .car_actions import time_of
from .coordinator import SiteCoordinator
from .engine.sessions.analysis import SPEEDS, Analysis, Refusal, Span, Stay, Use, analyse
from .errors import mistake
from .ledger import SessionFilter, SessionsBook
from .session_accounts import Names
from .session_desk import ATTR_SINCE, ATTR_UNTIL, Asked, async_asked, async_look_up
from .viewers import async_only_admins

_LONGEST: Final = timedelta(days=60)
"""A car that came earlier than this before a time is taken to have left before it."""

_USUAL: Final = timedelta(days=30)
_HOUR: Final = 3600


async def _analyse(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    """Only who answers for the house sees what all of them do."""
    await async_only_admins(call.hass, call.context)
    asked = await async_asked(site, call.context)
    now = dt_util.utcnow()
    until = min(time_of(call, ATTR_UNTIL) or now, now)
    span = Span(since=time_of(call, ATTR_SINCE) or until - _USUAL, until=until, zone=dt_util.get_default_time_zone())
    if span.since >= span.until:
        raise mistake("span_is_empty")
    refusals, connectors = site.store.refusals.refusals, tuple(asked.names.chargers)
    found = await async_look_up(site, lambda book: _look(book, asked, span, connectors, refusals))
    return {
        "site": site.site_name,
        "since": _local(span.since),
        "until": _local(span.until),
        **_told(found, asked.names),
    }


def _look(
    book: SessionsBook, asked: Asked, span: Span, connectors: tuple[str, ...], refusals: Sequence[Refusal]
) -> Analysis:
    known = book.with_intervals(SessionFilter(since=span.since - _LONGEST, until=span.until))
    stays = [Stay(record=record, intervals=intervals) for record, intervals in known]
    told = {stay.record.id for stay in stays}
    running = (record for record in asked.running if record.id not in told)
    stays += [Stay(record=record, intervals=book.intervals(record.id)) for record in running]
    return analyse(stays, span, connectors, refusals)


def _told(found: Analysis, names: Names) -> JsonObjectType:
    return {
        **_use(found.total),
        "occupancy": _percent(found.occupancy),
        "full": _percent(found.full),
        "most_taken": found.most_taken,
        "most_charging": found.most_charging,
        "taken": [{"chargers": count, "hours": _hours(seconds)} for count, seconds in enumerate(found.taken)],
        "by_hour": [energy / 1000 for energy in found.by_hour],
        "by_weekday": [energy / 1000 for energy in found.by_weekday],
        "by_charger": [{"charger": names.chargers[key], **_use(use)} for key, use in found.by_connector.items()],
        "by_driver": [
            {"driver": None if key is None else names.drivers.get(key, key), **_use(use)}
            for key, use in found.by_driver.items()
        ],
        "by_speed": [
            {"up_to": edge, **_use(use)}
            for edge, use in zip((*(speed / 1000 for speed in SPEEDS), None), found.by_speed, strict=True)
        ],
        "refusals": dict(found.refusals),
        "refused_at": {names.chargers.get(key, key): count for key, count in found.refused_at.items()},
    }


def _use(use: Use) -> JsonObjectType:
    """Tell energies in kWh and times in hours."""
    return {
        "sessions": use.sessions,
        "energy": use.energy_in / 1000,
        "energy_discharged": use.energy_out / 1000,
        "occupied": _hours(use.occupied),
        "charging": _hours(use.charging),
        "idle": _hours(use.idle),
    }


def _hours(seconds: float) -> float:
    return round(seconds / _HOUR, 2)


def _percent(share: float) -> float:
    return round(100 * share, 1)


def _local(when: datetime) -> str:
    return dt_util.as_local(when).isoformat(timespec="seconds")


ANALYSIS_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="analyse",
        fields={vol.Optional(ATTR_SINCE): cv.datetime, vol.Optional(ATTR_UNTIL): cv.datetime},
        do=_analyse,
        answers=True,
    ),
)
