"""What each country asks for, and the figures it is reckoned with."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from custom_components.smart_evse.engine.statements import figures
from custom_components.smart_evse.engine.statements.charged import Wanted
from custom_components.smart_evse.engine.statements.errors import (
    FigureChanges,
    FigureMissing,
    Incomplete,
    MethodBound,
    OtherCurrency,
    UnknownPreset,
)
from custom_components.smart_evse.engine.statements.figures import FIGURES, figure
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import StatementKind
from custom_components.smart_evse.engine.statements.needs import advised, asked
from custom_components.smart_evse.engine.statements.per_driver import per_driver
from custom_components.smart_evse.engine.statements.presets import PRESETS, claim_of
from custom_components.smart_evse.engine.statements.span import days, month, quarter, year

from .house import METER, PLACE, at, charged, fact, quarters, wanted

EVENING = [charged("s", quarters(at("2026-03-10T18:00"), [2000, 2000, 1000]))]


def claim(preset: str, **changes: object) -> Wanted:
    return wanted(preset, driver="anna", **changes)


@pytest.mark.parametrize("key", PRESETS)
def test_a_preset_says_what_it_is(key: str) -> None:
    preset = PRESETS[key]
    assert preset.key == key
    assert preset.methods
    assert len({method.key for method in preset.methods}) == len(preset.methods)
    for method in preset.methods:
        assert set(asked(key, method.key)) <= {"region", "business_miles", *method.facts}


def test_every_figure_has_a_source_and_none_holds_twice() -> None:
    for one in FIGURES:
        assert one.source
        assert one.valid_from is not None
        assert one.valid_until is not None
        assert [each for each in FIGURES if each.key == one.key and each.valid_from == one.valid_from] == [one]
    for key in {one.key for one in FIGURES}:
        mine = sorted((one for one in FIGURES if one.key == key), key=lambda one: one.valid_from or date.min)
        for before, after in pairwise(mine):
            assert before.valid_until is not None
            assert after.valid_from == before.valid_until + timedelta(days=1)


def test_the_owners_figure_wins() -> None:
    own = fact(figures.DE_FLAT, "0.35", valid_from=date(2026, 3, 1))
    assert figure(figures.DE_FLAT, date(2026, 2, 28), (own,)) in FIGURES
    assert figure(figures.DE_FLAT, date(2026, 3, 1), (own,)) == own
    assert figure(figures.DE_FLAT, date(2025, 12, 31)) is None


def test_germany_by_the_flat_price() -> None:
    statement = make(claim("de_employer"), EVENING)
    assert (statement.kind, statement.method, statement.vat) == (StatementKind.REIMBURSEMENT, "flat", ())
    assert (statement.energy, statement.total) == (5000, Decimal("1.70"))
    assert [one.key for one in statement.facts] == [figures.DE_FLAT]
    assert {"de_paragraph_3_50", "de_flat_price", "de_method_binds_year"} <= set(statement.notes)


def test_germany_by_the_contract_with_its_base_fee() -> None:
    own = (
        fact(figures.CONTRACT, "0.2875"),
        fact(figures.BASE_FEE, "12.00", "EUR/month"),
        fact(figures.HOUSEHOLD, "6000", "kWh/year"),
    )
    statement = make(claim("de_employer", method="contract", facts=own), EVENING)
    (one,) = statement.sessions
    assert [(line.what, line.price, line.gross) for line in one.lines] == [
        ("energy", Decimal("0.2875"), Decimal("1.44")),
        ("base_fee", Decimal("0.024"), Decimal("0.12")),
    ]
    assert set(statement.facts) == set(own)
    with pytest.raises(Incomplete, match="contract_price"):
        make(claim("de_employer", method="contract"), EVENING)


def test_germany_by_the_mean_of_the_month() -> None:
    own = tuple(
        fact(
            figures.MONTH_AVERAGE,
            price,
            valid_from=days_of[0].astimezone(PLACE).date(),
            valid_until=(days_of[1] - timedelta(seconds=1)).astimezone(PLACE).date(),
        )
        for price, days_of in (("0.21", month(2026, 2, PLACE)), ("0.31", month(2026, 3, PLACE)))
    )
    over = charged("s", quarters(at("2026-02-28T23:30"), [1000] * 4))
    since, until = days(date(2026, 2, 1), date(2026, 3, 31), PLACE)
    statement = make(claim("de_employer", method="month_average", facts=own, since=since, until=until), [over])
    assert [(line.quantity, line.price) for line in statement.sessions[0].lines] == [
        (2, Decimal("0.21")),
        (2, Decimal("0.31")),
    ]
    assert statement.facts == own


def test_in_germany_the_method_binds_for_the_year() -> None:
    first = make(claim("de_employer", id="first"), EVENING)
    own = (fact(figures.CONTRACT, "0.30"),)
    since, until = month(2026, 5, PLACE)
    later = [charged("t", quarters(at("2026-05-10T18:00"), [1000]))]
    other = claim("de_employer", method="contract", facts=own, since=since, until=until)
    with pytest.raises(MethodBound) as caught:
        make(other, later, [first])
    assert (caught.value.year, caught.value.method, caught.value.statement) == (2026, "flat", "first")
    assert make(replace(other, driver="anna"), later, [replace(first, driver="ben")]).total == Decimal("0.30")
    span = year(2027, PLACE)
    after = [charged("t", quarters(at("2027-05-10T18:00"), [1000]))]
    assert make(replace(other, since=span[0], until=span[1]), after, [first]).total == Decimal("0.30")


@pytest.mark.parametrize(("region", "total"), [("flanders", "1.60"), ("brussels", "1.78"), ("wallonia", "1.82")])
def test_belgium_by_the_cap_of_the_region(region: str, total: str) -> None:
    since, until = quarter(2026, 2, PLACE)
    sessions = [charged("s", quarters(at("2026-04-10T18:00"), [2000, 2000, 1000]))]
    statement = make(claim("be_employer", region=region, since=since, until=until), sessions)
    assert statement.total == Decimal(total)
    (taken,) = statement.facts
    assert (taken.valid_from, taken.valid_until) == (date(2026, 4, 1), date(2026, 6, 30))


def test_belgium_never_pays_back_more_than_it_cost() -> None:
    """What the energy cost on the mean of the quarter, and the cap where that was more."""
    since, until = days(date(2026, 3, 1), date(2026, 4, 30), PLACE)
    cheap = charged("s", quarters(at("2026-03-10T18:00"), [2000, 2000]))
    later = quarters(at("2026-04-10T18:00"), [2000, 2000])
    dear = charged("t", tuple(replace(each, import_price=Decimal("0.60")) for each in later))
    statement = make(claim("be_employer", method="actual", region="flanders", since=since, until=until), [cheap, dear])
    prices = [line.price for one in statement.sessions for line in one.lines]
    # A quarter of it was sun: 0.75 x 0.30 + 0.25 x 0.05 and 0.75 x 0.60 + 0.25 x 0.05, above the cap.
    assert prices == [Decimal("0.237500"), Decimal("0.3191")]


def test_belgium_needs_the_region() -> None:
    assert asked("be_employer") == ("region",)
    with pytest.raises(Incomplete, match="region"):
        make(claim("be_employer"), EVENING)
    with pytest.raises(FigureMissing):
        make(claim("be_employer", region="flanders", since=at("2024-03-01"), until=at("2024-04-01")), _in(2024))
    with pytest.raises(FigureMissing):
        make(claim("be_employer", region="limburg"), EVENING)


@pytest.mark.parametrize(
    ("preset", "day", "changes", "key", "source"),
    [
        ("de_employer", "2027-01-05", {}, figures.DE_FLAT, "BMF-Schreiben"),
        ("be_employer", "2027-02-05", {"region": "brussels"}, "be_cap_brussels", "CREG_Tariff_EV.csv"),
        ("uk_employer", "2026-12-05", {"business_miles": Decimal(100)}, figures.UK_HOME, "advisory-fuel-rates"),
    ],
)
def test_a_figure_that_no_office_has_told_yet_is_named_with_where_it_will_be_written(
    preset: str, day: str, changes: dict[str, Any], key: str, source: str
) -> None:
    since = at(f"{day}T00:00")
    session = charged("s", quarters(at(f"{day}T18:00"), [1000]), values=())
    span = claim(preset, since=since, until=since + timedelta(days=1), currency=PRESETS[preset].currency, **changes)
    with pytest.raises(FigureMissing, match=source) as caught:
        make(span, [session])
    assert (caught.value.key, caught.value.day) == (key, since.astimezone(PLACE).date())
    told = make(replace(span, facts=(fact(key, "0.31", valid_from=caught.value.day),)), [session])
    assert [(each.key, each.value) for each in told.facts] == [(key, Decimal("0.31"))]


def test_what_only_the_owner_knows_is_written_nowhere() -> None:
    old = fact(figures.CONTRACT, "0.30", valid_until=date(2026, 2, 28))
    with pytest.raises(FigureMissing) as caught:
        make(claim("nl_employer", facts=(old,)), EVENING)
    assert caught.value.source is None


def test_the_netherlands_by_the_cost_price() -> None:
    own = (fact(figures.CONTRACT, "0.245"),)
    statement = make(claim("nl_employer", facts=own), EVENING)
    assert statement.total == Decimal("1.23")
    assert advised(statement) == ("issuer.account",)
    assert make(claim("nl_employer", method="cost"), EVENING).total == Decimal("1.19")


def test_the_united_kingdom_by_the_mile() -> None:
    told = claim("uk_employer", currency="GBP", business_miles=Decimal(400), public_energy=5000)
    sterling = [replace(EVENING[0], values=())]
    statement = make(told, sterling)
    assert [(line.what, line.quantity, line.gross) for line in statement.lines] == [
        ("home_miles", 200, Decimal("14.00")),
        ("public_miles", 200, Decimal("30.00")),
    ]
    assert (statement.total, statement.sessions[0].lines) == (Decimal("44.00"), ())
    assert [one.key for one in statement.facts] == [figures.UK_HOME, figures.UK_PUBLIC]
    with pytest.raises(FigureChanges):
        make(replace(told, since=at("2026-02-01")), sterling)
    assert make(replace(told, until=at("2026-11-01")), sterling).total == statement.total


def test_a_list_of_apartments_has_a_row_for_each() -> None:
    sessions = [
        charged(f"s{number}", quarters(at(f"2026-03-{number + 1:02}T18:00"), [1000]), driver=driver)
        for number, driver in enumerate(["anna", "ben", "anna", "ben", "ben"])
    ]
    own = (
        fact(figures.PER_KWH, "0.10"),
        fact(figures.PER_CENT, "10", "%"),
        fact(figures.PER_DRIVER, "2.50", "EUR"),
    )
    statement = make(wanted("no_association", currency="EUR", facts=own), sessions)
    shares = per_driver(statement)
    assert [(one.driver, one.name, one.energy) for one in shares] == [("anna", "Anna", 2000), ("ben", "Ben", 3000)]
    # 2 x 0.33, 0.20, 10 % of 0.66, 2.50
    assert [one.gross for one in shares] == [Decimal("3.43"), Decimal("3.89")]
    assert sum(one.gross for one in shares) == statement.total
    assert [one.rate for one in statement.vat] == [21]


def test_what_is_missing_has_a_name() -> None:
    bare = [replace(EVENING[0], meter=replace(METER, number=None), plate=None)]
    with pytest.raises(Incomplete) as caught:
        make(claim("de_employer"), bare)
    assert caught.value.fields == ("meter.number", "session.plate")
    statement = make(claim("de_employer", incomplete=True), bare)
    assert advised(statement) == ("issuer.account", "recipient.reference")
    with pytest.raises(UnknownPreset):
        make(wanted("fr_employer"), EVENING)
    with pytest.raises(UnknownPreset):
        make(wanted("de_employer", method="guess"), EVENING)


def test_an_employer_pays_for_no_administration() -> None:
    own = (fact(figures.PER_DRIVER, "2.50", "EUR"),)
    assert make(claim("de_employer", facts=own), EVENING).lines == ()
    assert make(claim("invoice", facts=own), EVENING).lines[0].gross == Decimal("2.50")


def test_a_figure_is_of_its_own_currency() -> None:
    dollars = [replace(EVENING[0], values=())]
    with pytest.raises(OtherCurrency):
        make(claim("de_employer", currency="USD"), dollars)
    own = (fact(figures.CONTRACT, "0.20"),)
    assert make(claim("de_employer", method="contract", currency="USD", facts=own), dollars).total == Decimal("1.00")


def test_what_may_be_claimed_only_once() -> None:
    assert claim_of("guest", StatementKind.INVOICE) == claim_of("invoice", StatementKind.INVOICE) == "invoice"
    assert claim_of("de_employer", StatementKind.REIMBURSEMENT) == "reimbursement"
    assert claim_of("se_association", StatementKind.LIST) == "se_association"
    assert claim_of("neutral", StatementKind.LIST) is None


def test_spans_begin_at_the_houses_midnight() -> None:
    assert month(2026, 3, PLACE) == (at("2026-03-01"), at("2026-04-01"))
    assert quarter(2026, 4, PLACE) == (at("2026-10-01"), at("2027-01-01"))
    assert year(2026, PLACE) == (at("2026-01-01"), at("2027-01-01"))
    long = month(2026, 10, PLACE)
    assert long[1] - long[0] == timedelta(days=31, hours=1)


def _in(when: int) -> list[Any]:
    return [charged("s", quarters(at(f"{when}-03-10T18:00"), [2000]))]
