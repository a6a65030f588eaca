"""One reading after another: how much energy, in which interval, from where."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .booking import Pen
from .counter import Counted, Counter
from .counting import count
from .identify import settled
from .model import Ends, Interval, Mark
from .moment import Moment
from .opened import OpenInterval, OpenSession, Terms
from .passing import Passed, passed, slept
from .quarters import quarter_after, quarters_within
from .weighing import Seen, fed, seen, with_vehicle

_BEHIND = 20.0
"""More than this is not lost in the rounding of a register, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """A session carried on. `certain` is whether its registers were read and believed."""

    state: OpenSession
    intervals: tuple[Interval, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A stretch of a session from one reading to the next, with its counters at both ends."""

    begin: datetime
    end: datetime
    before: tuple[Counter, Counter]
    after: tuple[Counter, Counter]

    @property
    def moved(self) -> tuple[int, int]:
        """The Wh taken and given in it."""
        taken, given = (late.booked - early.booked for early, late in zip(self.before, self.after, strict=True))
        return taken, given

    def at(self, when: datetime) -> tuple[int, int]:
        """What was on record at a time within it, in Wh: evenly from end to end."""
        if when >= self.end:
            return self.after[0].booked, self.after[1].booked
        part = (when - self.begin) / (self.end - self.begin)
        taken, given = (
            round(early.total + (late.total - early.total) * part)
            for early, late in zip(self.before, self.after, strict=True)
        )
        return taken, given


def meter(state: OpenSession, moment: Moment) -> Metered:
    """Carry a running session on to a reading; one whose register is missing or in doubt waits for the next."""
    time = passed(state, moment)
    counts = count(state, moment, time)
    if counts is not None and time.set_forward and not all(each.certain for each in counts):
        time = slept(time)
        counts = count(state, moment, time)
    told = _told(state, moment)
    if counts is None:
        return Metered(state=told, certain=False)
    taken, given = counts
    if not (taken.certain and given.certain):
        taken_doubt = replace(state.taken, doubted=taken.counter.doubted)
        given_doubt = replace(state.given, doubted=given.counter.doubted)
        return Metered(state=replace(told, taken=taken_doubt, given=given_doubt), certain=False)
    return _advanced(told, moment, time, taken, given)


def meter_at(state: OpenSession, at: datetime, moment: Moment) -> Metered:
    """Read the registers of a car that left at `at`: whatever they show later, it flowed before."""
    now = state.now + max(0.0, (at - state.at).total_seconds())
    metered = meter(state, replace(moment, at=at, now=now, run=state.run))
    return replace(metered, state=replace(metered.state, heard=moment.now, heard_run=moment.run, power=0.0))


def is_behind(metered: Metered) -> bool:
    """Whether a register has yet to tell what was measured: some are asked less often than the state."""
    counters = (metered.state.taken, metered.state.given)
    return not metered.certain or any(counter.room >= _BEHIND for counter in counters)


def _told(state: OpenSession, moment: Moment) -> OpenSession:
    """Hear what is told beside the registers."""
    identity = settled(state.identity, moment.identity)
    another = state.identity.vehicle is not None and identity.vehicle != state.identity.vehicle
    return replace(
        state,
        # The counter of one car says nothing of another's.
        vehicle_counter=None if another else state.vehicle_counter,
        updated=max(state.updated, moment.at),
        heard=moment.now,
        heard_run=moment.run,
        power=state.power if moment.power is None else moment.power,
        soc=_ends(state.soc, moment.soc),
        odometer=_ends(state.odometer, moment.odometer),
        identity=identity,
        charger_session=moment.charger_session or state.charger_session,
        currency=moment.currency or state.currency,
    )


def _ends(ends: Ends, value: float | None) -> Ends:
    return ends if value is None else Ends(start=value if ends.start is None else ends.start, stop=value)


def _advanced(state: OpenSession, moment: Moment, time: Passed, taken: Counted, given: Counted) -> Metered:
    marks = taken.marks | given.marks | (frozenset({Mark.CLOCK}) if time.clock_set else frozenset())
    pen = Pen(interval=state.interval, priced=state.currency is not None)
    found = seen(state, moment, time, taken.counter.booked - state.taken.booked, marks)
    stretch = _Stretch(
        begin=_leap(pen, state, moment, time, found.terms),
        end=max(moment.at, state.until),
        before=(state.taken, state.given),
        after=(taken.counter, given.counter),
    )
    if time.watched:
        _flow(pen, stretch, found)
    else:
        _miss(pen, stretch, found, known=moment.energy_in is not None)
    _settle(pen, stretch, found.terms)
    state = replace(
        state,
        taken=taken.counter,
        given=given.counter,
        interval=pen.interval,
        until=stretch.end,
        at=moment.at,
        now=moment.now,
        run=moment.run,
        vehicle_counter=state.vehicle_counter if moment.vehicle_energy is None else moment.vehicle_energy,
        marks=_all_marks(state.marks | marks, pen.written),
    )
    return Metered(state=state, intervals=tuple(pen.written))


def _all_marks(marks: frozenset[Mark], written: Iterable[Interval]) -> frozenset[Mark]:
    return marks.union(*(interval.marks for interval in written))


def _leap(pen: Pen, state: OpenSession, moment: Moment, time: Passed, terms: Terms) -> datetime:
    """Leave out the time that a clock set forward leaps over; returns where the stretch begins."""
    if not time.set_forward:
        return state.until
    begin = max(state.until, moment.at - timedelta(seconds=time.seconds))
    pen.interval = _marked(pen.interval, frozenset({Mark.CLOCK}))
    pen.turn(state.until, state.taken.booked, state.given.booked, terms)
    pen.interval = replace(pen.interval, start=begin)
    return begin


def _flow(pen: Pen, stretch: _Stretch, found: Seen) -> None:
    """Put energy that was watched into the quarter hours it flowed in."""
    pen.interval = _marked(pen.interval, found.marks)
    done = 0.0
    for quarter in quarters_within(stretch.begin, stretch.end):
        part = (quarter - stretch.begin) / (stretch.end - stretch.begin)
        pen.interval = fed(pen.interval, found, part - done)
        done = part
        pen.turn(quarter, *stretch.at(quarter), found.terms)
    if done < 1:
        pen.interval = fed(pen.interval, found, 1 - done)


def _miss(pen: Pen, stretch: _Stretch, found: Seen, *, known: bool) -> None:
    """Put energy on record that nobody saw flow: in its quarter hour if it is one, else in an interval of its own."""
    (taken, _), moved = stretch.moved, stretch.moved != (0, 0)
    quarter = quarter_after(stretch.begin)
    if stretch.end > quarter:
        before, unpriced = stretch.before, replace(pen.interval.terms, import_price=None, export_price=None)
        pen.turn(stretch.begin, before[0].booked, before[1].booked, unpriced)
        # One that begins only now also holds what its car had taken before it was seen.
        moved = stretch.at(stretch.end) != (pen.interval.taken, pen.interval.given)
    lost = frozenset({Mark.RECONSTRUCTED}) if known and moved else frozenset[Mark]()
    missed = replace(pen.interval, unseen=pen.interval.unseen + taken)
    pen.interval = _marked(with_vehicle(missed, found), found.marks | lost)
    if stretch.end >= quarter:
        pen.turn(stretch.end, *stretch.at(stretch.end), found.terms)


def _settle(pen: Pen, stretch: _Stretch, told: Terms) -> None:
    """Begin the next interval when what this one is booked under has changed; what was not known yet is filled in."""
    running = pen.interval.terms
    terms = Terms(
        import_price=running.import_price if told.import_price is None else told.import_price,
        export_price=running.export_price if told.export_price is None else told.export_price,
        driver=told.driver or running.driver,
        tariff=told.tariff or running.tariff,
    )
    pairs = (
        (running.import_price, terms.import_price),
        (running.export_price, terms.export_price),
        (running.driver, terms.driver),
        (running.tariff, terms.tariff),
    )
    if any(old is not None and old != new for old, new in pairs):
        pen.turn(stretch.end, *stretch.at(stretch.end), terms)
    else:
        pen.interval = replace(pen.interval, terms=terms)


def _marked(interval: OpenInterval, marks: frozenset[Mark]) -> OpenInterval:
    return replace(interval, marks=interval.marks | marks)
