"""Statements: numbered without gaps, claimed once, paid once, and as they were when they are read again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custom_components.smart_evse.engine.statements.charged import ChargedSession, Extra, Valuation, Value, Wanted
from custom_components.smart_evse.engine.statements.credit import credit_note
from custom_components.smart_evse.engine.statements.errors import IllegalStep
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Meter, Party, Statement, StatementKind, StatementState
from custom_components.smart_evse.engine.statements.states import EventKind, StatementEvent
from custom_components.smart_evse.engine.statements.worth import worth
from custom_components.smart_evse.ledger import Flaw, Ledger, Numbering, PeopleBook, StatementFilter, StatementsBook
from custom_components.smart_evse.ledger.errors import Claimed, CreditNoteNeeded, NotOnRecord, OnRecord, Unnumbered
from custom_components.smart_evse.ledger.exchange import exported, imported
from custom_components.smart_evse.ledger.numbers import numbers
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from custom_components.smart_evse.ledger.rebuilding import rebuild
from custom_components.smart_evse.ledger.retention import idle_drivers
from tests.ledger.house import EVENING, QUARTER, ZONE, quarters, session
from tests.ledger.seals import broken_open
from tests.ledger.test_people import ANNA

HOUSE = Numbering(issuer="house", year=2026)
APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)
OWNER = Party(name="Olle Owner", address=("Storgatan 1",), city="Umeå", country="SE", vat_number="SE556677889901")
GUEST = Party(name="Anna Ångström", address=("Kerkstraat 1",), reference="garage 12")


@pytest.fixture
def book(ledger: Ledger) -> StatementsBook:
    return StatementsBook(ledger)


def charged(name: str, day: int, *, driver: str = "anna") -> ChargedSession:
    intervals = quarters(EVENING + timedelta(days=day), 4)
    record = session(name, intervals, driver=driver)
    priced = worth(intervals, Valuation.GRID, "EUR").priced
    return ChargedSession(
        record=record,
        intervals=intervals,
        meter=Meter(charger="garage", number="SN 1"),
        values=(Value(valuation=Valuation.TARIFF, priced=priced),),
        names=(("anna", "Anna"), ("ben", "Ben")),
        plate="ABC 123",
    )


def stated(
    name: str = "a", *days: int, preset: str = "invoice", driver: str | None = "anna", **more: object
) -> Statement:
    told: dict[str, object] = {
        "id": name,
        "preset": preset,
        "issuer": OWNER,
        "recipient": GUEST,
        "since": EVENING - timedelta(days=1),
        "until": EVENING + timedelta(days=40),
        "zone": ZONE,
        "currency": "EUR",
        "made_on": date(2026, 4, 1),
        "driver": driver,
        "region": "flanders",
        **more,
    }
    return make(Wanted(**told), [charged(f"s{day}", day) for day in days or (1, 2)])  # type: ignore[arg-type]


def event(kind: EventKind, amount: str | None = None, reference: str | None = None, of: str = "a") -> StatementEvent:
    return StatementEvent(
        statement=of,
        kind=kind,
        at=APRIL,
        amount=None if amount is None else Decimal(amount),
        provider="stripe" if reference else None,
        reference=reference,
    )


def test_a_statement_comes_back_as_it_was(book: StatementsBook) -> None:
    fee = Extra(what="subscription", quantity=Decimal(1), unit="month", price=Decimal("9.90"), driver="anna")
    statement = stated(due_on=date(2026, 4, 15), reference="RF18539007547034", extras=(fee,))
    issued = book.issue(statement, HOUSE, at=APRIL)
    assert issued == replace(statement, number="2026-0001")
    found = book.statement("a")
    assert found is not None
    assert (found.statement, found.standing.state, found.standing.open) == (issued, StatementState.OPEN, issued.total)
    assert [str(line.price) for line in found.statement.sessions[0].lines] == ["0.28734"]
    assert book.statement("b") is None
    assert book.ledger.verify().good


def test_issued_once_more_it_is_what_it_was(book: StatementsBook) -> None:
    first = book.issue(stated(), HOUSE, at=APRIL)
    assert book.issue(stated(), HOUSE) == first
    with pytest.raises(OnRecord):
        book.issue(stated("a", 1), HOUSE)
    assert len(book.statements()) == 1


def test_numbers_have_no_gaps_whatever_is_refused(book: StatementsBook) -> None:
    book.issue(stated("a", 1), HOUSE)
    with pytest.raises(Claimed):
        book.issue(stated("b", 1, 2), HOUSE)
    with pytest.raises(Unnumbered):
        book.issue(stated("b", 2))
    assert book.issue(stated("b", 2), HOUSE, prefix="EV-").number == "EV-2026-0002"
    with book.ledger.database.read() as connection:
        assert numbers(connection, HOUSE) == (1, 2)


def test_energy_is_claimed_once_whosever_it_is_by_now(book: StatementsBook) -> None:
    first = book.issue(stated("a", 1), HOUSE)
    corrected = replace(stated("b", 1), driver="ben")
    corrected = replace(corrected, sessions=tuple(replace(one, driver_id="ben") for one in corrected.sessions))
    with pytest.raises(Claimed) as caught:
        book.issue(corrected, HOUSE)
    assert (caught.value.number, caught.value.other_driver) == (first.number, True)
    book.issue(credit_note(first, id="a-c", made_on=date(2026, 4, 2)), HOUSE)
    assert book.issue(corrected, HOUSE).number == "2026-0003"


def test_energy_is_claimed_once(book: StatementsBook) -> None:
    book.issue(stated("a", 1, 2), HOUSE)
    with pytest.raises(Claimed) as caught:
        book.issue(stated("b", 2, 3, preset="guest"), HOUSE)
    assert (caught.value.statement, caught.value.number, caught.value.session) == ("a", "2026-0001", "s2")
    assert book.issue(stated("c", 2, 3), HOUSE, again=True).number == "2026-0002"
    book.issue(stated("d", 1, 2, preset="neutral"))
    book.issue(stated("e", 1, 2, preset="neutral"))
    book.issue(stated("f", 1, 2, preset="be_employer"))
    with pytest.raises(Claimed):
        book.issue(stated("g", 1, preset="be_employer"))
    book.book(event(EventKind.CANCELLED, of="f"))
    book.issue(stated("g", 1, preset="be_employer"))


def test_parts_of_one_session_may_be_on_two_statements(book: StatementsBook) -> None:
    border = EVENING + timedelta(days=1) + 2 * QUARTER
    book.issue(stated("a", 1, until=border), HOUSE)
    book.issue(stated("b", 1, since=border), HOUSE)
    with pytest.raises(Claimed):
        book.issue(stated("c", 1, since=border - QUARTER), HOUSE)
    assert sum(one.energy for one in book.statements()) == charged("s1", 1).record.energy_in


def owed(book: StatementsBook, driver: str) -> Decimal:
    """What is open of a driver's statements; below nothing is owed back."""
    return sum((one.open for one in book.statements(StatementFilter(driver=driver))), Decimal(0))


