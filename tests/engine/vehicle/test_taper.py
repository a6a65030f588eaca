"""A car's appetite as it fills."""

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.plan.curve import share_at
from custom_components.smart_evse.engine.vehicle.taper import Taper, see


def test_a_car_never_seen_takes_eleven_kilowatts_until_four_fifths() -> None:
    points = Taper().points(11_000)
    assert share_at(points, 0.5) == share_at(points, 0.8) == 1.0
    assert share_at(points, 0.9) == pytest.approx(0.55, abs=0.02)
    assert share_at(points, 1.0) == pytest.approx(0.1)


def test_a_small_box_notices_later() -> None:
    points = Taper().points(3680)
    assert share_at(points, 0.9) == 1.0
    assert share_at(points, 1.0) == pytest.approx(1100 / 3680)
    assert Taper().points(1000) == ()


def test_a_car_that_takes_less_has_shown_its_most() -> None:
    taper = Taper()
    for _ in range(30):
        taper = see(taper, 72.0, 11_000, 5500)
    points = taper.points(11_000)
    assert share_at(points, 0.725) == pytest.approx(0.5)
    assert share_at(points, 0.6) == 1.0
    assert share_at(points, 0.85) <= 0.5


def test_a_car_that_takes_all_at_the_top_is_not_held_to_the_usual() -> None:
    taper = Taper()
    for soc in range(80, 100):
        taper = see(taper, soc, 11_000, 11_000)
    assert share_at(taper.points(11_000), 0.97) == 1.0


def test_a_car_that_takes_the_little_it_is_offered_has_not_shown_its_most() -> None:
    assert see(see(Taper(), 50.0, 4140, 4140), 92.0, 4140, 4140) == Taper()


@pytest.mark.parametrize(("offered", "taken"), [(0, 0), (11_000, 0), (4000, 3700)])
def test_what_says_nothing_teaches_nothing(offered: float, taken: float) -> None:
    assert see(Taper(), 50.0, offered, taken) == Taper()


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 22_000), st.floats(0, 1.1)), max_size=60),
    st.floats(1380, 22_080),
)
def test_an_appetite_never_grows_and_never_ends(seen: list[tuple[float, float, float]], most: float) -> None:
    taper = Taper()
    for soc, offered, share in seen:
        taper = see(taper, soc, offered, offered * share)
    points = taper.points(most)
    shares = [share for _, share in points]
    assert shares == sorted(shares, reverse=True)
    assert [place for place, _ in points] == sorted({place for place, _ in points})
    assert all(0 < share <= 1 for share in shares)
