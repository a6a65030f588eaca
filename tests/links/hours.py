"""Hours in no time: an event loop whose clock jumps to the next thing that is due, and a charger to try lines on."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import wraps
import selectors
from typing import Any

from custom_components.smart_evse.chargers.port import Feeding, Identity, OutletReading, Traits, Watchdog
from custom_components.smart_evse.engine.model import AcLimit, Limit, Reason, ReasonKey, Setpoint, VehicleState
from custom_components.smart_evse.links.errors import DeviceError


class _Selector(selectors.SelectSelector):
    """Never waits: where the loop would, the time passes instead."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += max(0.0, timeout or 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """Its clock begins at 1000 s and shows what has passed."""

    def __init__(self) -> None:
        self._hours = _Selector()
        super().__init__(self._hours)

    def time(self) -> float:
        return 1_000.0 + self._hours.passed


def hours(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in a loop of its own in which waiting takes no time."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def now() -> float:
    """Return the time of the running loop, in s."""
    return asyncio.get_running_loop().time()


async def running(seconds: float, *tasks: Coroutine[Any, Any, None]) -> None:
    """Let workers run for a time, and end them."""
    async with asyncio.TaskGroup() as group:
        started = [group.create_task(task) for task in tasks]
        await asyncio.sleep(seconds)
        for task in started:
            task.cancel()


def setpoint(amps: float, *, phases: int = 3, urgent: bool = False, lifetime: float = 1e6) -> Setpoint:
    """Return what a decision would tell an outlet."""
    why = Reason(ReasonKey.MODE_FAST)
    return Setpoint(
        connector="garage:0",
        limit=AcLimit(amps, phases),
        expires=now() + lifetime,
        reason=why,
        limited_by=why,
        urgent=urgent,
    )


_BOX = Traits(make="box", spacing=1.0, cadence=2.0, timeout=5.0)
_KEPT = Traits(make="box", feeding=Feeding.KEEP_ALIVE, renew=20.0)


@dataclass
class Box:
    """A charger in memory that follows at once, fails when it is told to, and writes down who called when."""

    traits: Traits = _BOX
    limits: dict[int, float] = field(default_factory=dict)
    calls: list[tuple[float, str]] = field(default_factory=list)
    failing: Exception | None = None
    hanging: bool = False
    stubborn: bool = False

    async def identify(self) -> Identity:
        await self._called("identify")
        return Identity(maker="We", model="Box")

    async def read(self) -> tuple[OutletReading, ...]:
        await self._called("read")
        return tuple(self.outlet(number) for number in range(self.traits.outlets))

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        assert isinstance(limit, AcLimit)
        await self._called(f"set_limit {outlet} {limit.amps:g}")
        if not self.stubborn:
            self.limits[outlet] = limit.amps

    def outlet(self, number: int) -> OutletReading:
        limit = self.limits.get(number, 16.0)
        state = VehicleState.CHARGING if limit else VehicleState.CONNECTED
        return OutletReading(state=state, power=limit * 690, limit=limit, phases=3)

    def called(self, name: str) -> list[float]:
        """Return when something was called, in s since the loop began."""
        return [at for at, call in self.calls if call.startswith(name)]

    @property
    def told(self) -> list[str]:
        """Return what was called but for reading, in order."""
        return [call for _, call in self.calls if call not in ("read", "identify")]

    async def _called(self, name: str) -> None:
        self.calls.append((now() - 1_000.0, name))
        if self.hanging:
            await asyncio.Event().wait()
        if self.failing is not None:
            raise self.failing


@dataclass
class SwitchingBox(Box):
    """A box that can change its phases."""

    async def set_phases(self, outlet: int, phases: int) -> None:
        await self._called(f"set_phases {outlet} {phases}")


@dataclass
class KeptBox(Box):
    """A box that wants a sign of life of its own."""

    traits: Traits = _KEPT

    async def keep_alive(self) -> None:
        await self._called("keep_alive")


@dataclass
class RestorableBox(Box):
    """A box with a setting of ours in it."""

    setting: float = 3.0

    async def originals(self) -> dict[str, float]:
        await self._called("originals")
        return {"setting": self.setting}

    async def restore(self, originals: dict[str, float]) -> None:
        await self._called(f"restore {sorted(originals.items())}")


@dataclass
class GuardedBox(RestorableBox):
    """A box with a watchdog, which may round its current up to what it can do."""

    rounds_up_to: float = 0.0

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        await self._called(f"arm {watchdog.timeout:g} {watchdog.amps:g}")
        return Watchdog(timeout=watchdog.timeout, amps=max(watchdog.amps, self.rounds_up_to))


@dataclass
class LockableBox(RestorableBox):
    """A box with an access control of its own."""

    locked: bool = False

    async def originals(self) -> dict[str, float]:
        return {"lock": float(self.locked)}

    async def restore(self, originals: dict[str, float]) -> None:
        await self._called(f"restore {dict(originals)}")

    async def lock(self) -> None:
        await self._called("lock")

    async def admit(self, outlet: int) -> None:
        await self._called(f"admit {outlet}")


type Report = list[DeviceError | None]
