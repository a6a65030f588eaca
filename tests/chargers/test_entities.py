"""Any charger Home Assistant knows: the contract over real input entities, and what entities are peculiar about."""

import asyncio
from datetime import timedelta
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
import voluptuous as vol

from custom_components.smart_evse import states
from custom_components.smart_evse.chargers.entities import EntityCharger
from custom_components.smart_evse.chargers.port import OutletReading
from custom_components.smart_evse.chargers.status_words import meaning, word_of
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import DeviceError, Refused, Silent, Unreachable, Unusable
from custom_components.smart_evse.states import HassStates

from .contract import ChargerContract, Rig, charge

STATUS, POWER, ENERGY = "sensor.box_status", "sensor.box_power", "sensor.box_energy"
CURRENTS = tuple(f"sensor.box_current_l{line}" for line in (1, 2, 3))
NUMBER, ENABLE, SELECT = "input_number.box_current", "input_boolean.box_enable", "input_select.box_phases"

ENTITIES = {
    "status": STATUS,
    "power": POWER,
    "energy": ENERGY,
    "current_number": NUMBER,
    "enable": ENABLE,
    "phase_select": SELECT,
    **{f"current_l{line}": entity_id for line, entity_id in enumerate(CURRENTS, start=1)},
}
MINIMAL = {"status": STATUS, "current_number": NUMBER}


async def add_controls(hass: HomeAssistant, **number: object) -> None:
    """Set up what a box is controlled by, the number as described."""
    described = {"min": 0, "max": 32, "step": 0.5, "initial": 16, "unit_of_measurement": "A"} | number
    assert await async_setup_component(hass, "input_number", {"input_number": {"box_current": described}})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"box_enable": {"initial": False}}})
    options = {"options": ["Auto", "1 phase", "3 phases"], "initial": "3 phases"}
    assert await async_setup_component(hass, "input_select", {"input_select": {"box_phases": options}})


