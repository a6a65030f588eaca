"""Our engine, driven as Home Assistant drives it: a beat on each fresh sample and at least every 5 s.

A planner may be given: whatever it makes of the view becomes the snapshot's plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
import time
from typing import Protocol

import numpy as np

from benchmarks.laws.planner import RollingPlanner
from benchmarks.laws.setup import Setup
from benchmarks.plant.box import BoxModel
from benchmarks.plant.command import Command
from benchmarks.plant.view import LOCAL, NOTHING, View
from benchmarks.worlds.model import PeakPrice
from custom_components.smart_evse.engine.capacity_tariff import CapacityTariff
from custom_components.smart_evse.engine.command import (
    Act,
    CommandMemory,
    Rules,
    amount,
    follow_up,
    next_order,
    sent,
)
from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.forecast.horizon import FLAT_EXPORT, FLAT_IMPORT
from custom_components.smart_evse.engine.model import (
    AcLimit,
    ConnectorSettings,
    Decision,
    GridReading,
    Limit,
    Memory,
    Mode,
    Override,
    SiteSettings,
    Snapshot,
    VehicleSettings,
)
from custom_components.smart_evse.engine.plan.model import Plan

_BEAT = 5
_REPLAN = 300


class Planner(Protocol):
    """Makes a plan of what can be known at `now`; `None` keeps the one before."""

    def plan(self, now: int, view: View, memory: Memory) -> Plan | None: ...


@dataclass
class Ours:
    """The engine, its command layer and its planner. `beats` and `plans` are their processor times in s.

    One that does not `give` takes a bidirectional charger for one that only charges.
    """

    setup: Setup
    mode: Mode = Mode.SOLAR
    planner: Planner | None = None
    replan: int = _REPLAN
    gives: bool = True
    memory: Memory = field(default_factory=Memory)
    beats: list[float] = field(default_factory=list)
    plans: list[float] = field(default_factory=list)
    _settings: SiteSettings = field(init=False)
    _lines: dict[int, CommandMemory] = field(default_factory=dict)
    _rules: dict[int, Rules] = field(default_factory=dict)
    _decision: Decision | None = None
    _plan: Plan | None = None
    _planned_at: int | None = None
    _trips: tuple[int, ...] = ()
    _seen: float = -1.0
    _beat_at: int = -_BEAT
    _began: int | None = None

    def __post_init__(self) -> None:
        self._settings = site_settings(self.setup, self.mode, gives=self.gives)
        if self.planner is None and self.mode is Mode.SMART:
            self.planner = RollingPlanner(self.setup, self._settings)
        for number, connector in enumerate(self._settings.connectors):
            self._rules[number] = Rules(settle=connector.settle, step=connector.step)
            self._lines[number] = CommandMemory()

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        fresh = view.grid is not None and view.grid.at != self._seen
        if fresh or now - self._beat_at >= _BEAT:
            self._beat(now, view)
        elif not self._waiting(view):
            return NOTHING
        if self._decision is None:
            return NOTHING
        return self._send(now, view, self._decision)

    def _waiting(self, view: View) -> bool:
        """Say whether a reading came that the command layer has not seen."""
        return any(view.connectors[number].at > self._beat_at for number in view.trips)

    def _beat(self, now: int, view: View) -> None:
        began = self._began = now if self._began is None else self._began
        self._seen, self._beat_at = -1.0 if view.grid is None else view.grid.at, now
        self._replan(now, view)
        started = time.process_time()
        snapshot = Snapshot(
            now=float(now),
            utc=view.utc(now),
            since_start=float(now - began),
            grid=self._grid(now, view),
            solar=view.solar,
            battery=view.battery,
            connectors=tuple((key(number), reading) for number, reading in view.connectors.items()),
        )
        if self._plan is not None:
            known = view.prices(now)
            slot = -1 if known is None else now // known.step
            price = None if known is None else (float(known.import_price[slot]), float(known.export_price[slot]))
            buy, sell = price or (FLAT_IMPORT, FLAT_EXPORT)
            snapshot = replace(snapshot, plan=self._plan, import_price=buy, export_price=sell)
        self._decision = decide(snapshot, self._settings, self.memory)
        self.memory = self._decision.memory
        self.beats.append(time.process_time() - started)

    def _grid(self, now: int, view: View) -> GridReading | None:
        """Return what the meter says, the peak too where that is paid for: no law is asked between stays."""
        if self._settings.capacity is None or view.grid is None:
            return view.grid
        load, sun = view.past(now)
        return replace(view.grid, month_peak=float(np.max(load - sun, initial=0.0)))

    def _replan(self, now: int, view: View) -> None:
        if self.planner is None:
            return
        trips = tuple(sorted(view.trips))
        due = self._planned_at is None or now - self._planned_at >= self.replan or trips != self._trips
        if not due:
            return
        started = time.process_time()
        plan = self.planner.plan(now, view, self.memory)
        self.plans.append(time.process_time() - started)
        self._plan = self._plan if plan is None else plan
        self._planned_at, self._trips = now, trips

    def _send(self, now: int, view: View, decision: Decision) -> dict[int, Command]:
        orders: dict[int, Command] = {}
        for number in view.trips:
            reading, rules = view.connectors[number], self._rules[number]
            amps = None if reading.currents is None else max(reading.currents, key=abs)
            line = follow_up(
                self._lines[number],
                amps=reading.power if self.setup.is_dc(number) else amps,
                readback=reading.limit,
                read_at=reading.at,
                rules=rules,
            )
            order = next_order(decision.setpoint(key(number)), line, rules, float(now))
            if order.act is Act.SEND and order.limit is not None:
                line = sent(line, order.limit, float(now), rules)
                orders[number] = _command(order.limit)
            self._lines[number] = line
        return orders


_MODES = {"fast": Mode.FAST, "solar": Mode.SOLAR, "give": Mode.OFF}


def mode_for(goal: str) -> Mode:
    """Return the mode that an owner with this goal chooses."""
    smart = next((mode for mode in Mode if mode == "smart"), None)
    return _MODES.get(goal) or smart or (Mode.FAST if goal == "ready" else Mode.SOLAR)


def key(number: int) -> str:
    """Return a connector's id in the engine."""
    return f"box{number}:0"


