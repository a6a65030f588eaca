"""One direction's energy through a session: read from a lifetime register, or summed up from power.

A register is believed as long as it moves no faster than the charger can. One that runs backwards or leaps is doubted
first: a charger that boots may say 0 once. If it insists, it is another register (reset, or a swapped meter), and
what it shows from then on is counted.
"""

from dataclasses import dataclass, replace

from .model import Mark

WATCHED = 60.0
"""Readings that are further apart, in s, leave it open when the energy between them flowed."""

_MARGIN = 1.25
"""Boxes give a little more than their rating, and power is read between two flickers."""

_SLACK = 100
"""Registers step in lumps, and clocks differ a little, in Wh."""

_LUMP = 1000
"""The coarsest register there is counts whole kWh, in Wh."""

_TREMBLE = 10
"""A last digit that is rounded up and down is no register that runs backwards, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What may have happened between two readings.

    `seconds` have passed, in which `most` W can have flowed at most; `power` is what was measured at its ends, in W.
    """

    seconds: float
    most: float
    power: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Energy of one direction since the session began.

    `total` is in Wh and whole as long as a register tells it. `first` and `last` are what the register said at first
    and was believed last, in whole Wh; `last` is `None` where there is none. `doubted` is what it says
    and is not believed yet. `room` is the Wh that must have flowed since it last moved.
    """

    total: float = 0.0
    first: int | None = None
    last: int | None = None
    doubted: int | None = None
    room: float = 0.0

    @property
    def booked(self) -> int:
        """The energy in whole Wh, as it goes on record."""
        return round(self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A counter carried on, and what has to be said of it. `certain` is whether it was believed."""

    counter: Counter
    marks: frozenset[Mark] = frozenset()
    certain: bool = True


def begin(value: float | None) -> Counter:
    """Return the counter of a session that begins with this register, in Wh."""
    return Counter() if value is None else Counter(first=round(value), last=round(value))


def read(counter: Counter, value: float, step: Step) -> Counted:
    """Carry a counter on to what its register says now, in Wh."""
    shown = round(value)
    if counter.last is None:
        late = frozenset({Mark.ESTIMATED}) if counter.booked else frozenset[Mark]()
        return Counted(counter=replace(counter, first=shown, last=shown), marks=late)
    moved = shown - counter.last
    if -_TREMBLE <= moved <= counter.room + _most(counter.last, shown, step):
        return Counted(counter=_moved(counter, max(moved, 0), step))
    if counter.doubted is None or not 0 <= shown - counter.doubted <= _most(counter.doubted, shown, step):
        return Counted(counter=replace(counter, doubted=shown), certain=False)
    return Counted(
        counter=_moved(replace(counter, last=counter.doubted), shown - counter.doubted, step), marks=doubts(counter)
    )


def add(counter: Counter, energy: float) -> Counter:
    """Add what was summed up from power, in Wh."""
    return replace(counter, total=counter.total + energy)


def doubts(counter: Counter) -> frozenset[Mark]:
    """Return what is wrong with a register that is in doubt."""
    if counter.doubted is None or counter.last is None:
        return frozenset()
    fault = Mark.REGISTER_BACKWARDS if counter.doubted < counter.last else Mark.REGISTER_LEAPT
    return frozenset({fault, Mark.GAP})


def _moved(counter: Counter, energy: int, step: Step) -> Counter:
    if counter.last is None:
        return counter
    # One that counts in lumps has had all the time since the last lump for the next one.
    stood = 0.0 if energy else counter.room + _MARGIN * step.power * step.seconds / 3600
    return replace(counter, total=counter.total + energy, last=counter.last + energy, doubted=None, room=stood)


def _most(before: int, after: int, step: Step) -> float:
    """Return the most that a register may show more after a step, in Wh."""
    lump = _LUMP if before % _LUMP == after % _LUMP == 0 else _SLACK
    return lump + _MARGIN * max(step.most, step.power) * step.seconds / 3600
