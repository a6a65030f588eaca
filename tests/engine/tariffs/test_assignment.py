"""Which tariff holds."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.tariffs.assignment import Assignment, tariff_for, version_at
from custom_components.smart_evse.engine.tariffs.presets import Heading, flat_price

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, tzinfo=UTC)

GENERAL = Assignment(tariff="general")
GARAGE = Assignment(tariff="garage", connectors=frozenset({"left", "right"}))
GOLF = Assignment(tariff="golf", vehicles=frozenset({"golf"}))
ANN = Assignment(tariff="ann", drivers=frozenset({"ann"}))
ANNS_GOLF = Assignment(tariff="anns golf", drivers=frozenset({"ann"}), vehicles=frozenset({"golf"}))
GOLF_LEFT = Assignment(tariff="golf left", vehicles=frozenset({"golf"}), connectors=frozenset({"left"}))
OLD = Assignment(tariff="old", valid_until=NEW_YEAR)
NEW = Assignment(tariff="new", valid_from=NEW_YEAR)
CAMPAIGN = Assignment(tariff="campaign", priority=1)


@pytest.mark.parametrize(
    ("assignments", "expected"),
    [
        ((), None),
        ((GENERAL, GARAGE), "garage"),
        ((GENERAL, GARAGE, GOLF), "golf"),
        ((GARAGE, GOLF, ANN), "ann"),
        ((ANN, GOLF_LEFT), "golf left"),
        ((ANNS_GOLF, GOLF_LEFT), "anns golf"),
        ((GENERAL, OLD, NEW), "new"),
        ((ANNS_GOLF, CAMPAIGN), "campaign"),
        ((OLD,), None),
    ],
)
def test_most_specific_that_holds_wins_in_any_order(assignments: tuple[Assignment, ...], expected: str | None) -> None:
    for order in permutations(assignments):
        assert tariff_for(order, MARCH, driver="ann", vehicle="golf", connector="left") == expected


def test_who_is_not_known_has_no_tariff_of_somebody_else() -> None:
    assert tariff_for([GENERAL, ANN, GOLF, GARAGE], MARCH, connector="roof") == "general"
    assert tariff_for([ANN], MARCH) is None


def test_own_tariff_beats_what_was_assigned() -> None:
    assert tariff_for([CAMPAIGN, ANNS_GOLF], MARCH, driver="ann", vehicle="golf", own="promised") == "promised"


def test_version_at_a_time() -> None:
    first = flat_price(Heading(id="T", name="T", currency="EUR", valid_until=NEW_YEAR), Decimal(1))
    second = flat_price(Heading(id="T", name="T", currency="EUR", valid_from=NEW_YEAR), Decimal(2))
    open_ended = flat_price(Heading(id="T", name="T", currency="EUR"), Decimal(3))
    other = flat_price(Heading(id="U", name="U", currency="EUR"), Decimal(4))
    for versions in permutations([first, second, other]):
        assert version_at(versions, "T", MARCH) == second
        assert version_at(versions, "T", datetime(2025, 12, 31, tzinfo=UTC)) == first
    assert version_at([open_ended, second], "T", MARCH) == second
    assert version_at([other], "T", MARCH) is None


IDS = st.frozensets(st.sampled_from("ab"), max_size=2)
ASSIGNMENTS = st.lists(
    st.builds(
        Assignment,
        tariff=st.sampled_from(["one", "two", "three"]),
        drivers=IDS,
        vehicles=IDS,
        connectors=IDS,
        valid_from=st.sampled_from([None, NEW_YEAR]),
        priority=st.integers(0, 1),
    ),
    max_size=5,
)


@given(ASSIGNMENTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(assignments: list[Assignment], order: object) -> None:
    shuffled = assignments.copy()
    order.shuffle(shuffled)
    who = {"driver": "a", "vehicle": "b", "connector": "a"}
    assert tariff_for(assignments, MARCH, **who) == tariff_for(shuffled, MARCH, **who)
