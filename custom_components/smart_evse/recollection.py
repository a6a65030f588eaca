"""What the engine and the workers remember, across a restart: their clock begins anew, the world's does not."""

from collections.abc import Callable
from datetime import datetime, timedelta

from .engine.command import CommandMemory
from .engine.memory import CapacityMemory, LateMemory, LatencyMemory
from .engine.model import ConnectorMemory, Memory, SolarMemory
from .store import Kept, Remembered, RememberedMeter, RememberedPeaks


def remembered(memory: ConnectorMemory, command: CommandMemory, now: float, utc: datetime) -> Remembered:
    """Put what a connector remembers in terms of the clock on the wall."""
    on_the_wall = _on_the_wall(now, utc)
    return Remembered(
        starts=tuple(map(on_the_wall, command.starts)),
        writes=tuple(map(on_the_wall, command.writes)),
        running=memory.solar.running,
        changed=None if memory.solar.changed_at is None else on_the_wall(memory.solar.changed_at),
        began=tuple(map(on_the_wall, memory.starts)),
        switched=tuple(map(on_the_wall, memory.switches)),
        phases=memory.phases,
        car_phases=memory.car_phases,
        latency=memory.latency.seconds,
        samples=memory.latency.samples,
    )


def recalled(kept: Kept, now: float, utc: datetime) -> Memory:
    """Begin with what was remembered of the connectors, the grid meter and the peaks that are paid for."""
    peaks = kept.peaks
    return Memory(
        connectors=tuple((key, _connector(item, now, utc)) for key, item in kept.remembered.items()),
        capacity=CapacityMemory(window=peaks.window, energy=peaks.energy, peaks=peaks.peaks),
        late=LateMemory(found=kept.meter.found),
    )


def remembered_site(memory: Memory) -> tuple[RememberedPeaks, RememberedMeter]:
    """Keep what a capacity tariff is paid by, and how late the grid meter is."""
    capacity = memory.capacity
    # Whole watt-hours: a tenth of one is not worth a write.
    peaks = RememberedPeaks(window=capacity.window, energy=round(capacity.energy), peaks=capacity.peaks)
    return peaks, RememberedMeter(found=memory.late.found)


def monotonic(times: tuple[datetime, ...], now: float, utc: datetime) -> tuple[float, ...]:
    """Put times on the wall in terms of this process's clock; what a clock set back puts ahead is now."""
    return tuple(now - max(0.0, (utc - at).total_seconds()) for at in times)


def _connector(item: Remembered, now: float, utc: datetime) -> ConnectorMemory:
    return ConnectorMemory(
        solar=SolarMemory(running=item.running, changed_at=_since(item.changed, now, utc)),
        starts=monotonic(item.began, now, utc),
        switches=monotonic(item.switched, now, utc),
        phases=item.phases,
        car_phases=item.car_phases,
        latency=LatencyMemory(seconds=item.latency, samples=item.samples),
    )


def _on_the_wall(now: float, utc: datetime) -> Callable[[float], datetime]:
    # Whole seconds, or each beat would make them a little different.
    return lambda at: (utc - timedelta(seconds=now - at)).replace(microsecond=0)


def _since(changed: datetime | None, now: float, utc: datetime) -> float | None:
    return None if changed is None else monotonic((changed,), now, utc)[0]
