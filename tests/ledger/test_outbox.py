"""Bringing records to a server: a week offline, a replay, twenty sites at once; equal sums everywhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from custom_components.smart_evse.engine.access.model import Card, Driver
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.closing import PeriodsBook
from custom_components.smart_evse.ledger.errors import Broken, Unreadable
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from custom_components.smart_evse.ledger.receiving import noted
from custom_components.smart_evse.ledger.schema import RECORD
from tests.ledger.house import EVENING, ZONE, evenings, quarters, session
from tests.ledger.seals import broken_open


def opened(folder: Path, name: str, site: str = "home") -> Ledger:
    return Ledger.open(folder / f"{name}.db", site, zone=ZONE)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Ledger]:
    with closing(opened(tmp_path, "home")) as ledger:
        yield ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    url = request.getfixturevalue("replica") if request.param == "postgresql" else f"sqlite:///{tmp_path}/central.db"
    with closing(Replica(url)) as replica:
        yield replica


def fill(ledger: Ledger, count: int = 20) -> None:
    """A few weeks of somebody's life: sessions, people, corrections, a closed month."""
    sessions, people = SessionsBook(ledger), PeopleBook(ledger)
    people.put_driver(Driver(id="anna", name="Anna Ångström"), at=EVENING)
    people.put_card(Card(id="card1", number="04AB12", driver="anna"), at=EVENING)
    for record, intervals in evenings(count):
        sessions.close_session(record, intervals)
    sessions.correct("s003", {"driver": "ben"}, "user", "Ben drove")
    PeriodsBook(ledger).close_period("2026-03")
    sessions.correct("s004", {"driver": "ben"}, "user", "Ben again")


def everything(owner: Ledger | Replica, site: str = "home") -> tuple[object, ...]:
    """All that somebody can ask of a site."""
    view = Ledger(owner.database, site, ZoneInfo(ZONE))
    book = SessionsBook(view)
    return (
        book.year_totals(2026, by=("driver", "vehicle", "connector")),
        book.months_since(None),
        book.with_intervals(SessionFilter()),
        PeopleBook(view).drivers(),
        PeopleBook(view).cards(),
        PeriodsBook(view).closed(),
        view.tip,
        view.verify(),
    )


def test_what_is_brought_is_the_same_there(home: Ledger, central: Replica) -> None:
    fill(home)
    received = Outbox(home, central).upload()
    assert (received.new, received.conflicts) == (home.verify().records, ())
    assert everything(central) == everything(home)
    assert everything(home)[-1].good


def test_a_week_offline(home: Ledger, central: Replica) -> None:
    """The line was down for a week and comes back for a moment at a time."""
    book, outbox = SessionsBook(home), Outbox(home, central)
    for record, intervals in evenings(3):
        book.close_session(record, intervals)
        outbox.upload()
    for record, intervals in evenings(60, begin=EVENING + timedelta(days=100)):
        book.close_session(session(f"later {record.id}", intervals), intervals)
    waiting = outbox.waiting()
    assert waiting == 60
    sent = 0
    while outbox.waiting():
        sent += outbox.upload(most=7).new
    assert sent == waiting
    assert everything(central) == everything(home)


def test_an_upload_that_is_cut_off_is_taken_up_again(home: Ledger, central: Replica) -> None:
    """The server has it, the answer never came: the same records are brought once more, and change nothing."""
    fill(home)
    outbox = Outbox(home, central)
    outbox.upload()
    before = everything(central)
    for _ in range(2):
        with home.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM outbox")
        again = outbox.upload()
        assert (again.seen, again.new, again.conflicts) == (home.verify().records, 0, ())
        assert everything(central) == before == everything(home)


def test_nothing_is_brought_twice_when_all_is_there(home: Ledger, central: Replica) -> None:
    fill(home)
    outbox = Outbox(home, central)
    outbox.upload()
    assert outbox.upload().seen == 0
    assert outbox.waiting() == 0


def test_two_sites_with_the_same_clock(tmp_path: Path, central: Replica) -> None:
    """The same cars at the same seconds, the same ids: each site keeps its own."""
    with closing(opened(tmp_path, "one", "north")) as north, closing(opened(tmp_path, "two", "south")) as south:
        for ledger in (north, south):
            for record, intervals in evenings(20):
                SessionsBook(ledger).close_session(record, intervals)
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda ledger: Outbox(ledger, central).upload(), (north, south)))
        assert everything(central, "north") == everything(north, "north")
        assert everything(central, "south") == everything(south, "south")
        whole = SessionsBook(Ledger(central.database, "north", ZoneInfo(ZONE)))
        both = whole.year_totals(2026, by=(), everywhere=True)
        assert [one.site for one in both] == ["north", "south"]
        assert both[0].energy_in == both[1].energy_in > 0
        assert len(whole.sessions(SessionFilter(everywhere=True))) == 40


