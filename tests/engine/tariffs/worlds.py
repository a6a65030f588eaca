"""Tariffs and sessions as Hypothesis makes them up."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custom_components.smart_evse.engine.tariffs.model import (
    Basis,
    Bound,
    Component,
    Dimension,
    Element,
    Follows,
    Restrictions,
    Source,
    Step,
    Stretch,
    Tariff,
)

BEGIN = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
"""Two days before the clocks of Europe are set."""

ZONES = st.sampled_from([ZoneInfo(name) for name in ("Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "UTC")])
PRICES = st.integers(-500, 9999).map(lambda number: Decimal(number).scaleb(-4))
AMOUNTS = st.integers(0, 5000).map(lambda number: Decimal(number).scaleb(-2))
VAT = st.none() | st.sampled_from([Decimal(0), Decimal("5.2"), Decimal(19), Decimal(21), Decimal("7.7")])
CLOCKS = st.times(time(0, 0), time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))
DAYS = st.dates(date(2026, 3, 25), date(2026, 4, 3))
KWH = st.integers(0, 400).map(lambda number: Decimal(number).scaleb(-1))
SHARES = st.integers(0, 100).map(lambda number: Decimal(number).scaleb(-2))

PLAIN_RESTRICTIONS = st.builds(
    Restrictions,
    start_time=st.none() | CLOCKS,
    end_time=st.none() | CLOCKS,
    start_date=st.none() | DAYS,
    end_date=st.none() | DAYS,
    min_energy=st.none() | KWH,
    max_energy=st.none() | KWH,
    min_power=st.none() | KWH,
    max_power=st.none() | KWH,
    min_current=st.none() | KWH,
    max_current=st.none() | KWH,
    min_duration=st.none() | st.integers(0, 200_000),
    max_duration=st.none() | st.integers(0, 200_000),
    weekdays=st.frozensets(st.integers(0, 6), max_size=7),
)
SOURCES = st.frozensets(st.sampled_from(Source), max_size=2)

FOLLOWS = st.builds(
    Follows,
    basis=st.sampled_from(Basis),
    factor=SHARES,
    least=st.none() | PRICES,
    most=st.none() | PRICES,
    steps=st.lists(st.builds(Step, share=SHARES, more=PRICES), max_size=3).map(tuple),
)

PLAIN_COMPONENTS = st.builds(
    Component,
    dimension=st.sampled_from(Dimension),
    price=PRICES,
    vat=VAT,
    step=st.sampled_from([0, 1, 1, 60, 500, 900]),
)

PLAIN_ELEMENTS = st.lists(
    st.builds(
        Element,
        components=st.lists(PLAIN_COMPONENTS, min_size=1, max_size=4, unique_by=lambda each: each.dimension).map(tuple),
        restrictions=st.just(Restrictions()) | PLAIN_RESTRICTIONS,
    ),
    min_size=1,
    max_size=4,
).map(tuple)


@st.composite
def elements(draw: st.DrawFn) -> tuple[Element, ...]:
    """Elements with all that OCPI cannot say, too."""
    found: list[Element] = []
    for element in draw(PLAIN_ELEMENTS):
        components = tuple(
            Component(dimension=each.dimension, price=each.price, vat=each.vat, step=each.step, follows=follows)
            for each in element.components
            for follows in [draw(st.none() | FOLLOWS)]
        )
        restrictions = {field: getattr(element.restrictions, field) for field in Restrictions.__dataclass_fields__} | {
            "sources": draw(SOURCES)
        }
        found.append(Element(components=components, restrictions=Restrictions(**restrictions)))
    return tuple(found)


BOUNDS = st.builds(Bound, before_vat=st.none() | AMOUNTS, with_vat=st.none() | AMOUNTS)

TARIFFS = st.builds(
    Tariff,
    id=st.just("T1"),
    name=st.just("Some tariff"),
    currency=st.sampled_from(["EUR", "SEK", "JPY", "KWD"]),
    elements=elements(),
    least=BOUNDS,
    most=BOUNDS,
    vat_included=st.booleans(),
)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Stretch, ...]:
    """Stretches in order, some without length, some without energy."""
    at = BEGIN + timedelta(seconds=draw(st.integers(0, 86_400)))
    found: list[Stretch] = []
    for _ in range(draw(st.integers(1, 6))):
        end = at + timedelta(seconds=draw(st.sampled_from([0, 1, 7, 900, 900, 3600, 20_000, 70_000])))
        sun, battery, grid = (draw(st.integers(0, 9000)) for _ in range(3))
        charging = draw(st.booleans())
        found.append(
            Stretch(
                start=at,
                end=end,
                energy=sun + battery + grid if charging else 0,
                from_sun=sun if charging else 0,
                from_battery=battery if charging else 0,
                from_grid=grid if charging else 0,
                charging=charging,
                waiting=not charging and draw(st.booleans()),
                power=draw(st.none() | KWH),
                current=draw(st.none() | KWH),
                site_price=draw(st.none() | PRICES),
                feed_in=draw(st.none() | PRICES),
                demand=draw(st.none() | SHARES),
            )
        )
        at = end
    return tuple(found)
