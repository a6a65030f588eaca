"""Walking through flows as a person does: one answer after the other."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResult, FlowResultType
from homeassistant.helpers import config_validation as cv
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.const import DOMAIN

if find_spec("probatio"):
    from probatio import to_field_list
else:
    # Older versions of Home Assistant write their forms down with another library.
    from voluptuous_serialize import convert as to_field_list

ENGLISH = Path(__file__).parents[1] / "custom_components" / "smart_evse" / "translations" / "en.json"

SITE = {"name": "Home", "phases": "3", "fuse": 25}
DEMO_METER = ConfigSubentryData(
    subentry_type="meter", title="Demo", data={"kind": "demo", "invert": False}, unique_id=None
)
WIRED = {"name": "Garage", "phase_map": "231", "max_current": 16, "more": {}}


def site(*subentries: ConfigSubentryData, title: str = "Home", **options: object) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title=title,
        data={"name": title, "phases": 3, "fuse": 25.0},
        options=options,
        subentries_data=subentries,
    )


def subentry(
    kind: str, data: Mapping[str, object], title: str = "It", unique_id: str | None = None
) -> ConfigSubentryData:
    return ConfigSubentryData(subentry_type=kind, title=title, data=data, unique_id=unique_id)


class Walk:
    """One flow: `say` gives an answer, `tap` picks from a menu; both return what comes next."""

    def __init__(self, manager: FlowManager[Any, Any, Any], result: FlowResult[Any, Any]) -> None:
        self._manager = manager
        self.result = result
        self._serve()

    @property
    def step(self) -> str:
        return str(self.result.get("step_id"))

    @property
    def errors(self) -> dict[str, str]:
        return self.result["errors"] or {}

    @property
    def suggested(self) -> dict[str, object]:
        """What the form is filled in with, the folded section's fields among the others."""
        return dict(_suggested(self.result["data_schema"].schema))

    @property
    def fields(self) -> set[str]:
        return {str(key) for key in _fields(self.result["data_schema"].schema)}

    @property
    def is_told(self) -> bool:
        """Whether every field, section and choice of a menu has a name and an explanation."""
        if self.result["type"] is FlowResultType.MENU:
            wanted = set(self.result["menu_options"])
            return bool(self.told["title"]) and all(
                wanted <= self.told[kind].keys() for kind in ("menu_options", "menu_option_descriptions")
            )
        told = [{**self.told.get(kind, {}), **_of_sections(self.told, kind)} for kind in ("data", "data_description")]
        return bool(self.told["title"]) and all(self.fields <= texts.keys() for texts in told)

    @property
    def told(self) -> dict[str, Any]:
        """The texts of this step, in English."""
        return dict(self._texts["step"][self.step])

    @property
    def complaint(self) -> str:
        """What the form says is wrong, in English; a complaint that nobody wrote raises."""
        return " ".join(str(self._texts["error"][key]) for key in self.errors.values())

    @property
    def _texts(self) -> Mapping[str, Any]:
        english: Mapping[str, Any] = json.loads(ENGLISH.read_text(encoding="utf-8"))
        handler = self.result["handler"]
        if isinstance(handler, tuple):
            return dict(english["config_subentries"][handler[1]])
        return dict(english["config" if handler == DOMAIN else "options"])

    @property
    def is_open(self) -> bool:
        return self.result["type"] in (FlowResultType.FORM, FlowResultType.MENU)

    async def say(self, answers: Mapping[str, object] | None = None, **more: object) -> Walk:
        self.result = await self._manager.async_configure(self.result["flow_id"], {**(answers or {}), **more})
        self._serve()
        return self

    def _serve(self) -> None:
        """Write the form down as a browser gets it: not everything that checks answers can be sent."""
        if schema := self.result.get("data_schema"):
            json.dumps(to_field_list(schema, custom_serializer=cv.custom_serializer))

    async def tap(self, option: str) -> Walk:
        assert option in self.result["menu_options"]
        return await self.say(next_step_id=option)


def _of_sections(told: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {key: text for part in told.get("sections", {}).values() for key, text in part.get(kind, {}).items()}


def _fields(schema: Mapping[Any, Any]) -> Iterator[Any]:
    for key, value in schema.items():
        yield from _fields(value.schema.schema) if hasattr(value, "options") and hasattr(value, "schema") else [key]


def _suggested(schema: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    for key in _fields(schema):
        if key.description and "suggested_value" in key.description:
            yield str(key), key.description["suggested_value"]


async def begin(hass: HomeAssistant) -> Walk:
    """Start the flow that makes a site."""
    manager = hass.config_entries.flow
    return Walk(manager, await manager.async_init(DOMAIN, context={"source": SOURCE_USER}))


async def discover(hass: HomeAssistant, source: str, info: object) -> Walk:
    manager = hass.config_entries.flow
    return Walk(manager, await manager.async_init(DOMAIN, context={"source": source}, data=info))


async def configure(hass: HomeAssistant, entry: ConfigEntry, *taps: str) -> Walk:
    """Open the options of a site, and go on to one of its forms."""
    manager = hass.config_entries.options
    walk = Walk(manager, await manager.async_init(entry.entry_id))
    for tap in taps:
        await walk.tap(tap)
    return walk


async def add(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Walk:
    """Start the flow that adds a piece of equipment."""
    manager = hass.config_entries.subentries
    return Walk(manager, await manager.async_init((entry.entry_id, kind), context={"source": SOURCE_USER}))


async def change(hass: HomeAssistant, entry: ConfigEntry, title: str) -> Walk:
    """Start the flow that changes a piece of equipment."""
    present = next(sub for sub in entry.subentries.values() if sub.title == title)
    context = {"source": SOURCE_RECONFIGURE, "subentry_id": present.subentry_id}
    manager = hass.config_entries.subentries
    return Walk(manager, await manager.async_init((entry.entry_id, present.subentry_type), context=context))


async def to_sun(hass: HomeAssistant) -> Walk:
    """Go on to the question about the sun, with a grid meter of one entity."""
    hass.states.async_set("sensor.grid", "1240", {"unit_of_measurement": "W", "device_class": "power"})
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    assert walk.step == "grid_import"
    return await walk.say(answer="right")


async def to_charger(hass: HomeAssistant) -> Walk:
    """Go on to the menu of makes, with the simulated house."""
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_demo")
    return await walk.say(answer="right")