def test_a_driver_who_left_is_forgotten_there_too(home: Ledger, central: Replica) -> None:
    fill(home)
    outbox = Outbox(home, central)
    outbox.upload()
    assert [one.name for one in PeopleBook(Ledger(central.database, "home", ZoneInfo(ZONE))).drivers()] != []
    PeopleBook(home).forget_driver("anna", at=EVENING + timedelta(days=400))
    outbox.upload()
    assert everything(central) == everything(home)
    with central.database.read() as connection:
        left = connection.exec_driver_sql("SELECT body FROM person").scalars().all()
    assert not [body for body in left if "Anna" in body or "04AB12" in body]


def test_a_replica_that_was_restored_gets_what_it_lost(home: Ledger, central: Replica) -> None:
    """It remembers less than we believe it has."""
    fill(home)
    outbox = Outbox(home, central)
    outbox.upload()
    with broken_open(central.database) as connection:
        connection.execute(RECORD.delete().where(RECORD.c.sequence > 12))
    assert outbox.upload().new > 0
    assert Ledger(central.database, "home", ZoneInfo(ZONE)).verify(tables=False).good


def test_another_record_under_the_same_key_is_a_conflict(tmp_path: Path, central: Replica) -> None:
    """Two machines went on from one backup in the same second."""
    with closing(Ledger.open(tmp_path / "a.db", "home", zone=ZONE, now=EVENING)) as one:
        SessionsBook(one).close_session(session("s1", quarters(EVENING, 2)), quarters(EVENING, 2))
        Outbox(one, central).upload()
    with closing(Ledger.open(tmp_path / "b.db", "home", zone=ZONE, now=EVENING)) as other:
        SessionsBook(other).close_session(session("s2", quarters(EVENING, 3)), quarters(EVENING, 3))
        SessionsBook(other).close_session(session("s3", quarters(EVENING, 4)), quarters(EVENING, 4))
        received = Outbox(other, central).upload()
        (conflict,) = received.conflicts
        assert (conflict.site, conflict.sequence) == ("home", 2)
        assert conflict.ours != conflict.theirs
        assert received.new == 1
        with other.database.read() as connection:
            (kept,) = noted(connection, "home")
        assert (kept.ours, kept.theirs) == (conflict.theirs, conflict.ours)
    with central.database.read() as connection:
        assert noted(connection, "home") == (conflict,)
        first = connection.execute(select(RECORD.c.hash).where(RECORD.c.sequence == 2)).scalar_one()
    assert first == conflict.ours


def test_a_record_that_is_not_what_was_sealed_goes_nowhere(home: Ledger, central: Replica) -> None:
    fill(home)
    with broken_open(home.database) as connection:
        connection.exec_driver_sql("UPDATE record SET body = replace(body, '400', '401') WHERE sequence = 5")
    with pytest.raises(Broken) as raised:
        Outbox(home, central).upload()
    assert raised.value.key[2] == 5
    assert central.tip("home").sequence == 0


def test_a_server_that_is_not_there(home: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        Replica(f"postgresql://evse@/ledger?host={tmp_path}")
    assert home.verify().good


def test_a_restored_backup_gets_back_what_the_replica_has(tmp_path: Path, central: Replica) -> None:
    """A disk died; the backup was a week old, the replica a minute."""
    with closing(opened(tmp_path, "home")) as ledger:
        fill(ledger, 10)
        Outbox(ledger, central).upload()
        ledger.checkpoint(copying=True)
        backup = (tmp_path / "home.db").read_bytes()
        ledger.checkpoint()
        book = SessionsBook(ledger)
        for record, intervals in evenings(5, begin=EVENING + timedelta(days=60)):
            book.close_session(session(f"lost {record.id}", intervals), intervals)
        book.correct("s001", {"driver": "cleo"}, None, "late")
        Outbox(ledger, central).upload()
        before = everything(ledger)
    (tmp_path / "back.db").write_bytes(backup)
    with closing(Ledger.open(tmp_path / "back.db", "home", zone=ZONE, known=[central.tip("home")])) as restored:
        tip = restored.tip
        assert tip.epoch > before[-2].epoch
        assert tip.sequence == before[-2].sequence + 1
        assert len(restored.verify().lost) == 1
        SessionsBook(restored).correct("s001", {"driver": "dora"}, None, "once more")
        outbox = Outbox(restored, central)
        assert outbox.recover().new == 6
        assert outbox.recover().new == 0
        verified = restored.verify()
        assert (verified.good, verified.lost) == (True, ())
        outbox.upload()
        assert SessionsBook(restored).session("s001").driver == "dora"
        assert len(SessionsBook(restored).sessions()) == 15
        assert everything(central) == everything(restored)
