"""Sessions out of a real ledger: who may see them, what they cost, what was corrected of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.engine.sessions.model import SessionRecord
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.summaries import compared
from custom_components.smart_evse.ledger.trail import corrections
from custom_components.smart_evse.people_pages import taken
from custom_components.smart_evse.session_accounts import Names, find, find_one, with_quarters
from custom_components.smart_evse.viewers import Viewer
from tests.books import ADA, BEN, NOVEMBER, QUARTER, fill, quarter, session

NAMES = Names(chargers={"c:1": "Garage"}, vehicles={"v": "Van"}, plates={"v": "AB-12"}, drivers={ADA.id: "Ada"})
ALL = Viewer()
ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[SessionsBook]:
    ledger = Ledger.open(tmp_path / "ledger.db", "site", zone="Europe/Amsterdam", now=NOVEMBER)
    fill(ledger, "c:1", "v")
    yield SessionsBook(ledger)
    ledger.close()


def found(book: SessionsBook, viewer: Viewer = ALL, **which: object) -> list[str]:
    asked = SessionFilter(**which)  # type: ignore[arg-type]
    return [account.record.id for account in find(book, asked, viewer, NAMES)]


def test_the_latest_comes_first(book: SessionsBook) -> None:
    assert found(book) == ["s-none", "s-ben", "s-ada"]
    assert found(book, limit=2) == ["s-none", "s-ben"]
    assert found(book, since=NOVEMBER + timedelta(days=1), until=NOVEMBER + timedelta(days=2)) == ["s-ben"]
    assert found(book, driver=ADA.id) == ["s-ada"]


def test_a_driver_sees_their_own_and_nothing_else(book: SessionsBook) -> None:
    ada = Viewer(frozenset({ADA.id}))
    assert found(book, ada) == ["s-ada"]
    assert found(book, ada, driver=BEN.id) == []
    assert found(book, Viewer(frozenset({ADA.id, BEN.id})), limit=1) == ["s-ben"]
    assert found(book, Viewer(frozenset())) == []
    assert find_one(book, "s-ben", ada, NAMES) is None
    assert find_one(book, "s-none", ada, NAMES) is None
    assert find_one(book, "nothing", ALL, NAMES) is None


def test_a_session_has_its_names_sources_and_cost(book: SessionsBook) -> None:
    one = find_one(book, "s-ada", ALL, NAMES)
    assert one is not None
    account = one.account
    assert (account.charger, account.vehicle, account.plate, account.driver) == ("Garage", "Van", "AB-12", "Ada")
    assert (account.from_sun, account.from_grid, account.unattributed) == (2_500, 500, 0)
    # 500 Wh bought at 0.30, 2,500 Wh not sold at 0.05; all of it would have cost 0.30.
    assert (account.cost, account.reference) == (Decimal("0.275"), Decimal("0.9"))
    assert (account.unpriced, account.co2) == (0, 100.0)
    assert len(account.quarters) == 2


def test_what_has_no_price_is_told_and_not_counted(book: SessionsBook) -> None:
    one = find_one(book, "s-ben", ALL, NAMES)
    assert one is not None
    assert (one.account.cost, one.account.unpriced) == (Decimal("0.6"), 1_000)
    # What has no price is on neither side: it is no saving.
    assert one.account.saving == 0


def test_a_list_tells_the_same_as_a_look_at_each(book: SessionsBook) -> None:
    """The one adds up in the database, the other interval by interval."""
    book.close_session(
        SessionRecord(
            id="s-alone",
            connector="c:1",
            started=NOVEMBER,
            ended=NOVEMBER + timedelta(hours=1),
            energy_in=700,
            currency="EUR",
        )
    )
    listed = find(book, SessionFilter(), ALL, NAMES)
    assert len(listed) == 4
    for account in listed:
        one = find_one(book, account.record.id, ALL, NAMES)
        assert one is not None
        assert replace(one.account, quarters=()) == account
    told = with_quarters(book, listed, NAMES, 5)
    assert told is not None
    assert {account.record.id: len(account.quarters) for account in told} == {
        "s-none": 1,
        "s-ben": 2,
        "s-ada": 2,
        "s-alone": 0,
    }
    assert with_quarters(book, listed, NAMES, 4) is None


def test_a_price_that_is_missing_on_one_side_saves_nothing(book: SessionsBook) -> None:
    start = NOVEMBER + timedelta(days=5)
    sunny = replace(quarter(start, sun=1_000, price=None), export_price=Decimal("0.05"))
    dark = replace(quarter(start + QUARTER, sun=1_000), export_price=None)
    flowed = (sunny, dark)
    book.close_session(session("s-half", "c:1", start, flowed), flowed)
    one, (account, *_) = find_one(book, "s-half", ALL, NAMES), find(book, SessionFilter(), ALL, NAMES)
    assert one is not None
    for told in (one.account, account):
        assert (told.cost, told.reference, told.saving, told.unpriced) == (Decimal("0.05"), None, None, 1_000)
    until = NOVEMBER + timedelta(days=28)
    assert compared(book.ledger, NOVEMBER, until, "EUR") is None
    assert compared(book.ledger, NOVEMBER, start, "EUR") == Decimal("2.5")
    assert compared(book.ledger, NOVEMBER, start, "SEK") == 0


def test_who_has_no_name_any_more_is_told_by_their_id(book: SessionsBook) -> None:
    one = find_one(book, "s-ben", ALL, NAMES)
    assert one is not None
    assert one.account.driver == BEN.id


def test_a_session_of_which_only_the_register_is_known_has_no_source_and_no_cost(book: SessionsBook) -> None:
    alone = SessionRecord(
        id="s-alone",
        connector="gone",
        started=NOVEMBER,
        ended=NOVEMBER + timedelta(hours=1),
        energy_in=700,
        currency="EUR",
    )
    book.close_session(alone)
    one = find_one(book, "s-alone", ALL, NAMES)
    assert one is not None
    assert (one.account.charger, one.account.unattributed, one.account.cost) == ("gone", 700, None)
    assert one.account.unpriced == 700


def test_corrections_are_told_in_order_with_what_was_there_before(book: SessionsBook) -> None:
    book.correct("s-none", {"driver": BEN.id}, "user", "he forgot his card", at=NOVEMBER + timedelta(days=3))
    book.correct("s-none", {"vehicle": "v"}, None, "", at=NOVEMBER + timedelta(days=4))
    one = find_one(book, "s-none", ALL, NAMES)
    assert one is not None
    first, second = one.corrections
    assert (first.by, first.why, first.before["driver"], first.changes["driver"]) == (
        "user",
        "he forgot his card",
        None,
        BEN.id,
    )
    assert (second.at, second.changes["vehicle"]) == (NOVEMBER + timedelta(days=4), "v")
    assert one.account.note == "he forgot his card"
    assert (one.account.record.driver, one.account.record.known_by.value) == (BEN.id, "corrected")


def test_what_was_said_of_who_is_forgotten_is_gone(book: SessionsBook) -> None:
    book.correct("s-ada", {}, "user", "Ada was on holiday", at=NOVEMBER + timedelta(days=3))
    PeopleBook(book.ledger).forget_driver(ADA.id, at=NOVEMBER + timedelta(days=5))
    (told,) = corrections(book.ledger, ["s-ada"])["s-ada"]
    assert told.why is None


SHARED = NOVEMBER + timedelta(days=6)


@pytest.fixture
def shared(book: SessionsBook) -> SessionsBook:
    """Ada charges for a quarter of an hour, then Ben while her car's cable stays where it is."""
    flowed = (
        quarter(SHARED, grid=1_000, driver=ADA.id),
        quarter(SHARED + QUARTER, sun=3_000, driver=BEN.id),
    )
    book.close_session(session("s-both", "c:1", SHARED, flowed, driver=BEN.id), flowed)
    return book