def site_settings(setup: Setup, mode: Mode, *, gives: bool = True) -> SiteSettings:
    """Return the site as the integration would configure it."""
    rig = setup.rig
    return SiteSettings(
        fuse=rig.fuse,
        margin=rig.margin,
        grid_max_age=max(10.0, 3.0 * rig.meter.cadence),
        connectors=tuple(_connector(setup, number, mode, gives=gives) for number in range(setup.count)),
        capacity=None if setup.peak is None else _capacity(setup.peak),
        may_set_new_peak=True,
    )


def _capacity(peak: PeakPrice) -> CapacityTariff:
    return CapacityTariff(minutes=15, floor=peak.floor * 1e3, price=peak.price, zone=LOCAL.key)


def _connector(setup: Setup, number: int, mode: Mode, *, gives: bool) -> ConnectorSettings:
    outlet, car = setup.rig.outlet(number), setup.rig.car(number)
    lag = outlet.lag[1]
    settings = ConnectorSettings(
        id=key(number),
        phase_map=outlet.wires,
        mode=mode,
        step=setup.step(number),
        max_current=setup.maximum(number),
        settle=7.0 + lag,
        max_age=max(30.0, 3.0 * outlet.read_every),
        vehicle=VehicleSettings(max_current=car.max_current, phases=None if car.phases == 3 else car.phases),
    )
    if setup.goal == "give":
        settings = replace(settings, override=Override(amps=-settings.max_current))
    if isinstance(outlet, BoxModel):
        return replace(settings, phase_switching=outlet.switches and len(outlet.wires) > 1, auto_phases=True)
    most = settings.max_current if gives else 0.0
    # The bounds and the scores count no wear: an owner who says that it costs something gives less back.
    giving = replace(settings.giving, wear_price=0.0)
    return replace(
        settings, dc=True, min_current=1.0, max_discharge=most, reserve_soc=20.0, settle=3.0 + lag, giving=giving
    )


def _command(limit: Limit) -> Command:
    if isinstance(limit, AcLimit):
        return Command(amount(limit), limit.phases)
    return Command(watts=amount(limit))
