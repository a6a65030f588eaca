"""Every row of a table has a name and an icon, and every state of an enum has a word."""

from collections.abc import Iterator

from homeassistant.helpers.entity import EntityDescription
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.smart_evse import binary_sensor, calendar, datetime, event, number, select, sensor, switch
from custom_components.smart_evse.access_events import ACCESS
from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.price_sensors import DRIVERS_PRICE
from custom_components.smart_evse.services import ACTIONS, ON_SITES, QUESTIONS
from custom_components.smart_evse.session_events import SESSION
from custom_components.smart_evse.sum_sensors import DRIVER_ROWS, VEHICLE_SENSORS
from custom_components.smart_evse.targets import SITE
from tests.checks.tree import INTEGRATION, TRANSLATIONS, read_json, section

ENGLISH = read_json(TRANSLATIONS / "en.json")
ICONS = read_json(INTEGRATION / "icons.json")
ROWS: dict[str, tuple[EntityDescription, ...]] = {
    "binary_sensor": (*binary_sensor.CONNECTOR_BINARY_SENSORS, *binary_sensor.SITE_BINARY_SENSORS),
    "calendar": (calendar.SESSIONS,),
    "event": (ACCESS, event.LAST_CARD, SESSION),
    "datetime": datetime.DATETIMES,
    "number": (*number.NUMBERS, *number.SITE_NUMBERS),
    "select": select.SELECTS,
    "sensor": (
        *sensor.CONNECTOR_SENSORS,
        *sensor.SITE_SENSORS,
        *sensor.phase_sensors(0),
        sensor.headroom_sensor(0),
        *VEHICLE_SENSORS,
        *DRIVER_ROWS,
        DRIVERS_PRICE,
    ),
    "switch": (*switch.SWITCHES, *switch.SITE_SWITCHES),
}


def rows() -> Iterator[tuple[str, str, EntityDescription]]:
    for platform, descriptions in ROWS.items():
        for description in descriptions:
            yield platform, description.translation_key or description.key, description


@pytest.mark.parametrize("platform", ROWS)
def test_names_and_icons_are_those_of_the_rows(platform: str) -> None:
    keys = {key for known, key, _ in rows() if known == platform}
    assert set(section(ENGLISH, "entity", platform)) == keys
    assert set(section(ICONS, "entity", platform)) == keys


def test_every_state_of_an_enum_has_a_word() -> None:
    for platform, key, description in rows():
        options = getattr(description, "options", None)
        if options:
            assert set(section(ENGLISH, "entity", platform, key, "state")) == set(options), key


EVERY_ACTION: dict[str, set[str]] = {
    **{action.name: {str(field) for field in action.fields} for action in ACTIONS},
    **{question.name: {str(field) for field in question.fields} for question in QUESTIONS},
    **{action.name: {str(field) for field in action.fields} | {SITE} for action in ON_SITES},
}


def test_actions_have_an_icon() -> None:
    assert set(section(ICONS, "services")) == set(EVERY_ACTION)
    assert set(section(ENGLISH, "services")) == set(EVERY_ACTION)


def test_the_form_of_an_action_asks_for_what_it_takes() -> None:
    forms = load_yaml_dict(str(INTEGRATION / "services.yaml"))
    assert {name: set(form.get("fields", {})) for name, form in forms.items()} == EVERY_ACTION
    of_a_site = {action.name for action in ON_SITES}
    assert {name for name, form in forms.items() if "target" not in form} == of_a_site
    assert forms["set_mode"]["fields"]["mode"]["selector"]["select"]["options"] == [mode.value for mode in Mode]
    assert set(section(ENGLISH, "selector", "mode", "options")) == set(Mode)


def test_choices_of_an_action_have_words() -> None:
    for form in load_yaml_dict(str(INTEGRATION / "services.yaml")).values():
        for field in form.get("fields", {}).values():
            choice = field["selector"].get("select", {})
            if "translation_key" in choice:
                words = section(ENGLISH, "selector", choice["translation_key"], "options")
                assert set(choice["options"]) <= set(words)


def test_fields_of_an_action_are_described() -> None:
    for name, fields in EVERY_ACTION.items():
        assert set(section(ENGLISH, "services", name, "fields")) == fields, name
