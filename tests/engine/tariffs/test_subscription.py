"""A monthly fee and the energy it pays for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import (
    Component,
    Dimension,
    Element,
    Restrictions,
    Stretch,
    Subscription,
    Tariff,
)
from custom_components.smart_evse.engine.tariffs.subscription import allowances
from tests.engine.examples import examples

from .worlds import ZONES, sessions

BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def charged(start: datetime, energy: int, hours: int = 2, **more: object) -> Stretch:
    return Stretch(start=start, end=start + timedelta(hours=hours), energy=energy, **more)


def test_fee_pays_for_what_came_first() -> None:
    known = {
        "second": [charged(TEN + timedelta(days=1), 30_000)],
        "first": [charged(TEN, 10_000)],
        "third": [charged(TEN + timedelta(days=2), 5000)],
    }
    found = allowances(Subscription(fee=Decimal(20), included=25_000), known, BERLIN)
    assert {key: dict(each.included) for key, each in found.items()} == {
        "first": {(2026, 3): 10_000},
        "second": {(2026, 3): 15_000},
        "third": {},
    }
    assert [sum(part.energy for part in found[key].beyond) for key in known] == [15_000, 0, 5000]


def test_month_ends_at_the_sites_midnight_and_the_next_begins_anew() -> None:
    night = [charged(datetime(2026, 3, 31, 20, tzinfo=UTC), 8000, hours=8)]
    found = allowances(Subscription(fee=Decimal(20), included=3000), {"night": night}, BERLIN)["night"]
    assert dict(found.included) == {(2026, 3): 2000, (2026, 4): 3000}
    assert sum(part.energy for part in found.beyond) == 3000
    december = [charged(datetime(2026, 12, 31, 20, tzinfo=UTC), 8000, hours=8)]
    months = allowances(Subscription(fee=Decimal(20), included=10), {"night": december}, BERLIN)["night"].included
    assert dict(months) == {(2026, 12): 10, (2027, 1): 10}


def test_what_is_paid_still_takes_time_at_its_power() -> None:
    hour = Element(components=(Component(dimension=Dimension.TIME, price=Decimal(1)),))
    fast = Element(
        components=(Component(dimension=Dimension.TIME, price=Decimal(5)),),
        restrictions=Restrictions(min_power=Decimal(5)),
    )
    energy = Element(components=(Component(dimension=Dimension.ENERGY, price=Decimal("0.5")),))
    tariff = Tariff(id="T", name="T", currency="EUR", elements=(fast, hour, energy))
    found = allowances(Subscription(fee=Decimal(9), included=5000), {"s": [charged(TEN, 20_000)]}, BERLIN)["s"]
    assert price(tariff, found.beyond, BERLIN).gross == 2 * 5 + Decimal("7.5")


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(sessions(), max_size=3), st.integers(0, 60_000), ZONES)
def test_nothing_is_lost(stays: list[tuple[Stretch, ...]], included: int, zone: ZoneInfo) -> None:
    known = dict(zip("abc", stays, strict=False))
    found = allowances(Subscription(fee=Decimal(1), included=included), known, zone)
    used: dict[tuple[int, int], int] = {}
    for key, session in known.items():
        mine = found[key]
        for month, energy in mine.included.items():
            used[month] = used.get(month, 0) + energy
        beyond = sum(part.energy for part in mine.beyond)
        assert beyond + sum(mine.included.values()) == sum(each.energy for each in session)
        assert sum((part.end - part.start for part in mine.beyond), timedelta()) == session[-1].end - session[0].start
        for part in mine.beyond:
            assert part.from_sun + part.from_battery + part.from_grid == part.energy
            assert min(part.from_sun, part.from_battery, part.from_grid) >= 0
    assert all(energy <= included for energy in used.values())