@pytest.mark.parametrize(("driver", "energy", "cost"), [(ADA.id, 1_000, "0.3"), (BEN.id, 3_000, "0.15")])
def test_of_a_shared_session_a_driver_sees_their_own_part(
    shared: SessionsBook, driver: str, energy: int, cost: str
) -> None:
    viewer = Viewer(frozenset({driver}))
    one = find_one(shared, "s-both", viewer, NAMES)
    listed = find(shared, SessionFilter(since=SHARED), viewer, NAMES)
    assert one is not None
    assert [replace(one.account, quarters=())] == listed
    (account,) = with_quarters(shared, listed, NAMES, 10) or ()
    assert account == one.account
    assert (account.record.energy_in, account.cost, account.partial) == (energy, Decimal(cost), True)
    assert {each.interval.driver for each in account.quarters} == {account.record.driver} == {driver}
    assert account.others == frozenset()


def test_who_asks_for_one_driver_gets_no_part_of_another(shared: SessionsBook) -> None:
    (account,) = find(shared, SessionFilter(since=SHARED, driver=ADA.id), ALL, NAMES)
    assert (account.driver, account.record.energy_in, account.partial) == ("Ada", 1_000, True)
    assert find(shared, SessionFilter(since=SHARED, driver="nobody"), ALL, NAMES) == []
    # All of both, for whoever answers for the books.
    (whole,) = find(shared, SessionFilter(since=SHARED), ALL, NAMES)
    assert (whole.record.energy_in, whole.others, whole.partial) == (4_000, {ADA.id}, False)
    one = find_one(shared, "s-both", ALL, NAMES)
    assert one is not None
    assert replace(one.account, quarters=()) == whole
    assert [each.driver for each in one.account.quarters] == ["Ada", BEN.id]


