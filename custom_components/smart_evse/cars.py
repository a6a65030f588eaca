"""The cars of a site: what they say and what was learned of them, and when they are there, for the plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .configuration import Connector
from .const import (
    CONF_CALENDAR,
    CONF_MISS_PRICE,
    CONF_PRECONDITION_POWER,
    CONF_PRECONDITION_TIME,
    CONF_SLACK,
    CONF_SOC_ENTITY,
    CONF_VEHICLE,
)
from .engine.capacity_tariff import CapacityTariff
from .engine.forecast.habits import WallClock
from .engine.model import (
    AcLimit,
    ConnectorId,
    ConnectorReading,
    ConnectorSettings,
    Decision,
    Mode,
    SiteSettings,
    Snapshot,
    VehicleReading,
)
from .engine.plan.model import Slot, Stay
from .engine.sessions.opened import OpenSession
from .engine.vehicle.arrivals import Stayed, keep
from .engine.vehicle.charge import count, tell
from .engine.vehicle.departures import Timetable, Trip
from .engine.vehicle.distance import Amount, Unit
from .engine.vehicle.stay import Berth, CarState, Wishes, stays
from .engine.vehicle.taper import see
from .engine.vehicle.transfer import transfer
from .learned import LearnedCar, LearnedStore
from .links.errors import Unusable
from .links.states import EntityPort, Quantity, measured
from .progress import Progress, progress
from .store import Chosen
from .usual import as_configured

_STEADY = 60.0
"""How long a limit must have stood before what a car takes says something of the car, in s."""

_FLOWS = 100.0
"""Less than this is a car at rest, in W."""

_BEST = 0.9
"""What of a kWh bought reaches the battery at best."""

_START_PRICE = 0.02
"""What a start wears, in currency: enough not to start for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """A limit in W that a connector has had since `since` (monotonic s), and when it was last looked at."""

    watts: float
    since: float
    looked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was configured and chosen, as of one instant."""

    settings: SiteSettings
    connectors: Mapping[ConnectorId, Connector]
    chosen: Mapping[ConnectorId, Chosen]


class Cars:
    """What is known of the car at each connector."""

    def __init__(self, states: EntityPort, learned: LearnedStore, vehicles: Mapping[str, Mapping[str, Any]]) -> None:
        self._states = states
        self._learned = learned
        self._vehicles = vehicles
        self._updated: dict[ConnectorId, datetime] = {}
        self._steady: dict[ConnectorId, Steady] = {}
        self.calendar: dict[str, tuple[Trip, ...]] = {}

    @property
    def soc_entities(self) -> frozenset[str]:
        """The entities that say how full a car is."""
        return frozenset(data[CONF_SOC_ENTITY] for data in self._vehicles.values() if data.get(CONF_SOC_ENTITY))

    def readings(self, connectors: Mapping[ConnectorId, Connector], now: float) -> Iterator[tuple[str, VehicleReading]]:
        """Yield what each car says of itself."""
        for key, item in connectors.items():
            entity_id = self._data(item).get(CONF_SOC_ENTITY)
            state = self._states.get(entity_id) if entity_id else None
            soc = None
            try:
                soc = measured(state, Quantity.SHARE)
            except Unusable:
                continue
            if state is not None and soc is not None:
                yield key, VehicleReading(at=now - state.ago, soc=soc)

    def saw(
        self,
        snapshot: Snapshot,
        decision: Decision,
        sessions: Mapping[ConnectorId, OpenSession],
        settings: SiteSettings,
    ) -> None:
        """Count what went in, hear what the cars say, and learn how fast they take it."""
        for known in settings.connectors:
            session = sessions.get(known.id)
            if session is None:
                continue
            car = self._learned.cars.get(known.id, LearnedCar())
            if session.updated != self._updated.get(known.id):
                self._updated[known.id] = session.updated
                car = self._counted(car, session, known, settings.voltage)
            car = self._heard(car, known, snapshot)
            self._learned.learn_car(known.id, self._seen(car, known, snapshot, decision, settings.voltage))

    def soc(self, connector: ConnectorId, capacity: float | None) -> float | None:
        """How full a car is now in %, counted on from what it last said."""
        return self._learned.cars.get(connector, LearnedCar()).charge.percent(capacity)

    def wanted(self, item: Connector, chosen: Chosen) -> Chosen:
        """Return what is wanted of the car at a connector: as chosen, else as configured."""
        return as_configured(chosen, self._data(item))

    def progress(
        self, known: ConnectorSettings, wanted: Chosen, reading: ConnectorReading | None, voltage: float
    ) -> Progress:
        """Return how the car at a connector gets on; `voltage` in V."""
        car = self._learned.cars.get(known.id, LearnedCar())
        trip = None if wanted.trip is None else wanted.trip.target
        return progress(known, car, trip or _target(wanted) or Wishes().target, reading, voltage)

    @property
    def calendars(self) -> frozenset[str]:
        """The calendars that say when a car leaves."""
        return frozenset(data[CONF_CALENDAR] for data in self._vehicles.values() if data.get(CONF_CALENDAR))

    def stays(self, wanted: Wanted, snapshot: Snapshot, slots: Sequence[Slot], clock: WallClock) -> Iterator[Stay]:
        """Yield the stays of the cars that follow a plan."""
        settings, until = wanted.settings, slots[-1].end if slots else snapshot.utc
        for known in settings.connectors:
            reading = snapshot.connector(known.id)
            if not _is_planned(known) or reading is None or reading.state is None:
                continue
            plugged = reading.state.plugged
            if plugged and not known.access.granted:
                # Whoever may not charge is in the way of everybody else.
                continue
            car = self._learned.cars.get(known.id, LearnedCar())
            flows = reading.state.charging and abs(reading.power or 0.0) > _FLOWS
            state = CarState(plugged=plugged, running=flows, charge=car.charge, taper=car.taper, history=car.history)
            data = self._data(wanted.connectors[known.id])
            chosen = as_configured(wanted.chosen.get(known.id, Chosen()), data)
            wishes = self._wishes(chosen, data, slots, settings.capacity if settings.may_set_new_peak else None)
            berth = Berth(
                connector=known, clock=clock, circuits=tuple(_above(known.circuit, settings)), voltage=settings.voltage
            )
            yield from stays(berth, wishes, state, snapshot.utc, until)

    def _wishes(
        self, chosen: Chosen, data: Mapping[str, Any], slots: Sequence[Slot], capacity: CapacityTariff | None
    ) -> Wishes:
        dearest = max((slot.import_price for slot in slots), default=0.0)
        # Where cars may set a new peak, to be ready in time comes before a low one.
        dearest += 0.0 if capacity is None else capacity.price_of_energy
        least = min((min(slot.import_price, slot.export_price) for slot in slots), default=0.0)
        usual, missing = Wishes(), data.get(CONF_MISS_PRICE)
        slack = data.get(CONF_SLACK)
        return Wishes(
            target=_target(chosen) or usual.target,
            minimum=_percent(chosen.minimum_soc),
            limit=_percent(chosen.limit_soc),
            reserve=_percent(chosen.reserve_soc),
            timetable=Timetable(
                weekly=chosen.departures,
                once=() if chosen.trip is None else (chosen.trip,),
                calendar=self.calendar.get(data.get(CONF_CALENDAR, ""), ()),
                skipped=frozenset(chosen.skipped),
            ),
            miss_price=max(0.01, 2 * dearest) if missing is None else float(missing),
            value_after=max(0.0, least / _BEST),
            start_price=_START_PRICE,
            slack=usual.slack if slack is None else timedelta(minutes=float(slack)),
            precondition=float(data.get(CONF_PRECONDITION_POWER, 0.0)),
            precondition_hours=float(data.get(CONF_PRECONDITION_TIME, 0.0)) / 60,
        )

    def _counted(self, car: LearnedCar, session: OpenSession, known: ConnectorSettings, voltage: float) -> LearnedCar:
        if not session.active and session.started != car.charge.session:
            return car
        curve, _ = transfer(known, voltage)
        counted = replace(car, charge=count(car.charge, session, curve))
        if session.active or (car.history and car.history[-1].arrived == session.started):
            return counted
        stayed = Stayed(arrived=session.started, left=session.updated, energy=counted.charge.brought)
        return replace(counted, history=keep(car.history, stayed))

    def _heard(self, car: LearnedCar, known: ConnectorSettings, snapshot: Snapshot) -> LearnedCar:
        """Hear the box before the car: it is nearer."""
        reading = snapshot.connector(known.id)
        soc, at = (None, snapshot.now) if reading is None else (reading.soc, reading.at)
        told = next((item for key, item in snapshot.vehicles if key == known.id), None)
        if soc is None and told is not None:
            soc, at = told.soc, told.at
        when = snapshot.utc - timedelta(seconds=max(0.0, snapshot.now - at))
        return replace(car, charge=tell(car.charge, soc, when.replace(microsecond=0), known.vehicle.capacity))

    def _seen(
        self, car: LearnedCar, known: ConnectorSettings, snapshot: Snapshot, decision: Decision, voltage: float
    ) -> LearnedCar:
        """Learn once a minute how much of a limit that stands a car takes."""
        setpoint, reading = decision.setpoint(known.id), snapshot.connector(known.id)
        limit = None if setpoint is None else setpoint.limit
        phases = decision.memory.connector(known.id).car_phases or len(known.phase_map)
        watts = 0.0
        if isinstance(limit, AcLimit):
            watts = limit.amps * min(limit.phases, phases) * voltage
        elif limit is not None:
            watts = limit.watts
        steady = self._steady.get(known.id)
        if steady is None or steady.watts != watts:
            self._steady[known.id] = Steady(watts=watts, since=snapshot.now, looked=snapshot.now)
            return car
        if snapshot.now - max(steady.since, steady.looked) < _STEADY:
            return car
        self._steady[known.id] = replace(steady, looked=snapshot.now)
        soc = car.charge.percent(known.vehicle.capacity)
        if soc is None or reading is None or reading.state is None or not reading.state.charging:
            return car
        curve, _ = transfer(known, voltage)
        return replace(car, taper=see(car.taper, soc, min(watts, curve.most), reading.power or 0.0))

    def _data(self, item: Connector) -> Mapping[str, Any]:
        return self._vehicles.get(item.data.get(CONF_VEHICLE, ""), {})


def _is_planned(known: ConnectorSettings) -> bool:
    """Say whether a plan means anything to a connector: by its mode, or because its car may give."""
    if known.mode is Mode.OFF:
        return False
    return known.mode in (Mode.SMART, Mode.CHEAP, Mode.HOUSE) or known.max_discharge > 0


def _above(circuit: str | None, settings: SiteSettings) -> Iterator[str]:
    """Yield the circuits from a connector up to the main fuse."""
    known, seen = {item.id: item for item in settings.circuits}, set[str]()
    while circuit is not None and circuit in known and circuit not in seen:
        seen.add(circuit)
        yield circuit
        circuit = known[circuit].parent


def _target(chosen: Chosen) -> Amount | None:
    if chosen.target_distance is not None:
        return Amount(chosen.target_distance, Unit.KILOMETRES)
    if chosen.target_energy is not None:
        return Amount(chosen.target_energy / 1000, Unit.KILOWATT_HOURS)
    return _percent(chosen.target_soc)


def _percent(soc: float | None) -> Amount | None:
    return None if soc is None else Amount(soc)
