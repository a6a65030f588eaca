"""The dashboard of the demo: core cards only, saved as an owner's own would be."""

from collections.abc import Mapping
from typing import Final

from .cars import BAYS, Bay
from .client import Client, Json
from .cloud import BATTERY, CHARGE, GRID, PRICE, SUN, TODAY, TOMORROW
from .plan_card import plan_card
from .site import Entities

PATH: Final = "smart-evse"

_HOURS: Final = 0.25
_FULL: Final = {"columns": "full"}
_HALF: Final = {"columns": 6}
_THIRD: Final = {"columns": 4}


async def make_dashboard(client: Client, entities: Entities, fuse: float) -> None:
    """Make it, and let it be what opens after logging in."""
    await _drop_map(client)
    about = {"url_path": PATH, "title": "Charging", "icon": "mdi:ev-station", "mode": "storage"}
    await client.command("lovelace/dashboards/create", require_admin=False, show_in_sidebar=True, **about)
    view = {
        "title": "Charging",
        "type": "sections",
        "max_columns": 4,
        "dense_section_placement": True,
        "sections": [
            *(_charger(bay, entities.chargers[bay.charger]) for bay in BAYS),
            _flows(entities),
            {**_plan(entities), "column_span": 2},
            _fuse(entities, fuse),
            _market(entities),
            _month(entities),
            _history(entities),
        ],
    }
    await client.command("lovelace/config/save", url_path=PATH, config={"title": "Smart EVSE", "views": [view]})
    await client.command("frontend/set_system_data", key="core", value={"default_panel": PATH})
    # The demo lives in a time zone of its own, in which the simulated sun stands where it should.
    locale = {"language": "en", "number_format": "language", "time_format": "24", "date_format": "language"}
    locale |= {"time_zone": "server", "first_weekday": "language"}
    await client.command("frontend/set_user_data", key="language", value=locale)


async def _drop_map(client: Client) -> None:
    """The map that comes with onboarding draws its tiles from the internet."""
    for dashboard in await client.command("lovelace/dashboards/list"):
        if dashboard["url_path"] == "map":
            await client.command("lovelace/dashboards/delete", dashboard_id=dashboard["id"])


def _section(title: str, icon: str, *cards: Json) -> Json:
    heading = {"type": "heading", "heading": title, "heading_style": "title", "icon": icon}
    return {"type": "grid", "cards": [heading, *cards]}


def _tile(known: Mapping[str, str], key: str, name: str, **more: object) -> list[Json]:
    """Return a tile for an entity, none where it does not exist."""
    if key not in known:
        return []
    return [{"type": "tile", "entity": known[key], "name": name, "grid_options": _HALF, **more}]


def _charger(bay: Bay, own: Mapping[str, str]) -> Json:
    why = (
        f"**{{{{ state_translated('{own['sensor.reason']}') }}}}**\n\n"
        f"{{{{ state_attr('{own['sensor.reason']}', 'sentence') }}}}"
    )
    return _section(
        f"{bay.name}, {bay.car}",
        bay.icon,
        *_tile(own, "sensor.status", "Status", color=bay.color),
        *_tile(own, "sensor.power", "Power", color=bay.color),
        {"type": "markdown", "content": why, "grid_options": _FULL},
        *_tile(own, "select.mode", "Mode", features=[{"type": "select-options"}], grid_options=_FULL),
        *_tile(own, "sensor.soc", "Charge", color=bay.color),
        *_tile(own, "sensor.time_to_target", "To its target"),
        *_tile(own, "sensor.plan", "Planned now"),
        *_tile(own, "sensor.planned_cost", "Cost planned"),
        *_tile(own, "sensor.next_start", "Next start"),
        *_tile(own, "sensor.expected_end", "Expected end"),
        *_tile(own, "sensor.planned_energy", "Energy planned"),
        *_tile(own, "sensor.session_energy", "This session"),
    )


