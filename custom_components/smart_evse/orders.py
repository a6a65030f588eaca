"""The limits that entities tell: a grid operator's relay, a demand response event, a figure in W."""

from collections.abc import Iterator, Mapping
from typing import Any

from .const import CONF_DEMAND_RESPONSE_ENTITY, CONF_GRID_OPERATOR_ENTITY
from .engine.settings import GridOrder, OrderKind
from .links.errors import Unusable
from .links.states import EntityPort, EntityState, Quantity, measured

_SOURCES: Mapping[str, OrderKind] = {
    CONF_GRID_OPERATOR_ENTITY: OrderKind.GRID_OPERATOR,
    CONF_DEMAND_RESPONSE_ENTITY: OrderKind.DEMAND_RESPONSE,
}


def order_entities(options: Mapping[str, Any]) -> frozenset[str]:
    """Return the entities that may order a limit."""
    return frozenset(options[key] for key in _SOURCES if options.get(key))


def told_orders(options: Mapping[str, Any], port: EntityPort) -> tuple[GridOrder, ...]:
    """Return the limits that hold by what entities say now."""
    return tuple(_told(options, port))


def _told(options: Mapping[str, Any], port: EntityPort) -> Iterator[GridOrder]:
    for key, kind in _SOURCES.items():
        entity_id = options.get(key)
        state = port.get(entity_id) if entity_id else None
        if state is None or not state.known:
            continue
        if state.value == "on":
            yield GridOrder(id=state.entity_id, kind=kind)
        elif state.value != "off" and (watts := _watts(state)) is not None:
            yield GridOrder(id=state.entity_id, kind=kind, watts=watts)


def _watts(state: EntityState) -> float | None:
    """Read a figure in W or kW; one without a unit is in W."""
    try:
        return measured(state, Quantity.POWER)
    except Unusable:
        if state.unit is not None:
            return None
    try:
        return float(state.value)
    except ValueError:
        return None
