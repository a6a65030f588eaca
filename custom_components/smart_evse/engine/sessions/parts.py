"""One session of several drivers: two who present their cards one after the other while the car stays plugged in."""

from collections.abc import Collection
from dataclasses import replace

from .model import Ends, Interval, Mark, Rung, SessionRecord


def driver_of(record: SessionRecord, interval: Interval) -> str | None:
    """Return whose an interval is: its own driver's, else the session's."""
    return interval.driver or record.driver


def drivers_of(record: SessionRecord, intervals: Collection[Interval]) -> frozenset[str | None]:
    """Return everybody who has a part in a session, `None` for what is nobody's."""
    return frozenset({record.driver, *(driver_of(record, each) for each in intervals)})


def part_of(
    record: SessionRecord, intervals: tuple[Interval, ...], driver: str | None
) -> tuple[SessionRecord, tuple[Interval, ...]]:
    """Return what one driver took in a session, as a session of theirs; where all of it is theirs, all there is.

    What no interval explains is the session's driver's. Registers are left out of a part: between them lies what
    others took.
    """
    own = tuple(each for each in intervals if driver_of(record, each) == driver)
    others = tuple(each for each in intervals if driver_of(record, each) != driver)
    whole = record.driver == driver
    if whole and not others:
        return record, intervals
    begins = bool(own) and intervals[0] is own[0]
    # Whoever came last is there until the car leaves, also without having taken anything yet.
    ends = not own or intervals[-1] is own[-1]
    before = max((each.end for each in others), default=record.started)
    part = replace(
        record,
        started=record.started if begins else own[0].start if own else before,
        ended=record.ended if ends else own[-1].end,
        energy_in=record.energy_in - _taken(others) if whole else _taken(own),
        energy_out=record.energy_out - _given(others) if whole else _given(own),
        taken=Ends(),
        given=Ends(),
        soc=Ends(start=record.soc.start if begins else None, stop=record.soc.stop if ends else None),
        odometer=Ends(),
        driver=driver,
        marks=frozenset[Mark]().union(*(each.marks for each in own)),
    )
    if not whole:
        # How somebody else came to be known says nothing of them.
        part = replace(part, card=None, known_by=Rung.UNKNOWN, tariff=own[-1].tariff if own else None)
    return part, own


def _taken(intervals: tuple[Interval, ...]) -> int:
    return sum(each.energy_in for each in intervals)


def _given(intervals: tuple[Interval, ...]) -> int:
    return sum(each.energy_out for each in intervals)
