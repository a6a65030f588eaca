"""What a car's owner wants of it where nobody chose anything else on the dashboard."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from .const import (
    CONF_DEPARTURES,
    CONF_LIMIT_SOC,
    CONF_MINIMUM_SOC,
    CONF_RESERVE_SOC,
    CONF_TARGET_SOC,
)
from .engine.vehicle.departures import EVERY_DAY, Weekly
from .store import Chosen

AT = "at"
WEEKDAYS = "weekdays"


def as_configured(chosen: Chosen, vehicle: Mapping[str, Any]) -> Chosen:
    """Return what was chosen, and what was configured of the car in the place of what was not."""

    def usual(percent: float | None, key: str) -> float | None:
        return vehicle.get(key) if percent is None else percent

    is_amount = chosen.target_energy is not None or chosen.target_distance is not None
    return replace(
        chosen,
        target_soc=chosen.target_soc if is_amount else usual(chosen.target_soc, CONF_TARGET_SOC),
        minimum_soc=usual(chosen.minimum_soc, CONF_MINIMUM_SOC),
        limit_soc=usual(chosen.limit_soc, CONF_LIMIT_SOC),
        reserve_soc=usual(chosen.reserve_soc, CONF_RESERVE_SOC),
        departures=chosen.departures or tuple(departures_of(vehicle)),
    )


def departures_of(vehicle: Mapping[str, Any]) -> Iterator[Weekly]:
    """Yield the departures that a vehicle was configured with; one that cannot be read is left out."""
    for data in vehicle.get(CONF_DEPARTURES) or ():
        try:
            days = data.get(WEEKDAYS)
            yield Weekly(
                at=time.fromisoformat(data[AT]),
                weekdays=EVERY_DAY if days is None else frozenset(int(day) for day in days),
            )
        except AttributeError, KeyError, TypeError, ValueError:
            continue
