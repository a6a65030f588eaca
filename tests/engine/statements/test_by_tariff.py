"""Statements of what tariffs really make of sessions: steps, waiting, fees, least and most prices."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.sessions.model import Interval
from custom_components.smart_evse.engine.statements.amounts import amounts
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Valuation, Value
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.parts import parts
from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import (
    Basis,
    Bound,
    Component,
    Dimension,
    Element,
    Follows,
    Restrictions,
    Source,
    Tariff,
)
from custom_components.smart_evse.engine.tariffs.stretches import stretches_of

from .house import PLACE, charged, quarters, wanted
from .test_make import NIGHT

VAT = Decimal(21)
ENERGY = Component(dimension=Dimension.ENERGY, price=Decimal("0.3131"), vat=VAT, step=500)
SUN = Component(dimension=Dimension.ENERGY, price=Decimal("0.10"), vat=VAT)
TARIFFS = {
    "everything": Tariff(
        id="everything",
        name="",
        currency="EUR",
        elements=(
            Element(
                components=(
                    ENERGY,
                    Component(dimension=Dimension.TIME, price=Decimal("1.20"), vat=VAT, step=60),
                    Component(dimension=Dimension.IDLE, price=Decimal("3.60"), vat=VAT, step=300),
                    Component(dimension=Dimension.FLAT, price=Decimal("0.50"), vat=VAT),
                )
            ),
        ),
        least=Bound(with_vat=Decimal(2)),
        most=Bound(with_vat=Decimal(6)),
    ),
    "by source": Tariff(
        id="by source",
        name="",
        currency="EUR",
        elements=(
            Element(components=(SUN,), restrictions=Restrictions(sources=frozenset({Source.SUN}))),
            Element(components=(ENERGY,)),
        ),
        vat_included=False,
    ),
    "hourly": Tariff(
        id="hourly",
        name="",
        currency="EUR",
        elements=(
            Element(
                components=(
                    Component(
                        dimension=Dimension.ENERGY,
                        price=Decimal("0.02"),
                        vat=VAT,
                        follows=Follows(basis=Basis.SITE_PRICE, factor=Decimal("1.1")),
                    ),
                )
            ),
        ),
    ),
}


def session(tariff: Tariff, intervals: tuple[Interval, ...], *, early: int = 0, late: int = 0) -> ChargedSession:
    """A session that was there some minutes longer than its intervals tell."""
    known = charged("s", intervals)
    record = replace(
        known.record,
        started=known.record.started - timedelta(minutes=early),
        ended=intervals[-1].end + timedelta(minutes=late),
    )
    priced = price(tariff, stretches_of(record, intervals), PLACE)
    return replace(known, record=record, values=(Value(valuation=Valuation.TARIFF, priced=priced),))


@settings(deadline=None)
@given(
    st.sampled_from(sorted(TARIFFS)),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(-20, 60)), min_size=1, max_size=10),
    st.lists(st.integers(0, 150 * 60), max_size=3),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_wherever_it_is_cut_a_session_costs_the_same(
    name: str, told: list[tuple[int, int]], cuts: list[int], early: int, late: int
) -> None:
    plain = quarters(NIGHT, [energy for energy, _ in told])
    intervals = tuple(
        replace(each, import_price=Decimal(cents) / 100) for each, (_, cents) in zip(plain, told, strict=True)
    )
    one = session(TARIFFS[name], intervals, early=early, late=late)
    borders = [NIGHT - timedelta(days=1), *sorted(NIGHT + timedelta(seconds=cut) for cut in cuts)]
    borders.append(max(intervals[-1].end, borders[-1]) + timedelta(days=1))
    money, net = Decimal(0), Decimal(0)
    for since, until in pairwise(borders):
        for part in parts(one.record, intervals, since, until):
            found = amounts(one, intervals, Valuation.TARIFF, part)
            money += sum((each.gross for each in found), Decimal(0))
            net += sum((each.net for each in found), Decimal(0))
    assert (money, net) == (one.values[0].priced.gross, one.values[0].priced.net)


def test_what_is_shown_of_a_session_by_its_tariff() -> None:
    (stated,) = make(wanted(), [session(TARIFFS["everything"], quarters(NIGHT, [1000, 900, 0, 0]))]).sessions
    assert [(line.what, line.quantity, line.price, line.gross) for line in stated.lines] == [
        ("energy", 2, Decimal("0.3131"), Decimal("0.63")),
        ("time", Decimal("0.5"), Decimal("1.20"), Decimal("0.60")),
        ("idle", Decimal("0.5"), Decimal("3.60"), Decimal("1.80")),
        ("flat", 1, Decimal("0.50"), Decimal("0.50")),
    ]


def test_prices_without_vat_are_shown_with_it_where_the_statement_has_it() -> None:
    one = session(TARIFFS["by source"], quarters(NIGHT, [1000, 1000]))
    (with_vat,) = make(wanted(), [one]).sessions
    (without,) = make(wanted(prices_with_vat=False), [one]).sessions
    assert {line.price for line in with_vat.lines} == {Decimal("0.1210"), Decimal("0.378851")}
    assert {line.price for line in without.lines} == {Decimal("0.10"), Decimal("0.3131")}
