"""Two drivers in one stay of a car: each has what flowed on their account, and both together have all of it."""

from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, Rung, SessionRecord
from custom_components.smart_evse.engine.sessions.parts import drivers_of, part_of

from .stream import START

QUARTER = timedelta(minutes=15)


def taken(*drivers: str | None, energy: int = 1_000) -> tuple[Interval, ...]:
    """Return a quarter of an hour for each of them."""
    return tuple(
        Interval(
            start=START + number * QUARTER,
            end=START + (number + 1) * QUARTER,
            energy_in=energy + number,
            from_grid=energy + number,
            driver=driver,
            marks=frozenset({Mark.RECONSTRUCTED}) if number == 0 else frozenset(),
        )
        for number, driver in enumerate(drivers)
    )


def stay(intervals: tuple[Interval, ...], driver: str | None = "ben", **more: object) -> SessionRecord:
    energy = sum(each.energy_in for each in intervals)
    known: dict[str, object] = {"energy_in": energy, "ended": START + timedelta(hours=3), **more}
    return SessionRecord(
        id="s",
        connector="c",
        started=START - QUARTER,
        driver=driver,
        card="card-ben",
        known_by=Rung.CARD,
        taken=Ends(start=5.0, stop=5.0 + energy),
        soc=Ends(start=20, stop=80),
        marks=frozenset({Mark.RECONSTRUCTED}),
        **known,  # type: ignore[arg-type]
    )


def test_each_has_their_own_part() -> None:
    intervals = taken("ada", "ada", "ben", "ben")
    record = stay(intervals)
    assert drivers_of(record, intervals) == {"ada", "ben"}
    ada, hers = part_of(record, intervals, "ada")
    assert (ada.driver, ada.energy_in, hers) == ("ada", 2_001, intervals[:2])
    assert (ada.started, ada.ended) == (record.started, START + 2 * QUARTER)
    assert (ada.taken, ada.soc, ada.card, ada.known_by) == (Ends(), Ends(start=20), None, Rung.UNKNOWN)
    assert ada.marks == {Mark.RECONSTRUCTED}
    ben, his = part_of(record, intervals, "ben")
    assert (ben.driver, ben.energy_in, his) == ("ben", 2_005, intervals[2:])
    assert (ben.started, ben.ended) == (START + 2 * QUARTER, record.ended)
    assert (ben.soc, ben.card, ben.known_by, ben.marks) == (Ends(stop=80), "card-ben", Rung.CARD, frozenset())


def test_of_one_driver_it_is_all_there_is() -> None:
    intervals = taken(None, "ben", "ben")
    record = stay(intervals)
    assert part_of(record, intervals, "ben") == (record, intervals)
    nobody = stay((), None)
    assert part_of(nobody, (), None) == (nobody, ())


def test_who_came_last_and_took_nothing_is_there_all_the_same() -> None:
    intervals = taken("ada")
    record = stay(intervals)
    ben, his = part_of(record, intervals, "ben")
    assert (ben.started, ben.ended, ben.energy_in, his) == (START + QUARTER, record.ended, 0, ())


def test_while_it_runs_the_last_one_has_what_no_interval_tells_yet() -> None:
    intervals = taken("ada", "ben")
    record = stay(intervals, ended=None, energy_in=3_000)
    assert part_of(record, intervals, "ada")[0].energy_in == 1_000
    ben, _ = part_of(record, intervals, "ben")
    assert (ben.energy_in, ben.ended) == (2_000, None)


@given(st.lists(st.sampled_from(["ada", "ben", "cleo", None]), max_size=12), st.sampled_from(["ada", "ben", None]))
def test_all_parts_together_are_the_whole(drivers: list[str | None], last: str | None) -> None:
    intervals = taken(*drivers)
    record = stay(intervals, last)
    parts = [part_of(record, intervals, driver) for driver in drivers_of(record, intervals)]
    assert sum(part.energy_in for part, _ in parts) == record.energy_in
    assert sorted(each.start for _, own in parts for each in own) == [each.start for each in intervals]
    for part, own in parts:
        assert part.ended is not None
        assert part.started <= part.ended
        assert sum(each.energy_in for each in own) == part.energy_in
