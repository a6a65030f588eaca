"""Setting the integration up as its owner would: by answering the questions of its flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .client import Client, Json, Refused

SITE: Final = "Home"
CHARGER: Final = "Garage"

_DOMAIN: Final = "smart_evse"
_LONGEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """The entities of the site and of its charger, by platform and key: `sensor.reason`."""

    site: Mapping[str, str]
    charger: Mapping[str, str]


def answers(ports: Mapping[str, int], fuse: float) -> dict[str, Json]:
    """Say what is answered to each question, by the name of its step."""
    host = "127.0.0.1"
    return {
        "user": {"name": SITE, "phases": "3", "fuse": fuse},
        "grid": {"next_step_id": "grid_p1"},
        "grid_p1": {"host": host, "port": ports["p1"], "more": {}},
        "grid_import": {"answer": "right"},
        "grid_export": {"answer": "right"},
        "sun": {"battery_invert": False, "more": {"host": host, "port": ports["sunspec"], "unit": 1}},
        "charger": {"next_step_id": "charger_keba"},
        "charger_tcp": {"host": host, "more": {"port": ports["keba"], "unit": 255}},
        "wiring": {"name": CHARGER, "phase_map": "123", "max_current": 32, "more": {}},
    }


async def add_site(client: Client, ports: Mapping[str, int], fuse: float) -> Entities:
    """Walk through the flow from its first question to the finished site."""
    entry = await _walk(client, {"handler": _DOMAIN}, answers(ports, fuse))
    return await _entities(client, entry["entry_id"])


async def add_sensor(client: Client, name: str, first: str, sign: str, second: str) -> str:
    """Add the sum or the difference of two powers, with Home Assistant's own template helper.

    Returns the entity that it is.
    """
    sensor = {
        "name": name,
        "state": f"{{{{ states('{first}') | float {sign} states('{second}') | float }}}}",
        "unit_of_measurement": "W",
        "device_class": "power",
        "state_class": "measurement",
        "additional_options": {"availability": f"{{{{ has_value('{first}') and has_value('{second}') }}}}"},
    }
    known: dict[str, Json] = {"user": {"next_step_id": "sensor"}, "sensor": sensor}
    entry = await _walk(client, {"handler": "template"}, known)
    registered = await client.command("config/entity_registry/list")
    return next(str(each["entity_id"]) for each in registered if each["config_entry_id"] == entry["entry_id"])


async def _walk(client: Client, start: Json, known: Mapping[str, Json]) -> Any:  # noqa: ANN401
    path = "config/config_entries/flow"
    step = await client.post(path, start)
    for _ in range(_LONGEST):
        if step["type"] == "create_entry":
            return step["result"]
        if step["type"] not in ("form", "menu") or step.get("errors"):
            raise Refused(f"step {step.get('step_id')}: {step.get('errors') or step.get('reason')}")
        if step["step_id"] not in known:
            raise Refused(f"nobody knows an answer to the step {step['step_id']}")
        step = await client.post(f"{path}/{step['flow_id']}", known[step["step_id"]])
    raise Refused("the questions never end")


async def _entities(client: Client, entry_id: str) -> Entities:
    registered = await client.command("config/entity_registry/list")
    ours = [entity for entity in registered if entity["config_entry_id"] == entry_id]

    def owned(*, by_site: bool) -> dict[str, str]:
        found = {}
        for entity in ours:
            owner, _, key = _unique_id(entity, entry_id)
            if (owner == entry_id) == by_site:
                found[f"{entity['entity_id'].partition('.')[0]}.{key}"] = entity["entity_id"]
        return found

    return Entities(site=owned(by_site=True), charger=owned(by_site=False))


def _unique_id(entity: Json, entry_id: str) -> tuple[str, str, str]:
    """Take the owner and the key of a unique id apart: `<entry>_<key>` or `<subentry>:<outlet>_<key>`."""
    unique_id: str = entity["unique_id"]
    if unique_id.startswith(f"{entry_id}_"):
        return entry_id, "_", unique_id.removeprefix(f"{entry_id}_")
    return unique_id.partition("_")
