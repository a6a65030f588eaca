"""Actions about the car: what it should hold, and when it leaves."""

from datetime import datetime
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .action_row import Action
from .engine.vehicle.distance import Amount, Unit
from .errors import mistake
from .targets import Target
from .wishes import check_amount, check_departure

ATTR_DATE: Final = "date"
ATTR_DISTANCE: Final = "distance"
ATTR_ENERGY: Final = "energy"
ATTR_LIMIT_SOC: Final = "limit_soc"
ATTR_MINIMUM_SOC: Final = "minimum_soc"
ATTR_PRICE: Final = "price"
ATTR_RETURNS: Final = "returns"
ATTR_SKIP: Final = "skip"
ATTR_SOC: Final = "soc"
ATTR_WHEN: Final = "when"

PERCENT: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=100))

_FARTHEST = 1500.0
"""No car goes farther on one charge, in km."""

_MOST = 200.0
"""More than any car's battery takes, in kWh."""

AMOUNT: Final[VolDictType] = {
    vol.Exclusive(ATTR_SOC, "amount"): PERCENT,
    vol.Exclusive(ATTR_DISTANCE, "amount"): vol.All(vol.Coerce(float), vol.Range(min=0, max=_FARTHEST)),
    vol.Exclusive(ATTR_ENERGY, "amount"): vol.All(vol.Coerce(float), vol.Range(min=0, max=_MOST)),
}
"""The fields that say how much the car should hold, one of them at most."""

_UNITS = {ATTR_SOC: Unit.PERCENT, ATTR_DISTANCE: Unit.KILOMETRES, ATTR_ENERGY: Unit.KILOWATT_HOURS}


def amount_of(call: ServiceCall) -> Amount | None:
    """Return how much a call wants the car to hold."""
    return next((Amount(call.data[key], unit) for key, unit in _UNITS.items() if key in call.data), None)


def time_of(call: ServiceCall, key: str) -> datetime | None:
    """Return a time that a call names, in UTC; one without a zone is that of the clock at the site."""
    when: datetime | None = call.data.get(key)
    return None if when is None else dt_util.as_utc(when)


def check_wish(target: Target, call: ServiceCall) -> None:
    """Refuse a departure that is over, a share of nobody knows what, and a target for no departure."""
    coordinator, key, leaves = target.coordinator, target.connector.id, time_of(call, ATTR_WHEN)
    check_amount(coordinator, key, amount_of(call))
    if leaves is not None:
        check_departure(coordinator, key, leaves)
        returns = time_of(call, ATTR_RETURNS)
        if returns is not None and returns <= leaves:
            raise mistake("return_before_departure")


def _check_departure(target: Target, call: ServiceCall) -> None:
    if ATTR_WHEN not in call.data and call.data.keys() & {*_UNITS, ATTR_RETURNS}:
        raise mistake("departure_without_time")
    check_wish(target, call)


async def _set_target(target: Target, call: ServiceCall) -> None:
    coordinator, key = target.coordinator, target.connector.id
    bounds = {name: call.data[name] for name in (ATTR_MINIMUM_SOC, ATTR_LIMIT_SOC) if name in call.data}
    if bounds:
        await coordinator.async_set_live(key, **bounds)
    amount = amount_of(call)
    if amount is not None or not bounds:
        await coordinator.async_set_target(key, amount)


async def _set_departure(target: Target, call: ServiceCall) -> None:
    await target.coordinator.async_set_departure(
        target.connector.id,
        time_of(call, ATTR_WHEN),
        returns=time_of(call, ATTR_RETURNS),
        target=amount_of(call),
    )


CAR_ACTIONS: tuple[Action, ...] = (
    Action(
        name="set_target",
        fields={**AMOUNT, vol.Optional(ATTR_MINIMUM_SOC): PERCENT, vol.Optional(ATTR_LIMIT_SOC): PERCENT},
        do=_set_target,
        check=check_wish,
    ),
    Action(
        name="set_departure",
        fields={vol.Optional(ATTR_WHEN): cv.datetime, vol.Optional(ATTR_RETURNS): cv.datetime, **AMOUNT},
        do=_set_departure,
        check=_check_departure,
    ),
    Action(
        name="skip_departure",
        fields={vol.Required(ATTR_DATE): cv.date, vol.Optional(ATTR_SKIP, default=True): cv.boolean},
        do=lambda target, call: target.coordinator.async_skip_departure(
            target.connector.id, call.data[ATTR_DATE], skip=call.data[ATTR_SKIP]
        ),
    ),
    Action(
        name="set_cheap_price",
        fields={vol.Optional(ATTR_PRICE): vol.Coerce(float)},
        do=lambda target, call: target.coordinator.async_set_live(
            target.connector.id, cheap_price=call.data.get(ATTR_PRICE)
        ),
    ),
)
