"""What is sent to a charger, and when: as little as possible, and what is sent is held against what flows.

A command is sent on a change, never sooner than the spacing after the one before, renewed while
the decision behind it holds, and repeated when the current says that nothing happened. Relays and
flash memory have daily budgets. A reduction for safety waits for none of this.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
import math

from .model import AcLimit, Limit, Setpoint

_DAY = 86_400.0
_HOUR = 3_600.0
_OVERRUN = 1.1
_OFFSET = 0.5
"""A car may draw 10 % + 0.5 A more than it was offered before that counts as not following."""

_PATIENCE = 10.0
_RETRY = (1.0, 2.0, 5.0, 10.0)
_IGNORED = 3
_FORGIVEN_AFTER = 900.0
_CONTESTED = 3


class Act(StrEnum):
    """What to do with the wire."""

    SEND = "send"
    RENEW = "renew"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a charger wants to be commanded; budgets are for a rolling day."""

    spacing: float = 1.0
    renew: float | None = None
    wears: bool = False
    settle: float = 8.0
    step: float = 1.0
    volts: float = 230.0
    writes_per_day: int = 200
    starts_per_day: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do now, or for how many seconds at most to do nothing."""

    act: Act
    limit: Limit | None = None
    wait: float = math.inf
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMemory:
    """What was sent and what came of it.

    `ignored` counts commands in a row that changed nothing, the last of them at `ignored_at`, and
    `overrun_at` is when too much was last seen to flow. `contested` holds when somebody else
    changed the limit, `writes` and `starts` when budgets were drawn on.
    """

    limit: Limit | None = None
    sent_at: float = -math.inf
    touched_at: float = -math.inf
    failures: int = 0
    acknowledged: bool = False
    ignored: int = 0
    ignored_at: float = -math.inf
    overrun_at: float = -math.inf
    contested: tuple[float, ...] = ()
    writes: tuple[float, ...] = ()
    starts: tuple[float, ...] = ()

    @property
    def is_ignored(self) -> bool:
        """Whether the charger has gone on regardless of three commands."""
        return self.ignored >= _IGNORED

    @property
    def is_contested(self) -> bool:
        """Whether somebody else keeps changing the limit."""
        return len(self.contested) >= _CONTESTED


def next_order(setpoint: Setpoint | None, memory: CommandMemory, rules: Rules, now: float) -> Order:
    """Say what to do with the latest setpoint; all that were overtaken meanwhile are forgotten."""
    if setpoint is None or setpoint.limit is None or now >= setpoint.expires:
        return Order(act=Act.WAIT)
    if memory.failures and (pause := _retry_at(memory) - now) > 0 and not setpoint.urgent:
        return Order(act=Act.WAIT, wait=pause)
    limit = _stop_what_ignores(setpoint.limit, memory, now)
    if limit == memory.limit and not memory.failures and not _is_overdue(memory, now):
        return _renewal(memory, rules, now)
    return Order(act=Act.SEND, limit=limit) if setpoint.urgent else _in_turn(limit, memory, rules, now)


def sent(memory: CommandMemory, limit: Limit, now: float, rules: Rules) -> CommandMemory:
    """Remember a limit that the charger took, and what it cost its relay and its memory."""
    disobeyed = limit == memory.limit and not memory.acknowledged and memory.overrun_at > memory.sent_at
    starts = memory.starts if amount(limit) == 0 or amount(memory.limit) != 0 else (*_recent(memory.starts, now), now)
    return replace(
        memory,
        limit=limit,
        sent_at=now,
        touched_at=now,
        failures=0,
        acknowledged=False,
        ignored=memory.ignored + disobeyed,
        ignored_at=now if disobeyed else memory.ignored_at,
        writes=(*_recent(memory.writes, now), now) if rules.wears else (),
        starts=starts,
    )


def renewed(memory: CommandMemory, now: float) -> CommandMemory:
    """Remember a sign of life that changed nothing."""
    return replace(memory, touched_at=now, failures=0)


def failed(memory: CommandMemory, now: float) -> CommandMemory:
    """Remember that the wire or the charger refused: what it holds now is not known."""
    return replace(memory, touched_at=now, failures=memory.failures + 1)


def follow_up(
    memory: CommandMemory, *, amps: float | None, readback: float | None, read_at: float, rules: Rules
) -> CommandMemory:
    """Hold a reading against what was sent.

    `amps` is the measured current for each phase (W for a DC charger), `readback` the limit that
    the charger reports. The measured current decides; where there is none, the read-back has to.
    A read-back below what was sent is a ceiling of somebody's own and no disobedience.
    """
    if memory.limit is None or read_at <= memory.sent_at:
        return memory
    followed = _followed(memory.limit, amps, readback, rules)
    if followed is None:
        return memory
    if followed:
        # That it stops when it is told to stop does not say that it minds a current.
        forgiven = not memory.is_ignored or amount(memory.limit) != 0
        return replace(memory, acknowledged=True, ignored=0 if forgiven else memory.ignored)
    if memory.acknowledged and _is_raised(memory.limit, readback, rules):
        recent = tuple(at for at in memory.contested if read_at - at < _HOUR)
        return replace(memory, limit=None, acknowledged=False, contested=(*recent, read_at))
    return replace(memory, acknowledged=False, overrun_at=read_at)


def amount(limit: Limit | None) -> float:
    """Return a limit's number, in A or W, 0 for none."""
    if limit is None:
        return 0.0
    return limit.amps if isinstance(limit, AcLimit) else limit.watts


