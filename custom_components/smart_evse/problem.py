"""What a plan is made of, put together from settings, expectations and cars."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from math import sqrt

from .cars import Cars, Wanted
from .engine.capacity import below_peak, capacity_price
from .engine.forecast.horizon import Outlook, build_slots
from .engine.grid_operator import guaranteed
from .engine.model import Memory, SiteSettings, Snapshot
from .engine.plan.model import CircuitLimit, HomeBattery, Problem, Slot
from .engine.settings import GridOrder, OrderKind

_RATE = 0.5
"""What a home battery of which nobody said more takes and gives in an hour, as a share of its capacity."""


def make_problem(  # noqa: PLR0913 (what is, what is wanted, what is expected)
    snapshot: Snapshot, wanted: Wanted, memory: Memory, outlook: Outlook, cars: Cars, *, minutes: int, doubt: float
) -> Problem:
    """Put together what is to be planned."""
    wanted = replace(wanted, settings=_with_phases(wanted.settings, memory))
    settings, per_amp = wanted.settings, wanted.settings.phases * wanted.settings.voltage
    slots = tuple(_ordered(slot, settings) for slot in build_slots(snapshot.utc, minutes, outlook))
    capacity = None
    if settings.capacity is not None:
        capacity = capacity_price(settings.capacity, memory.capacity, slots, accepted=settings.accepted_peak)
        if not settings.may_set_new_peak:
            slots = below_peak(slots, capacity)
    return Problem(
        now=snapshot.utc,
        slots=slots,
        stays=tuple(cars.stays(wanted, snapshot, slots, outlook.clock)),
        battery=_battery(snapshot, settings),
        capacity=capacity,
        circuits=tuple(_circuits(settings)),
        import_limit=max(0.0, settings.fuse - settings.margin) * per_amp,
        export_limit=settings.export_limit,
        doubt=doubt,
    )


def _with_phases(settings: SiteSettings, memory: Memory) -> SiteSettings:
    """Fill in how many phases each car was seen to use, where nobody said."""
    connectors = []
    for known in settings.connectors:
        seen = memory.connector(known.id).car_phases
        phases = known.vehicle.phases or (None if known.dc else seen)
        connectors.append(replace(known, vehicle=replace(known.vehicle, phases=phases)))
    return replace(settings, connectors=tuple(connectors))


def _ordered(slot: Slot, settings: SiteSettings) -> Slot:
    """Limit a slot to what others order then: what the cars may have of the grid comes on top of the house."""
    for order in settings.orders:
        if _holds(order, slot.start):
            watts = order.watts
            if watts is None:
                operator = order.kind is OrderKind.GRID_OPERATOR
                watts = guaranteed(len(settings.connectors)) if operator else 0.0
            slot = slot.limited(watts + max(0.0, slot.house - slot.sun))
    return slot


def _holds(order: GridOrder, when: datetime) -> bool:
    return (order.start is None or order.start <= when) and (order.end is None or when < order.end)


def _circuits(settings: SiteSettings) -> Iterator[CircuitLimit]:
    for circuit in settings.circuits:
        amps = max(0.0, circuit.limit - circuit.others - settings.margin)
        yield CircuitLimit(id=circuit.id, power=amps * settings.phases * settings.voltage)


def _battery(snapshot: Snapshot, settings: SiteSettings) -> HomeBattery | None:
    known, reading = settings.battery, snapshot.battery
    if known.capacity is None or reading is None or reading.soc is None:
        return None
    return HomeBattery(
        energy=known.capacity * reading.soc / 100,
        capacity=known.capacity,
        charge=known.charge or known.capacity * _RATE,
        discharge=known.discharge or known.capacity * _RATE,
        # There and back is one way twice.
        efficiency=sqrt(max(0.0, known.efficiency)),
        policy=known.policy,
        until=known.capacity * known.until_soc / 100,
        feeds_cars=known.may_feed_car,
    )
