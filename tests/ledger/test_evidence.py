"""What meters signed: kept as it came, with its session, and gone with whoever it names."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.ledger import EvidenceBook, Flaw, Ledger, PeopleBook, SessionsBook
from custom_components.smart_evse.ledger.exchange import exported, imported
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from custom_components.smart_evse.ledger.rebuilding import rebuild
from custom_components.smart_evse.signed.model import KeyState, Signed
from tests.ledger.house import EVENING, ZONE, quarters, session

BEGIN = Signed(text='OCMF|{"ID":"04AB12CD", "TT":"0,42 €"}|{"SD":"3045"}', key="oca:base16:asn1:3059")
END = Signed(text="ÿþ", charset="latin-1", method="EDL")
ANNA = Driver(id="anna", name="Anna")


@pytest.fixture
def book(ledger: Ledger) -> EvidenceBook:
    return EvidenceBook(ledger)


def fill(ledger: Ledger) -> EvidenceBook:
    """Put a session on record with what was signed over it."""
    book, intervals = EvidenceBook(ledger), quarters(EVENING, 2)
    PeopleBook(ledger).put_driver(ANNA)
    book.keep("s1", BEGIN, meter="M1", driver=None, at=EVENING)
    SessionsBook(ledger).close_session(session("s1", intervals), intervals)
    book.keep("s1", END, meter="M1", driver="anna", at=EVENING + timedelta(hours=1))
    book.pin("M1", "3059aa", KeyState.SEEN, at=EVENING)
    return book


def texts(book: EvidenceBook, name: str = "s1") -> list[Signed | None]:
    return [one.signed for one in book.of([name]).get(name, ())]


def test_it_comes_back_as_it_was_told(ledger: Ledger) -> None:
    book = fill(ledger)
    assert texts(book) == [BEGIN, END]
    first, _ = book.of(["s1"])["s1"]
    assert (first.session, first.meter, first.at) == ("s1", "M1", EVENING)
    assert book.of(["s2"]) == {}
    assert ledger.verify().good


def test_told_again_it_changes_nothing_and_stays_where_it_was(ledger: Ledger) -> None:
    book = fill(ledger)
    before = ledger.tip
    assert book.keep("s1", BEGIN, meter="M1", driver="anna") == "s1"
    assert book.keep("s2", replace(BEGIN, key=None), meter="M1", driver="ben") == "s1"
    assert ledger.tip == before
    assert texts(book, "s2") == []


def test_keys_are_seen_confirmed_and_refused(book: EvidenceBook) -> None:
    assert book.pin("M1", "aa", KeyState.SEEN)
    assert not book.pin("M1", "aa", KeyState.SEEN)
    assert book.pin("M1", "bb", KeyState.SEEN)
    assert book.pin("M1", "bb", KeyState.CONFIRMED, by="user")
    assert not book.pin("M1", "bb", KeyState.SEEN), "that it came along again takes back no word"
    assert book.pin("M1", "aa", KeyState.REFUSED, by="user")
    assert book.pin("M2", "aa", KeyState.SEEN)
    known = book.keys()
    assert [(one.meter, one.key, one.state.value) for one in known] == [
        ("M1", "aa", "refused"),
        ("M1", "bb", "confirmed"),
        ("M2", "aa", "seen"),
    ]
    assert book.ledger.verify().good


def test_the_record_holds_no_card_and_the_driver_takes_it_along(ledger: Ledger) -> None:
    book = fill(ledger)
    with ledger.database.read() as connection:
        bodies = "".join(connection.exec_driver_sql("SELECT body FROM record").scalars())
    assert "04AB12CD" not in bodies
    PeopleBook(ledger).forget_driver("anna")
    assert texts(book) == [None, None], "also what was signed before anybody knew whose session it was"
    assert ledger.verify().good
    book.keep("s1", replace(END, text="later"), meter="M1", driver="anna")
    assert texts(book) == [None, None, None]
    assert ledger.verify().good


def test_what_vanishes_without_a_word_is_found(ledger: Ledger) -> None:
    fill(ledger)
    with ledger.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM person WHERE subject = 's1'")
    assert {one.flaw for one in ledger.verify().findings} == {Flaw.PERSONAL_MISSING}


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM signed_value",
        "UPDATE signed_value SET session = 's2'",
        "DELETE FROM meter_key",
        "UPDATE meter_key SET state = 'confirmed'",
    ],
)
def test_tables_are_made_anew_from_the_records(ledger: Ledger, spoil: str) -> None:
    book = fill(ledger)
    kept, keys = book.of(["s1"]), book.keys()
    with ledger.database.write() as connection:
        connection.exec_driver_sql(spoil)
    assert {one.flaw for one in ledger.verify().findings} == {Flaw.TABLES}
    rebuild(ledger.database, "home")
    assert ledger.verify().good
    assert (book.of(["s1"]), book.keys()) == (kept, keys)


def test_it_moves_house_with_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "source.db", "home", zone=ZONE)) as source:
        book = fill(source)
        imported(ledger.database, exported(source.database))
        assert EvidenceBook(ledger).of(["s1"]) == book.of(["s1"])
        assert EvidenceBook(ledger).keys() == book.keys()
    assert ledger.verify().good


def test_it_is_brought_to_a_replica_and_forgotten_there_too(tmp_path: Path, where: str) -> None:
    with closing(Ledger.open(tmp_path / "home.db", "home", zone=ZONE)) as home, closing(Replica(where)) as replica:
        book, outbox = fill(home), Outbox(home, replica)
        outbox.upload()
        there = EvidenceBook(Ledger(replica.database, "home", home.zone))
        assert there.of(["s1"]) == book.of(["s1"])
        assert there.keys() == book.keys()
        PeopleBook(home).forget_driver("anna")
        outbox.upload()
        assert texts(there) == [None, None]


def test_a_ledger_of_before_learns_of_it(where: str) -> None:
    with closing(Ledger.open(where, "home", zone=ZONE)) as ledger, ledger.database.write() as connection:
        connection.exec_driver_sql("DROP VIEW v_statement")
        for table in ("signed_value", "meter_key", "statement", "statement_part"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    with closing(Ledger.open(where, "home", zone=ZONE)) as ledger:
        assert texts(fill(ledger)) == [BEGIN, END]
