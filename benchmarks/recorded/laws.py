"""The laws that are compared: ours, simple ones, and one that knows more than any law can."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import math
from typing import Protocol

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
from custom_components.smart_evse.engine.model import (
    PILOT_MINIMUM,
    VOLTAGE,
    ConnectorReading,
    Decision,
    GridReading,
    Memory,
    PerPhase,
    SiteSettings,
    SiteState,
    Snapshot,
)

_BEAT = 5.0
_MAXIMUM = 16.0
_START = datetime(2026, 5, 12, tzinfo=UTC)


class Law(Protocol):
    """Looks at what the devices said last, once a second; returns a limit in A, `None` to leave it as it is."""

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None: ...


@dataclass
class Ours:
    """The engine and its command layer, beating as in Home Assistant: on each sample, or after 5 s."""

    settings: SiteSettings
    watch: Callable[[float, Decision], None] = lambda _now, _decision: None
    memory: Memory = field(default_factory=Memory)
    degraded: int = 0
    _sent: CommandMemory = field(default_factory=CommandMemory)
    _decision: Decision | None = None
    _seen: float = -1.0
    _beat_at: float = -math.inf
    _began: float | None = None

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None:
        began = self._began = now if self._began is None else self._began
        connector = self.settings.connectors[0]
        rules = Rules(settle=connector.settle, step=connector.step)
        if box is not None:
            amps = None if box.currents is None else max(box.currents, key=abs)
            self._sent = follow_up(self._sent, amps=amps, readback=box.limit, read_at=box.at, rules=rules)
        if (grid is not None and grid.at != self._seen) or now - self._beat_at >= _BEAT:
            self._beat(now, now - began, grid, box)
        if self._decision is None:
            return None
        self.degraded += self._decision.site.state is SiteState.DEGRADED
        order = next_order(self._decision.setpoint(connector.id), self._sent, rules, now)
        if order.act is not Act.SEND or order.limit is None:
            return None
        self._sent = sent(self._sent, order.limit, now, rules)
        return amount(order.limit)

    def _beat(self, now: float, since_start: float, grid: GridReading | None, box: ConnectorReading | None) -> None:
        self._seen, self._beat_at = -1.0 if grid is None else grid.at, now
        key = self.settings.connectors[0].id
        snapshot = Snapshot(
            now=now,
            utc=_START + timedelta(seconds=now),
            since_start=since_start,
            grid=grid,
            connectors=() if box is None else ((key, box),),
        )
        self._decision = decide(snapshot, self.settings, self.memory)
        self.memory = self._decision.memory
        self.watch(now, self._decision)


@dataclass
class PlugInAndGo:
    """All the car can take, from the moment it is plugged in."""

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None:
        return _MAXIMUM


@dataclass
class Surplus:
    """What the sun leaves, in whole amperes, every `interval` s; starts and stops after delays of its own."""

    phases: int
    interval: float = 30.0
    start_after: float = 0.0
    stop_after: float = 0.0
    _on: bool = False
    _since: float | None = None
    _next: float = 0.0

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None:
        if grid is None or box is None or now < self._next:
            return None
        self._next = now + self.interval
        amps = math.floor(((box.power or 0.0) - grid.power) / VOLTAGE / self.phases)
        self._switch(now, enough=amps >= PILOT_MINIMUM)
        return max(PILOT_MINIMUM, min(_MAXIMUM, amps)) if self._on else 0.0

    def _switch(self, now: float, *, enough: bool) -> None:
        if enough == self._on:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= (self.stop_after if self._on else self.start_after):
            self._on, self._since = enough, None


@dataclass
class Balance:
    """What the fuse leaves on the fullest phase by the last sample, looked at every `interval` s, and nothing else."""

    fuse: float
    interval: float
    _next: float = 0.0

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None:
        if grid is None or grid.currents is None or box is None or box.currents is None or now < self._next:
            return None
        self._next = now + self.interval
        house = grid.currents - box.currents
        return _fit(self.fuse - max(house))


@dataclass
class Ideal:
    """Knows what the house uses at the moment of each sample, and loses no time: the car's own delays remain."""

    fuse: float
    house: list[PerPhase]
    _seen: float = -1.0

    def step(self, now: float, grid: GridReading | None, box: ConnectorReading | None) -> float | None:
        if grid is None or grid.at == self._seen:
            return None
        self._seen = grid.at
        return _fit(self.fuse - max(self.house[int(now)]))


def _fit(amps: float) -> float:
    whole = min(_MAXIMUM, float(math.floor(amps)))
    return whole if whole >= PILOT_MINIMUM else 0.0
