"""A house in miniature: one second at a time, one car behind one charger, nothing but arithmetic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import math
from typing import Any

from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.model import (
    AcLimit,
    ConnectorReading,
    ConnectorSettings,
    Decision,
    GridReading,
    Memory,
    Mode,
    PerPhase,
    PowerLimit,
    PowerReading,
    ReasonKey,
    SiteSettings,
    SiteState,
    Snapshot,
    VehicleState,
)

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
VOLTS = 230.0

type Flow = Callable[[int], PerPhase]
"""The currents of house and sun together at second `t`, positive on import."""


def steady(l1: float, l2: float | None = None, l3: float | None = None) -> Flow:
    """Return a house that never changes."""
    amps = PerPhase(l1, l1 if l2 is None else l2, l1 if l3 is None else l3)
    return lambda _: amps


@dataclass
class Charger:
    """A box and its car: the limit arrives after `lag` s, the current is read every `cadence` s.

    A box that `switches` goes from one phase to three and back; the car uses `car_phases` of them at most and `leaves`
    so many A of what it is offered.
    """

    id: str = "garage:0"
    phases: tuple[int, ...] = (0, 1, 2)
    appetite: float = 32.0
    leaves: float = 0.0
    lag: int = 3
    cadence: int = 2
    plugged: bool = True
    switches: bool = False
    car_phases: int = 3
    limit: float = 0.0
    drawn: float = 0.0
    energy: float = 0.0
    given: float = 0.0
    soc: float | None = None
    capacity: float = math.inf
    pending: list[tuple[int, float]] = field(default_factory=list)
    reading: ConnectorReading | None = None
    commands: list[tuple[int, float]] = field(default_factory=list)
    switched: list[tuple[int, int]] = field(default_factory=list)

    def command(self, t: int, amps: float) -> None:
        """Take a limit; the car follows it later."""
        if self.commands and self.commands[-1][1] == amps:
            return
        self.commands.append((t, amps))
        self.pending.append((t + self.lag, amps))

    def switch(self, t: int, phases: int) -> None:
        """Take a number of phases; a contactor that opens under load is the end of it."""
        if not self.switches or phases == len(self.phases):
            return
        assert self.drawn == 0
        self.switched.append((t, phases))
        self.phases = (0, 1, 2)[:phases]

    def step(self, t: int) -> None:
        """Let a second pass."""
        while self.pending and self.pending[0][0] <= t:
            self.limit = self.pending.pop(0)[1]
        self.drawn = 0.0 if not self.plugged else max(min(self.limit, self.appetite), -self.appetite)
        if self.drawn > self.leaves:
            self.drawn -= self.leaves
        self.energy += max(0.0, self.watts) / 3600
        self.given += max(0.0, -self.watts) / 3600
        if self.soc is not None:
            self.soc += self.watts / 3600 / self.capacity * 100
        if t % self.cadence == 0:
            self.reading = self.read(float(t))

    @property
    def watts(self) -> float:
        """What flows into the car."""
        return self.drawn * VOLTS * len(self.used)

    @property
    def currents(self) -> PerPhase:
        """The same for each phase of the grid."""
        return PerPhase(*(self.drawn if phase in self.used else 0.0 for phase in range(3)))

    @property
    def used(self) -> tuple[int, ...]:
        """The phases that the car takes its current from."""
        return self.phases[: self.car_phases]

    def read(self, at: float) -> ConnectorReading:
        """Return what the box would report now."""
        state = VehicleState.NOT_CONNECTED
        if self.plugged:
            state = VehicleState.CHARGING if self.drawn else VehicleState.CONNECTED
        return ConnectorReading(
            at=at,
            state=state,
            power=self.watts,
            currents=self.currents,
            energy_in=self.energy,
            energy_out=self.given,
            limit=self.limit,
            current_phases=len(self.phases) if self.switches else None,
            soc=self.soc,
        )


@dataclass
class HomeBattery:
    """A home battery with a loop of its own: `lag` s behind the meter it closes the gap step by step."""

    charge: float = 5000.0
    discharge: float = 5000.0
    energy: float = 5000.0
    capacity: float = 10000.0
    lag: int = 3
    cadence: int = 1
    power: float = 0.0
    seen: list[float] = field(default_factory=list)
    reading: PowerReading | None = None

    def step(self, t: int, grid: float) -> None:
        """Let a second pass, at so many W from the grid."""
        self.seen.append(grid)
        if len(self.seen) > self.lag:
            low = -self.charge if self.energy < self.capacity else 0.0
            high = self.discharge if self.energy > 0 else 0.0
            wanted = self.power + self.seen[-1 - self.lag] / (1 + self.lag) / 2
            self.power = min(max(wanted, low), high)
        self.energy -= self.power / 3600
        if t % self.cadence == 0:
            self.reading = PowerReading(at=float(t), power=self.power, soc=self.energy / self.capacity * 100)


@dataclass
class Plant:
    """A site that is stepped through, and everything that happened on the way.

    `told` is what else the snapshot says at a second, `metered` what else the meter does. The meter's word is `delay` s
    older than it says.
    """

    settings: SiteSettings
    flow: Flow
    chargers: list[Charger]
    meter: Callable[[int], bool] = lambda _: True
    solar: Callable[[int], float | None] = lambda _: None
    total_only: bool = False
    battery: HomeBattery | None = None
    told: Callable[[int], Mapping[str, Any]] = lambda _: {}
    metered: Callable[[int], Mapping[str, Any]] = lambda _: {}
    delay: int = 0
    t: int = 0
    memory: Memory = field(default_factory=Memory)
    grid: GridReading | None = None
    decisions: list[Decision] = field(default_factory=list)
    totals: list[PerPhase] = field(default_factory=list)

    def run(self, seconds: int) -> Decision:
        """Go on for so many seconds; returns the last decision."""
        for _ in range(seconds):
            self.step()
        return self.decisions[-1]

    def step(self) -> None:
        """Let one second pass: the house, the meter, the engine, the chargers."""
        self.t += 1
        for charger in self.chargers:
            charger.step(self.t)
        total = self.flow(self.t)
        for charger in self.chargers:
            total += charger.currents
        if self.battery is not None:
            total -= PerPhase(*[self.battery.power / 3 / VOLTS] * 3)
        self.totals.append(total)
        if self.battery is not None:
            self.battery.step(self.t, total.total * VOLTS)
        if self.meter(self.t):
            seen = self.totals[max(0, len(self.totals) - 1 - self.delay)]
            currents = None if self.total_only else seen
            # Mains voltage never rests, whatever else does.
            known = {"voltages": PerPhase(VOLTS, VOLTS, VOLTS + self.t % 7 / 10), **self.metered(self.t)}
            self.grid = GridReading(at=float(self.t), power=seen.total * VOLTS, currents=currents, **known)
        decision = decide(self.snapshot(), self.settings, self.memory)
        self.memory = decision.memory
        self.decisions.append(decision)
        for charger in self.chargers:
            setpoint = decision.setpoint(charger.id)
            match None if setpoint is None else setpoint.limit:
                case AcLimit(amps=amps, phases=phases):
                    charger.switch(self.t, phases)
                    charger.command(self.t, amps)
                case PowerLimit(watts=watts):
                    charger.command(self.t, watts / VOLTS / len(charger.phases))

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        sun = self.solar(self.t)
        told = Snapshot(
            now=float(self.t),
            utc=START + timedelta(seconds=self.t),
            since_start=float(self.t),
            grid=self.grid,
            solar=None if sun is None else PowerReading(at=float(self.t), power=sun),
            battery=None if self.battery is None else self.battery.reading,
            connectors=tuple((item.id, item.reading) for item in self.chargers if item.reading is not None),
        )
        return replace(told, **self.told(self.t))

    def change(self, connector: str = "garage:0", **changes: object) -> None:
        """Change the settings of one connector."""
        self.settings = replace(
            self.settings,
            connectors=tuple(
                replace(item, **changes) if item.id == connector else item for item in self.settings.connectors
            ),
        )

    def amps(self, connector: str = "garage:0") -> float | None:
        """Return what a connector was last told."""
        setpoint = self.decisions[-1].setpoint(connector)
        return setpoint.limit.amps if setpoint is not None and isinstance(setpoint.limit, AcLimit) else None

    def watts(self, connector: str = "garage:0") -> float | None:
        """Return the power that a DC connector was last told."""
        setpoint = self.decisions[-1].setpoint(connector)
        return setpoint.limit.watts if setpoint is not None and isinstance(setpoint.limit, PowerLimit) else None

    def grid_watts(self, seconds: int) -> list[float]:
        """Return what flowed at the grid connection in the last seconds."""
        return [total.total * VOLTS for total in self.totals[-seconds:]]

    def why(self, connector: str = "garage:0") -> ReasonKey:
        """Return why."""
        setpoint = self.decisions[-1].setpoint(connector)
        assert setpoint is not None
        return setpoint.reason.key

    @property
    def state(self) -> SiteState:
        """Return how far the site is trusted."""
        return self.decisions[-1].site.state

    def overload(self, limit: float) -> float:
        """Return the ampere-seconds above a limit, summed over the phases."""
        return sum(max(0.0, abs(amps) - limit) for total in self.totals for amps in total)


def site(*connectors: ConnectorSettings, **changes: object) -> SiteSettings:
    """Return a site with a three-phase 25 A fuse."""
    return replace(SiteSettings(fuse=25.0, connectors=connectors), **changes)


def garage(**changes: object) -> ConnectorSettings:
    """Return an 11 kW charger."""
    return replace(ConnectorSettings(id="garage:0", mode=Mode.FAST), **changes)
