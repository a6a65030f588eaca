"""From what is on record to what is priced."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.sessions.model import Interval, SessionRecord
from custom_components.smart_evse.engine.tariffs.model import Stretch
from custom_components.smart_evse.engine.tariffs.stretches import stretches_of

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def minute(count: float) -> datetime:
    return TEN + timedelta(minutes=count)


def interval(start: float, end: float, energy: int = 0, **more: object) -> Interval:
    return Interval(start=minute(start), end=minute(end), energy_in=energy, **more)


def record(end: float | None = 60, **more: object) -> SessionRecord:
    return SessionRecord(id="s", connector="c", started=TEN, ended=None if end is None else minute(end), **more)


def kinds(stretches: tuple[Stretch, ...]) -> list[str]:
    return ["charging" if each.charging else "waiting" if each.waiting else "idle" for each in stretches]


def lengths(stretches: tuple[Stretch, ...]) -> list[float]:
    return [(each.end - each.start).total_seconds() / 60 for each in stretches]


def test_prices_and_sources_go_along_and_the_unknown_is_bought() -> None:
    told = interval(
        0,
        15,
        1000,
        from_sun=300,
        from_battery=100,
        from_grid=500,
        unattributed=100,
        mean_power=4000.0,
        import_price=Decimal("0.25"),
        export_price=Decimal("0.06"),
    )
    (found,) = stretches_of(record(15), [told])
    assert (found.from_sun, found.from_battery, found.from_grid) == (300, 100, 600)
    assert (found.site_price, found.feed_in) == (Decimal("0.25"), Decimal("0.06"))
    assert found.power == 4
    assert found.current is not None
    assert round(found.current, 2) == Decimal("17.39")
    assert found.demand is None


def test_time_after_the_last_energy_is_idle_and_before_it_waiting() -> None:
    intervals = [interval(0, 15), interval(15, 30, 1000), interval(30, 45), interval(45, 60, 1000), interval(60, 75)]
    assert kinds(stretches_of(record(90), intervals)) == [
        "waiting",
        "charging",
        "waiting",
        "charging",
        "idle",
        "idle",
    ]


def test_a_car_that_took_nothing_was_idle() -> None:
    assert kinds(stretches_of(record(), [interval(0, 15)])) == ["idle", "idle"]
    assert kinds(stretches_of(record(), [])) == ["idle"]


def test_charging_ends_within_an_interval_where_the_peak_tells() -> None:
    last = interval(0, 15, 500, peak_power=6000.0, mean_power=2000.0)
    found = stretches_of(record(30), [last, interval(15, 30)])
    assert kinds(found) == ["charging", "idle", "idle"]
    assert lengths(found) == [5, 10, 15]
    assert found[0].power == 6


def test_charging_begins_within_an_interval_where_the_peak_tells() -> None:
    first = interval(15, 30, 500, peak_power=6000.0, mean_power=2000.0)
    found = stretches_of(record(30), [interval(0, 15), first])
    assert kinds(found) == ["waiting", "waiting", "charging"]
    assert lengths(found) == [15, 10, 5]


def test_amid_charging_a_mean_below_the_peak_is_a_power_that_moved() -> None:
    each = [interval(at, at + 15, 500, peak_power=6000.0, mean_power=2000.0) for at in (0, 15, 30, 45)]
    found = stretches_of(record(), each)
    assert lengths(found) == [15] * 4
    assert [one.power for one in found] == [2] * 4


def test_a_session_that_runs_ends_when_it_is_looked_at() -> None:
    assert lengths(stretches_of(record(None), [interval(0, 15, 100)])) == [15]
    assert lengths(stretches_of(record(None), [interval(0, 15, 100)], until=minute(20))) == [15, 5]


def test_a_driver_pays_for_what_is_theirs() -> None:
    intervals = [interval(0, 15, 100), interval(15, 30, 200, driver="ben"), interval(30, 45, 400)]
    mine = stretches_of(record(45, driver="ann"), intervals, driver="ann")
    assert [each.energy for each in mine] == [100, 400]
    assert [each.energy for each in stretches_of(record(45, driver="ann"), intervals, driver="ben")] == [200]


def test_what_a_car_gave_makes_no_power_of_what_it_took() -> None:
    (found,) = stretches_of(record(15), [interval(0, 15, 500, energy_out=400, mean_power=400.0)])
    assert found.power is None


def test_demand_is_asked_for() -> None:
    (found,) = stretches_of(record(15), [interval(0, 15, 500)], demand=lambda _start, _end: Decimal("0.7"))
    assert found.demand == Decimal("0.7")


INTERVALS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 15]),
        st.sampled_from([0, 1, 7, 15]),
        st.sampled_from([0, 0, 1, 500, 2500]),
        st.none() | st.floats(0, 22_000),
    ),
    max_size=8,
)


@given(INTERVALS)
def test_nothing_is_lost_and_nothing_overlaps(steps: list[tuple[int, int, int, float | None]]) -> None:
    at, intervals = 0, []
    for gap, length, energy, peak in steps:
        intervals.append(interval(at + gap, at + gap + length, energy, from_grid=energy, peak_power=peak))
        at += gap + length
    found = stretches_of(record(at + 5), intervals)
    assert sum(each.energy for each in found) == sum(each.energy_in for each in intervals)
    assert all(before.end == after.start for before, after in pairwise(found))
    assert (found[0].start, found[-1].end) == (TEN, minute(at + 5))
    assert all(each.charging == bool(each.energy) for each in found)