def _followed(limit: Limit, amps: float | None, readback: float | None, rules: Rules) -> bool | None:
    most = abs(amount(limit))
    slack = _OFFSET if isinstance(limit, AcLimit) else _OFFSET * rules.volts
    if amps is not None:
        return abs(amps) <= most * _OVERRUN + slack
    return None if readback is None else abs(readback) <= most + rules.step / 2


def _is_raised(limit: Limit, readback: float | None, rules: Rules) -> bool:
    return readback is not None and abs(readback) > abs(amount(limit)) + rules.step / 2


def _is_overdue(memory: CommandMemory, now: float) -> bool:
    """Say whether a command has had its time and a reading since shows that nothing happened."""
    seen = memory.overrun_at > memory.sent_at
    return seen and not memory.acknowledged and memory.limit is not None and now - memory.sent_at >= _PATIENCE


def _in_turn(limit: Limit, memory: CommandMemory, rules: Rules, now: float) -> Order:
    if (early := memory.touched_at + rules.spacing - now) > 0:
        return Order(act=Act.WAIT, wait=early)
    if _is_over_budget(limit, memory, rules, now):
        return Order(act=Act.WAIT, withheld=True)
    return Order(act=Act.SEND, limit=limit)


def _stop_what_ignores(limit: Limit, memory: CommandMemory, now: float) -> Limit:
    """Ask a charger that draws more than it may to stop: some that ignore a current obey a stop.

    After a while it gets another chance, or it would never charge again.
    """
    if not memory.is_ignored or now - memory.ignored_at >= _FORGIVEN_AFTER:
        return limit
    return replace(limit, amps=0.0) if isinstance(limit, AcLimit) else replace(limit, watts=0.0)


def _renewal(memory: CommandMemory, rules: Rules, now: float) -> Order:
    # What comes of a command is looked at once when its time is over; a reading that comes later wakes the worker.
    doubt = memory.sent_at + _PATIENCE - now
    wait = doubt if doubt > 0 and not memory.acknowledged else math.inf
    if rules.renew is None:
        return Order(act=Act.WAIT, wait=wait)
    due = memory.touched_at + rules.renew - now
    return Order(act=Act.RENEW, limit=memory.limit) if due <= 0 else Order(act=Act.WAIT, wait=min(due, wait))


def _is_over_budget(limit: Limit, memory: CommandMemory, rules: Rules, now: float) -> bool:
    """Say whether a budget forbids this; what reduces is never forbidden."""
    if abs(amount(limit)) < abs(amount(memory.limit)):
        return False
    starting = amount(memory.limit) == 0 and amount(limit) != 0
    if starting and len(_recent(memory.starts, now)) >= rules.starts_per_day:
        return True
    return rules.wears and len(_recent(memory.writes, now)) >= rules.writes_per_day


def _recent(times: tuple[float, ...], now: float) -> tuple[float, ...]:
    return tuple(at for at in times if now - at < _DAY)


def _retry_at(memory: CommandMemory) -> float:
    return memory.touched_at + _RETRY[min(memory.failures, len(_RETRY)) - 1]
