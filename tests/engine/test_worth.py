"""What a current is worth: never more than its energy, and never imported when that costs more."""

from dataclasses import replace

from hypothesis import assume, given as for_all, strategies as st
import pytest

from custom_components.smart_evse.engine.worth import Market, Range, best

ONE = Range(phases=1, least=6.0, most=16.0, step=1.0, per_amp=230.0)
THREE = Range(phases=3, least=6.0, most=16.0, step=1.0, per_amp=690.0)
SPANS = st.sampled_from([ONE, THREE])
SURPLUS = st.floats(-5_000.0, 15_000.0)
PRICES = st.floats(0.0, 0.6)


def market(value: float, buy: float = 0.30, sell: float = 0.08) -> Market:
    return Market(import_price=buy, export_price=sell, value=value)


@for_all(span=SPANS, surplus=SURPLUS, sell=PRICES, value=PRICES, above=st.floats(0.0, 0.5))
def test_energy_worth_less_than_it_sells_for_is_never_taken(
    span: Range, surplus: float, sell: float, value: float, above: float
) -> None:
    assume(value <= sell)
    assert best(market(value, sell + above, sell), span, surplus).gain <= 1e-9


@for_all(span=SPANS, surplus=SURPLUS, value=st.floats(0.0, 0.32))
def test_with_more_sun_nothing_is_worth_less(span: Range, surplus: float, value: float) -> None:
    before, after = (best(market(value), span, sun).gain for sun in (surplus, surplus + 100.0))
    assert before - 1e-9 <= after <= before + 0.1 * 0.31


@for_all(span=SPANS, surplus=SURPLUS, value=PRICES, more=st.floats(0.0, 0.05))
def test_a_little_more_value_is_a_little_more_gain(span: Range, surplus: float, value: float, more: float) -> None:
    before, after = (best(market(each), span, surplus).gain for each in (value, value + more))
    assert before - 1e-9 <= after <= before + more * span.most * span.per_amp / 1000.0 + 1e-9


@for_all(span=SPANS, surplus=SURPLUS, value=PRICES, planned=st.floats(0.0, 12_000.0))
def test_what_the_plan_takes_from_the_grid_is_taken(span: Range, surplus: float, value: float, planned: float) -> None:
    choice = best(market(value), span, surplus, planned)
    assert span.least <= choice.amps <= span.most
    assert choice.amps * span.per_amp >= min(planned, span.most * span.per_amp) - 1e-6


def test_sun_alone_is_followed_downward_to_the_step() -> None:
    assert best(market(0.12), THREE, 7_200.0).amps == 10.0


def test_energy_worth_more_than_the_grid_is_taken_in_full() -> None:
    assert best(market(0.50), THREE, 0.0).amps == 16.0


def test_energy_worth_a_little_more_than_the_grid_is_taken_where_it_converts_best() -> None:
    assert [best(market(value), THREE, 4_000.0).amps for value in (0.31, 0.33, 0.40)] == [6.0, 10.0, 16.0]


def test_a_car_that_needs_little_more_than_the_sun_may_buy_the_rest_of_its_least() -> None:
    """At 0.25 per kWh it is worth buying 140 W to use 4 kW of sun."""
    assert best(market(0.25), THREE, 4_000.0).gain > 0
    assert best(market(0.25), THREE, 1_000.0).gain < 0
    assert best(market(0.0), ONE, 9_000.0).gain == pytest.approx(-0.11, abs=0.01)


@for_all(span=SPANS, power=st.floats(0.0, 12_000.0), short=st.floats(0.0, 1.0))
def test_what_is_offered_for_a_power_lets_it_flow(span: Range, power: float, short: float) -> None:
    span = replace(span, short=short)
    assert span.power(span.offer(power)) == pytest.approx(power)


def test_a_car_that_leaves_some_of_its_offer_is_offered_more() -> None:
    assert best(market(0.12), THREE, 7_200.0).amps == 10.0
    assert best(market(0.12), replace(THREE, short=0.7), 7_200.0).amps == 11.0


@pytest.mark.parametrize("short", [0.0, 0.9])
@pytest.mark.parametrize("volts", [226.5, 229.6, 230.0, 240.4])
@pytest.mark.parametrize("span", [ONE, THREE], ids=["one phase", "three phases"])
def test_the_least_current_brings_what_flows(span: Range, volts: float, short: float) -> None:
    """Also at a voltage that is no whole number, and in a car that takes less than it is offered."""
    span = replace(span, per_amp=volts * span.phases, short=short)
    assert span.curve.at(span.power(6.0)) > 0.7 * span.power(6.0)
    assert best(market(0.25), span, span.power(6.0)).amps == 6.0
