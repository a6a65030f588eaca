"""Parts of a session cost what the whole does, to the last digit, and to the coin once they are booked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.gather import gathered
from custom_components.smart_evse.engine.tariffs.model import (
    Bound,
    Component,
    Dimension,
    Element,
    Priced,
    Stretch,
    Tariff,
)
from custom_components.smart_evse.engine.tariffs.rounding import rounded
from custom_components.smart_evse.engine.tariffs.split import booked_between, priced_between
from tests.engine.examples import examples

from .worlds import BEGIN, TARIFFS, ZONES, sessions

CUTS = st.lists(
    st.integers(-10, 400_000_000).map(lambda milliseconds: BEGIN + timedelta(milliseconds=milliseconds)), max_size=5
)
ALWAYS = (BEGIN - timedelta(days=1), BEGIN + timedelta(days=30))


def spans(session: tuple[Stretch, ...], cuts: list[datetime]) -> list[tuple[datetime, datetime]]:
    # Some cuts fall on the borders of stretches, where mistakes like to be.
    borders = {stretch.end for stretch in session[::2]} | {session[0].start}
    return list(pairwise(sorted({*ALWAYS, *cuts, *borders})))


@settings(max_examples=examples(200), deadline=None)
@given(TARIFFS, sessions(), ZONES, CUTS)
def test_parts_cost_what_the_whole_does(
    tariff: Tariff, session: tuple[Stretch, ...], zone: ZoneInfo, cuts: list[datetime]
) -> None:
    whole = price(tariff, session, zone)
    parts = [priced_between(whole, *span) for span in spans(session, cuts)]
    assert sum((part.net for part in parts), Decimal(0)) == whole.net
    assert sum((part.gross for part in parts), Decimal(0)) == whole.gross
    for dimension in Dimension:
        amounts = [line.quantity for part in parts for line in part.lines if line.dimension is dimension]
        total = [line.quantity for line in whole.lines if line.dimension is dimension]
        assert sum(amounts, Decimal(0)) == sum(total, Decimal(0))
    assert sum(part.unpriced for part in parts) >= whole.unpriced
    assert any(part.unpriced for part in parts) == bool(whole.unpriced)


@settings(max_examples=examples(200), deadline=None)
@given(tariff=TARIFFS, session=sessions(), zone=ZONES, cuts=CUTS, by_price=st.booleans())
def test_booked_parts_are_whole_coins_and_add_up(
    tariff: Tariff, session: tuple[Stretch, ...], zone: ZoneInfo, cuts: list[datetime], *, by_price: bool
) -> None:
    priced = price(tariff, session, zone)
    whole = booked_between(priced, *ALWAYS, by_price=by_price)
    parts = [booked_between(priced, *span, by_price=by_price) for span in spans(session, cuts)]
    for part in [whole, *parts]:
        assert all(rounded(line.net, part.currency) == line.net for line in part.lines)
        assert all(rounded(line.gross, part.currency) == line.gross for line in part.lines)
    assert sum((part.net for part in parts), Decimal(0)) == whole.net
    assert sum((part.gross for part in parts), Decimal(0)) == whole.gross
    expected = [rounded(line.gross, tariff.currency) for line in gathered(priced.lines, by_price=by_price)]
    assert [line.gross for line in whole.lines] == expected


@settings(max_examples=examples(100), deadline=None)
@given(TARIFFS, sessions(), ZONES, CUTS)
def test_a_part_of_a_part_is_a_part(
    tariff: Tariff, session: tuple[Stretch, ...], zone: ZoneInfo, cuts: list[datetime]
) -> None:
    whole = price(tariff, session, zone)
    outer = (min(cuts, default=ALWAYS[0]), max(cuts, default=ALWAYS[1]))
    part = priced_between(whole, *outer)
    pieces = [priced_between(part, *span) for span in pairwise(sorted({*outer, *cuts}))]
    assert sum((piece.gross for piece in pieces), Decimal(0)) == (part.gross if len(set(outer)) > 1 else Decimal(0))


@pytest.fixture
def night() -> Priced:
    """Four hours around the end of October (UTC), 3 kWh an hour, with a fee, a step and a least price."""
    tariff = Tariff(
        id="night",
        name="Night",
        currency="EUR",
        least=Bound(with_vat=Decimal(8)),
        elements=(
            Element(
                components=(
                    Component(dimension=Dimension.FLAT, price=Decimal("0.50")),
                    Component(dimension=Dimension.ENERGY, price=Decimal("0.30"), step=1000),
                )
            ),
        ),
    )
    start = datetime(2026, 10, 31, 22, tzinfo=UTC)
    stretch = Stretch(start=start, end=start + timedelta(hours=4), energy=11_500)
    return price(tariff, [stretch], ZoneInfo("UTC"))


def test_fee_in_the_first_month_and_step_and_least_price_in_the_last(night: Priced) -> None:
    border = datetime(2026, 11, 1, tzinfo=UTC)
    october = priced_between(night, datetime(2026, 10, 1, tzinfo=UTC), border)
    november = priced_between(night, border, datetime(2026, 12, 1, tzinfo=UTC))
    assert night.gross == Decimal(8)
    assert october.gross == Decimal("0.50") + Decimal("5.75") * Decimal("0.30")
    assert october.bounded == (0, 0)
    assert sum(line.quantity for line in november.lines) == Decimal("6.25")
    assert november.gross == Decimal(8) - october.gross


def test_a_session_that_ends_with_the_month_ends_in_it(night: Priced) -> None:
    assert night.ended is not None
    month = priced_between(night, datetime(2026, 10, 1, tzinfo=UTC), night.ended)
    assert month.gross == night.gross
    assert priced_between(night, night.ended, night.ended + timedelta(days=30)).gross == 0


def test_borders_may_be_told_in_any_zone(night: Priced) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = priced_between(night, datetime(2026, 10, 1, tzinfo=berlin), datetime(2026, 11, 1, tzinfo=berlin))
    energy = sum(line.quantity for line in first.lines if line.dimension is Dimension.ENERGY)
    assert energy == Decimal("11.5") / 4
