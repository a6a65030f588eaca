"""A statement of sessions: cut at its borders, rounded once, adding up."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.sessions.model import Mark
from custom_components.smart_evse.engine.statements.amounts import amounts
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Extra, Valuation, Value
from custom_components.smart_evse.engine.statements.coins import coin, rounded
from custom_components.smart_evse.engine.statements.errors import Incomplete, NotFinal, NothingToState, OtherCurrency
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Statement
from custom_components.smart_evse.engine.statements.parts import intervals_of, parts
from custom_components.smart_evse.engine.tariffs.model import Dimension, PricedLine

from .house import ANNA, QUARTER, at, charged, priced, quarters, wanted

NIGHT = at("2026-03-31T23:00")
"""An hour before March ends."""


def over_the_border() -> ChargedSession:
    return charged("s", quarters(NIGHT, [2000, 2001, 1999, 2500, 3000, 1000, 0]))


def test_a_session_is_cut_where_the_month_ends() -> None:
    march = make(wanted(), [over_the_border()])
    april = make(replace(wanted(), since=march.until, until=march.until + timedelta(days=30)), [over_the_border()])
    (before,), (after,) = march.sessions, april.sessions
    assert (before.energy, after.energy) == (8500, 4000)
    assert (before.register_start, before.register_stop) == (1_000_000, 1_008_500)
    assert (after.register_start, after.register_stop) == (1_008_500, 1_012_500)
    assert before.ended == after.started == march.until
    assert (before.part, before.estimated, march.notes) == (True, False, ("parts",))
    assert (before.gross, after.gross) == (Decimal("2.81"), Decimal("1.32"))


def test_what_is_shown_adds_up() -> None:
    sessions = [charged(f"s{day}", quarters(at(f"2026-03-{day:02}T18:00"), [1111 + day, 333])) for day in range(1, 20)]
    statement = make(wanted(), sessions)
    _adds_up(statement)
    (row,) = statement.vat
    assert row.rate == Decimal(21)
    assert row.gross == statement.total == sum(one.gross for one in statement.sessions)
    assert row.vat == rounded(statement.total * 21 / 121, coin("EUR"))


def test_prices_without_vat_are_rounded_without_it() -> None:
    sessions = [charged(f"s{day}", quarters(at(f"2026-03-{day:02}T18:00"), [1111 + day, 333])) for day in range(1, 20)]
    statement = make(wanted(prices_with_vat=False), sessions)
    _adds_up(statement)
    (row,) = statement.vat
    assert row.vat == rounded(row.net * 21 / 100, coin("EUR"))
    assert [line.net for line in statement.sessions[0].lines] == [
        rounded(Decimal("1.445") * Decimal("0.33") / Decimal("1.21"), coin("EUR"))
    ]


def test_who_charges_no_vat_asks_for_the_same() -> None:
    statement = make(wanted(exemption="small_business"), [over_the_border()])
    (row,) = statement.vat
    assert (row.rate, row.vat, row.exemption) == (0, 0, "small_business")
    assert statement.total == make(wanted(), [over_the_border()]).total == statement.net
    business = make(wanted(exemption="reverse_charge"), [over_the_border()])
    assert business.total == business.net == rounded(Decimal("8.5") * Decimal("0.33") / Decimal("1.21"), coin("EUR"))
    assert (business.prices_with_vat, business.vat[0].exemption) == (False, "reverse_charge")


def test_other_amounts_are_lines_of_their_own() -> None:
    fee = Extra(what="subscription", quantity=Decimal(1), unit="month", price=Decimal("9.95"), vat=Decimal(6))
    statement = make(wanted(extras=(fee,)), [over_the_border()])
    _adds_up(statement)
    assert [(line.what, line.gross) for line in statement.lines] == [("subscription", Decimal("9.95"))]
    assert [row.rate for row in statement.vat] == [6, 21]


def test_what_has_no_vat_is_told_from_what_has_none_to_pay() -> None:
    gift = Extra(what="deposit", quantity=Decimal(1), unit="1", price=Decimal("5.00"))
    statement = make(wanted(extras=(gift,)), [over_the_border()])
    _adds_up(statement)
    assert [(row.rate, row.exemption) for row in statement.vat] == [(0, "outside_scope"), (21, None)]
    free = make(wanted(extras=(replace(gift, vat=Decimal(0)),)), [over_the_border()])
    assert [(row.rate, row.exemption) for row in free.vat] == [(0, None), (21, None)]
    both = make(wanted(extras=(gift, replace(gift, price=Decimal("2.50"), vat=Decimal(0)))), [over_the_border()])
    _adds_up(both)
    assert [(row.rate, row.exemption, row.gross) for row in both.vat] == [
        (0, "outside_scope", 5),
        (0, None, Decimal("2.50")),
        (21, None, Decimal("2.81")),
    ]


def test_each_driver_has_what_was_theirs() -> None:
    mine = quarters(at("2026-03-10T18:00"), [1000, 1000])
    yours = quarters(at("2026-03-10T18:30"), [500], driver="ben")
    again = quarters(at("2026-03-10T18:45"), [250])
    session = charged("s", (*mine, *yours, *again))
    anna, ben = (make(wanted(driver=name), [session]) for name in ("anna", "ben"))
    assert [one.energy for one in anna.sessions] == [2000, 250]
    assert [(one.register_start, one.register_stop) for one in anna.sessions] == [
        (1_000_000, 1_002_000),
        (1_002_500, 1_002_750),
    ]
    (his,) = ben.sessions
    assert (his.energy, his.driver, his.driver_id, his.card) == (500, "Ben", "ben", None)
    assert (anna.total, ben.total) == (Decimal("0.74"), Decimal("0.17"))
    everybody = make(wanted(), [session])
    assert [one.driver_id for one in everybody.sessions] == ["anna", "ben", "anna"]


def test_each_driver_may_have_a_tariff_of_their_own() -> None:
    mine = quarters(at("2026-03-10T18:00"), [1000])
    yours = quarters(at("2026-03-10T18:15"), [1000], driver="ben")
    values = (
        Value(valuation=Valuation.TARIFF, priced=priced(mine, "0.20"), driver="anna"),
        Value(valuation=Valuation.TARIFF, priced=priced(yours, "0.40"), driver="ben"),
    )
    session = charged("s", (*mine, *yours), values=values)
    assert [one.gross for one in make(wanted(), [session]).sessions] == [Decimal("0.20"), Decimal("0.40")]


def test_a_flat_fee_belongs_to_where_it_began_and_a_least_price_goes_with_the_energy() -> None:
    intervals = quarters(NIGHT, [1000] * 8)
    fee = PricedLine(
        dimension=Dimension.FLAT,
        start=NIGHT,
        end=NIGHT,
        quantity=Decimal(1),
        price=Decimal(1),
        vat=Decimal(21),
        net=Decimal("0.826446280992"),
        gross=Decimal(1),
    )
    whole = replace(priced(intervals), lines=(*priced(intervals).lines, fee), bounded=(Decimal("0.4"), Decimal("0.5")))
    session = charged("s", intervals, values=(Value(valuation=Valuation.TARIFF, priced=whole),))
    march = make(wanted(), [session])
    april = make(replace(wanted(), since=march.until, until=march.until + timedelta(days=30)), [session])
    assert [(line.what, line.gross) for line in march.sessions[0].lines] == [
        ("energy", Decimal("1.32")),
        ("flat", Decimal("1.00")),
        ("bound", Decimal("0.25")),
    ]
    assert [line.what for line in april.sessions[0].lines] == ["energy", "bound"]
    assert march.total + april.total == Decimal("4.14") == rounded(whole.gross, coin("EUR"))


def test_many_prices_are_shown_as_their_mean() -> None:
    intervals = quarters(at("2026-03-10T18:00"), [1000] * 6)
    lines = tuple(
        replace(line, price=Decimal(number) / 10, gross=Decimal(number) / 10, net=Decimal(number) / 10, vat=None)
        for number, line in enumerate(priced(intervals).lines, 1)
    )
    values = (Value(valuation=Valuation.TARIFF, priced=replace(priced(intervals), lines=lines)),)
    (line,) = make(wanted(), [charged("s", intervals, values=values)]).sessions[0].lines
    assert (line.quantity, line.price, line.gross) == (6, Decimal("0.35"), Decimal("2.10"))


def test_what_the_register_does_not_show_is_estimated() -> None:
    whole = charged("s", quarters(NIGHT, [1000, 1000]), marks=frozenset({Mark.ESTIMATED}))
    (one,) = make(wanted(), [whole]).sessions
    assert (one.estimated, one.register_start, one.register_stop, one.part) == (True, None, None, False)
    imported = replace(over_the_border(), intervals=())
    (one,) = make(wanted(), [imported]).sessions
    assert one.estimated
    assert one.register_stop == 1_000_000 + one.energy == 1_000_000 + 12_500 * 4 // 7


def test_other_valuations_stand_beside() -> None:
    (one,) = make(wanted(), [charged("s", quarters(at("2026-03-10T18:00"), [1000, 1000]))]).sessions
    assert dict(one.other_values) == {
        "paid": Decimal("0.45"),
        "grid_reference": Decimal("0.60"),
        "sun_at_feed_in": Decimal("0.48"),
    }


def test_a_price_that_is_not_known_yet_holds_up_the_statement() -> None:
    intervals = quarters(at("2026-03-10T18:00"), [1000, 1000])
    late = replace(priced(intervals), lines=priced(intervals).lines[:1], without_price=priced(intervals).lines[1:])
    session = charged("s", intervals, values=(Value(valuation=Valuation.TARIFF, priced=late),))
    with pytest.raises(NotFinal) as caught:
        make(wanted(), [session])
    assert caught.value.sessions == ("s",)
    told = make(wanted(provisional=True), [session])
    assert (told.notes, [one.provisional for one in told.sessions], told.total) == (
        ("provisional",),
        [True],
        Decimal("0.33"),
    )
    assert make(wanted(until=at("2026-03-10T18:15")), [session]).total == Decimal("0.33")


def late_and_known() -> tuple[ChargedSession, ChargedSession]:
    evening, morning = quarters(at("2026-03-10T18:00"), [1000, 1000]), quarters(at("2026-03-12T08:00"), [2000])
    late = replace(priced(evening), lines=priced(evening).lines[:1], without_price=priced(evening).lines[1:])
    return charged("late", evening, values=(Value(valuation=Valuation.TARIFF, priced=late),)), charged("known", morning)


@pytest.mark.parametrize("preset", ["invoice", "guest", "se_association"])
def test_what_claims_its_energy_never_has_a_price_that_may_change(preset: str) -> None:
    late, known = late_and_known()
    with pytest.raises(NotFinal):
        make(wanted(preset), [late, known])
    made = make(wanted(preset, provisional=True), [late, known])
    assert [(one.id, one.provisional) for one in made.sessions] == [("known", False)]
    assert (made.left_out, made.energy, made.total) == (("late",), 2000, Decimal("0.66"))
    assert ("left_out" in made.notes, "provisional" in made.notes) == (True, False)
    with pytest.raises(NotFinal):
        make(wanted(preset, provisional=True), [late])


def test_a_least_price_waits_for_all_of_a_session() -> None:
    """What it adds is shared by all parts: no part of it is known before all of it is."""
    night = over_the_border()
    whole = night.values[0].priced
    late = replace(whole, lines=whole.lines[:-1], without_price=whole.lines[-1:])
    for waits in (False, True):
        session = replace(night, values=(Value(valuation=Valuation.TARIFF, priced=replace(late, bound_waits=waits)),))
        if waits:
            with pytest.raises(NotFinal):
                make(wanted(), [session])
        else:
            assert make(wanted(), [session]).total == Decimal("2.81")


def test_energy_that_nobody_priced_is_not_given_away() -> None:
    session = charged("s", quarters(at("2026-03-10T18:00"), [1000]), values=())
    with pytest.raises(NotFinal):
        make(wanted("invoice"), [session])


def test_who_pays_nothing_in_a_shared_session_keeps_nobody_waiting() -> None:
    first, second = quarters(at("2026-03-10T18:00"), [1000, 1000])
    intervals = (first, replace(second, driver="ben"))
    value = Value(valuation=Valuation.TARIFF, priced=priced((first,)), driver="anna")
    made = make(wanted(), [charged("s", intervals, values=(value,))])
    assert [(one.driver_id, one.energy, one.gross) for one in made.sessions] == [
        ("anna", 1000, made.total),
        ("ben", 1000, 0),
    ]
    assert made.total > 0


def test_what_cannot_be_stated_says_why() -> None:
    with pytest.raises(NothingToState):
        make(wanted(), [])
    with pytest.raises(OtherCurrency):
        make(wanted(currency="SEK"), [over_the_border()])
    with pytest.raises(Incomplete) as caught:
        make(wanted("invoice", issuer=replace(ANNA, city=None)), [over_the_border()])
    assert caught.value.fields == ("issuer.city",)


def _adds_up(statement: Statement) -> None:
    """As EN 16931 asks: lines without VAT to the sums of their rate, those to the total."""
    lines = [*(line for one in statement.sessions for line in one.lines), *statement.lines]
    assert statement.vat or statement.net == statement.total
    for row in statement.vat:
        mine = [line for line in lines if line.vat == (None if row.exemption == "outside_scope" else row.rate)]
        assert sum(line.net for line in mine) == row.net
        assert sum(line.gross for line in mine) == row.gross == row.net + row.vat
    assert sum(line.net for line in lines) == statement.net
    assert sum(line.gross for line in lines) == statement.total
    for one in statement.sessions:
        assert one.gross == sum(line.gross for line in one.lines)


energies = st.lists(st.integers(0, 5000), min_size=1, max_size=12)
drivers = st.lists(st.sampled_from(["anna", "ben", None]), min_size=12, max_size=12)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[ChargedSession, list[datetime]]:
    """A session of several drivers with all sorts of lines, and instants to cut it at."""
    told = draw(energies)
    whose = draw(drivers)
    plain = quarters(NIGHT, told)
    intervals = tuple(replace(each, driver=who) for each, who in zip(plain, whose, strict=False))
    end = intervals[-1].end
    kinds = st.sampled_from([Dimension.TIME, Dimension.IDLE, Dimension.FLAT])
    more = []
    for _ in range(draw(st.integers(0, 3))):
        low, high = sorted(draw(st.integers(0, len(told) * 15)) for _ in range(2))
        amount = Decimal(draw(st.integers(-10_000, 10_000))) / 1000
        more.append(
            PricedLine(
                dimension=draw(kinds),
                start=NIGHT + timedelta(minutes=low),
                end=NIGHT + timedelta(minutes=high),
                quantity=Decimal(1),
                price=amount,
                vat=None,
                net=amount,
                gross=amount,
            )
        )
    whole = replace(priced(intervals), lines=(*priced(intervals).lines, *more), bounded=(Decimal(1), Decimal("1.21")))
    cuts = draw(st.lists(st.datetimes(NIGHT.replace(tzinfo=None), end.replace(tzinfo=None)), max_size=4))
    borders = sorted({cut.replace(tzinfo=NIGHT.tzinfo) for cut in cuts})
    session = charged("s", intervals, values=(Value(valuation=Valuation.TARIFF, priced=whole),))
    return session, [NIGHT - QUARTER, *borders, end + QUARTER]


@settings(deadline=None)
@given(sessions())
def test_parts_come_to_the_whole_wherever_it_is_cut(drawn: tuple[ChargedSession, list[datetime]]) -> None:
    session, borders = drawn
    intervals = intervals_of(session.record, session.intervals)
    energy, sun, money, net = 0, 0, Decimal(0), Decimal(0)
    register = 1_000_000
    for since, until in pairwise(borders):
        for part in parts(session.record, intervals, since, until):
            assert 0 <= part.from_sun <= part.energy
            assert part.register_start == register
            register = part.register_stop or 0
            energy += part.energy
            sun += part.from_sun
            found = amounts(session, intervals, Valuation.TARIFF, part)
            money += sum((one.gross for one in found), Decimal(0))
            net += sum((one.net for one in found), Decimal(0))
    assert energy == session.record.energy_in == register - 1_000_000
    assert sun == sum(each.from_sun for each in intervals)
    assert money == session.values[0].priced.gross
    assert net == session.values[0].priced.net


@settings(deadline=None)
@given(drawn=sessions(), with_vat=st.booleans())
def test_all_statements_of_a_session_add_up(*, drawn: tuple[ChargedSession, list[datetime]], with_vat: bool) -> None:
    session, borders = drawn
    drivers = {each.driver or session.record.driver for each in session.intervals}
    energy = 0
    for since, until in pairwise(borders):
        for driver in drivers:
            span = replace(wanted(driver=driver, prices_with_vat=with_vat), since=since, until=until)
            try:
                statement = make(span, [session])
            except NothingToState:
                continue
            _adds_up(statement)
            energy += statement.energy
    assert energy == session.record.energy_in
