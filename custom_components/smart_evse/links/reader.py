"""Background readers: each device is read at its own pace, and none waits for another."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import logging

from .errors import DeviceError, Silent

_LOGGER = logging.getLogger(__name__)

_PAUSES = (1.0, 2.0, 3.0)
"""Pauses between attempts at a device that is gone, in s: one that comes back may draw what it likes until then."""

_LISTENING_PAUSES = (1.0, 2.0, 5.0, 10.0)
"""The same for a source that hands over its values by itself: a gateway does not like to be called too often."""

type Report = Callable[[DeviceError | None], None]
"""Told each failure, and `None` with each success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a device is read, and how long one read may take, in s."""

    cadence: float
    timeout: float


class Reader[T]:
    """Reads one device again and again until cancelled.

    `may_read` is asked before each read: where reading alone keeps a charger's watchdog quiet, it
    must end with the decisions behind it.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[T]],
        publish: Callable[[T], None],
        report: Report,
        *,
        pace: Pace,
        may_read: Callable[[], bool] = lambda: True,
    ) -> None:
        self._read = read
        self._publish = publish
        self._report = report
        self._pace = pace
        self._may_read = may_read
        self._hurry = asyncio.Event()
        self._failures = 0

    def hurry(self) -> None:
        """Read at once: something was commanded, and how it is followed is worth knowing."""
        self._hurry.set()

    async def run(self) -> None:
        """Read until cancelled; a device that is gone is tried at growing pauses."""
        while True:
            pause = self._pace.cadence
            if self._may_read():
                pause = await self._once()
            self._hurry.clear()
            await _sleep_unless(self._hurry, pause)

    async def _once(self) -> float:
        try:
            async with asyncio.timeout(self._pace.timeout):
                value = await self._read()
        except DeviceError as err:
            return self._failed(err)
        except TimeoutError:
            return self._failed(Silent("no answer in time"))
        except Exception as err:
            # A driver that fails in a way of its own takes neither the site nor its own reader down.
            _LOGGER.exception("A driver failed")
            return self._failed(Silent(str(err)))
        self._failures = 0
        self._report(None)
        self._publish(value)
        return self._pace.cadence

    def _failed(self, err: DeviceError) -> float:
        self._failures += 1
        self._report(err)
        return _pause(_PAUSES, self._failures)


class Listener[T]:
    """Listens to a source that hands over its values by itself, and starts it again when it ends."""

    def __init__(
        self, run: Callable[[Callable[[T], None]], Awaitable[None]], publish: Callable[[T], None], report: Report
    ) -> None:
        self._source = run
        self._publish = publish
        self._report = report
        self._failures = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._source(self._heard)
                self._failed(Silent("the source ended"))
            except DeviceError as err:
                self._failed(err)
            except Exception as err:
                _LOGGER.exception("A driver failed")
                self._failed(Silent(str(err)))
            await asyncio.sleep(_pause(_LISTENING_PAUSES, self._failures))

    def _heard(self, value: T) -> None:
        self._failures = 0
        self._report(None)
        self._publish(value)

    def _failed(self, err: DeviceError) -> None:
        self._failures += 1
        self._report(err)


def _pause(pauses: tuple[float, ...], failures: int) -> float:
    return pauses[min(failures, len(pauses)) - 1]


async def _sleep_unless(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
