"""A site at work: outlets, cars, battery and meter, a second after another while a car is there.

The house without a car is arithmetic on whole arrays and done by whoever scores; only a home battery is stepped
through it.
"""

from array import array
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.battery import HomeBattery
from benchmarks.plant.box import Box, BoxModel
from benchmarks.plant.car import Arrival, Car, Intake
from benchmarks.plant.converter import Converter, DcCar
from benchmarks.plant.meter import Failing, Meter
from benchmarks.plant.rig import Counts, OutletModel, Rig, Served, Trace
from benchmarks.plant.view import QUARTER, Law, Trip, View
from benchmarks.worlds.model import Forecast, Stay, World
from custom_components.smart_evse.engine.model import VOLTAGE, PowerReading

_BEFORE = 30
"""How long a plant runs before a car comes, so that its meter has spoken, in s."""

_SLOW_READINGS = 10
"""How often inverter, battery and empty outlets report, in s."""


class Site:
    """A world, a rig and a law. `run` lets the time of the world pass."""

    def __init__(
        self, world: World, rig: Rig, law: Callable[[], Law], forecasts: Sequence[Forecast] = (), intake: Intake = ()
    ) -> None:
        self.world, self.rig = world, rig
        self.view = View(
            start=world.start,
            tariff=world.tariff,
            quarterly_load=_quarters(world.load.sum(axis=0)),
            quarterly_sun=_quarters(world.sun),
        )
        self._rng = Random(rig.seed)
        count = 1 + max((stay.connector for stay in world.stays), default=0)
        self._outlets = [_outlet(rig.outlet(number), Random(self._rng.random())) for number in range(count)]
        self._battery = None if rig.battery is None else HomeBattery(rig.battery, Random(self._rng.random()))
        self._meter = Meter(rig.meter, rig.faults)
        self._make_law, self._law, self._laws = law, law(), list[Law]()
        self._forecasts, self._intake = sorted(forecasts, key=lambda known: known.issued), intake
        net = (world.load - world.sun / 3.0) / VOLTAGE
        self._net = tuple(array("f", net[phase].astype(np.float32).tobytes()) for phase in range(3))
        self._cars = tuple(array("f", bytes(4 * world.seconds)) for _ in range(3))
        self._battery_watts = array("f", bytes(4 * world.seconds)) if self._battery is not None else None
        self._plugged: dict[int, Stay] = {}
        self._served: list[Served] = []
        self._starts: dict[int, float] = {}

    def run(self) -> Trace:
        """Let all of it pass."""
        stored = self._battery.stored if self._battery is not None else 0.0
        spans = plugged_spans(self.world.stays, self.world.seconds)
        now = 0
        for begin, end in spans:
            self._alone(now, begin)
            self._together(begin, end)
            now = end
        self._alone(now, self.world.seconds)
        laws = [*self._laws, self._law]
        return Trace(
            cars=np.stack([np.frombuffer(phase, dtype=np.float32) for phase in self._cars]),
            battery=None if self._battery_watts is None else np.frombuffer(self._battery_watts, dtype=np.float32),
            plugged=spans,
            served=tuple(self._served),
            counts=self._count(),
            stored=(stored, self._battery.stored if self._battery is not None else 0.0),
            beats=[cost for law in laws for cost in getattr(law, "beats", ())],
            plans=[cost for law in laws for cost in getattr(law, "plans", ())],
        )

    def _together(self, begin: int, end: int) -> None:
        coming = sorted(
            (stay for stay in self.world.stays if begin <= stay.arrive < end), key=lambda stay: -stay.arrive
        )
        for t in range(begin, end):
            if coming or self._plugged:
                self._come_and_go(t, coming)
            if t % _SLOW_READINGS == 0 or t == begin:
                self._read_slowly(t)
            self._second(t)
            self._control(t)
        self._come_and_go(end, [])

    def _second(self, t: int) -> None:
        l1, l2, l3 = self._net[0][t], self._net[1][t], self._net[2][t]
        if self._plugged:
            flows = [0.0, 0.0, 0.0]
            for number in self._plugged:
                outlet = self._outlets[number]
                outlet.step(t)
                if watts := outlet.watts:
                    wires = outlet.live
                    for wire in wires:
                        flows[wire] += watts / VOLTAGE / len(wires)
            self._cars[0][t], self._cars[1][t], self._cars[2][t] = flows
            l1, l2, l3 = l1 + flows[0], l2 + flows[1], l3 + flows[2]
        if self._battery is not None and self._battery_watts is not None:
            self._battery.step((l1 + l2 + l3) * VOLTAGE - self._battery.watts)
            self._battery_watts[t] = self._battery.watts
            share = self._battery.watts / 3.0 / VOLTAGE
            l1, l2, l3 = l1 - share, l2 - share, l3 - share
        self._meter.step(t, l1, l2, l3)

    def _control(self, t: int) -> None:
        if self.rig.outages and any(begin <= t < end for begin, end in self.rig.outages):
            if t in (begin for begin, _ in self.rig.outages):
                self._laws.append(self._law)
                self._law = self._make_law()
            return
        view = self.view
        view.grid = self._meter.reading
        for number in self._plugged:
            view.connectors[number] = self._outlets[number].reading
        for number, command in self._law.act(t, view).items():
            if number in self._plugged:
                self._outlets[number].tell(t, command)

    def _alone(self, begin: int, end: int) -> None:
        if self._battery is None or self._battery_watts is None:
            return
        l1, l2, l3 = self._net
        battery, watts = self._battery, self._battery_watts
        for t in range(begin, end):
            battery.step((l1[t] + l2[t] + l3[t]) * VOLTAGE - battery.watts)
            watts[t] = battery.watts

    def _read_slowly(self, t: int) -> None:
        view = self.view
        view.solar = PowerReading(at=float(t), power=float(self.world.sun[t]))
        if self._battery is not None:
            soc = 100.0 * self._battery.stored / self._battery.model.capacity
            view.battery = PowerReading(at=float(t), power=self._battery.watts, soc=soc)
        for number, outlet in enumerate(self._outlets):
            if number not in self._plugged:
                view.connectors[number] = outlet.empty(t)
        while self._forecasts and self._forecasts[0].issued <= t:
            view.forecast = self._forecasts.pop(0)
        if self.rig.faults:
            wrong = any(fault.kind is Failing.CLOCK and fault.begin <= t < fault.end for fault in self.rig.faults)
            view.clock_error = 3600 if wrong else 0
        view.prices_missing = any(begin <= t < end for begin, end in self.rig.priceless)

    def _come_and_go(self, t: int, coming: list[Stay]) -> None:
        for number in [number for number, stay in self._plugged.items() if stay.depart <= t]:
            self._leave(number)
        while coming and coming[-1].arrive <= t:
            stay = coming.pop()
            if stay.connector in self._plugged:
                self._leave(stay.connector)
            self._arrive(stay)

    def _arrive(self, stay: Stay) -> None:
        number, stored = stay.connector, stay.soc * stay.capacity
        outlet, model = self._outlets[number], self.rig.car(number)
        if isinstance(outlet, Converter):
            outlet.plug(DcCar(capacity=stay.capacity, stored=stored))
        else:
            rng = Random(self._rng.random())
            shortfall, rise = self.rig.habits(number)
            arrival = Arrival(
                capacity=stay.capacity,
                stored=stored,
                full=min(stay.capacity, stored + stay.wanted),
                shortfall=shortfall,
                rise=rise,
            )
            outlet.plug(Car(model, rng, self._intake, arrival))
        self._plugged[number] = stay
        self._starts[number] = stored
        self.view.trips[number] = Trip(
            arrive=stay.arrive,
            depart=stay.depart,
            wanted=stay.wanted,
            capacity=stay.capacity,
            soc=stay.soc,
            max_current=model.max_current,
            phases=model.phases,
        )

    def _leave(self, number: int) -> None:
        stay = self._plugged.pop(number)
        self.view.trips.pop(number, None)
        car = self._outlets[number].unplug()
        given = (car.stored if car is not None else 0.0) - self._starts[number]
        self._served.append(Served(stay=stay, given=given))

    def _count(self) -> Counts:
        counts = Counts()
        for outlet in self._outlets:
            counts.commands += outlet.commands
            counts.writes += outlet.writes
            counts.switches += outlet.switches
            counts.hard += outlet.hard
            counts.actions += outlet.actions
        return counts


def plugged_spans(stays: Sequence[Stay], seconds: int) -> tuple[tuple[int, int], ...]:
    """Return when any car is plugged in, each span with a little before it."""
    spans: list[tuple[int, int]] = []
    for stay in sorted(stays, key=lambda stay: stay.arrive):
        begin, end = max(0, stay.arrive - _BEFORE), min(seconds, stay.depart)
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        elif end > begin:
            spans.append((begin, end))
    return tuple(spans)


def _outlet(model: OutletModel, rng: Random) -> Box | Converter:
    return Box(model, rng) if isinstance(model, BoxModel) else Converter(model, rng)


def _quarters(watts: NDArray[np.float32]) -> NDArray[np.float64]:
    whole = len(watts) // QUARTER * QUARTER
    return np.asarray(watts[:whole].reshape(-1, QUARTER).mean(axis=1, dtype=np.float64))
