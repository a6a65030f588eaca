"""Who may charge now, and why not."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.access.admit import Bearer, Place, admit, show_card
from custom_components.smart_evse.engine.access.model import (
    AccessRule,
    Admission,
    Card,
    Driver,
    Guest,
    Hours,
    Period,
    Quota,
    Verdict,
)
from custom_components.smart_evse.engine.access.people import People, card_number
from custom_components.smart_evse.engine.access.quota import Used

NOON = datetime(2026, 6, 3, 10, tzinfo=UTC)
HERE = Place(connector="c1:0", admission=Admission.KNOWN, utc=NOON, zone=ZoneInfo("Europe/Amsterdam"))
OFFICE = Hours(weekdays=frozenset(range(5)), begin=time(9), end=time(17))
MONTHLY = Quota(period=Period.MONTH, energy=100_000, money=Decimal(40))


def people(rule: AccessRule = AccessRule(), **changes: object) -> People:  # noqa: B008 - frozen
    """Return Ada with one card, a card of nobody and Kim, who has a code."""
    return People.of(
        [replace(Driver(id="ada", name="Ada", rule=rule), **changes)],
        [Card(id="k1", number="04A1B2C3", driver="ada"), Card(id="k2", number="04FFFFFF")],
        [Guest(id="kim", name="Kim", code_hash="", rule=rule)],
    )


def verdict(number: str, known: People, place: Place = HERE, used: Used = Used()) -> Verdict:  # noqa: B008 - frozen
    return admit(show_card(number, known, NOON), place, known, used)


def test_a_card_lets_its_driver_charge() -> None:
    assert verdict("04A1B2C3", people()) is Verdict.DRIVER


@pytest.mark.parametrize(
    ("admission", "owned", "of_nobody", "unknown", "nobody"),
    [
        (Admission.KNOWN, Verdict.DRIVER, Verdict.UNKNOWN_CARD, Verdict.UNKNOWN_CARD, Verdict.WAITING),
        (Admission.ANY_CARD, Verdict.DRIVER, Verdict.CARD, Verdict.UNKNOWN_CARD, Verdict.WAITING),
        (Admission.FREE, Verdict.FREE, Verdict.FREE, Verdict.FREE, Verdict.FREE),
    ],
)
def test_what_a_connector_does_with_strangers(
    admission: Admission, owned: Verdict, of_nobody: Verdict, unknown: Verdict, nobody: Verdict
) -> None:
    place, known = replace(HERE, admission=admission), people()
    found = [verdict(number, known, place) for number in ("04A1B2C3", "04FFFFFF", "DEADBEEF")]
    assert [*found, admit(None, place, known, Used())] == [owned, of_nobody, unknown, nobody]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (AccessRule(valid_until=NOON), Verdict.EXPIRED),
        (AccessRule(valid_from=NOON + timedelta(seconds=1)), Verdict.NOT_YET_VALID),
        (AccessRule(connectors=frozenset({"c2:0"})), Verdict.WRONG_CHARGER),
        (AccessRule(hours=(replace(OFFICE, end=time(12)),)), Verdict.WRONG_TIME),
        (AccessRule(quota=MONTHLY), Verdict.QUOTA_SPENT),
        (AccessRule(quota=MONTHLY, valid_until=NOON), Verdict.EXPIRED),
        (AccessRule(quota=MONTHLY, hours=(replace(OFFICE, end=time(12)),)), Verdict.QUOTA_SPENT),
    ],
)
def test_a_rule_refuses_and_says_what_lasts_longest(rule: AccessRule, why: Verdict) -> None:
    used = Used(energy=100_000)
    assert verdict("04A1B2C3", people(rule), used=used) is why
    for admission in (Admission.KNOWN, Admission.ANY_CARD):
        guest = Bearer(since=NOON, guest="kim")
        assert admit(guest, replace(HERE, admission=admission), people(rule), used) is why


def test_a_rule_that_fits_refuses_nothing() -> None:
    rule = AccessRule(
        connectors=frozenset({"c1:0"}),
        hours=(OFFICE,),
        quota=MONTHLY,
        valid_from=NOON,
        valid_until=NOON + timedelta(seconds=1),
    )
    assert verdict("04A1B2C3", people(rule), used=Used(energy=99_999)) is Verdict.DRIVER
    assert admit(Bearer(since=NOON, guest="kim"), HERE, people(rule), Used()) is Verdict.GUEST


def test_access_ends_with_the_quota_and_comes_again_with_the_next_month() -> None:
    known = people(AccessRule(quota=MONTHLY))
    taken = [verdict("04A1B2C3", known, used=Used(money=Decimal(money))) for money in (39, 40, 41, 0)]
    assert taken == [Verdict.DRIVER, Verdict.QUOTA_SPENT, Verdict.QUOTA_SPENT, Verdict.DRIVER]


def test_whoever_left_or_lost_a_card_is_refused() -> None:
    assert verdict("04A1B2C3", people(active=False)) is Verdict.CARD_BLOCKED
    lost = People.of(people().drivers.values(), [Card(id="k1", number="04A1B2C3", driver="ada", blocked=True)], ())
    assert verdict("04A1B2C3", lost) is Verdict.CARD_BLOCKED
    by_hand = Bearer(since=NOON, driver="ada")
    assert admit(by_hand, HERE, people(), Used()) is Verdict.DRIVER
    assert admit(by_hand, HERE, People(), Used()) is Verdict.UNKNOWN_CARD


def test_a_card_counts_for_whom_it_belongs_to_now() -> None:
    known = people()
    shown = show_card("04A1B2C3", known, NOON)
    moved = People.of(
        [Driver(id="bo", name="Bo", active=False), *known.drivers.values()],
        [Card(id="k1", number="04A1B2C3", driver="bo")],
        (),
    )
    assert admit(shown, HERE, known, Used()) is Verdict.DRIVER
    assert admit(shown, HERE, moved, Used()) is Verdict.CARD_BLOCKED


def test_a_guest_whose_code_was_revoked_is_out() -> None:
    kim = Guest(id="kim", name="Kim", code_hash="", revoked=True)
    bearer = Bearer(since=NOON, guest="kim")
    assert admit(bearer, HERE, People.of((), (), [kim]), Used()) is Verdict.EXPIRED
    assert admit(bearer, HERE, People(), Used()) is Verdict.EXPIRED


RULES = st.builds(
    AccessRule,
    connectors=st.sampled_from([frozenset[str](), frozenset({"c1:0"}), frozenset({"c2:0"})]),
    hours=st.sampled_from([(), (OFFICE,)]),
    quota=st.none() | st.just(MONTHLY),
    valid_from=st.none() | st.just(NOON),
    valid_until=st.none() | st.just(NOON + timedelta(days=30)),
)
BEARERS = st.none() | st.builds(
    Bearer,
    since=st.just(NOON),
    card=st.none() | st.sampled_from(["k1", "k2", "gone"]),
    driver=st.none() | st.sampled_from(["ada", "gone"]),
    guest=st.none() | st.sampled_from(["kim", "gone"]),
    by_owner=st.booleans(),
)
PLACES = st.builds(
    Place,
    connector=st.sampled_from(["c1:0", "c2:0"]),
    admission=st.sampled_from(Admission),
    utc=st.integers(-(10**7), 10**7).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    zone=st.just(HERE.zone),
)


@given(BEARERS, PLACES, RULES, st.builds(Used, energy=st.integers(0, 200_000)))
def test_only_the_owner_a_free_connector_or_a_rule_that_fits_lets_charge(
    bearer: Bearer | None, place: Place, rule: AccessRule, used: Used
) -> None:
    found = admit(bearer, place, people(rule), used)
    if place.admission is Admission.FREE:
        assert found is Verdict.FREE
    elif bearer is None:
        assert found is Verdict.WAITING
    elif bearer.by_owner:
        assert found is Verdict.OWNER
    elif found in (Verdict.DRIVER, Verdict.GUEST):
        assert not rule.connectors or place.connector in rule.connectors
        assert rule.quota is None or used.energy < 100_000
        assert rule.valid_from is None or rule.valid_from <= place.utc
        assert rule.valid_until is None or place.utc < rule.valid_until
    elif found.granted:
        assert (found, place.admission, bearer.card) == (Verdict.CARD, Admission.ANY_CARD, "k2")


@pytest.mark.parametrize(
    ("told", "kept"),
    [("04:a1:b2:c3", "04A1B2C3"), (" 04a1-b2c3 ", "04A1B2C3"), ("1", "box#1"), ("10", "box#10"), ("1234", "1234")],
)
def test_a_number_is_kept_one_way_and_a_place_in_a_box_with_its_box(told: str, kept: str) -> None:
    assert card_number(told, "box") == kept


def test_of_two_cards_with_one_number_the_blocked_one_counts() -> None:
    twins = [Card(id="a", number="04A1", driver="ada", blocked=True), Card(id="b", number="04A1", driver="ada")]
    for cards in (twins, twins[::-1]):
        assert People.of((), cards, ()).cards["04A1"].blocked
