"""What the engine and the workers remember, across a restart: their clock begins anew, the world's does not."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from .engine.command import CommandMemory
from .engine.model import ConnectorId, ConnectorMemory, Memory, SolarMemory
from .store import Remembered


def remembered(memory: ConnectorMemory, command: CommandMemory, now: float, utc: datetime) -> Remembered:
    """Put what a connector remembers in terms of the clock on the wall."""

    def on_the_wall(at: float) -> datetime:
        # Whole seconds, or each beat would make them a little different.
        return (utc - timedelta(seconds=now - at)).replace(microsecond=0)

    return Remembered(
        starts=tuple(map(on_the_wall, command.starts)),
        writes=tuple(map(on_the_wall, command.writes)),
        running=memory.solar.running,
        changed=None if memory.solar.changed_at is None else on_the_wall(memory.solar.changed_at),
    )


def recalled(kept: Mapping[ConnectorId, Remembered], now: float, utc: datetime) -> Memory:
    """Begin with what was remembered of following the sun."""
    return Memory(
        connectors=tuple(
            (key, ConnectorMemory(solar=SolarMemory(running=item.running, changed_at=_since(item.changed, now, utc))))
            for key, item in kept.items()
        )
    )


def monotonic(times: tuple[datetime, ...], now: float, utc: datetime) -> tuple[float, ...]:
    """Put times on the wall in terms of this process's clock; what a clock set back puts ahead is now."""
    return tuple(now - max(0.0, (utc - at).total_seconds()) for at in times)


def _since(changed: datetime | None, now: float, utc: datetime) -> float | None:
    return None if changed is None else monotonic((changed,), now, utc)[0]
