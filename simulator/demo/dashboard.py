"""The dashboard of the demo: core cards only, saved as an owner's own would be."""

from typing import Final

from .client import Client, Json
from .site import Entities, add_sensor

PATH: Final = "smart-evse"

_HOURS: Final = 0.25
_FULL: Final = {"columns": "full"}
_HALF: Final = {"columns": 6}


async def make_dashboard(client: Client, entities: Entities, fuse: float) -> None:
    """Make it, and let it be what opens after logging in."""
    house, surplus = entities.site["sensor.house_consumption"], entities.site["sensor.surplus"]
    sun = await add_sensor(client, "Sun", house, "+", surplus)
    grid = await add_sensor(client, "Grid", entities.charger["sensor.power"], "-", surplus)
    await _drop_map(client)
    about = {"url_path": PATH, "title": "Charging", "icon": "mdi:ev-station", "mode": "storage"}
    await client.command("lovelace/dashboards/create", require_admin=False, show_in_sidebar=True, **about)
    view = {
        "title": "Charging",
        "type": "sections",
        "max_columns": 4,
        "sections": [
            _charger(entities),
            _flows(entities, sun, grid),
            _fuse(entities, fuse),
            _history(entities, sun, grid),
        ],
    }
    await client.command("lovelace/config/save", url_path=PATH, config={"title": "Smart EVSE", "views": [view]})
    await client.command("frontend/set_system_data", key="core", value={"default_panel": PATH})


async def _drop_map(client: Client) -> None:
    """The map that comes with onboarding draws its tiles from the internet."""
    for dashboard in await client.command("lovelace/dashboards/list"):
        if dashboard["url_path"] == "map":
            await client.command("lovelace/dashboards/delete", dashboard_id=dashboard["id"])


def _section(title: str, icon: str, *cards: Json) -> Json:
    heading = {"type": "heading", "heading": title, "heading_style": "title", "icon": icon}
    return {"type": "grid", "cards": [heading, *cards]}


def _charger(entities: Entities) -> Json:
    own = entities.charger
    why = (
        f"**{{{{ state_translated('{own['sensor.reason']}') }}}}**\n\n"
        f"{{{{ state_attr('{own['sensor.reason']}', 'sentence') }}}}"
    )
    return _section(
        "Garage",
        "mdi:ev-station",
        {"type": "tile", "entity": own["sensor.status"], "name": "Status", "color": "green", "grid_options": _HALF},
        {"type": "tile", "entity": own["sensor.power"], "name": "Car", "color": "green", "grid_options": _HALF},
        {"type": "markdown", "content": why, "grid_options": _FULL},
        {
            "type": "tile",
            "entity": own["select.mode"],
            "name": "Mode",
            "grid_options": _FULL,
            "features": [{"type": "select-options"}],
        },
        {
            "type": "tile",
            "entity": own["number.charge_current"],
            "name": "Set a current by hand",
            "grid_options": _FULL,
            "features": [{"type": "numeric-input", "style": "slider"}],
        },
        {"type": "tile", "entity": own["switch.charging"], "name": "Charging", "grid_options": _HALF},
        {"type": "tile", "entity": own["sensor.session_energy"], "name": "This session", "grid_options": _HALF},
    )


def _flows(entities: Entities, sun: str, grid: str) -> Json:
    trend = [{"type": "trend-graph", "hours_to_show": _HOURS}]
    shown = (
        (sun, "Sun", "amber", "mdi:solar-power"),
        (entities.site["sensor.house_consumption"], "House", "blue", "mdi:home-lightning-bolt"),
        (entities.charger["sensor.power"], "Car", "green", "mdi:car-electric"),
        (grid, "Grid", "purple", "mdi:transmission-tower"),
    )
    tiles = [
        {
            "type": "tile",
            "entity": entity,
            "name": name,
            "color": color,
            "icon": icon,
            "features": trend,
            "grid_options": _HALF,
        }
        for entity, name, color, icon in shown
    ]
    uses = [
        {"entity": entities.site["sensor.house_consumption"], "name": "House", "color": "blue"},
        {"entity": entities.charger["sensor.power"], "name": "Car", "color": "green"},
    ]
    return _section(
        "Power now",
        "mdi:flash",
        *tiles,
        {"type": "distribution", "title": "Who uses it", "entities": uses, "grid_options": _FULL},
        {"type": "tile", "entity": entities.site["sensor.surplus"], "name": "Surplus", "grid_options": _FULL},
    )


def _fuse(entities: Entities, fuse: float) -> Json:
    site = entities.site
    gauges = [
        {
            "type": "gauge",
            "entity": site[f"sensor.headroom_l{phase}"],
            "name": f"Left on L{phase}",
            "min": 0,
            "max": fuse,
            "needle": True,
            "severity": {"red": 0, "yellow": 2, "green": 6},
            "grid_options": {"columns": 4, "rows": 3},
        }
        for phase in (1, 2, 3)
    ]
    use = {"type": "gauge", "entity": site["sensor.fuse_use"], "name": "Main fuse", "min": 0, "max": 120}
    severity = {"green": 0, "yellow": 90, "red": 100}
    return _section(
        f"Main fuse, 3 × {fuse:g} A",
        "mdi:fuse",
        *gauges,
        {**use, "needle": True, "severity": severity, "grid_options": {"columns": 12, "rows": 4}},
        {"type": "tile", "entity": site["binary_sensor.degraded"], "name": "Meter", "grid_options": _HALF},
        {"type": "tile", "entity": entities.charger["sensor.limited_by"], "name": "Limited by", "grid_options": _HALF},
    )


def _history(entities: Entities, sun: str, grid: str) -> Json:
    own = entities.charger
    powers = [
        {"entity": sun, "name": "Sun"},
        {"entity": entities.site["sensor.house_consumption"], "name": "House"},
        {"entity": own["sensor.power"], "name": "Car"},
        {"entity": grid, "name": "Grid"},
    ]
    currents = [{"entity": own["sensor.limit"], "name": "Limit"}, {"entity": own["sensor.current"], "name": "Current"}]
    told = [
        {"entity": own["select.mode"], "name": "Mode"},
        {"entity": own["sensor.status"], "name": "Status"},
        {"entity": own["sensor.reason"], "name": "Reason"},
    ]
    return _section(
        "The last quarter of an hour",
        "mdi:chart-line",
        {"type": "history-graph", "hours_to_show": _HOURS, "entities": powers, "grid_options": _FULL},
        {"type": "history-graph", "hours_to_show": _HOURS, "entities": currents, "grid_options": _FULL},
        {"type": "history-graph", "hours_to_show": _HOURS, "entities": told, "grid_options": _FULL},
    )
