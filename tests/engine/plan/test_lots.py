"""What a slot has for a car: to take, and to keep instead of giving."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.plan import Problem, Slot, Stay
from custom_components.smart_evse.engine.plan.board import Board
from custom_components.smart_evse.engine.plan.ground import lay
from custom_components.smart_evse.engine.plan.lots import Part, Stock
from tests.engine.plan.world import car, giving, site, slot


def first(problem: Problem, *others: float) -> Stock:
    """What the first slot has for the first car, where the others take so many W."""
    board = Board(lay(problem))
    for index, power in enumerate(others, 1):
        board.put(index, 0, power)
    return Stock(board, 0, 0)


def back(stock: Stock, more: float = 0.0) -> list[Part]:
    return list(stock.to_keep(stock.lack(more)))


def kept(stay: Stay, *, more: float = 0.0, **figures: float) -> list[Part]:
    return back(first(site(stay, slots=hour(**figures))), more)


def hour(**figures: float) -> tuple[Slot, ...]:
    return (slot(minutes=60, **figures), slot(1, minutes=60, **figures))


def test_giving_earns_the_price_of_the_grid_less_losses_and_wear() -> None:
    lots = kept(giving(), house=4_000.0, import_price=0.50)
    assert sum(energy for _, energy in lots) == pytest.approx(4_298, abs=20)
    assert sum(energy * (price + 0.03) for price, energy in lots) == pytest.approx(4_000 * 0.50)


def test_nothing_is_given_to_a_house_that_takes_too_little() -> None:
    assert kept(giving(), house=150.0) == []
    assert kept(giving(), house=150.0, more=-1_000.0) != []


def test_sun_that_comes_leaves_less_to_give() -> None:
    plenty, less = (sum(energy for _, energy in kept(giving(), house=4_000.0, more=more)) for more in (0.0, 2_000.0))
    assert less < plenty * 0.6
    assert kept(giving(), house=4_000.0, more=4_000.0) == []


def test_what_the_house_does_not_need_is_sold_where_that_is_allowed() -> None:
    own, sold = (
        kept(giving(exports=exports), house=2_000.0, import_price=0.50, export_price=0.20) for exports in (False, True)
    )
    assert sum(energy for _, energy in sold) > 2 * sum(energy for _, energy in own)
    assert min(price for price, _ in sold) == pytest.approx(0.20 * 0.93 - 0.03, abs=0.01)


def test_another_car_takes_what_this_one_gives() -> None:
    problem = site(giving(), replace(car(), connector="other:0"), slots=hour(house=0.0, import_price=0.50))
    assert back(first(problem)) == []
    assert back(first(problem, 3_000.0)) != []


def test_a_car_that_only_takes_keeps_nothing() -> None:
    assert kept(car(), house=4_000.0) == []


@given(
    sun=st.floats(0, 12_000),
    house=st.floats(0, 9_000),
    more=st.floats(-9_000, 9_000),
    price=st.floats(0, 0.6),
    exports=st.booleans(),
)
def test_each_further_kwh_costs_more_and_earns_less(
    *, sun: float, house: float, more: float, price: float, exports: bool
) -> None:
    own = first(site(giving(exports=exports), slots=hour(sun=sun, house=house, import_price=price, export_price=0.08)))
    taken, given_back = list(own.to_take(own.grains(more))), back(own, more)
    assert all(low <= high + 1e-9 for (low, _), (high, _) in pairwise(taken))
    assert all(high >= low - 1e-9 for (high, _), (low, _) in pairwise(given_back))
    assert sum(energy for _, energy in taken) <= 9_300.0 + 1e-6
    assert all(energy > 0 for _, energy in (*taken, *given_back))
