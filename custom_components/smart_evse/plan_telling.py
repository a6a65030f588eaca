"""A plan as others read it: charts, automations and people."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from .engine.forecast.series import Series
from .engine.plan import Plan, PlanReason, StayPlan

type Words = Callable[[PlanReason], str]


def told_slots(stay: StayPlan, prices: Series, words: Words | None = None) -> list[JsonValueType]:
    """Return the slots of a stay while the car is there: W at the wall, Wh in the battery, currency per kWh."""
    return list(_slots(stay, prices, words))


def _slots(stay: StayPlan, prices: Series, words: Words | None) -> Iterator[JsonObjectType]:
    for slot in stay.slots:
        if slot.reason is PlanReason.AWAY:
            continue
        told: JsonObjectType = {
            "start": _local(slot.start),
            "end": _local(slot.start + timedelta(hours=slot.hours)),
            "power": round(slot.power),
            "from_sun": round(slot.from_sun),
            "energy": round(slot.energy),
            "cost": round(slot.cost, 4),
            "price": _rounded(prices.at(slot.start), 4),
            "reason": slot.reason.value,
        }
        yield told if words is None else told | {"words": words(slot.reason)}


def told_stay(stay: StayPlan, prices: Series, words: Words) -> JsonObjectType:
    """Return all that is planned for one stay of a car; energies in Wh, money in Home Assistant's currency."""
    return {
        "arrives": _local(stay.arrives),
        "departs": _local(stay.departs),
        "target": round(stay.target),
        "next_start": _local(stay.next_start),
        "expected_end": _local(stay.expected_end),
        "energy": round(stay.planned),
        "missing": round(stay.missing),
        "cost": round(stay.cost, 2),
        "cost_otherwise": round(stay.cost_otherwise, 2),
        "slots": told_slots(stay, prices, words),
    }


def told_plan(plan: Plan, connector: str, prices: Series, words: Words) -> JsonObjectType:
    """Return a plan as far as it is about one connector, and what it costs the whole site."""
    return {
        "made": _local(plan.made_at),
        "source": plan.source.value,
        "until": _local(plan.horizon),
        "stays": [told_stay(stay, prices, words) for stay in plan.of(connector)],
        "site": {
            "cost": round(plan.cost, 2),
            "cost_otherwise": round(plan.cost_otherwise, 2),
            "saving": round(plan.saving, 2),
        },
    }


def _local(when: datetime | None) -> str | None:
    return None if when is None else dt_util.as_local(when).isoformat(timespec="seconds")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
