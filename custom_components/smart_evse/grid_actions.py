"""Actions on a whole site: limits that others order, and the log that proves they were followed."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .car_actions import time_of
from .coordinator import SiteCoordinator
from .engine.grid_operator import guaranteed
from .engine.memory import OrderEvent
from .engine.settings import OrderKind
from .errors import mistake

ATTR_DURATION: Final = "duration"
ATTR_KIND: Final = "kind"
ATTR_LEVEL: Final = "level"
ATTR_START: Final = "start"
ATTR_UNTIL: Final = "until"
ATTR_WATTS: Final = "watts"


class Level(StrEnum):
    """A limit without a figure: what every controllable load may always have, or nothing."""

    GUARANTEED = "guaranteed"
    STOP = "stop"


async def _set_grid_limit(site: SiteCoordinator, call: ServiceCall) -> None:
    now, kind = dt_util.utcnow(), call.data[ATTR_KIND]
    start, until = time_of(call, ATTR_START), time_of(call, ATTR_UNTIL)
    if ATTR_DURATION in call.data:
        until = (start or now) + call.data[ATTR_DURATION]
    if until is not None and until <= max(start or now, now):
        raise mistake("limit_is_over")
    await site.async_set_grid_limit(_watts(site, call), until=until, start=start, kind=kind)


def _watts(site: SiteCoordinator, call: ServiceCall) -> float | None:
    """Return the limit in W; `None` is the grid operator's guarantee, reckoned as its rule says."""
    match call.data.get(ATTR_LEVEL):
        case Level.STOP:
            return 0.0
        case Level.GUARANTEED if call.data[ATTR_KIND] is not OrderKind.GRID_OPERATOR:
            return guaranteed(len(site.connectors))
    watts: float | None = call.data.get(ATTR_WATTS)
    return watts


async def _clear_grid_limit(site: SiteCoordinator, call: ServiceCall) -> None:
    await site.async_clear_grid_limit(call.data.get(ATTR_KIND))


async def _list_grid_events(site: SiteCoordinator, _call: ServiceCall) -> JsonObjectType:
    running = {(event.id, event.started): event for event in site.data.decision.memory.orders}
    events = [running.get((event.id, event.started), event) for event in site.store.order_log.events]
    return {"site": site.site_name, "events": [_told(event) for event in events]}


def _told(event: OrderEvent) -> JsonObjectType:
    """Return one order: its limit, what was drawn before, and the most that was drawn under it, in W."""
    return {
        "id": event.id,
        "kind": event.kind.value,
        "watts": round(event.watts),
        "started": _local(event.started),
        "ended": None if event.ended is None else _local(event.ended),
        "drawn_before": None if event.before is None else round(event.before),
        "highest": None if event.highest is None else round(event.highest),
    }


def _local(when: datetime) -> str:
    return dt_util.as_local(when).isoformat(timespec="seconds")


SITE_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="set_grid_limit",
        fields={
            vol.Exclusive(ATTR_WATTS, "limit"): vol.All(vol.Coerce(float), vol.Range(min=0, max=1_000_000)),
            vol.Exclusive(ATTR_LEVEL, "limit"): vol.Coerce(Level),
            vol.Optional(ATTR_KIND, default=OrderKind.GRID_OPERATOR): vol.Coerce(OrderKind),
            vol.Optional(ATTR_START): cv.datetime,
            vol.Exclusive(ATTR_DURATION, "end"): cv.positive_time_period,
            vol.Exclusive(ATTR_UNTIL, "end"): cv.datetime,
        },
        do=_set_grid_limit,
    ),
    SiteAction(
        name="clear_grid_limit",
        fields={vol.Optional(ATTR_KIND): vol.Coerce(OrderKind)},
        do=_clear_grid_limit,
    ),
    SiteAction(name="list_grid_events", fields={}, do=_list_grid_events, answers=True),
)