def _plan(entities: Entities) -> Json:
    plans = {bay.car: own["sensor.plan"] for bay in BAYS if "sensor.plan" in (own := entities.chargers[bay.charger])}
    return _section(
        "The plan",
        "mdi:calendar-clock",
        *_tile(entities.site, "sensor.planned_cost", "Cost planned", color="green", grid_options=_THIRD),
        *_tile(entities.site, "sensor.cost_otherwise", "Otherwise", color="red", grid_options=_THIRD),
        *_tile(entities.site, "sensor.planned_saving", "Saving", color="amber", grid_options=_THIRD),
        plan_card(plans),
    )


def _flows(entities: Entities) -> Json:
    trend = [{"type": "trend-graph", "hours_to_show": _HOURS}]
    house = entities.site["sensor.house_consumption"]
    shown = [
        (SUN, "Sun", "amber", "mdi:solar-power"),
        (house, "House", "blue", "mdi:home-lightning-bolt"),
        (GRID, "Grid", "purple", "mdi:transmission-tower"),
        (BATTERY, "Battery", "pink", "mdi:home-battery"),
        *((entities.chargers[bay.charger]["sensor.power"], bay.car, bay.color, "mdi:car-electric") for bay in BAYS),
    ]
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
    charge = {"type": "tile", "entity": CHARGE, "name": "Battery charge", "color": "pink", "grid_options": _HALF}
    uses = [{"entity": entity, "name": name, "color": color} for entity, name, color, _ in (shown[1], *shown[4:])]
    return _section(
        "Power now",
        "mdi:flash",
        *tiles,
        charge,
        {"type": "distribution", "title": "Who uses it", "entities": uses, "grid_options": _FULL},
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
        *_tile(site, "binary_sensor.degraded", "Meter"),
        *(card for bay in BAYS for card in _limits(bay, entities.chargers[bay.charger])),
    )


def _limits(bay: Bay, own: Mapping[str, str]) -> list[Json]:
    return _tile(own, "sensor.limited_by", f"{bay.car} limited by", color=bay.color)


def _history(entities: Entities) -> Json:
    powers = [
        {"entity": SUN, "name": "Sun"},
        {"entity": entities.site["sensor.house_consumption"], "name": "House"},
        {"entity": GRID, "name": "Grid"},
        {"entity": BATTERY, "name": "Battery"},
        *({"entity": entities.chargers[bay.charger]["sensor.power"], "name": bay.car} for bay in BAYS),
    ]
    told = [
        {"entity": entities.chargers[bay.charger][key], "name": f"{bay.car} {name}"}
        for bay in BAYS
        for key, name in (("select.mode", "mode"), ("sensor.reason", "reason"))
    ]
    return _section(
        "The last quarter of an hour",
        "mdi:chart-line",
        {"type": "history-graph", "hours_to_show": _HOURS, "entities": powers, "grid_options": _FULL},
        {"type": "history-graph", "hours_to_show": _HOURS, "entities": told, "grid_options": _FULL},
    )


def _month(entities: Entities) -> Json:
    site, last = entities.site, entities.chargers[BAYS[0].charger]
    calendar = {"type": "calendar", "entities": [site["calendar.sessions"]], "initial_view": "dayGridMonth"}
    return _section(
        "This month, on record",
        "mdi:notebook-outline",
        *_tile(site, "sensor.month_energy", "Energy"),
        *_tile(site, "sensor.month_cost", "Cost", color="red"),
        *_tile(site, "sensor.month_solar_share", "From the sun", color="amber"),
        *_tile(site, "sensor.month_saving", "Saved", color="green"),
        *_tile(last, "sensor.last_session_energy", f"{BAYS[0].car} last", color=BAYS[0].color),
        *_tile(last, "sensor.last_session_cost", "Its cost", color=BAYS[0].color),
        {**calendar, "grid_options": _FULL},
    )


def _market(entities: Entities) -> Json:
    site = entities.site
    return _section(
        "Prices and sun",
        "mdi:currency-eur",
        *_tile(site, "sensor.import_price", "A kWh bought"),
        *_tile(site, "sensor.export_price", "A kWh sold"),
        *_tile({"price": PRICE}, "price", "On the market"),
        *_tile(site, "sensor.sun_expected", "Sun expected"),
        *_tile({"sun": TODAY}, "sun", "Forecast, today", color="amber"),
        *_tile({"sun": TOMORROW}, "sun", "Forecast, tomorrow", color="amber"),
    )
