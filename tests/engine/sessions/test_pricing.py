"""What a session cost the site."""

from datetime import timedelta
from decimal import Decimal

from custom_components.smart_evse.engine.sessions.model import Interval, Mark
from custom_components.smart_evse.engine.sessions.pricing import Cost, PriceSpan, cost_of, cost_of_all, filled

from .stream import START

QUARTER = timedelta(minutes=15)


def interval(**changes: object) -> Interval:
    known: dict[str, object] = {"start": START, "end": START + QUARTER, **changes}
    return Interval(**known)  # type: ignore[arg-type]


MIXED = interval(
    energy_in=1111,
    from_sun=500,
    from_battery=300,
    from_grid=300,
    unattributed=11,
    import_price=Decimal("0.31234"),
    export_price=Decimal("0.08"),
    battery_price=Decimal("0.11"),
)


def test_each_source_has_its_price_to_the_last_digit() -> None:
    cost = cost_of(MIXED)
    assert (cost.grid, cost.sun, cost.battery) == (Decimal("0.09713774"), Decimal("0.04"), Decimal("0.033"))
    assert cost.total == Decimal("0.17013774")
    assert cost.reference == Decimal("0.34700974")
    assert cost.savings == Decimal("0.176872")


def test_a_negative_price_is_a_price() -> None:
    cost = cost_of(interval(energy_in=1000, from_grid=1000, import_price=Decimal("-0.05")))
    assert (cost.total, cost.savings) == (Decimal("-0.05"), Decimal(0))


def test_what_has_no_price_has_no_cost_and_is_not_taken_for_free() -> None:
    cost = cost_of(interval(energy_in=800, from_sun=500, from_battery=300, import_price=Decimal("0.3")))
    assert (cost.grid, cost.sun, cost.battery, cost.total, cost.savings) == (Decimal(0), None, None, None, None)
    assert cost.reference == Decimal("0.24")
    assert cost_of_all([MIXED, interval(energy_in=1, from_grid=1)]).grid is None


def test_no_energy_costs_nothing_whatever_the_price() -> None:
    assert cost_of_all([interval(), interval(import_price=Decimal("0.3"))]) == Cost()


def test_costs_add_up() -> None:
    assert cost_of_all([MIXED, MIXED]).total == Decimal("0.34027548")


SPANS = [
    PriceSpan(start=START, end=START + QUARTER, bought=Decimal("0.30"), sold=Decimal("0.07")),
    PriceSpan(start=START + QUARTER, end=START + 2 * QUARTER, bought=Decimal("0.20")),
]


def test_a_price_that_becomes_known_is_filled_in() -> None:
    before = interval(energy_in=10, unattributed=10, marks=frozenset({Mark.PROVISIONAL, Mark.RECONSTRUCTED}))
    after = filled(before, SPANS)
    assert (after.import_price, after.export_price, after.marks) == (
        Decimal("0.30"),
        Decimal("0.07"),
        {Mark.RECONSTRUCTED},
    )
    assert filled(after, [PriceSpan(start=START, end=START + QUARTER, bought=Decimal(9))]) == after


def test_over_several_prices_it_is_their_mean_over_time() -> None:
    before = interval(end=START + QUARTER + timedelta(minutes=5), energy_in=10, marks=frozenset({Mark.PROVISIONAL}))
    after = filled(before, SPANS)
    assert (after.import_price, after.export_price, after.marks) == (Decimal("0.275000"), None, frozenset())


def test_prices_that_do_not_cover_an_interval_do_not_price_it() -> None:
    before = interval(end=START + 3 * QUARTER, energy_in=10, marks=frozenset({Mark.PROVISIONAL}))
    assert filled(before, SPANS) == before
    assert filled(before, []) == before


def test_an_instant_has_the_price_of_its_time() -> None:
    after = filled(interval(end=START, energy_in=3, marks=frozenset({Mark.PROVISIONAL})), SPANS)
    assert (after.import_price, after.marks) == (Decimal("0.30"), frozenset())
