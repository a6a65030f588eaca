"""Prices as they are put on record: what nobody pays for costs nothing, what is not told yet is not known."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from custom_components.smart_evse.booked_prices import Booked, BookedPrices
from custom_components.smart_evse.engine.forecast.series import Series, Span
from custom_components.smart_evse.learned import Learned

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
FIXED: Mapping[str, object] = {"price_kind": "fixed", "price_add": 0.3}
MARKET: Mapping[str, object] = {"price_kind": "entities", "price_entities": ["sensor.market"]}
TOLD = Learned(prices=Series((Span(NOON, NOON + timedelta(hours=1), 0.2),)))


def booked(options: Mapping[str, object], learned: Learned) -> Booked:
    return BookedPrices(options, lambda: learned, UTC).at(NOON)


@pytest.mark.parametrize(
    ("options", "learned", "expected"),
    [
        (FIXED, Learned(), Booked(bought=Decimal("0.3"), sold=Decimal(0))),
        (MARKET, TOLD, Booked(bought=Decimal("0.2"), sold=Decimal(0))),
        (MARKET, Learned(), Booked(bought=None, sold=Decimal(0), awaited=True)),
        (
            {**FIXED, "export_kind": "fixed", "export_add": 0.08},
            Learned(),
            Booked(bought=Decimal("0.3"), sold=Decimal("0.08")),
        ),
        ({**FIXED, "export_kind": "entities"}, Learned(), Booked(bought=Decimal("0.3"), awaited=True)),
        ({**MARKET, "export_kind": "same"}, Learned(), Booked(awaited=True)),
        ({}, Learned(), Booked()),
    ],
    ids=["nothing earned", "market", "market silent", "both fixed", "feed-in silent", "both silent", "no prices"],
)
def test_what_a_kilowatt_hour_is_booked_at(options: Mapping[str, object], learned: Learned, expected: Booked) -> None:
    assert booked(options, learned) == expected


def test_without_any_price_nothing_has_a_cost() -> None:
    assert not BookedPrices({}, Learned, UTC).known
    assert BookedPrices(FIXED, Learned, UTC).known
