"""The slots of a plan."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.forecast.horizon import FLAT_EXPORT, FLAT_IMPORT, Outlook, build_slots
from custom_components.smart_evse.engine.forecast.load import USUAL_LOAD
from custom_components.smart_evse.engine.forecast.prices import Contract
from custom_components.smart_evse.engine.forecast.series import Series, Span

CLOCK = WallClock(ZoneInfo("Europe/Amsterdam"))
NOW = datetime(2026, 10, 24, 12, 7, 30, tzinfo=UTC)


def spans(value: float, hours: float, start: datetime = NOW) -> Series:
    return Series((Span(start, start + timedelta(hours=hours), value),))


@given(st.sampled_from([5, 15, 30, 60]), st.integers(0, 86_400), st.floats(0, 60))
def test_slots_cover_a_day_and_a_half_and_all_published_prices(slot: int, seconds: int, published: float) -> None:
    now = NOW + timedelta(seconds=seconds)
    outlook = Outlook(clock=CLOCK, market=spans(0.2, published, now))
    slots = build_slots(now, slot, outlook)
    assert slots[0].start == now
    assert slots[-1].end >= now + timedelta(hours=max(36.0, published))
    assert all(0 < part.hours <= slot / 60 for part in slots)
    assert sum(part.hours for part in slots) == pytest.approx((slots[-1].end - now) / timedelta(hours=1))
    assert all(part.hours == slot / 60 for part in slots[1:])


def test_the_slots_are_as_long_where_the_clocks_change() -> None:
    slots = build_slots(NOW, 60, Outlook(clock=CLOCK))
    local = [CLOCK.local(slot.start).hour for slot in slots[1:]]
    assert local[10:16] == [1, 2, 2, 3, 4, 5]
    assert {slot.hours for slot in slots[1:]} == {1.0}


def test_everything_known_is_in_them() -> None:
    outlook = Outlook(
        clock=CLOCK,
        buy=Contract(add=0.13, vat=0.21),
        sell=Contract(),
        market=spans(0.10, 40),
        sun=spans(2500.0, 2),
        house=spans(400.0, 40),
        import_limit=Series((Span(NOW + timedelta(minutes=10), NOW + timedelta(minutes=12), 4200.0),)),
    )
    first, second, *_, last = build_slots(NOW, 15, outlook)
    assert (first.import_price, first.export_price) == pytest.approx((0.23 * 1.21, 0.10))
    assert (first.sun, first.house, last.sun, last.house) == (2500.0, 400.0, 0.0, 400.0)
    assert (first.import_limit, second.import_limit, last.import_limit) == (None, 4200.0, None)


def test_what_is_unknown_leaves_a_plan_that_uses_the_sun() -> None:
    slots = build_slots(NOW, 15, Outlook(clock=CLOCK, sell=Contract()))
    assert {(slot.import_price, slot.export_price) for slot in slots} == {(FLAT_IMPORT, FLAT_EXPORT)}
    assert {(slot.sun, slot.house) for slot in slots} == {(0.0, USUAL_LOAD)}


def test_hours_without_a_price_are_neither_dear_nor_cheap() -> None:
    market = Series((*spans(0.10, 10).spans, *spans(0.30, 10, NOW + timedelta(hours=10)).spans))
    outlook = Outlook(clock=CLOCK, market=market)
    assert outlook.published_until == NOW + timedelta(hours=20)
    assert build_slots(NOW, 60, outlook)[-1].import_price == pytest.approx(0.20, abs=0.01)
