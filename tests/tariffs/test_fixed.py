"""Contracts as data: fixed prices, day and night, surcharges and tax."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.tariffs.fixed import contract

ZONE = ZoneInfo("Europe/Brussels")
NIGHT = {"start": "22:00", "end": "07:00", "add": -0.05}
WEEKEND = {"weekdays": [5, 6], "add": -0.10}


@pytest.mark.parametrize(
    ("moment", "price"),
    [
        (datetime(2026, 3, 10, 12, 0, tzinfo=ZONE), 0.30),
        (datetime(2026, 3, 10, 23, 0, tzinfo=ZONE), 0.25),
        (datetime(2026, 3, 11, 6, 59, tzinfo=ZONE), 0.25),
        (datetime(2026, 3, 14, 12, 0, tzinfo=ZONE), 0.20),
    ],
)
def test_a_fixed_price_by_day_night_and_weekend(moment: datetime, price: float) -> None:
    fixed = contract(market=False, add=0.30, bands=[WEEKEND, NIGHT])
    assert fixed.price(None, moment) == pytest.approx(price)


def test_a_market_price_with_its_surcharges_and_tax() -> None:
    dynamic = contract(market=True, factor=1.02, add=0.11, vat=21.0)
    assert dynamic.price(0.10, datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)) == pytest.approx((0.102 + 0.11) * 1.21)
    assert dynamic.price(None, datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)) is None


@pytest.mark.parametrize("band", [{}, {"add": "much"}, {"add": 0.1, "start": "late"}, {"add": 0.1, "weekdays": 3}])
def test_a_band_that_cannot_be_read_is_left_out(band: dict[str, object]) -> None:
    assert contract(market=False, add=0.3, bands=[band]).bands == ()
