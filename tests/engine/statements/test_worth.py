"""What a session is worth at the site's prices, side by side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.smart_evse.engine.sessions.model import Interval
from custom_components.smart_evse.engine.sessions.pricing import cost_of_all
from custom_components.smart_evse.engine.statements.charged import Valuation
from custom_components.smart_evse.engine.statements.worth import worths

BEGIN = datetime(2026, 3, 2, 20, tzinfo=UTC)
STAY = Interval(
    start=BEGIN,
    end=BEGIN + timedelta(minutes=15),
    energy_in=4000,
    from_sun=1000,
    from_battery=1000,
    from_grid=1500,
    unattributed=500,
    import_price=Decimal("0.30"),
    export_price=Decimal("0.08"),
    battery_price=Decimal("0.10"),
)


def gross(*intervals: Interval) -> dict[Valuation, Decimal | None]:
    """Return each amount, `None` where a price is not known."""
    values = worths(intervals, "EUR")
    return {each.valuation: None if each.priced.unpriced else each.priced.gross for each in values}


def test_valuations_stand_side_by_side() -> None:
    assert gross(STAY) == {
        Valuation.PAID: Decimal("0.70"),
        Valuation.GRID: Decimal("1.20"),
        Valuation.COST: Decimal("0.78"),
    }
    cost = cost_of_all([STAY, STAY])
    assert (cost.reference, cost.total) == (gross(STAY, STAY)[Valuation.GRID], gross(STAY, STAY)[Valuation.COST])


def test_a_negative_price_is_a_price() -> None:
    found = gross(replace(STAY, import_price=Decimal("-0.10"), export_price=Decimal("-0.02")))
    assert found == {
        Valuation.PAID: Decimal("-0.10"),
        Valuation.GRID: Decimal("-0.40"),
        Valuation.COST: Decimal("-0.12"),
    }


def test_what_is_not_known_stays_unknown() -> None:
    assert set(gross(replace(STAY, import_price=None)).values()) == {None}
    assert gross(replace(STAY, export_price=None)) == {
        Valuation.PAID: Decimal("0.70"),
        Valuation.GRID: Decimal("1.20"),
        Valuation.COST: None,
    }