def test_sent_and_paid_by_parts(book: StatementsBook) -> None:
    total = book.issue(stated(), HOUSE).total
    assert book.book(event(EventKind.SENT)).state is StatementState.SENT
    half = book.book(event(EventKind.PAYMENT, "1.00", "pi_1"))
    assert (half.state, half.open) == (StatementState.SENT, total - 1)
    tip = book.ledger.tip
    assert book.book(event(EventKind.PAYMENT, "1.00", "pi_1")) == half
    assert book.ledger.tip == tip, "told twice it is on record once"
    assert (owed(book, "anna"), owed(book, "ben")) == (total - 1, 0)
    paid = book.book(event(EventKind.PAID))
    assert (paid.state, paid.open, owed(book, "anna")) == (StatementState.PAID, 0, 0)
    with pytest.raises(IllegalStep):
        book.book(event(EventKind.PAID))
    with pytest.raises(NotOnRecord):
        book.book(event(EventKind.PAID, of="b"))
    assert book.ledger.verify().good


def test_what_a_provider_tells_at_once_is_booked_once(book: StatementsBook) -> None:
    book.issue(stated(), HOUSE)
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(book.book, [event(EventKind.PAYMENT, "1.00", "pi_1")] * 8))
    assert {one.received for one in told} == {1}


