"""What is kept of sessions is what is told of them, on both engines."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from custom_components.smart_evse.engine.sessions.model import Mark, Rung
from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.errors import NotOnRecord, OnRecord
from custom_components.smart_evse.ledger.rebuilding import rebuild
from custom_components.smart_evse.ledger.trail import corrections
from tests.ledger.house import EVENING, QUARTER, evenings, quarters, session


def test_a_session_comes_back_as_it_was_told(sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    told = session("s1", intervals)
    record = sessions.close_session(told, intervals)
    assert (record.site, record.kind, record.subject) == ("home", "session", "s1")
    assert sessions.session("s1") == told
    assert sessions.intervals("s1") == intervals
    assert sessions.with_intervals(SessionFilter()) == ((told, intervals),)


def test_what_nobody_told_is_not_there(sessions: SessionsBook) -> None:
    assert sessions.session("s1") is None
    assert sessions.intervals("s1") == ()
    assert sessions.open_states() == {}
    with pytest.raises(NotOnRecord):
        sessions.correct("s1", {"driver": "ben"}, "user", "why not")


def test_a_session_that_is_told_again_changes_nothing(ledger: Ledger, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    told = session("s1", intervals)
    first = sessions.close_session(told, intervals)
    assert sessions.close_session(told, intervals) == first
    assert sessions.close_session(told, intervals[-1:]) == first
    assert ledger.verify().records == 2


def test_another_session_of_the_same_id_is_refused(sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    told = session("s1", intervals)
    sessions.close_session(told, intervals)
    with pytest.raises(OnRecord):
        sessions.close_session(replace(told, energy_in=1), intervals)
    with pytest.raises(OnRecord):
        sessions.close_session(told, [replace(intervals[0], from_sun=0)])
    assert sessions.session("s1") == told


def test_what_runs_is_kept_until_it_is_on_record(sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    sessions.save_open("garage", {"register": 12.5}, session="s1", intervals=intervals[:2])
    sessions.save_open("garage", {"register": 13.5}, session="s1", intervals=intervals[2:4])
    sessions.save_open("street", {"register": 0})
    assert sessions.open_states() == {"garage": {"register": 13.5}, "street": {"register": 0}}
    assert sessions.intervals("s1") == intervals[:4]
    assert sessions.sessions() == ()
    sessions.close_session(session("s1", intervals), intervals[4:])
    assert sessions.intervals("s1") == intervals
    assert sessions.open_states() == {"street": {"register": 0}}


def test_intervals_that_are_told_again_are_kept_once(sessions: SessionsBook) -> None:
    """Whoever was killed between writing and remembering that it was written writes once more."""
    intervals = quarters(EVENING, 6)
    sessions.add_intervals("s1", intervals[:3])
    sessions.add_intervals("s1", intervals[1:4])
    sessions.add_intervals("s1", intervals[3:4])
    assert sessions.intervals("s1") == intervals[:4]
    sessions.close_session(session("s1", intervals), intervals[3:])
    assert sessions.intervals("s1") == intervals


def test_the_same_hour_lived_twice_is_kept_twice(sessions: SessionsBook) -> None:
    """The clock was set back by half an hour: the times are the same, the energy flowed all the same."""
    intervals = (*quarters(EVENING, 3), *quarters(EVENING + QUARTER, 2))
    told = session("s1", intervals)
    for one in intervals[:4]:
        sessions.add_intervals("s1", [one])
    sessions.close_session(told, intervals[4:])
    assert sessions.intervals("s1") == intervals
    assert sum(one.energy_in for one in sessions.year_totals(2026)) == told.energy_in


def test_a_session_goes_on_record_before_it_ends(ledger: Ledger, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    sessions.save_open("garage", {"a": 1}, session="s1", intervals=intervals[:2])
    sessions.close_session(session("s1", intervals[:2], ended=False))
    assert sessions.open_states() == {"garage": {"a": 1}}
    assert [one.sessions for one in sessions.year_totals(2026)] == [0]
    told = session("s1", intervals)
    sessions.close_session(told, intervals[2:])
    assert sessions.session("s1") == told
    assert sessions.intervals("s1") == intervals
    (total,) = sessions.year_totals(2026)
    assert (total.sessions, total.energy_in) == (1, told.energy_in)
    assert sessions.close_session(told, intervals[2:]).sequence == ledger.tip.sequence


def test_what_was_corrected_while_it_ran_stays_so(sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 6)
    sessions.close_session(session("s1", intervals[:2], ended=False), intervals[:2])
    sessions.correct("s1", {"driver": "ben"}, "user", "it is Ben")
    told = session("s1", intervals)
    sessions.close_session(told, intervals[2:])
    assert sessions.session("s1") == replace(told, driver="ben", known_by=Rung.CORRECTED)
    assert [one.driver for one in sessions.year_totals(2026)] == ["ben"]


def test_sessions_are_found_by_what_they_are(sessions: SessionsBook) -> None:
    told = [record for record, intervals in evenings(9) if sessions.close_session(record, intervals)]
    assert [one.id for one in sessions.sessions()] == [one.id for one in reversed(told)]
    assert [one.id for one in sessions.sessions(SessionFilter(limit=2))] == ["s008", "s007"]
    assert [one.id for one in sessions.sessions(SessionFilter(driver="ben"))] == ["s007", "s004", "s001"]
    assert sessions.sessions(SessionFilter(vehicle="bike")) == ()
    since, until = EVENING + timedelta(days=2), EVENING + timedelta(days=4)
    assert [one.id for one in sessions.sessions(SessionFilter(since=since, until=until))] == ["s003", "s002"]
    found = sessions.with_intervals(SessionFilter(connector="garage", limit=3))
    assert [(one.id, len(intervals)) for one, intervals in found] == [("s008", 7), ("s007", 6), ("s006", 5)]


def test_a_correction_says_what_was_there_before(ledger: Ledger, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 2)
    told = session("s1", intervals)
    first = sessions.close_session(told, intervals)
    corrected = sessions.correct("s1", {"driver": "ben", "tariff": None}, "user1", "Ben had the card", at=EVENING)
    assert corrected == replace(told, driver="ben", tariff=None, known_by=Rung.CORRECTED)
    assert sessions.session("s1") == corrected
    assert first.read()["session"]["driver"] == "anna"
    (one,) = corrections(ledger, ["s1"])["s1"]
    assert (one.by, one.why, one.at) == ("user1", "Ben had the card", EVENING)
    assert one.before == {"driver": "anna", "tariff": "home", "known_by": "card"}
    assert ledger.verify().good


def test_whoever_gets_a_session_gets_what_it_cost(ledger: Ledger, sessions: SessionsBook) -> None:
    first, *rest = quarters(EVENING, 3)
    intervals = (replace(first, driver="cleo"), *(replace(one, driver="anna") for one in rest))
    sessions.close_session(session("s1", intervals), intervals)
    sessions.correct("s1", {"driver": "ben"}, "user1", "Ben had the card")
    told = {one.driver: one.energy_in for one in sessions.month_totals(2026, 3)}
    assert told == {"cleo": 1000, "ben": 2003}
    sessions.correct("s1", {"driver": None}, "user1", "nobody knows")
    assert {one.driver for one in sessions.month_totals(2026, 3) if one.energy_in} == {"cleo", None}
    assert ledger.verify().good


def test_a_correction_points_at_what_it_corrects(ledger: Ledger, sessions: SessionsBook) -> None:
    intervals = quarters(EVENING, 2)
    hashes = [sessions.close_session(session("s1", intervals), intervals).hash]
    for driver in ("ben", "anna"):
        sessions.correct("s1", {"driver": driver}, None, "once more")
        hashes.append(ledger.tip.hash)
    with ledger.database.read() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM record ORDER BY sequence").scalars().all()
    assert [hashes[0] in bodies[2], hashes[1] in bodies[3]] == [True, True]


def test_prices_that_come_later_are_filled_in(sessions: SessionsBook) -> None:
    unpriced = tuple(replace(one, import_price=None) for one in quarters(EVENING, 3))
    told = replace(session("s1", unpriced), marks=frozenset({Mark.PROVISIONAL}))
    sessions.close_session(told, unpriced)
    (total,) = sessions.month_totals(2026, 3)
    assert (total.unpriced, total.cost) == (told.energy_in, 0)
    priced = tuple(replace(one, import_price=Decimal("0.25")) for one in unpriced)
    sessions.correct("s1", {"marks": frozenset()}, None, "prices came", intervals=priced)
    assert sessions.intervals("s1") == priced
    (total,) = sessions.month_totals(2026, 3)
    sun, battery = 3 * 400 * Decimal("0.0713"), 3 * 100 * Decimal("0.11")
    grid = (told.energy_in - 1500) * Decimal("0.25")
    assert (total.unpriced, total.cost) == (0, (sun + battery + grid) / 1000)
    assert total.reference == told.energy_in * Decimal("0.25") / 1000


@pytest.mark.parametrize("field", ["id", "connector", "colour"])
def test_some_things_cannot_be_corrected(sessions: SessionsBook, field: str) -> None:
    intervals = quarters(EVENING, 2)
    sessions.close_session(session("s1", intervals), intervals)
    with pytest.raises(KeyError):
        sessions.correct("s1", {field: "x"}, None, "never")
    with pytest.raises(ValueError, match="zip"):
        sessions.correct("s1", {}, None, "one is missing", intervals=intervals[1:])


def test_months_follow_the_clock_on_the_wall(sessions: SessionsBook) -> None:
    """In Amsterdam March ends two hours before it does in Greenwich."""
    intervals = quarters(EVENING.replace(day=31, hour=21, minute=0), 8)
    sessions.close_session(session("s1", intervals), intervals)
    march, april = sessions.months_since(None)
    assert (march.span, march.sessions, march.energy_in) == ("2026-03", 0, sum(one.energy_in for one in intervals[:4]))
    assert (april.span, april.sessions, april.energy_in) == ("2026-04", 1, sum(one.energy_in for one in intervals[4:]))


def test_totals_are_those_of_who_charged(sessions: SessionsBook) -> None:
    """Somebody else took over in the middle of a session."""
    first, *rest = quarters(EVENING, 3)
    told = session("s1", (first, *rest))
    sessions.close_session(told, (first, *(replace(one, driver="ben") for one in rest)))
    anna, ben = sessions.month_totals(2026, 3)
    assert (anna.driver, anna.sessions, anna.energy_in) == ("anna", 1, first.energy_in)
    assert (ben.driver, ben.sessions, ben.energy_in) == ("ben", 0, sum(one.energy_in for one in rest))
    assert sessions.month_totals(2026, 3, by=(), driver="ben")[0].energy_in == ben.energy_in
    with pytest.raises(KeyError):
        sessions.month_totals(2026, 3, by=("colour",))


def test_totals_are_the_sum_of_what_there_is(sessions: SessionsBook) -> None:
    """Whatever was corrected on the way."""
    for record, intervals in evenings(30):
        sessions.close_session(record, intervals)
    for number in range(0, 30, 4):
        sessions.correct(f"s{number:03}", {"driver": "cleo", "vehicle": None}, None, "her car")
    booked = sessions.with_intervals(SessionFilter())
    for total in sessions.year_totals(2026, by=("driver", "vehicle")):
        mine = [(one, each) for one, each in booked if (one.driver, one.vehicle) == (total.driver, total.vehicle)]
        assert total.sessions == len(mine)
        assert total.energy_in == sum(one.energy_in for _, each in mine for one in each)
        assert total.from_sun == sum(one.from_sun for _, each in mine for one in each)
    assert sum(one.sessions for one in sessions.year_totals(2026)) == 30
    by_month = [one.energy_in for one in sessions.months_since(None)]
    assert sum(by_month) == sum(one.energy_in for one in sessions.year_totals(2026))


def test_a_session_without_intervals_counts_by_its_register(sessions: SessionsBook) -> None:
    told = session("s1", quarters(EVENING, 4))
    sessions.close_session(told)
    (total,) = sessions.year_totals(2026)
    assert (total.energy_in, total.unattributed, total.sessions) == (told.energy_in, told.energy_in, 1)
    assert sessions.intervals("s1") == ()


def test_who_took_a_part_is_known_whatever_is_corrected(sessions: SessionsBook) -> None:
    first, second = quarters(EVENING, 2)
    flowed = (replace(first, driver="ben"), replace(second, driver="anna"))
    sessions.close_session(session("s1", flowed, driver="anna"), flowed)
    assert sessions.others(["s1", "s2"]) == {"s1": {"ben"}}
    assert [each.id for each in sessions.sessions(SessionFilter(driver="ben"))] == ["s1"]
    # Whoever gets the session gets what was Anna's in it.
    sessions.correct("s1", {"driver": "ben"}, "user", "it was Ben all the time")
    assert sessions.others(["s1"]) == {}
    assert sessions.sessions(SessionFilter(driver="anna")) == ()
    sessions.correct("s1", {"driver": "cleo"}, "user", "no, Cleo")
    assert [each.id for each in sessions.sessions(SessionFilter(driver="cleo", everywhere=True))] == ["s1"]
    assert sessions.ledger.verify().good
    rebuild(sessions.ledger.database, sessions.ledger.site)
    assert sessions.ledger.verify().good