def test_a_limit_holds_over_own_and_shared_sessions(shared: SessionsBook) -> None:
    assert found(shared, driver=ADA.id) == ["s-both", "s-ada"]
    assert found(shared, driver=ADA.id, limit=1) == ["s-both"]
    assert found(shared, driver=ADA.id, limit=1, until=SHARED) == ["s-ada"]
    assert found(shared, driver=ADA.id, vehicle="v", limit=1) == ["s-ada"]


def test_a_correction_of_a_shared_session_is_not_told_to_who_has_a_part(shared: SessionsBook) -> None:
    shared.correct("s-both", {"vehicle": "v"}, "user", "Ben said so")
    one = find_one(shared, "s-both", Viewer(frozenset({ADA.id})), NAMES)
    assert one is not None
    assert (one.corrections, one.account.note) == ((), None)


def test_of_what_runs_each_sees_what_they_took(shared: SessionsBook) -> None:
    flowed = (quarter(SHARED, grid=1_000, driver=ADA.id),)
    shared.add_intervals("s-now", flowed)
    running = SessionRecord(id="s-now", connector="c:1", started=SHARED, energy_in=1_500, driver=BEN.id)
    for driver, energy in ((ADA.id, 1_000), (BEN.id, 500)):
        viewer = Viewer(frozenset({driver}))
        listed = find(shared, SessionFilter(since=SHARED), viewer, NAMES, (running,))
        assert [each.record.energy_in for each in listed if each.record.id == "s-now"] == [energy]
    assert find_one(shared, "s-now", Viewer(frozenset({"zoe"})), NAMES, (running,)) is None


def test_a_quota_counts_what_its_driver_took(shared: SessionsBook) -> None:
    told = taken(shared.ledger, [(ADA.id, SHARED), (BEN.id, SHARED)])
    assert {driver: used.energy for driver, (_, used) in told.items()} == {ADA.id: 1_000, BEN.id: 3_000}
    assert told[ADA.id][1].money == Decimal("0.3")


@pytest.mark.parametrize("period", ["2026-11", "2026", "always"])
def test_a_long_quota_is_counted_by_sums(shared: SessionsBook, period: str) -> None:
    """And comes to what every session comes to, however it was told."""
    begun = {"2026-11": datetime(2026, 11, 1, tzinfo=ZONE), "2026": datetime(2026, 1, 1, tzinfo=ZONE), "always": None}
    before = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
    last_month = (quarter(before, grid=7_000, driver=ADA.id), quarter(before + QUARTER, grid=500, driver=BEN.id))
    shared.close_session(session("october", "c:1", before, last_month, driver=BEN.id), last_month)
    flowed = (quarter(SHARED, grid=1_000, driver=ADA.id),)
    running = SessionRecord(id="runs", connector="c:1", started=SHARED, energy_in=1_000, driver=ADA.id)
    shared.save_open("c:1", {}, session="runs")
    shared.close_session(running, flowed)
    wanted = [(ADA.id, begun[period]), (BEN.id, begun[period])]
    by_sums, one_by_one = taken(shared.ledger, wanted), taken(shared.ledger, wanted, charged={ADA.id, BEN.id})
    assert by_sums == one_by_one
    # What runs is added up as it flows.
    assert by_sums[ADA.id][1].energy == {"2026-11": 4_000}.get(period, 11_000)


def test_what_a_tariff_asks_counts_where_money_is_limited(shared: SessionsBook) -> None:
    def worth(*_: object) -> Decimal:
        return Decimal(7)

    told = taken(shared.ledger, [(ADA.id, None), (BEN.id, None)], worth, {BEN.id})
    assert told[BEN.id][1].money == 14
    assert told[ADA.id][1].money == Decimal("0.575")