def test_a_credit_note_cancels_what_it_corrects(book: StatementsBook) -> None:
    invoice = book.issue(stated(), HOUSE)
    book.book(event(EventKind.PAYMENT, str(invoice.total), "pi_1"))
    with pytest.raises(CreditNoteNeeded):
        book.book(event(EventKind.CANCELLED))
    note = credit_note(invoice, id="n", made_on=date(2026, 4, 20))
    issued = book.issue(note, HOUSE, at=APRIL)
    assert (issued.number, issued.total) == ("2026-0002", -invoice.total)
    found = book.statement("a")
    assert found is not None
    assert (found.standing.state, found.standing.credit_note) == (StatementState.CANCELLED, "n")
    assert owed(book, "anna") == -invoice.total, "it was paid, and is owed back"
    book.book(event(EventKind.REFUND, str(invoice.total), "re_1"))
    assert owed(book, "anna") == 0
    book.issue(stated("b"), HOUSE)
    with pytest.raises(IllegalStep):
        book.issue(replace(note, id="m"), HOUSE)
    with pytest.raises(NotOnRecord):
        book.issue(replace(note, id="m", corrects="x"), HOUSE)
    assert [one.number for one in book.statements()] == ["2026-0003", "2026-0002", "2026-0001"]


FILTERS: dict[str, tuple[StatementFilter, list[str]]] = {
    "all": (StatementFilter(), ["d", "c", "b", "a"]),
    "a driver's": (StatementFilter(driver="ben"), ["c"]),
    "sent ones": (StatementFilter(state=StatementState.SENT), ["b"]),
    "of a kind": (StatementFilter(kind=StatementKind.LIST), ["d"]),
    "of a preset": (StatementFilter(preset="invoice"), ["c", "b", "a"]),
    "the last": (StatementFilter(limit=2), ["d", "c"]),
    "before": (StatementFilter(until=EVENING - timedelta(days=1)), []),
    "after": (StatementFilter(since=EVENING + timedelta(days=40)), []),
    "within": (StatementFilter(since=EVENING, until=EVENING + timedelta(days=1)), ["d", "c", "b", "a"]),
}


@pytest.mark.parametrize("name", FILTERS)
def test_statements_are_found(book: StatementsBook, name: str) -> None:
    book.issue(stated("a", 1), HOUSE)
    book.issue(stated("b", 2), HOUSE)
    book.book(event(EventKind.SENT, of="b"))
    book.issue(replace(stated("c", 3), driver="ben"), HOUSE)
    book.issue(stated("d", preset="neutral", driver=None))
    which, ids = FILTERS[name]
    assert [one.id for one in book.statements(which)] == ids
    first = book.statements(StatementFilter(preset="invoice"))[-1]
    found = book.statement("a")
    assert found is not None
    assert (first.number, first.total, first.open) == ("2026-0001", found.statement.total, found.standing.open)
    assert (first.since, first.until, first.method) == (found.statement.since, found.statement.until, "tariff")


def test_no_record_holds_a_name(book: StatementsBook) -> None:
    book.issue(stated(), HOUSE)
    with book.ledger.database.read() as connection:
        bodies = "".join(connection.exec_driver_sql("SELECT body FROM record").scalars())
    for word in ("Anna", "Ångström", "Kerkstraat", "ABC 123", "Olle", "Storgatan"):
        assert word not in bodies


def test_who_leaves_is_forgotten_on_statements_too(book: StatementsBook) -> None:
    people = PeopleBook(book.ledger)
    people.put_driver(ANNA)
    issued = book.issue(stated(), HOUSE)
    people.forget_driver("anna")
    found = book.statement("a")
    assert found is not None
    assert (found.statement.recipient, found.statement.issuer) == (Party(name=""), OWNER)
    assert [(one.driver, one.plate) for one in found.statement.sessions] == [(None, None)] * 2
    assert (found.statement.total, found.statement.number) == (issued.total, "2026-0001")
    assert book.ledger.verify().good
    late = book.issue(stated("b", 5), HOUSE)
    assert late.recipient == Party(name=""), "nothing of who has left is kept once more"
    assert book.ledger.verify().good


def test_who_still_has_to_pay_is_not_idle(book: StatementsBook) -> None:
    people = PeopleBook(book.ledger)
    people.put_driver(ANNA, at=EVENING)
    people.put_driver(replace(ANNA, id="ben", name="Ben"), at=EVENING)
    later, much_later = EVENING + timedelta(days=7), EVENING + timedelta(days=700)
    assert idle_drivers(book.ledger, later) == ("anna", "ben")
    book.issue(stated(), HOUSE)
    assert idle_drivers(book.ledger, later) == idle_drivers(book.ledger, much_later) == ("ben",)
    book.book(event(EventKind.PAID))
    assert idle_drivers(book.ledger, later) == ("ben",), "the statement is of April"
    assert idle_drivers(book.ledger, much_later) == ("anna", "ben")


