"""A ledger that came back from a backup, and what a copy on another machine has told meanwhile."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
import shutil

import pytest

from custom_components.smart_evse.engine.sessions.model import Ends, Interval, SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from custom_components.smart_evse.ledger.settling import settle
from tests.ledger.house import EVENING, QUARTER, ZONE


@pytest.fixture(params=["sqlite", "postgresql"])
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    url = request.getfixturevalue("replica") if request.param == "postgresql" else f"sqlite:///{tmp_path}/central.db"
    with closing(Replica(url)) as replica:
        yield replica


def stay(name: str, begin: int, stop: int, hours: float, driver: str = "anna") -> tuple[SessionRecord, list[Interval]]:
    """Return a session over these registers, in intervals of 100 Wh."""
    start = EVENING + timedelta(hours=hours)
    edges = [*range(begin, stop, 100), stop]
    intervals = [
        Interval(start=start + n * QUARTER, end=start + (n + 1) * QUARTER, energy_in=b - a, from_grid=b - a)
        for n, (a, b) in enumerate(pairwise(edges))
    ]
    record = SessionRecord(
        id=name,
        connector="garage",
        started=start,
        ended=intervals[-1].end,
        energy_in=stop - begin,
        taken=Ends(start=begin, stop=stop),
        driver=driver,
        currency="EUR",
    )
    return record, intervals


def since(name: str, begin: int, seen: int, stop: int) -> tuple[SessionRecord, list[Interval]]:
    """Return a session that began, as its ledger has it, at the backup, and that somebody looked at a day later."""
    record, intervals = stay(name, seen, stop, 24, driver="ben")
    started = EVENING + timedelta(hours=3)
    unseen = Interval(start=started, end=intervals[0].start, energy_in=seen - begin, unattributed=seen - begin)
    taken = Ends(start=begin, stop=stop)
    return replace(record, started=started, energy_in=stop - begin, taken=taken), [unseen, *intervals]


def opened(file: Path, days: int = 0) -> Ledger:
    return Ledger.open(file, "home", zone=ZONE, now=EVENING + timedelta(days=days))


@pytest.fixture
def restored(tmp_path: Path, central: Replica) -> Iterator[Ledger]:
    """A ledger whose backup knows 1,000 Wh; two sessions up to 3,000 Wh were told to the copy before it came back."""
    file, older = tmp_path / "home.db", tmp_path / "older.db"
    with closing(opened(file)) as ledger:
        SessionsBook(ledger).close_session(*stay("first", 0, 1_000, 0))
        ledger.checkpoint(copying=True)
        shutil.copy(file, older)
        ledger.checkpoint()
        SessionsBook(ledger).close_session(*stay("second", 1_000, 1_500, 4))
        SessionsBook(ledger).close_session(*stay("third", 1_500, 3_000, 8))
        Outbox(ledger, central).upload()
    with closing(opened(older, 1)) as ledger:
        yield ledger


def take_back(ledger: Ledger, central: Replica) -> dict[str, int]:
    outbox = Outbox(ledger, central)
    epochs = outbox.missing_epochs()
    outbox.recover()
    told = settle(ledger, epochs)
    assert {"first", "second", "third"} <= {one.id for one in told}
    book = SessionsBook(ledger)
    for session, intervals in book.with_intervals(SessionFilter()):
        assert sum(each.energy_in for each in intervals) == session.energy_in
        assert all(each.start >= session.started for each in intervals)
    assert ledger.verify().good
    return {session.id: session.energy_in for session in book.sessions() if session.energy_in}


def test_a_session_that_was_followed_since_is_left_with_what_is_its_own(restored: Ledger, central: Replica) -> None:
    SessionsBook(restored).close_session(*since("since", 1_000, 3_100, 3_250))
    told = take_back(restored, central)
    assert told == {"first": 1_000, "second": 500, "third": 1_500, "since": 250}
    (year,) = SessionsBook(restored).year_totals(2026, driver="ben")
    assert (year.energy_in, year.from_grid, year.unattributed) == (250, 150, 100)
    # A copy that says it once more changes nothing.
    settle(restored, [restored.tip.epoch - 1])
    assert SessionsBook(restored).year_totals(2026, by=())[0].energy_in == 3_250


def test_a_session_that_ended_twice_ended_when_it_was_told_first(restored: Ledger, central: Replica) -> None:
    """A car was plugged in when the backup was made: the restored ledger let its session run on, over everybody."""
    SessionsBook(restored).close_session(*since("second", 1_000, 3_100, 3_250))
    told = take_back(restored, central)
    rest = {name: energy for name, energy in told.items() if name not in ("first", "second", "third")}
    assert (told["second"], told["third"], list(rest.values())) == (500, 1_500, [250])


def test_what_is_told_already_leaves_nothing(restored: Ledger, central: Replica) -> None:
    SessionsBook(restored).close_session(*since("since", 1_000, 2_900, 3_000))
    assert take_back(restored, central) == {"first": 1_000, "second": 500, "third": 1_500}


def test_what_comes_after_is_left_alone(restored: Ledger, central: Replica) -> None:
    SessionsBook(restored).close_session(*stay("since", 3_000, 3_500, 20))
    assert take_back(restored, central)["since"] == 500
    session = SessionsBook(restored).session("since")
    assert session == stay("since", 3_000, 3_500, 20)[0]
