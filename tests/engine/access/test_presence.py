"""Who is at a connector, and what they took."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.access.admit import Bearer
from custom_components.smart_evse.engine.access.presence import PLUG_IN, Presence, Sight, stays

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADA = Presence(bearer=Bearer(since=NOW, driver="ada"))
SECOND = timedelta(seconds=1)


def follow(*sights: Sight, since: datetime | None = None) -> Presence | None:
    presence: Presence | None = ADA
    for sight in sights:
        assert presence is not None
        presence = stays(presence, sight, since)
    return presence


def sight(seconds: int, *, plugged: bool | None = True, energy: float | None = None, price: str = "0.30") -> Sight:
    return Sight(utc=NOW + timedelta(seconds=seconds), plugged=plugged, energy=energy, price=Decimal(price))


def test_a_card_that_is_shown_first_waits_for_its_car() -> None:
    early = Sight(utc=NOW + PLUG_IN - SECOND, plugged=False)
    assert follow(early) is not None
    assert follow(early, Sight(utc=NOW + PLUG_IN, plugged=False)) is None
    assert follow(early, sight(200), sight(90_000)) is not None


def test_who_pulls_the_plug_is_gone() -> None:
    assert follow(sight(1), sight(2, plugged=False)) is None


def test_a_charger_that_says_nothing_ends_nothing() -> None:
    assert follow(sight(1), *(sight(seconds, plugged=None) for seconds in range(2, 90_000, 3600))) is not None


def test_only_what_flows_while_they_are_there_is_theirs() -> None:
    there = follow(sight(1, energy=5_000), sight(2, energy=5_500), sight(3, energy=6_000, price="0.20"))
    assert there is not None
    assert (there.used.energy, there.used.money) == (1_000, Decimal("0.25"))


def test_a_session_before_theirs_is_not_theirs() -> None:
    there = follow(sight(1, plugged=False, energy=9_000), sight(5, energy=2), sight(9, energy=1_002))
    assert there is not None
    assert there.used.energy == 1_002


def test_a_new_period_begins_with_nothing() -> None:
    before = follow(sight(1, energy=0), sight(2, energy=8_000), since=NOW)
    assert before is not None
    after = stays(before, sight(3, energy=8_100), NOW + timedelta(days=1))
    assert after is not None
    assert after.used.energy == 100


@given(st.lists(st.floats(0, 1_000), max_size=20), st.data())
def test_what_is_counted_is_what_has_flown(steps: list[float], data: st.DataObject) -> None:
    energy, looks = 0.0, [sight(0, energy=0.0)]
    for number, step in enumerate(steps, 1):
        energy += step
        silent = data.draw(st.booleans())
        looks.append(sight(number, plugged=None if silent else True, energy=None if silent else energy))
    there = follow(*looks, sight(len(steps) + 1, energy=energy))
    assert there is not None
    assert abs(there.taken - energy) < 1e-6 * max(1.0, energy)
    assert abs(float(there.spent) - energy / 1000 * 0.30) < 1e-6 * max(1.0, energy)
