"""Questions about the plan: what it is, and what it would be if something else were wanted."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import Question
from .car_actions import AMOUNT, ATTR_MINIMUM_SOC, ATTR_RETURNS, ATTR_WHEN, PERCENT, amount_of, check_wish, time_of
from .engine.model import Mode
from .engine.plan import Plan
from .engine.vehicle.departures import Trip
from .errors import mistake
from .live import wanted_fields
from .plan_telling import told_plan
from .sentences import plan_words
from .targets import Target
from .wishes import check_mode

ATTR_MAX_CURRENT: Final = "max_current"
ATTR_MODE: Final = "mode"
ATTR_RESERVE_SOC: Final = "reserve_soc"

_PLANNED = (Mode.SMART, Mode.CHEAP, Mode.HOUSE)


async def _plan(target: Target, call: ServiceCall) -> JsonObjectType:
    plan = target.coordinator.data.plan
    if plan is None:
        raise mistake("no_plan_yet", site=target.coordinator.site_name)
    return _told(target, call, plan)


async def _simulate(target: Target, call: ServiceCall) -> JsonObjectType:
    """Plan with other wishes; a connector whose mode follows no plan is taken to follow one."""
    coordinator, key = target.coordinator, target.connector.id
    if not coordinator.planning.is_ready:
        raise mistake("no_plan_yet", site=coordinator.site_name)
    check_wish(target, call)
    mode = call.data.get(ATTR_MODE) or coordinator.live(key).mode
    check_mode(coordinator, key, mode)
    would_be = await coordinator.async_simulate(
        key, **{**_changes(target, call), "mode": mode if mode in _PLANNED else Mode.SMART, "override": None}
    )
    plan = coordinator.data.plan
    return {"now": None if plan is None else _told(target, call, plan), "then": _told(target, call, would_be)}


def _changes(target: Target, call: ServiceCall) -> dict[str, Any]:
    """Return what a call changes of what was chosen."""
    given = {ATTR_MAX_CURRENT: "max_current", ATTR_MINIMUM_SOC: "minimum_soc", ATTR_RESERVE_SOC: "reserve_soc"}
    changes: dict[str, Any] = {name: call.data[key] for key, name in given.items() if key in call.data}
    amount, leaves = amount_of(call), time_of(call, ATTR_WHEN)
    if leaves is not None:
        changes["trip"] = Trip(leaves=leaves, returns=time_of(call, ATTR_RETURNS), target=amount)
    elif amount is not None:
        chosen = target.coordinator.store.chosen(target.connector.id)
        trip = None if chosen.trip is None else replace(chosen.trip, target=amount)
        changes |= {**wanted_fields(amount), "trip": trip}
    return changes


def _told(target: Target, call: ServiceCall, plan: Plan) -> JsonObjectType:
    prices = target.coordinator.data.expected.prices
    return told_plan(plan, target.connector.id, prices, lambda reason: plan_words(call.hass, reason))


PLAN_QUESTIONS: tuple[Question, ...] = (
    Question(name="plan", fields={}, tell=_plan),
    Question(
        name="simulate",
        fields={
            vol.Optional(ATTR_MODE): vol.All(vol.Coerce(Mode), vol.In(_PLANNED)),
            vol.Optional(ATTR_WHEN): cv.datetime,
            vol.Optional(ATTR_RETURNS): cv.datetime,
            **AMOUNT,
            vol.Optional(ATTR_MINIMUM_SOC): PERCENT,
            vol.Optional(ATTR_RESERVE_SOC): PERCENT,
            vol.Optional(ATTR_MAX_CURRENT): vol.All(vol.Coerce(float), vol.Range(min=6, max=80)),
        },
        tell=_simulate,
    ),
)
