"""What a connector has to remember of a decision, as an input of the next one."""

from dataclasses import replace

from .claims import Case
from .gentle import recent
from .house_mode import envelope, note_start
from .latency import changing, following
from .model import AcLimit, ConnectorMemory, Limit, Rank, Setpoint, Snapshot
from .resolve import Verdict
from .setpoint import Draft
from .trust import watch_step
from .turns import turn

_SHARED = frozenset({Rank.FUSE, Rank.GRID_OPERATOR, Rank.CAPACITY})
"""The ranks of what is shared: whoever is stopped by one of these waits for a turn."""


def remember(
    draft: Draft, verdict: Verdict, order: Setpoint, used: float | None, snapshot: Snapshot
) -> ConnectorMemory:
    """Return what is remembered once a connector was told `order`; `used` is all that the site uses, in W."""
    now, case = snapshot.now, draft.case
    memory, solar, smart = draft.switching.memory, draft.sunshine.memory, draft.course.memory
    amps = None if order.limit is None else _amps(order.limit, case)
    turned = turn(case, amps or 0.0, now, wanting=_is_wanting(case, verdict))
    if amps is None or amps == memory.amps:
        latency, step = following(case, now), watch_step(case, used, snapshot, changed=False)
        return replace(memory, solar=solar, smart=smart, turn=turned, latency=latency, step=step)
    started = amps > 0 and (memory.amps or 0.0) <= 0
    return replace(
        memory,
        solar=solar,
        smart=smart,
        turn=turned,
        amps=amps,
        previous=envelope(memory, case.settings.settle, now),
        changed_at=now,
        stopped_for=None if amps != 0 else verdict.rank,
        starts=(*recent(memory.starts, now), now) if started else memory.starts,
        giving=note_start(memory.giving, memory.amps or 0.0, amps, now),
        latency=changing(case, amps),
        step=watch_step(case, used, snapshot, changed=True),
    )


def _is_wanting(case: Case, verdict: Verdict) -> bool:
    """Say whether a connector would charge if there were room for it."""
    return case.plugged and (verdict.amps > 0 or verdict.rank in _SHARED)


def _amps(limit: Limit, case: Case) -> float:
    return limit.amps if isinstance(limit, AcLimit) else limit.watts / case.per_amp
