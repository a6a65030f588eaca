"""What is shown of the parts of a session comes to what is shown of the whole, coin by coin, wherever it is cut."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.sessions.model import Interval
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Valuation, Value, Wanted
from custom_components.smart_evse.engine.statements.coins import coin, rounded
from custom_components.smart_evse.engine.statements.errors import NothingToState
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Statement
from custom_components.smart_evse.engine.statements.worth import worths
from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import Dimension
from custom_components.smart_evse.engine.tariffs.stretches import stretches_of

from ..tariffs.worlds import TARIFFS
from .house import PLACE, charged, fact, priced, quarters, wanted
from .test_make import NIGHT

CURRENCIES = ("EUR", "JPY", "KWD")
"""Coins of a hundredth, of one, and of a thousandth."""

OWN = (fact("contract_price", "0.3333"), fact("base_fee", "17.31", "EUR/month"), fact("household_energy", "4100"))
NEW = (replace(OWN[0], value=Decimal("0.3517"), valid_from=date(2026, 4, 1)),)
METHODS = (
    ("neutral", {"method": "tariff"}),
    ("neutral", {"method": "cost"}),
    ("neutral", {"method": "grid"}),
    ("neutral", {"method": "paid"}),
    ("de_employer", {}),
    ("be_employer", {"method": "cap", "region": "flanders"}),
    ("nl_employer", {"method": "contract", "facts": OWN}),
    ("nl_employer", {"method": "contract", "facts": (*OWN, *NEW)}),
)
MANNERS = (
    {"prices_with_vat": True},
    {"prices_with_vat": False},
    {"exemption": "small_business"},
    {"exemption": "reverse_charge"},
)


@dataclass(frozen=True)
class Cut:
    """A session, and the borders of the spans that it is stated in."""

    session: ChargedSession
    borders: tuple[datetime, ...]
    currency: str


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    """A session over the end of a quarter by any tariff, of one or two drivers, cut at any instants."""
    told = draw(st.lists(st.tuples(st.integers(0, 3000), st.integers(-40, 90)), min_size=1, max_size=12))
    whose = draw(st.lists(st.sampled_from(["anna", "ben"]), min_size=len(told), max_size=len(told)))
    plain = quarters(NIGHT, [energy for energy, _ in told])
    intervals = tuple(
        replace(each, import_price=Decimal(cents) / 100, driver=who)
        for each, (_, cents), who in zip(plain, told, whose, strict=True)
    )
    seconds = draw(st.lists(st.integers(0, 190 * 60), max_size=4))
    inside = sorted(NIGHT + timedelta(seconds=each) for each in seconds)
    borders = (NIGHT - timedelta(days=1), *inside, NIGHT + timedelta(days=1))
    currency = draw(st.sampled_from(CURRENCIES))
    values = draw(_values(intervals, currency))
    return Cut(charged("s", intervals, values=(*values, *worths(intervals, currency))), borders, currency)


@st.composite
def _values(draw: st.DrawFn, intervals: tuple[Interval, ...], currency: str) -> tuple[Value, ...]:
    """What a tariff makes of the whole session, or one for each driver of what was theirs."""
    record = charged("s", intervals).record
    found = []
    for driver in draw(st.sampled_from([(None,), ("anna", "ben")])):
        mine = tuple(each for each in intervals if driver in (None, each.driver))
        tariff = replace(draw(TARIFFS), currency=currency)
        flowed = stretches_of(record, mine) if mine else ()
        found.append(Value(valuation=Valuation.TARIFF, priced=price(tariff, flowed, PLACE), driver=driver))
    return tuple(found)


type _Sums = dict[tuple[object, ...], Decimal]


def _made(span: Wanted, session: ChargedSession) -> Statement | None:
    try:
        return make(span, [session])
    except NothingToState:
        return None


def _sums(statements: Iterable[Statement | None]) -> _Sums:
    """What is shown of each kind of line, and what else sessions are said to be worth."""
    found: _Sums = defaultdict(Decimal)
    for statement in (one for one in statements if one is not None):
        for one in statement.sessions:
            for line in one.lines:
                kind = (line.what, line.unit, line.source, line.vat, line.tariff)
                found[kind] += line.gross if statement.prices_with_vat else line.net
            for key, worth in one.other_values:
                found[(key,)] += worth
    return {kind: amount for kind, amount in found.items() if amount}


@settings(deadline=None)
@given(cut=cuts(), method=st.sampled_from(METHODS), manner=st.sampled_from(MANNERS))
def test_what_is_shown_of_parts_is_what_is_shown_of_the_whole(
    cut: Cut, method: tuple[str, dict[str, object]], manner: dict[str, object]
) -> None:
    preset, more = method
    session, currency = cut.session, cut.currency
    if preset != "neutral":
        session, currency = replace(session, values=worths(session.intervals, "EUR")), "EUR"
    span = wanted(preset, currency=currency, provisional=True, incomplete=True, **manner, **more)
    first, *_, last = cut.borders
    whole = _made(replace(span, since=first, until=last), session)
    parts = [_made(replace(span, since=low, until=high), session) for low, high in pairwise(cut.borders)]
    assert _sums(parts) == _sums([whole])


@settings(deadline=None)
@given(cut=cuts(), manner=st.sampled_from(MANNERS))
def test_only_vat_on_top_is_taken_once_for_each_statement(cut: Cut, manner: dict[str, object]) -> None:
    span = wanted(currency=cut.currency, provisional=True, **manner)
    first, *_, last = cut.borders
    whole = _made(replace(span, since=first, until=last), cut.session)
    found = [_made(replace(span, since=low, until=high), cut.session) for low, high in pairwise(cut.borders)]
    parts = [one for one in found if one is not None]
    together, apart = whole.total if whole else Decimal(0), sum((one.total for one in parts), Decimal(0))
    on_top = not (manner.get("prices_with_vat", True) or manner.get("exemption"))
    coins = sum(len(one.vat) for one in (*parts, *([] if whole is None else [whole]))) if on_top else 0
    assert abs(together - apart) * 2 <= coins * coin(cut.currency)


def test_a_part_has_what_the_session_comes_to_at_its_end_less_what_it_had_come_to() -> None:
    night = charged("s", quarters(NIGHT, [25, 25, 0, 0, 25, 25]))
    march = make(wanted(), [night])
    april = make(replace(wanted(), since=march.until, until=march.until + timedelta(days=30)), [night])
    both = make(replace(wanted(), until=april.until), [night])
    assert (march.total, april.total, both.total) == (Decimal("0.02"), Decimal("0.01"), Decimal("0.03"))
    assert [dict(one.sessions[0].other_values)["grid_reference"] for one in (march, april, both)] == [
        Decimal("0.02"),
        Decimal("0.01"),
        Decimal("0.03"),
    ]


@settings(deadline=None)
@given(cut=cuts(), with_vat=st.booleans())
def test_a_session_held_to_its_least_or_most_price_comes_to_just_that(*, cut: Cut, with_vat: bool) -> None:
    intervals = tuple(replace(each, driver=None) for each in cut.session.intervals)
    value = replace(cut.session.values[0], driver=None)
    session = replace(cut.session, intervals=intervals, values=(value,))
    statement = _made(wanted(currency=cut.currency, provisional=True, prices_with_vat=with_vat), session)
    if statement is None or not any(value.priced.bounded) or statement.sessions[0].part:
        return
    (one,) = statement.sessions
    exact = value.priced.gross if with_vat else value.priced.net
    assert (one.gross if with_vat else one.net) == rounded(exact, coin(cut.currency))


def test_nobody_pays_a_coin_more_than_the_most() -> None:
    """Each line rounded by itself comes to 7.01 + 0.51 - 1.51, where 6 is the most."""
    intervals = quarters(NIGHT - timedelta(hours=2), [1000, 1000])
    known = priced(intervals, "3.503", None)
    fee = Decimal("0.506")
    time = replace(known.lines[0], dimension=Dimension.TIME, quantity=Decimal(1), price=fee, net=fee, gross=fee)
    over = Decimal("-1.512")
    held = replace(known, lines=(*known.lines, time), bounded=(over, over))
    session = charged("s", intervals, values=(Value(valuation=Valuation.TARIFF, priced=held),))
    (one,) = make(wanted(), [session]).sessions
    assert [(line.what, line.gross) for line in one.lines] == [
        ("energy", Decimal("7.01")),
        ("time", Decimal("0.51")),
        ("bound", Decimal("-1.52")),
    ]
    assert one.gross == 6


def test_many_prices_are_a_mean_in_each_part_of_a_session() -> None:
    """As they are in the whole: a line that is cut goes on as the same line."""
    intervals = quarters(NIGHT, [1000] * 6)
    lines = tuple(
        replace(line, price=Decimal(place) / 10, net=Decimal(place) / 10, gross=Decimal(place) / 10, vat=None)
        for place, line in enumerate(priced(intervals).lines, 1)
    )
    values = (Value(valuation=Valuation.TARIFF, priced=replace(priced(intervals), lines=lines)),)
    (march,) = make(wanted(), [charged("s", intervals, values=values)]).sessions
    assert [(line.quantity, line.price, line.gross) for line in march.lines] == [
        (4, Decimal("0.25"), Decimal("1.00")),
    ]
