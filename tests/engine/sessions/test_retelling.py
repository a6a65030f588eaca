"""What comes back from a backup tells nothing that others have told, and all that they have not."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.sessions.counter import Counter
from custom_components.smart_evse.engine.sessions.ending import ended
from custom_components.smart_evse.engine.sessions.model import Ends, SessionRecord
from custom_components.smart_evse.engine.sessions.moment import Identity
from custom_components.smart_evse.engine.sessions.retelling import skip, untold, untold_record

from .stream import START, charge, live

LATER = timedelta(days=1)


def lost(begin: int, stop: int, name: str = "another", hours: float = 2) -> SessionRecord:
    """Return a session that came back, over these registers, that ended so long after the start."""
    at = START + timedelta(hours=hours)
    return SessionRecord(
        id=name,
        connector="c",
        started=START,
        ended=at,
        energy_in=stop - begin,
        taken=Ends(start=begin, stop=stop),
    )


RUNNING = live(*charge(0, 4000))
FIRST, LAST = RUNNING.session.taken.first or 0, RUNNING.session.taken.last or 0


@given(covered=st.integers(-500, LAST - FIRST + 500), same=st.booleans())
def test_what_runs_has_what_lies_beyond(covered: int, *, same: bool) -> None:
    state, intervals = replace(RUNNING.session, identity=Identity(driver="ada")), tuple(RUNNING.intervals)
    told = lost(FIRST, FIRST + covered, state.id if same else "another")
    after, own = untold(state, intervals, [told])
    if covered <= 0 and not same:
        assert (after, own) == (state, intervals)
        return
    left = min(state.energy, LAST - FIRST - max(covered, 0))
    if left <= 0:
        assert (after.active, after.taken.last, own) == (False, max(LAST, FIRST + covered), ())
        return
    assert (after.energy, after.taken.last, after.id == state.id) == (left, LAST, False)
    assert sum(each.energy_in for each in own) == after.interval.taken
    assert (after.identity == Identity()) is same
    end = ended(after, after.until)
    assert sum(each.energy_in for each in (*own, *end.intervals)) == end.record.energy_in == left
    for each in (*own, *end.intervals):
        assert each.from_sun + each.from_battery + each.from_grid + each.unattributed == each.energy_in


@given(covered=st.integers(0, LAST - FIRST + 500), same=st.booleans())
def test_what_has_ended_has_what_lies_beyond(covered: int, *, same: bool) -> None:
    end = ended(RUNNING.session, RUNNING.session.until)
    intervals = (*RUNNING.intervals, *end.intervals)
    told = lost(FIRST, FIRST + covered, end.record.id if same else "another", hours=0.1)
    rest = untold_record(end.record, intervals, [told])
    left = max(0, end.record.energy_in - covered)
    if rest is None:
        assert left == 0
        return
    assert (rest.record.energy_in, sum(each.energy_in for each in rest.intervals)) == (left, left)
    assert untold_record(rest.record, rest.intervals, [told]) == rest


def test_who_has_no_car_goes_on_where_others_have_left() -> None:
    idle = replace(ended(RUNNING.session, RUNNING.session.until).state, id="before")
    after, _ = untold(idle, (), [lost(LAST, LAST + 300, hours=30)])
    assert after.taken.last == LAST + 300
    # A meter that was swapped since is told by what it shows, and not by what another one showed long ago.
    assert untold(idle, (), [lost(LAST, LAST + 300, hours=-1)]) == (idle, ())


def test_what_no_register_tells_was_told_with_its_session() -> None:
    state = replace(RUNNING.session, taken=Counter(total=50.0))
    assert untold(state, (), [lost(0, 100)]) == (state, ())
    after, own = untold(state, tuple(RUNNING.intervals), [lost(0, 100, state.id)])
    assert (after.active, own) == (False, ())


def test_nothing_is_taken_where_nothing_is_skipped() -> None:
    assert skip(RUNNING.intervals, 0, 0) == tuple(RUNNING.intervals)
