"""The ladder of clues: who charges what."""

from dataclasses import replace
from datetime import timedelta

from custom_components.smart_evse.engine.sessions.identify import Clues, KnownVehicle, identify, settled
from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.sessions.moment import Identity

from .stream import START

ZOE = KnownVehicle(id="zoe", charger_ids=frozenset({"00:1A"}), driver="anna")
KONA = KnownVehicle(id="kona", charger_ids=frozenset({"00:2B"}), driver="ben")
CLUES = Clues(connector="garage:0", started=START, vehicles=(ZOE, KONA))


def found(clues: Clues) -> tuple[str | None, Rung, str | None, Rung]:
    identity = identify(clues).identity
    return identity.driver, identity.known_by, identity.vehicle, identity.vehicle_by


def test_the_card_tells_who_and_the_charger_which_car() -> None:
    clues = replace(CLUES, admitted=Identity(driver="carla", card="7", tariff="staff"), vehicle_id="00:2B")
    assert found(clues) == ("carla", Rung.CARD, "kona", Rung.VEHICLE_ID)
    identity = identify(clues).identity
    assert (identity.card, identity.tariff) == ("7", "staff")


def test_a_card_that_belongs_to_a_car_tells_both() -> None:
    clues = replace(CLUES, admitted=Identity(driver="anna", vehicle="kona", card="7"), vehicle_id="00:1A")
    assert found(clues) == ("anna", Rung.CARD, "kona", Rung.CARD)


def test_the_cars_own_plug_tells_if_it_was_plugged_in_just_then() -> None:
    plugged = replace(ZOE, plugged=True, plugged_since=START + timedelta(minutes=3))
    assert found(replace(CLUES, vehicles=(plugged, KONA))) == ("anna", Rung.PLUG, "zoe", Rung.PLUG)
    long_ago = replace(plugged, plugged_since=START - timedelta(hours=3))
    assert found(replace(CLUES, vehicles=(long_ago, KONA)))[2] is None


def test_the_only_car_that_can_be_there_is_there() -> None:
    for away in ({"plugged": False}, {"home": False}, {"elsewhere": True}, {"connectors": frozenset({"street:0"})}):
        vehicles = (ZOE, replace(KONA, **away))  # type: ignore[arg-type]
        assert found(replace(CLUES, vehicles=vehicles)) == ("anna", Rung.ONLY_ONE, "zoe", Rung.ONLY_ONE)


def test_then_the_connectors_own_unless_it_cannot_be() -> None:
    own = replace(CLUES, default_vehicle="kona", default_driver="dora")
    assert found(own) == ("ben", Rung.DEFAULT, "kona", Rung.DEFAULT)
    third = KnownVehicle(id="ioniq")
    away = replace(own, vehicles=(ZOE, replace(KONA, home=False), third))
    assert found(away) == ("dora", Rung.DEFAULT, None, Rung.UNKNOWN)


def test_then_somebody_is_asked_and_believed() -> None:
    asked = identify(CLUES)
    assert (asked.identity, asked.ask, asked.candidates) == (Identity(), True, ("zoe", "kona"))
    answered = replace(CLUES, answer=Identity(driver="ben", vehicle="kona"))
    assert found(answered) == ("ben", Rung.ASKED, "kona", Rung.ASKED)
    assert not identify(answered).ask


def test_nobody_is_asked_about_cars_where_none_is_known() -> None:
    clues = Clues(connector="garage:0", started=START, default_driver="dora")
    assert not identify(clues).ask
    assert identify(replace(clues, default_driver=None)).ask


def test_a_surer_word_stands_and_a_word_as_sure_is_the_later() -> None:
    by_plug = Identity(driver="anna", vehicle="zoe", known_by=Rung.PLUG, vehicle_by=Rung.PLUG)
    by_card = Identity(driver="ben", card="7", tariff="staff", known_by=Rung.CARD)
    both = settled(by_plug, by_card)
    assert both == Identity(
        driver="ben", vehicle="zoe", card="7", tariff="staff", known_by=Rung.CARD, vehicle_by=Rung.PLUG
    )
    assert settled(both, by_plug) == both
    assert settled(both, Identity()) == both
    assert settled(both, replace(by_card, driver="carla")).driver == "carla"
    corrected = Identity(driver="dora", known_by=Rung.CORRECTED)
    assert settled(settled(both, corrected), by_card).driver == "dora"
