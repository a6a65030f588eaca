"""Whether a provider answers: how long it is left alone when it does not, and when somebody should be told."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from .errors import KeyRefused, PaymentError, Unreachable

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=30)

TOLD_AFTER = timedelta(hours=1)
"""How long a provider may be silent before somebody is told."""


class Answering:
    """Listens to all that is asked of one provider. `now` is the clock, aware UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._failures = 0
        self._silent_since: datetime | None = None
        self._refusal: KeyRefused | None = None
        self._rest_until: datetime | None = None

    @property
    def trouble(self) -> PaymentError | None:
        """What the owner should know: the key is refused, or there has been no answer for an hour."""
        if self._refusal is not None:
            return self._refusal
        if self._silent_since is not None and self._now() - self._silent_since >= TOLD_AFTER:
            return Unreachable(f"no answer since {self._silent_since.isoformat(timespec='minutes')}")
        return None

    @property
    def rest_until(self) -> datetime | None:
        """Until when nothing should be asked that nobody waits for."""
        return self._rest_until if self._rest_until is not None and self._now() < self._rest_until else None

    async def asked[T](self, asking: Awaitable[T]) -> T:
        """Wait for an answer and keep in mind whether there was one."""
        try:
            answer = await asking
        except Unreachable:
            self._silent_since = self._silent_since or self._now()
            self._fail()
            raise
        except KeyRefused as err:
            self._refusal = err
            self._fail()
            raise
        except PaymentError:
            # A no is an answer.
            self._answered()
            raise
        self._answered()
        return answer

    def _fail(self) -> None:
        self._rest_until = self._now() + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1

    def _answered(self) -> None:
        self._failures, self._silent_since, self._refusal, self._rest_until = 0, None, None, None
