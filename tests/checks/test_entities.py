"""Every row of a table has a name and an icon, and every state of an enum has a word."""

from collections.abc import Iterator

from homeassistant.helpers.entity import EntityDescription
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.smart_evse import binary_sensor, datetime, event, number, select, sensor, switch
from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.services import ACTIONS
from tests.checks.tree import INTEGRATION, TRANSLATIONS, read_json, section

ENGLISH = read_json(TRANSLATIONS / "en.json")
ICONS = read_json(INTEGRATION / "icons.json")
ROWS: dict[str, tuple[EntityDescription, ...]] = {
    "binary_sensor": (*binary_sensor.CONNECTOR_BINARY_SENSORS, *binary_sensor.SITE_BINARY_SENSORS),
    "event": (event.LAST_CARD,),
    "datetime": datetime.DATETIMES,
    "number": (*number.NUMBERS, *number.SITE_NUMBERS),
    "select": select.SELECTS,
    "sensor": (
        *sensor.CONNECTOR_SENSORS,
        *sensor.SITE_SENSORS,
        *sensor.phase_sensors(0),
        sensor.headroom_sensor(0),
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


def test_actions_have_an_icon() -> None:
    names = {"explain", *(action.name for action in ACTIONS)}
    assert set(section(ICONS, "services")) == names
    assert set(section(ENGLISH, "services")) == names


def test_the_form_of_an_action_asks_for_what_it_takes() -> None:
    forms = load_yaml_dict(str(INTEGRATION / "services.yaml"))
    taken = {action.name: {str(field) for field in action.fields} for action in ACTIONS} | {"explain": set()}
    assert {name: set(form.get("fields", {})) for name, form in forms.items()} == taken
    assert all("target" in form for form in forms.values())
    assert forms["set_mode"]["fields"]["mode"]["selector"]["select"]["options"] == [mode.value for mode in Mode]
    assert set(section(ENGLISH, "selector", "mode", "options")) == set(Mode)


def test_fields_of_an_action_are_described() -> None:
    for action in ACTIONS:
        fields = {str(field) for field in action.fields}
        if fields:
            assert set(section(ENGLISH, "services", action.name, "fields")) == fields, action.name
