"""Entities that Home Assistant already has, as a line to the devices behind them.

Only the port is here; Home Assistant's own side of it is made at the front door.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
import math
from typing import Protocol

from .errors import Silent, Unusable

_NOTHING = frozenset({"", "unavailable", "unknown", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityState:
    """What an entity says. `ago` is how long ago it last reported it, new or the same again, in s.

    `serial` tells one report from the next.
    """

    entity_id: str
    value: str
    ago: float
    serial: float = 0.0
    unit: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it says anything."""
        return self.value.lower() not in _NOTHING


class EntityPort(Protocol):
    """Home Assistant's entities. `act` raises a `DeviceError`, the others nothing."""

    def get(self, entity_id: str) -> EntityState | None:
        """Return what an entity says now; `None` when there is no such entity."""

    def listen(self, entity_ids: Collection[str], heard: Callable[[str], None]) -> Callable[[], None]:
        """Tell each report of these entities, also of an unchanged value; return how to end it."""

    async def act(self, domain: str, action: str, entity_id: str, **values: object) -> None:
        """Perform an action on an entity and wait until it is done."""


class Quantity(Enum):
    """What an entity may measure: its units, and how much of ours one of them is."""

    POWER = "power", {"W": 1.0, "kW": 1e3, "MW": 1e6, "mW": 1e-3}
    CURRENT = "current", {"A": 1.0, "mA": 1e-3}
    ENERGY = "energy", {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6, "GWh": 1e9, "J": 1 / 3600, "kJ": 1 / 3.6, "MJ": 1 / 0.0036}
    VOLTAGE = "voltage", {"V": 1.0, "mV": 1e-3, "kV": 1e3}
    SHARE = "share", {"%": 1.0}

    def __init__(self, label: str, units: Mapping[str, float]) -> None:
        self.label = label
        self.units = units


def measured(state: EntityState | None, quantity: Quantity) -> float | None:
    """Return a value in W, A, Wh, V or %, `None` where the entity does not say.

    `Unusable` when the entity measures something else.
    """
    if state is None or not state.known:
        return None
    factor = quantity.units.get(state.unit or "")
    if factor is None:
        raise Unusable(f"{state.entity_id} is in {state.unit or 'no unit'}, and that is no {quantity.label}")
    try:
        value = float(state.value)
    except ValueError as err:
        raise Unusable(f"{state.entity_id} says {state.value!r}, and that is no number") from err
    return value * factor if math.isfinite(value) else None


def required(state: EntityState | None, entity_id: str) -> EntityState:
    """Return a state that says something, `Silent` otherwise."""
    if state is None:
        raise Silent(f"{entity_id} is not there")
    if not state.known:
        raise Silent(f"{entity_id} is {state.value or 'empty'}")
    return state
