"""The command worker of one charger: takes setpoints in, talks to the charger, minds the answer.

What to send and when is decided elsewhere (`engine.command`); here is only the wire, which may
take its time without anyone else waiting for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
import logging
import math

from ..chargers.port import Charger, Feeding, KeptAlive, Lockable, OutletReading, PhaseSwitching
from ..engine.command import Act, CommandMemory, Order, Rules, amount, failed, follow_up, next_order, renewed, sent
from ..engine.model import VOLTAGE, AcLimit, Limit, Setpoint
from .errors import DeviceError, Silent

_LOGGER = logging.getLogger(__name__)

_HISTORY = 20

_AGAIN = 1.0
"""An urgent command that failed is tried again this soon, in s: at once would be a storm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command that went out: to which outlet, what, when (monotonic s), and the error if any."""

    at: float
    outlet: int
    limit: Limit
    error: str | None = None


@dataclass(slots=True)
class _Outlet:
    setpoint: Setpoint | None = None
    memory: CommandMemory = field(default_factory=CommandMemory)
    phases: int | None = None
    withheld: bool = False


class Commander:
    """Commands the outlets of one charger.

    `clock` is the monotonic clock, `done` is called after each command so that its effect is read.
    """

    def __init__(self, charger: Charger, rules: Rules, *, clock: Callable[[], float], done: Callable[[], None]) -> None:
        self._charger = charger
        self._rules = rules
        self._clock = clock
        self._done = done
        self._outlets: dict[int, _Outlet] = {}
        self._news = asyncio.Event()
        self.history: deque[Command] = deque(maxlen=_HISTORY)
        self.commands = 0
        self.admits = False
        """Whether the charger asks every car who is there: whoever is given a current is known."""

    def submit(self, outlet: int, setpoint: Setpoint) -> None:
        """Hand over the latest setpoint of an outlet; what it leaves standing of the one before is for `_standing`."""
        state = self._outlets.setdefault(outlet, _Outlet())
        before, state.setpoint = state.setpoint, _standing(state, setpoint)
        # After one that had expired the same again is news: renewals had ended with it.
        lapsed = before is not None and self._clock() >= before.expires
        if before is None or lapsed or before.limit != setpoint.limit or setpoint.urgent:
            self._news.set()

    def observe(self, outlet: int, reading: OutletReading, at: float) -> None:
        """Hold what an outlet reports against what it was told."""
        if (state := self._outlets.get(outlet)) is None:
            return
        before = state.memory
        if reading.phases is not None:
            state.phases = reading.phases
        amps = _measured(reading, dc=self._charger.traits.dc)
        state.memory = follow_up(before, amps=amps, readback=reading.limit, read_at=at, rules=self._rules)
        changed = state.memory.limit is None and before.limit is not None
        overrun = before.overrun_at != state.memory.overrun_at
        if changed or overrun:
            self._news.set()

    def doubt(self) -> None:
        """Tell every outlet again: the charger was away, and may have forgotten what it was told."""
        for state in self._outlets.values():
            if state.memory.limit is not None:
                state.memory = failed(state.memory, self._clock())
        self._news.set()

    def memory(self, outlet: int) -> CommandMemory:
        """Return what came of the commands to an outlet."""
        state = self._outlets.get(outlet)
        return CommandMemory() if state is None else state.memory

    def remind(self, outlet: int, *, starts: tuple[float, ...], writes: tuple[float, ...]) -> None:
        """Say what was drawn on the budgets before this process began (monotonic s)."""
        state = self._outlets.setdefault(outlet, _Outlet())
        state.memory = replace(state.memory, starts=starts, writes=writes)

    def is_withheld(self, outlet: int) -> bool:
        """Whether a budget of relays or flash memory keeps a command back."""
        state = self._outlets.get(outlet)
        return state is not None and state.withheld

    async def run(self) -> None:
        """Serve the outlets until cancelled."""
        while True:
            self._news.clear()
            waits = [await self._serve(number, outlet) for number, outlet in list(self._outlets.items())]
            wait = min(waits, default=math.inf)
            try:
                async with asyncio.timeout(None if math.isinf(wait) else wait):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _serve(self, number: int, outlet: _Outlet) -> float:
        order = next_order(outlet.setpoint, outlet.memory, self._rules, self._clock())
        outlet.withheld = order.withheld
        if order.act is Act.WAIT or order.limit is None:
            return order.wait
        await self._carry_out(number, outlet, order, order.limit)
        following = next_order(outlet.setpoint, outlet.memory, self._rules, self._clock())
        return following.wait if following.act is Act.WAIT else _AGAIN

    async def _carry_out(self, number: int, outlet: _Outlet, order: Order, limit: Limit) -> None:
        try:
            async with asyncio.timeout(self._charger.traits.timeout):
                await self._send(number, outlet, order, limit)
        except DeviceError as err:
            self._note(number, outlet, limit, err)
        except TimeoutError:
            self._note(number, outlet, limit, Silent("no answer in time"))
        except Exception as err:
            # A driver that fails in a way of its own takes neither the site nor its worker down.
            _LOGGER.exception("A driver failed")
            self._note(number, outlet, limit, Silent(str(err)))

    async def _send(self, number: int, outlet: _Outlet, order: Order, limit: Limit) -> None:
        charger = self._charger
        if order.act is Act.RENEW:
            if charger.traits.feeding is Feeding.KEEP_ALIVE and isinstance(charger, KeptAlive):
                await charger.keep_alive()
            else:
                await charger.set_limit(number, limit)
            outlet.memory = renewed(outlet.memory, self._clock())
            return
        if self.admits and isinstance(charger, Lockable) and _begins(limit, outlet.memory.limit):
            await charger.admit(number)
        switched = isinstance(limit, AcLimit) and await self._switch(number, outlet, limit.phases)
        if not (switched and amount(limit) == 0):
            await charger.set_limit(number, limit)
        outlet.memory = sent(outlet.memory, limit, self._clock(), self._rules)
        self._note(number, outlet, limit, None)

    async def _switch(self, number: int, outlet: _Outlet, phases: int) -> bool:
        """Change the phases if need be: a stop first, which a change that is refused must not keep from being sent."""
        if outlet.phases == phases or not isinstance(self._charger, PhaseSwitching):
            return False
        known, outlet.phases = outlet.phases, phases
        if known is None:
            return False
        await self._charger.set_limit(number, AcLimit(0.0, phases))
        await self._charger.set_phases(number, phases)
        return True

    def _note(self, number: int, outlet: _Outlet, limit: Limit, err: DeviceError | None) -> None:
        now = self._clock()
        if err is not None:
            outlet.memory = failed(outlet.memory, now)
        self.commands += 1
        self.history.append(Command(at=now, outlet=number, limit=limit, error=None if err is None else str(err)))
        self._done()


def _begins(limit: Limit, before: Limit | None) -> bool:
    return amount(limit) != 0 and amount(before) == 0


def _standing(state: _Outlet, setpoint: Setpoint) -> Setpoint:
    """Return the setpoint that stands: one that was not sent yet is not forgotten by a later one that says less.

    A reduction for safety stays urgent until it is sent, though the engine calls it so only once; and
    where nothing new is commanded, a reduction that is still to be sent stands. A raise does not: what
    it was decided on has passed.
    """
    before = state.setpoint
    if before is None or before.limit is None or before.limit == state.memory.limit:
        return setpoint
    if setpoint.limit is None:
        reduces = amount(before.limit) == 0 or abs(amount(before.limit)) < abs(amount(state.memory.limit))
        return replace(before, expires=setpoint.expires) if reduces else setpoint
    smaller = abs(amount(setpoint.limit)) <= abs(amount(before.limit))
    return replace(setpoint, urgent=True) if before.urgent and smaller else setpoint


def _measured(reading: OutletReading, *, dc: bool) -> float | None:
    """Return what flows: the largest phase current in A, or a DC charger's power in W."""
    if dc:
        return reading.power
    if reading.currents is not None:
        return max(reading.currents, key=abs)
    if reading.power is None:
        return None
    return reading.power / VOLTAGE / (reading.phases or 3)
