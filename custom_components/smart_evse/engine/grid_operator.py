"""Limits that others order: a grid operator's (EnWG §14a and the like) and those of demand response.

An order limits what the controllable loads draw from the grid together. What the sun covers is no import, so the
surplus of the house may be used on top; what a car gives is not touched. No driver's word waives it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from .calm import calmed
from .claims import Case, reason
from .house import grid_without_chargers
from .memory import OrderEvent
from .model import Rank, ReasonKey
from .rooms import Room, last_drawn
from .scene import Scene
from .settings import GridOrder, OrderKind

GUARANTEED = 4_200.0
"""What each controllable load may always draw, in W (BNetzA BK6-22-300, Annex 1, 4.5)."""

SIMULTANEITY: Mapping[int, float] = {2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50, 9: 0.45}
"""The factor on the guarantee of every load beyond the first where an energy manager shares it (BNetzA BK6-22-300,
Annex 1, 4.5.2, as of January 2024), by the number of loads; the last holds for all beyond. The formula and the last
factor were read in elexon's comment on it of 11 July 2024, those in between in no source that could be opened."""

_TIME_TO_FOLLOW = timedelta(seconds=30)
"""What was drawn sooner than this after an order began says nothing of whether it was followed."""

_REASONS: Mapping[OrderKind, ReasonKey] = {
    OrderKind.GRID_OPERATOR: ReasonKey.GRID_OPERATOR,
    OrderKind.DEMAND_RESPONSE: ReasonKey.DEMAND_RESPONSE,
}


def guaranteed(loads: int) -> float:
    """Return what so many loads may always draw together, in W.

    It is a sum: shared among fewer cars than there are connectors each of them has more than its 4.2 kW, and
    with all of them charging each has its part of the sum and takes turns where that is below its minimum.
    """
    factor = SIMULTANEITY[min(max(loads, 2), max(SIMULTANEITY))]
    return GUARANTEED * (1 + max(0, loads - 1) * factor)


def order_rooms(scene: Scene) -> Iterator[Room]:
    """Yield the room of each order that holds now: its watts, and the sun that the house leaves over.

    The guarantee of §14a was made for the least current of a three-phase car, so it is counted at the nominal
    voltage: a grid a little above it must not stop the car that the guarantee is for.
    """
    for order in active_orders(scene):
        watts = ordered(order, scene)
        nominal = order.kind is OrderKind.GRID_OPERATOR and order.watts is None
        loads = {
            case.settings.id: scene.settings.voltage * len(case.phases) if nominal else case.per_amp
            for case in scene.cases
            if case.reading is not None
        }
        why = reason(_REASONS[order.kind], watts=watts)
        room = Room(rank=Rank.GRID_OPERATOR, amount=watts + _sun(scene), loads=loads, reason=why)
        yield calmed(room, scene)


def active_orders(scene: Scene) -> Iterator[GridOrder]:
    """Yield the orders that hold at this instant."""
    utc = scene.snapshot.utc
    for order in scene.settings.orders:
        if (order.start is None or order.start <= utc) and (order.end is None or utc < order.end):
            yield order


def ordered(order: GridOrder, scene: Scene) -> float:
    """Return what an order leaves in W: a grid operator who names nothing leaves the guarantee, others nothing."""
    if order.watts is not None:
        return max(0.0, order.watts)
    return guaranteed(len(scene.cases)) if order.kind is OrderKind.GRID_OPERATOR else 0.0


def follow_orders(running: tuple[OrderEvent, ...], scene: Scene) -> tuple[OrderEvent, ...]:
    """Return the orders that hold now, with what was drawn before and under them.

    An order whose figure changes is another one from then on.
    """
    known = {(event.id, event.kind, event.watts): event for event in running}
    drawn, utc = _drawn(scene), scene.snapshot.utc
    followed = []
    for order in active_orders(scene):
        watts = ordered(order, scene)
        event = known.get((order.id, order.kind, watts))
        if event is None:
            event = OrderEvent(id=order.id, kind=order.kind, watts=watts, started=utc, before=drawn)
        elif drawn is not None and utc - event.started >= _TIME_TO_FOLLOW:
            imported = max(0.0, drawn - _surplus(scene))
            event = replace(event, highest=max(imported, event.highest or 0.0))
        followed.append(event)
    return tuple(followed)


def order_events(before: tuple[OrderEvent, ...], after: tuple[OrderEvent, ...], utc: datetime) -> Iterator[OrderEvent]:
    """Yield what began and what ended between two decisions: `ended` is set on the latter. For a log of two years."""
    running = {(event.id, event.kind, event.watts, event.started) for event in after}
    known = {(event.id, event.kind, event.watts, event.started) for event in before}
    for event in before:
        if (event.id, event.kind, event.watts, event.started) not in running:
            yield replace(event, ended=utc)
    for event in after:
        if (event.id, event.kind, event.watts, event.started) not in known:
            yield event


def _sun(scene: Scene) -> float:
    """Return what the sun adds to an order in W, less what silent chargers may be drawing of it."""
    return _surplus(scene) - _silent(scene)


def _surplus(scene: Scene) -> float:
    """Return what would be fed in without the chargers, in W: a fall counts at once, a rise slowly."""
    rest = grid_without_chargers(scene.house, scene.snapshot, scene.settings)
    if rest is None or scene.house.base is None or scene.house.filtered is None:
        return 0.0
    slow = rest + max(0.0, scene.house.filtered - scene.house.base)
    return max(0.0, _silent(scene) - slow)


def _silent(scene: Scene) -> float:
    return sum(_last_watts(case) for case in scene.cases if case.reading is None)


def _last_watts(case: Case) -> float:
    return last_drawn(case) * case.per_amp


def _drawn(scene: Scene) -> float | None:
    known = [case.watts for case in scene.cases if case.watts is not None]
    return sum(max(0.0, watts) for watts in known) if known else None
