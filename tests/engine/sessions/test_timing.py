"""A charger's log gives the hours back to what only its register told, and not a watt-hour more or less."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.sessions.imported import LogEntry, Reading
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, Rung, SessionRecord
from custom_components.smart_evse.engine.sessions.moment import Identity
from custom_components.smart_evse.engine.sessions.timing import timed

from .stream import START

UNSEEN = frozenset({Mark.RECONSTRUCTED, Mark.PROVISIONAL})


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def stay(*energies: int, register: int = 1_000) -> tuple[SessionRecord, tuple[Interval, ...]]:
    """Return a session of three hours for each energy; what is negative was seen to flow."""
    intervals = tuple(
        Interval(
            start=START + hours(3 * place),
            end=START + hours(3 * place + 3),
            energy_in=abs(energy),
            unattributed=abs(energy) if energy >= 0 else 0,
            from_grid=0 if energy >= 0 else abs(energy),
            marks=UNSEEN if energy >= 0 else frozenset(),
        )
        for place, energy in enumerate(energies)
    )
    total = sum(map(abs, energies))
    record = SessionRecord(
        id="s",
        connector="box:0",
        started=START,
        ended=intervals[-1].end,
        energy_in=total,
        taken=Ends(start=register, stop=register + total),
        currency="EUR",
        marks=UNSEEN,
    )
    return record, intervals


def log(low: int, high: int, *shown: tuple[float, int], begin: float = 1.0, end: float = 2.0) -> LogEntry:
    """Return a log entry over these registers, `shown` at some hours after the start."""
    return LogEntry(
        connector="box:0",
        started=START + hours(begin),
        ended=START + hours(end),
        energy=high - low,
        register=low,
        readings=tuple(Reading(at=START + hours(at), energy=register - low) for at, register in shown),
        identity=Identity(driver="ada", card="card-ada", known_by=Rung.CARD),
        currency="EUR",
    )


def test_a_whole_stay_gets_its_hours_and_its_driver() -> None:
    record, intervals = stay(4_000)
    told = timed(log(1_000, 5_000, (1.25, 2_000), (1.5, 3_000), (1.75, 4_500)), record, intervals)
    assert told is not None
    assert [each.energy_in for each in told.instead[0]] == [1_000, 1_000, 1_500, 500]
    assert (told.record.started, told.record.ended) == (START + hours(1), START + hours(2))
    assert (told.record.driver, told.record.known_by, told.record.energy_in) == ("ada", Rung.CARD, 4_000)
    assert told.record.marks == {Mark.IMPORTED, Mark.PROVISIONAL}


def test_whose_it_is_known_to_be_stays_so() -> None:
    record, intervals = stay(4_000)
    told = timed(log(1_000, 5_000), replace(record, driver="ben"), intervals)
    assert told is not None
    assert (told.record.driver, {each.driver for each in told.instead[0]}) == ("ben", {None})


def test_what_somebody_saw_stays_where_it_was() -> None:
    record, intervals = stay(-2_000, 1_000, -500)
    told = timed(log(1_000, 4_500, begin=0, end=9), record, intervals)
    assert told is not None
    assert set(told.instead) == {1}
    assert timed(log(1_000, 3_000), record, intervals) is None
    assert timed(log(9_000, 9_500), record, intervals) is None
    assert timed(replace(log(1_000, 4_500), register=None), record, intervals) is None


@given(
    st.lists(st.integers(-3_000, 3_000), min_size=1, max_size=5),
    st.integers(0, 8_000),
    st.integers(1, 9_000),
    st.lists(st.tuples(st.floats(-2, 20), st.integers(0, 9_000)), max_size=6),
    st.floats(-3, 12),
    st.floats(0.1, 12),
)
def test_no_energy_comes_or_goes(  # noqa: PLR0917 - what a log may say
    energies: list[int], low: int, energy: int, shown: list[tuple[float, int]], begin: float, long: float
) -> None:
    record, intervals = stay(*energies)
    entry = log(low, low + energy, *shown, begin=begin, end=begin + long)
    told = timed(entry, record, intervals)
    if told is None:
        return
    for number, parts in told.instead.items():
        old = intervals[number]
        assert sum(each.energy_in for each in parts) == old.energy_in
        assert all(each.energy_in == each.unattributed for each in parts)
        assert all(old.start <= each.start <= each.end <= old.end for each in parts)
    after = tuple(each for number, one in enumerate(intervals) for each in told.instead.get(number, (one,)))
    again = timed(entry, told.record, after)
    assert again is None
