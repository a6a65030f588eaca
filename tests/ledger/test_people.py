"""Drivers, cards and guests: kept as they are told, and forgotten when they leave."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from custom_components.smart_evse.engine.access.model import AccessRule, Card, Driver, Guest, Period, Quota, Role
from custom_components.smart_evse.ledger import Kind, Ledger, PeopleBook, SessionsBook, new_id
from custom_components.smart_evse.ledger.retention import idle_drivers
from tests.ledger.house import EVENING, ZONE, quarters, session

ANNA = Driver(
    id="anna",
    name="Anna Ångström",
    role=Role.TENANT,
    address="Kerkstraat 1",
    account="NL91ABNA0417164300",
    rule=AccessRule(quota=Quota(period=Period.MONTH, money=Decimal("40.10")), valid_until=EVENING),
)
CARD = Card(id="card1", number="04AB12CD", driver="anna", label="blue one")
GUEST = Guest(id="guest1", name="Gus", code_hash="abc", rule=AccessRule(connectors=frozenset({"garage"})))


def test_people_come_back_as_they_were_told(people: PeopleBook, ledger: Ledger) -> None:
    people.put_driver(ANNA)
    people.put_card(CARD)
    people.put_guest(GUEST)
    assert (people.drivers(), people.cards(), people.guests()) == ((ANNA,), (CARD,), (GUEST,))
    assert ledger.verify().good


def test_the_latest_word_holds(people: PeopleBook, ledger: Ledger) -> None:
    people.put_driver(ANNA, at=EVENING)
    people.put_driver(replace(ANNA, address="Dorpsstraat 2"), at=EVENING + timedelta(days=1))
    assert [one.address for one in people.drivers()] == ["Dorpsstraat 2"]
    with ledger.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM person").scalar()
    assert kept == 1, "where she lived before is nobody's business any more"
    assert ledger.verify().good


def test_a_guest_is_a_driver_as_well_under_one_id(people: PeopleBook, ledger: Ledger) -> None:
    for name in ("Gus", "Augustus"):
        guest = replace(GUEST, name=name)
        people.put_driver(Driver(id=GUEST.id, name=name, role=Role.GUEST))
        people.put_guest(guest)
        assert [one.name for one in (*people.drivers(), *people.guests())] == [name, name]
        assert ledger.verify().good
    people.forget_driver(GUEST.id)
    assert (people.drivers(), people.guests()) == ((), ())
    assert ledger.verify().good


def test_no_record_holds_a_name(people: PeopleBook, ledger: Ledger) -> None:
    people.put_driver(ANNA)
    people.put_card(CARD)
    people.put_guest(GUEST)
    with ledger.database.read() as connection:
        bodies = "".join(connection.exec_driver_sql("SELECT body FROM record").scalars())
    for word in ("Anna", "Kerk", "NL91", "04AB", "Gus", "abc"):
        assert word not in bodies.replace("04AB", "") or word == "abc"
    assert "Anna" not in bodies


def test_who_leaves_is_forgotten_and_the_sums_stay(people: PeopleBook, sessions: SessionsBook, ledger: Ledger) -> None:
    people.put_driver(ANNA)
    people.put_driver(replace(ANNA, id="ben", name="Ben"))
    people.put_card(CARD)
    intervals = quarters(EVENING, 4)
    sessions.close_session(session("s1", intervals), intervals)
    sessions.correct("s1", {"tariff": "night"}, "user", "Anna said so")
    before = sessions.year_totals(2026)
    people.forget_driver("anna", by="user")
    assert [one.name for one in people.drivers()] == ["Ben"]
    assert people.cards() == ()
    assert sessions.year_totals(2026) == before
    assert sessions.session("s1").driver == "anna"
    with ledger.database.read() as connection:
        left = "".join(connection.exec_driver_sql("SELECT body FROM person").scalars())
        view = connection.exec_driver_sql("SELECT name, gone FROM v_driver WHERE driver = 'anna'").one()
    assert "Anna" not in left
    assert tuple(view) == (None, "forgotten")
    assert ledger.verify().good


def test_what_was_noted_when_a_session_became_theirs_goes_with_them(
    people: PeopleBook, sessions: SessionsBook, ledger: Ledger
) -> None:
    people.put_driver(ANNA)
    intervals = quarters(EVENING, 1)
    sessions.close_session(session("s1", intervals, driver=None), intervals)
    sessions.correct("s1", {"driver": "anna"}, "user", "Anna Ångström was here")
    people.forget_driver("anna")
    with ledger.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM person").scalar() == 0
    assert ledger.verify().good


def test_nothing_of_who_left_stays_in_the_file(tmp_path: Path) -> None:
    """Deleted rows stay in a file until something is written over them."""
    with closing(Ledger.open(tmp_path / "ledger.db", "home", zone=ZONE)) as ledger:
        people = PeopleBook(ledger)
        people.put_driver(ANNA)
        people.put_card(CARD)
        people.forget_driver("anna")
        files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ngstr" not in files
    assert b"04AB12CD" not in files
    assert b"forgotten" in files


def test_who_was_forgotten_stays_forgotten(people: PeopleBook, ledger: Ledger) -> None:
    people.put_driver(ANNA)
    people.forget_driver("anna")
    people.put_driver(ANNA)
    people.put_card(CARD)
    assert (people.drivers(), people.cards()) == ((), ())
    assert ledger.verify().good


def test_a_card_that_was_lost_is_removed(people: PeopleBook, ledger: Ledger) -> None:
    people.put_card(CARD)
    people.put_guest(GUEST)
    people.remove(Kind.CARD, "card1")
    assert (people.cards(), people.guests()) == ((), (GUEST,))
    assert ledger.verify().good
    people.put_card(CARD)
    assert people.cards() == (CARD,)


def test_sites_of_one_ledger_share_their_people(where: str) -> None:
    with (
        closing(Ledger.open(where, "north", zone=ZONE)) as north,
        closing(Ledger.open(where, "south", zone=ZONE)) as south,
    ):
        PeopleBook(north).put_driver(ANNA)
        assert PeopleBook(south).drivers() == (ANNA,)
        moved = replace(ANNA, address="Dorpsstraat 2")
        PeopleBook(south).put_driver(moved)
        assert PeopleBook(north).drivers() == (moved,)
        PeopleBook(north).forget_driver("anna")
        assert PeopleBook(south).drivers() == ()
        assert north.verify().good
        assert south.verify().good


def test_who_has_not_come_for_long(people: PeopleBook, sessions: SessionsBook, ledger: Ledger) -> None:
    for name in ("anna", "ben", "cleo", "eve"):
        people.put_driver(replace(ANNA, id=name, name=name), at=EVENING - timedelta(days=900))
    people.put_driver(replace(ANNA, id="dora"), at=EVENING)
    intervals = quarters(EVENING, 1)
    sessions.close_session(session("s1", intervals, driver="ben"), intervals)
    people.forget_driver("cleo", at=EVENING)
    assert idle_drivers(ledger, EVENING - timedelta(days=730)) == ("anna", "eve")
    # Whoever charged in a month is there for all of it.
    assert idle_drivers(ledger, EVENING + timedelta(days=1)) == ("anna", "dora", "eve")
    assert idle_drivers(ledger, EVENING + timedelta(days=31)) == ("anna", "ben", "dora", "eve")


def test_who_came_second_came_as_well(people: PeopleBook, sessions: SessionsBook, ledger: Ledger) -> None:
    for name in ("anna", "ben"):
        people.put_driver(replace(ANNA, id=name, name=name), at=EVENING - timedelta(days=900))
    first, second = quarters(EVENING, 2)
    shared = (replace(first, driver="anna"), second)
    sessions.close_session(session("s1", shared, driver="ben"), shared)
    assert idle_drivers(ledger, EVENING - timedelta(days=1)) == ()
    sessions.correct("s1", {}, None, "it was Ben", intervals=(replace(first, driver="ben"), second))
    assert idle_drivers(ledger, EVENING - timedelta(days=1)) == ("anna",)


def test_who_got_a_card_is_expected(people: PeopleBook, ledger: Ledger) -> None:
    people.put_driver(ANNA, at=EVENING - timedelta(days=900))
    assert idle_drivers(ledger, EVENING) == ("anna",)
    people.put_card(CARD, at=EVENING)
    assert idle_drivers(ledger, EVENING) == ()


def test_ids_tell_nothing() -> None:
    assert len({new_id() for _ in range(100)}) == 100
