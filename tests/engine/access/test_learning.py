"""Learn mode: the next card gets an owner."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.smart_evse.engine.access.learning import CardTaken, Lesson, is_meant, learnt
from custom_components.smart_evse.engine.access.model import Card, Driver
from custom_components.smart_evse.engine.access.people import People

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LESSON = Lesson(driver="ada", until=NOW + timedelta(minutes=1), connectors=frozenset({"c1:0"}), label="Key ring")


def known(*cards: Card, bo_drives: bool = True) -> People:
    return People.of([Driver(id="ada", name="Ada"), Driver(id="bo", name="Bo", active=bo_drives)], cards, ())


def test_only_the_card_that_is_waited_for_is_meant() -> None:
    assert is_meant(LESSON, "c1:0", NOW)
    assert not is_meant(LESSON, "c2:0", NOW)
    assert not is_meant(LESSON, "c1:0", LESSON.until)
    assert is_meant(Lesson(driver="ada", until=LESSON.until), "c2:0", NOW)


def test_a_new_card_gets_its_owner() -> None:
    card = learnt(LESSON, "04A1", known(), "k9")
    assert card == Card(id="k9", number="04A1", driver="ada", label="Key ring")


@pytest.mark.parametrize("owner", [None, "ada", "somebody who left"])
def test_a_card_on_record_keeps_its_id_and_is_free_again(owner: str | None) -> None:
    old = Card(id="k1", number="04A1", driver=owner, label="Old", vehicle="van", blocked=True)
    card = learnt(LESSON, "04A1", known(old), "k9")
    assert card == Card(id="k1", number="04A1", driver="ada", label="Key ring", vehicle="van")


def test_nobody_loses_a_card_to_another_unless_they_left() -> None:
    old = Card(id="k1", number="04A1", driver="bo")
    with pytest.raises(CardTaken) as taken:
        learnt(LESSON, "04A1", known(old), "k9")
    assert taken.value.driver == "bo"
    assert learnt(LESSON, "04A1", known(old, bo_drives=False), "k9").driver == "ada"