def test_of_a_list_only_who_left_is_forgotten(book: StatementsBook) -> None:
    people = PeopleBook(book.ledger)
    people.put_driver(ANNA)
    people.put_driver(replace(ANNA, id="ben", name="Ben"))
    sessions = [charged("s1", 1), charged("s2", 2, driver="ben")]
    wanted = Wanted(
        id="l",
        preset="se_association",
        issuer=OWNER,
        recipient=Party(name="Brf Gården"),
        since=EVENING,
        until=EVENING + timedelta(days=9),
        zone=ZONE,
        currency="EUR",
        made_on=date(2026, 4, 1),
    )
    statement = make(wanted, sessions)
    assert book.issue(statement) == statement
    people.forget_driver("anna")
    found = book.statement("l")
    assert found is not None
    assert [(one.driver, one.driver_id) for one in found.statement.sessions] == [(None, "anna"), ("Ben", "ben")]
    assert (found.statement.recipient.name, found.statement.total) == ("Brf Gården", statement.total)
    assert book.ledger.verify().good


def test_a_replica_and_an_export_have_them_too(book: StatementsBook, replica: str, tmp_path: Path) -> None:
    issued = book.issue(stated(), HOUSE)
    book.book(event(EventKind.PAYMENT, "1.00", "pi_1"))
    with closing(Replica(replica)) as there:
        Outbox(book.ledger, there).upload()
    lines = list(exported(book.ledger.database))
    with closing(Ledger.open(tmp_path / "other.db", "other", zone=ZONE)) as other:
        imported(other.database, lines)
        for place in (replica, tmp_path / "other.db"):
            with closing(Ledger.open(place, "home", zone=ZONE)) as copy:
                found = StatementsBook(copy).statement("a")
                assert found is not None
                assert (found.statement, found.standing.received) == (issued, 1)
                assert copy.verify().good


def _state(ledger: Ledger) -> list[Any]:
    with ledger.database.read() as connection:
        return [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("statement", "statement_part")]


BROKEN: dict[str, str] = {
    "a total is another": "UPDATE statement SET total = total + 1",
    "it is paid": "UPDATE statement SET state = 'paid'",
    "a part is gone": "DELETE FROM statement_part WHERE number = 1",
    "it is gone": "DELETE FROM statement",
}


@pytest.mark.parametrize("change", BROKEN)
def test_what_the_tables_say_is_looked_at_and_made_anew(book: StatementsBook, change: str) -> None:
    book.issue(stated(), HOUSE)
    book.book(event(EventKind.SENT))
    before = _state(book.ledger)
    with book.ledger.database.write() as connection:
        connection.exec_driver_sql(BROKEN[change])
    assert {finding.flaw for finding in book.ledger.verify().findings} == {Flaw.TABLES}
    rebuild(book.ledger.database, "home")
    assert book.ledger.verify().good
    assert _state(book.ledger) == before


@pytest.mark.parametrize("table", ["record", "person"])
def test_a_statement_is_sealed(book: StatementsBook, table: str) -> None:
    book.issue(stated(), HOUSE)
    with broken_open(book.ledger.database) as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET body = replace(body, 'a', 'e')")
    assert not book.ledger.verify(tables=False).good


def test_a_ledger_of_before_learns_of_them(where: str) -> None:
    with closing(Ledger.open(where, "home", zone=ZONE)) as before, before.database.write() as connection:
        connection.exec_driver_sql("DROP VIEW v_statement")
        for table in ("statement", "statement_part"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    with closing(Ledger.open(where, "home", zone=ZONE)) as ledger:
        assert StatementsBook(ledger).issue(stated(), HOUSE).number == "2026-0001"
        assert ledger.verify().good


def test_sql_tools_see_statements(book: StatementsBook) -> None:
    issued = book.issue(stated(), HOUSE)
    book.book(event(EventKind.SENT))
    with book.ledger.database.read() as connection:
        row = connection.exec_driver_sql("SELECT * FROM v_statement").mappings().one()
    assert (row["statement"], row["number"], row["state"]) == ("a", "2026-0001", "sent")
    assert float(row["total"]) == pytest.approx(float(issued.total))
    assert "2026" in str(row["sent"])