class EntityBox:
    """A box as its integration shows it: real input entities, and sensors that follow them."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.plugged = False
        self.energy = 1234.5
        self.kept: list[State] = []

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def settle(self) -> None:
        amps = self.given()
        lines = 1 if self.said(SELECT) == "1 phase" else 3
        self.energy += amps * lines * 0.23
        self.show(STATUS, "charging" if amps else "connected" if self.plugged else "disconnected")
        self.show(POWER, amps * lines * 0.23, "kW")
        self.show(ENERGY, self.energy, "kWh")
        for line, entity_id in enumerate(CURRENTS):
            self.show(entity_id, amps if line < lines else 0.0, "A")

    def given(self, outlet: int = 0) -> float:
        on = self.plugged and self.said(ENABLE) == "on"
        return float(self.said(NUMBER)) if on else 0.0

    def said(self, entity_id: str) -> str:
        state = self.hass.states.get(entity_id)
        assert state is not None
        return state.state

    def show(self, entity_id: str, value: object, unit: str | None = None) -> None:
        self.hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit} if unit else {})

    def fall_silent(self) -> None:
        for entity_id in ENTITIES.values():
            self.hass.states.async_set(entity_id, "unavailable")

    def babble(self) -> None:
        for entity_id in (POWER, ENERGY, NUMBER, *CURRENTS):
            self.show(entity_id, "21.5", "°C")

        async def fail(call: ServiceCall) -> None:
            raise HomeAssistantError("no idea")

        self.hass.services.async_register("input_boolean", "turn_off", fail)

    def disguise(self) -> None:
        self.babble()

    async def vanish(self) -> None:
        self.kept = [state for entity_id in ENTITIES.values() if (state := self.hass.states.get(entity_id))]
        for state in self.kept:
            self.hass.states.async_remove(state.entity_id)

    async def come_back(self) -> None:
        for state in self.kept:
            self.hass.states.async_set(state.entity_id, state.state, state.attributes)

    def starve(self) -> None:
        """Nobody knows what the box behind the entities does then."""


@pytest.fixture
async def box(hass: HomeAssistant) -> EntityBox:
    await add_controls(hass)
    box = EntityBox(hass)
    box.settle()
    return box


class TestEntities(ChargerContract):
    @pytest.fixture
    @override
    async def rig(self, hass: HomeAssistant, box: EntityBox) -> Rig:
        return Rig(EntityCharger(HassStates(hass), ENTITIES), box)

    @override
    async def test_another_device_answers(self, rig: Rig) -> None:
        """An entity that measures something else is a mistake of the mapping, not another device."""
        rig.fake.disguise()
        with pytest.raises(Unusable):
            await rig.driver.identify()


def opened(hass: HomeAssistant, entities: dict[str, str], **words: str) -> EntityCharger:
    return EntityCharger(HassStates(hass), entities, words)


async def read(charger: EntityCharger) -> OutletReading:
    return (await charger.read())[0]


# What it reads


async def test_units_are_converted(hass: HomeAssistant, box: EntityBox) -> None:
    reading = await charge(Rig(opened(hass, ENTITIES), box), AcLimit(10.0))
    assert reading.power == pytest.approx(6900)
    assert reading.energy_in == pytest.approx(1_241_400)
    assert reading.currents == PerPhase(10.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("word", "told"),
    [("04:AB:12:FF", "04:AB:12:FF"), ("unknown", None), ("None", None), ("No card", None), ("0", None)],
)
async def test_what_the_box_reads_from_card_and_car(
    hass: HomeAssistant, box: EntityBox, word: str, told: str | None
) -> None:
    box.show("sensor.word", word)
    reading = await read(opened(hass, MINIMAL | dict.fromkeys(("card", "vehicle_id", "stay"), "sensor.word")))
    assert (reading.card, reading.vehicle_id, reading.stay) == (told, told, told)
    nothing = await read(opened(hass, MINIMAL))
    assert (nothing.card, nothing.vehicle_id, nothing.stay) == (None, None, None)


async def test_currents_in_milliamperes(hass: HomeAssistant, box: EntityBox) -> None:
    box.show(CURRENTS[0], 7250, "mA")
    reading = await read(opened(hass, MINIMAL | {"current_l1": CURRENTS[0]}))
    assert reading.currents == PerPhase(7.25, 0.0, 0.0)


@pytest.mark.parametrize("nothing", ["unavailable", "unknown"])
async def test_what_an_entity_does_not_say_is_not_known(hass: HomeAssistant, box: EntityBox, nothing: str) -> None:
    for entity_id in (POWER, ENERGY, CURRENTS[1], NUMBER):
        hass.states.async_set(entity_id, nothing)
    reading = await read(opened(hass, MINIMAL | {"power": POWER, "energy": ENERGY} | ENTITIES | {"enable": NUMBER}))
    assert (reading.power, reading.energy_in, reading.currents, reading.limit) == (None, None, None, None)
    assert reading.state is VehicleState.NOT_CONNECTED


async def test_a_value_that_is_not_finite_is_not_known(hass: HomeAssistant, box: EntityBox) -> None:
    box.show(POWER, "nan", "W")
    assert (await read(opened(hass, ENTITIES))).power is None


@pytest.mark.parametrize("unit", ["°C", "kWh", None])
async def test_a_wrong_unit_is_named(hass: HomeAssistant, box: EntityBox, unit: str | None) -> None:
    box.show(POWER, 5, unit)
    with pytest.raises(Unusable, match=f"{POWER}.*{unit or 'no unit'}"):
        await read(opened(hass, ENTITIES))


async def test_a_word_is_no_number(hass: HomeAssistant, box: EntityBox) -> None:
    box.show(POWER, "a lot", "W")
    with pytest.raises(Unusable, match=f"{POWER}.*a lot"):
        await read(opened(hass, ENTITIES))


async def test_switched_off_is_a_limit_of_nothing(hass: HomeAssistant, box: EntityBox) -> None:
    charger = opened(hass, ENTITIES)
    await charger.set_limit(0, AcLimit(12.0))
    assert (await read(charger)).limit == 12.0
    await charger.set_limit(0, AcLimit(0.0))
    assert box.said(NUMBER) == "12.0"
    assert (await read(charger)).limit == 0.0


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("A", "A"),
        ("c2", "C"),
        ("Waiting for car demand", "B"),
        ("awaiting_start", "B"),
        ("SuspendedEV", "B"),
        ("Available", "A"),
        ("charging_reduced", "C"),
        ("no_ev_connected", "A"),
        ("plugged_charging", "C"),
        ("stuck_relay", "F"),
        ("ready", None),
        ("gibberish", None),
        ("on", None),
    ],
)
async def test_words_of_known_integrations(hass: HomeAssistant, box: EntityBox, word: str, state: str | None) -> None:
    box.show(STATUS, word)
    reading = await read(opened(hass, MINIMAL))
    assert reading.state == state
    assert reading.fault == (word if state == "F" else None)


async def test_the_owners_word_goes_first(hass: HomeAssistant, box: EntityBox) -> None:
    charger = EntityCharger(HassStates(hass), MINIMAL, {"Ready": "a", "Idle": "B"})
    for word, state in (("ready", "A"), ("idle", "B"), ("charging", "C")):
        box.show(STATUS, word)
        assert (await read(charger)).state == state


def test_a_letter_that_is_no_state() -> None:
    with pytest.raises(Unusable, match="X"):
        EntityCharger(None, MINIMAL, {"ready": "X"})  # type: ignore[arg-type]  # never asked


def test_every_word_is_spelled_as_it_is_looked_up() -> None:
    from custom_components.smart_evse.chargers.status_words import STATES  # noqa: PLC0415

    assert [word for word in STATES if word_of(word) != word] == []
    assert meaning("Locked, car connected", {}) is VehicleState.CONNECTED


@pytest.mark.parametrize(
    ("kind", "value", "power", "state"),
    [
        ("plug", "off", 0, "A"),
        ("plug", "on", 0, "B"),
        ("plug", "on", 3.6, "C"),
        ("battery_charging", "on", 3.6, "C"),
        ("battery_charging", "off", 0, "B"),
        ("window", "on", 3.6, None),
    ],
)
async def test_a_binary_sensor(
    hass: HomeAssistant, box: EntityBox, *, kind: str, value: str, power: float, state: str | None
) -> None:
    hass.states.async_set("binary_sensor.box", value, {"device_class": kind})
    box.show(POWER, power, "kW")
    reading = await read(opened(hass, MINIMAL | {"status": "binary_sensor.box", "power": POWER}))
    assert reading.state == state


async def test_while_energy_flows_a_reading_is_as_old_as_its_report(
    hass: HomeAssistant, box: EntityBox, freezer: FrozenDateTimeFactory
) -> None:
    charger = opened(hass, ENTITIES)
    assert (await charge(Rig(charger, box), AcLimit(10.0))).ago == pytest.approx(0.0)
    freezer.tick(timedelta(seconds=40))
    assert (await read(charger)).ago == pytest.approx(40.0)
    # The same again is a report too.
    box.settle()
    assert (await read(charger)).ago == pytest.approx(0.0)


async def test_a_power_that_lags_behind_the_state_keeps_its_age(
    hass: HomeAssistant, box: EntityBox, freezer: FrozenDateTimeFactory
) -> None:
    charger = opened(hass, ENTITIES)
    await charge(Rig(charger, box), AcLimit(10.0))
    freezer.tick(timedelta(seconds=20))
    box.show(STATUS, "connected")
    assert (await read(charger)).ago == pytest.approx(20.0)


async def test_at_rest_silence_is_no_age(hass: HomeAssistant, box: EntityBox, freezer: FrozenDateTimeFactory) -> None:
    charger = opened(hass, ENTITIES)
    freezer.tick(timedelta(hours=5))
    assert (await read(charger)).ago == 0.0


# What it commands


@pytest.mark.parametrize(
    ("number", "amps", "written"),
    [
        ({"min": 6, "max": 16, "step": 2}, 9.0, 8.0),
        ({"min": 0, "max": 32, "step": 5}, 14.0, 10.0),
        ({"min": 6, "max": 32, "step": 0.1}, 10.3, 10.3),
        ({"min": 6000, "max": 32000, "step": 100, "unit_of_measurement": "mA", "initial": 6000}, 13.0, 13000.0),
    ],
)
async def test_a_current_is_rounded_toward_zero(
    hass: HomeAssistant, number: dict[str, object], amps: float, written: float
) -> None:
    await add_controls(hass, **{"initial": 6} | number)
    hass.states.async_set(STATUS, "connected")
    charger = opened(hass, MINIMAL | {"enable": ENABLE})
    await charger.set_limit(0, AcLimit(amps))
    assert float(EntityBox(hass).said(NUMBER)) == pytest.approx(written)
    assert EntityBox(hass).said(ENABLE) == "on"


async def test_the_numbers_range_is_the_chargers(hass: HomeAssistant) -> None:
    await add_controls(hass, min=8, max=20, step=0.5)
    hass.states.async_set(STATUS, "connected")
    charger = opened(hass, MINIMAL | {"enable": ENABLE})
    assert (charger.traits.min_current, charger.traits.max_current, charger.traits.step) == (8.0, 20.0, 0.5)
    assert (await charger.identify()).max_current == 20.0
    hass.states.async_set(NUMBER, "unavailable")
    assert charger.traits.max_current == 20.0


async def test_without_a_switch_nothing_is_a_current_of_nothing(hass: HomeAssistant, box: EntityBox) -> None:
    charger = opened(hass, MINIMAL)
    await charger.identify()
    await charger.set_limit(0, AcLimit(10.0))
    assert (await read(charger)).limit == 10.0
    await charger.set_limit(0, AcLimit(0.0))
    assert box.said(NUMBER) == "0.0"
    assert (await read(charger)).limit == 0.0


async def test_a_charger_that_could_not_be_stopped_is_not_taken(hass: HomeAssistant) -> None:
    await add_controls(hass, min=6)
    hass.states.async_set(STATUS, "connected")
    with pytest.raises(Unusable, match=NUMBER):
        await opened(hass, MINIMAL).identify()
    with pytest.raises(Refused):
        await opened(hass, MINIMAL).set_limit(0, AcLimit(0.0))


async def test_a_stop_does_not_need_the_number(hass: HomeAssistant, box: EntityBox) -> None:
    charger = opened(hass, ENTITIES)
    await charger.set_limit(0, AcLimit(10.0))
    hass.states.async_set(NUMBER, "unavailable")
    await charger.set_limit(0, AcLimit(0.0))
    assert box.said(ENABLE) == "off"


async def test_current_comes_before_the_switch_and_only_the_current_changes_after(hass: HomeAssistant) -> None:
    hass.states.async_set(STATUS, "connected")
    hass.states.async_set("number.box", "6", {"min": 6, "max": 16, "step": 1, "unit_of_measurement": "A"})
    hass.states.async_set("switch.box", "off")
    calls: list[str] = []

    async def take(call: ServiceCall) -> None:
        calls.append(f"{call.domain}.{call.service} {call.data.get('value', '')}".strip())
        if call.domain == "switch":
            hass.states.async_set("switch.box", call.service.removeprefix("turn_"))

    for domain, service in (("number", "set_value"), ("switch", "turn_on"), ("switch", "turn_off")):
        hass.services.async_register(domain, service, take)
    charger = opened(hass, {"status": STATUS, "current_number": "number.box", "enable": "switch.box"})
    await charger.set_limit(0, AcLimit(8.0))
    await charger.set_limit(0, AcLimit(9.0))
    assert calls == ["number.set_value 8.0", "switch.turn_on", "number.set_value 9.0"]
    # Somebody else switched it off: on again.
    hass.states.async_set("switch.box", "off")
    await charger.set_limit(0, AcLimit(9.0))
    assert calls[-1] == "switch.turn_on"


@pytest.mark.parametrize(
    ("entity_id", "name", "single"),
    [
        ("switch.box_force_single_phase", "Force single phase", "on"),
        ("switch.box_312345_phases", "Three phases", "off"),
        ("switch.box_phases", "Phasenumschaltung", "off"),
    ],
)
async def test_phases_by_a_switch(hass: HomeAssistant, box: EntityBox, entity_id: str, name: str, single: str) -> None:
    calls = {word: async_mock_service(hass, "switch", f"turn_{word}") for word in ("on", "off")}
    hass.states.async_set(entity_id, "on", {"friendly_name": name})
    charger = opened(hass, MINIMAL | {"phase_select": entity_id})
    for phases, word in ((1, single), (3, "off" if single == "on" else "on")):
        await charger.set_phases(0, phases)
        assert [call.data["entity_id"] for call in calls[word]] == [entity_id]
        hass.states.async_set(entity_id, word, {"friendly_name": name})
        assert (await read(charger)).phases == phases


@pytest.mark.parametrize(
    ("one", "three"), [("1", "3"), ("monophasic", "threephasic"), ("Single phase", "Three phase"), ("1p", "3p")]
)
async def test_phases_by_a_select(hass: HomeAssistant, box: EntityBox, one: str, three: str) -> None:
    calls = async_mock_service(hass, "select", "select_option")
    hass.states.async_set("select.phases", three, {"options": ["auto 1/3", one, three]})
    charger = opened(hass, MINIMAL | {"phase_select": "select.phases"})
    assert (await read(charger)).phases == 3
    await charger.set_phases(0, 1)
    assert calls[0].data["option"] == one


async def test_phases_that_nobody_offers(hass: HomeAssistant, box: EntityBox) -> None:
    hass.states.async_set("select.phases", "auto", {"options": ["auto", "1"]})
    with pytest.raises(Refused):
        await opened(hass, MINIMAL | {"phase_select": "select.phases"}).set_phases(0, 3)
    assert (await read(opened(hass, MINIMAL | {"phase_select": "select.phases"}))).phases is None
    charger = opened(hass, MINIMAL)
    with pytest.raises(Refused):
        await charger.set_phases(0, 1)
    assert (await charger.identify()).switches_phases is False


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (HomeAssistantError("the cloud is away"), Unreachable),
        (ServiceValidationError("not in this mode"), Refused),
        (vol.Invalid("not a number"), Refused),
        (OSError("reset by peer"), Unreachable),
        (None, Silent),
    ],
)
async def test_an_action_that_fails(
    hass: HomeAssistant,
    box: EntityBox,
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception | None,
    expected: type[DeviceError],
) -> None:
    monkeypatch.setattr(states, "ACTION_TIME", 0.01)

    async def fail(call: ServiceCall) -> None:
        if raised is not None:
            raise raised
        await asyncio.Event().wait()

    hass.services.async_register("input_number", "set_value", fail)
    with pytest.raises(expected) as caught:
        await opened(hass, ENTITIES).set_limit(0, AcLimit(10.0))
    assert type(caught.value) is expected
    assert NUMBER in str(caught.value)


async def test_an_action_that_is_not_there(hass: HomeAssistant, box: EntityBox) -> None:
    hass.services.async_remove("input_number", "set_value")
    with pytest.raises(Unreachable):
        await opened(hass, ENTITIES).set_limit(0, AcLimit(10.0))


def test_what_has_to_be_mapped() -> None:
    for missing in MINIMAL:
        with pytest.raises(Unusable, match=missing):
            EntityCharger(None, {key: value for key, value in MINIMAL.items() if key != missing})  # type: ignore[arg-type]  # never asked
