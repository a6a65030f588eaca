"""Where the energy of a car comes from, and what is in the home battery."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.sessions.sources import Flows, Mix, Shares, Stored, Worth, carried, split

POWERS = st.floats(0, 20_000)


def test_the_house_is_served_first_then_the_car_by_sun_battery_and_grid() -> None:
    # The house uses 1 kW, the car 7 kW, of 4 kW sun, 2 kW from the battery and 2 kW from the grid.
    flows = split(solar=4000, battery=2000, grid=2000, connectors=[7000])
    assert flows.shares == Shares(sun=3 / 7, battery=2 / 7, grid=2 / 7)
    # A house that takes all the sun leaves none.
    assert split(solar=1000, battery=0, grid=7000, connectors=[7000]).shares == Shares(grid=1.0)


def test_all_cars_draw_from_the_same_sources() -> None:
    one = split(solar=5000, battery=0, grid=1000, connectors=[4000])
    two = split(solar=5000, battery=0, grid=1000, connectors=[3000, 1000, 0])
    assert one == two


def test_the_sun_goes_to_cars_before_it_goes_into_the_battery() -> None:
    flows = split(solar=5000, battery=-2000, grid=1000, connectors=[3500])
    assert flows.shares == Shares(sun=1.0)
    assert (flows.sun_stored, flows.grid_stored) == (1000, 1000)


def test_nobody_knows_while_a_meter_is_silent() -> None:
    for silent in ("solar", "battery", "grid"):
        powers: dict[str, float | None] = {"solar": 5000.0, "battery": -500.0, "grid": 100.0, silent: None}
        flows = split(**powers, connectors=[3000])  # type: ignore[arg-type]
        assert flows.shares is None
        assert flows.dark_stored == (0.0 if silent == "battery" else 500.0)
    assert split(solar=1.0, battery=0.0, grid=0.0, connectors=[None]).shares is None


def test_no_car_no_shares() -> None:
    assert split(solar=5000, battery=0, grid=-4000, connectors=[0.0]).shares is None


def test_what_another_car_gives_is_nobody_knows_what() -> None:
    # One car gives 4 kW: 1 kW to the house, 3 kW to the other, which takes 5 kW.
    shares = split(solar=0, battery=0, grid=2000, connectors=[-4000, 5000]).shares
    assert shares == Shares(grid=2 / 5)


@given(POWERS, st.floats(-10_000, 10_000), st.floats(-20_000, 20_000), st.lists(POWERS, min_size=1, max_size=4))
def test_shares_are_a_whole(solar: float, battery: float, grid: float, cars: list[float]) -> None:
    flows = split(solar=solar, battery=battery, grid=grid, connectors=cars)
    if sum(cars) > 0:
        assert flows.shares is not None
        assert flows.shares.sun + flows.shares.battery + flows.shares.grid == pytest.approx(1)
        assert min(flows.shares.sun, flows.shares.battery, flows.shares.grid) >= -1e-9
    assert flows.sun_stored + flows.grid_stored == pytest.approx(max(-battery, 0.0))


def test_a_battery_is_perfectly_mixed() -> None:
    worth = Worth(bought=0.30, sold=0.10)
    stored = Stored()
    for _ in range(60):
        stored = carried(stored, Flows(sun_stored=3000, grid_stored=1000), worth, seconds=60)
    assert stored.total == pytest.approx(4000)
    assert stored.mix == Mix(sun=pytest.approx(0.75), price=pytest.approx(0.15))
    for _ in range(30):
        stored = carried(stored, Flows(released=2000), worth, seconds=60)
    assert stored.total == pytest.approx(3000)
    assert stored.mix == Mix(sun=pytest.approx(0.75), price=pytest.approx(0.15))


def test_what_was_there_before_is_dark_until_most_of_it_is_gone() -> None:
    stored = carried(Stored(), Flows(), Worth(), seconds=1, content=5000)
    assert (stored.dark, stored.mix) == (5000, None)
    known = []
    for _ in range(12):
        for _ in range(60):
            stored = carried(stored, Flows(released=2500), Worth(sold=0.1), seconds=60)
        for _ in range(60):
            stored = carried(stored, Flows(sun_stored=2500), Worth(sold=0.1), seconds=60)
        known.append(stored.mix is not None)
    assert (known[0], known[-1]) == (False, True)
    assert all(before <= after for before, after in pairwise(known))


def test_a_price_of_the_mix_needs_prices() -> None:
    stored = carried(Stored(), Flows(sun_stored=6000), Worth(bought=0.3), seconds=60)
    assert stored.mix == Mix(sun=1.0, price=None)


def test_the_content_of_a_battery_is_what_it_says() -> None:
    stored = carried(Stored(), Flows(sun_stored=60_000), Worth(sold=0.1), seconds=60)
    less = carried(stored, Flows(), Worth(), seconds=60, content=600)
    assert less.total == pytest.approx(600)
    assert less.mix == Mix(sun=1.0, price=pytest.approx(0.1))
    more = carried(stored, Flows(), Worth(), seconds=60, content=1500)
    assert (more.total, more.dark, more.mix) == (pytest.approx(1500), pytest.approx(500), None)


def test_a_charge_told_in_whole_percents_darkens_nothing() -> None:
    stored = Stored()
    for minute in range(240):
        counted = minute * 50
        stored = carried(
            stored, Flows(sun_stored=3000), Worth(sold=0.1), seconds=60, content=counted * 0.95 // 120 * 120
        )
    assert stored.mix == Mix(sun=1.0, price=pytest.approx(0.1))


def test_a_time_that_nobody_watched_fills_nothing() -> None:
    assert carried(Stored(), Flows(sun_stored=3000), Worth(), seconds=3600) == Stored()


@given(st.lists(st.tuples(POWERS, POWERS, POWERS, st.floats(0, 100), st.none() | st.floats(0, 20_000)), max_size=20))
def test_a_battery_never_holds_less_than_nothing(
    steps: list[tuple[float, float, float, float, float | None]],
) -> None:
    stored = Stored()
    for sun, grid, released, seconds, content in steps:
        flows = Flows(sun_stored=sun, grid_stored=grid, released=released)
        stored = carried(stored, flows, Worth(bought=0.3, sold=0.1), seconds=seconds, content=content)
        assert min(stored.sun, stored.grid, stored.dark, stored.cost) >= 0
        assert content is None or abs(stored.total - content) <= max(300, 0.05 * content) + 1e-6
        assert stored.mix is None or 0 <= stored.mix.sun <= 1
