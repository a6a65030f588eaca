"""The table of the plan, as Home Assistant writes it."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from simulator.demo.plan_card import plan_card

SLOTS = [
    {"start": "2026-05-14T12:00:00+02:00", "end": "2026-05-14T12:30:00+02:00", "power": 4000, "from_sun": 4000},
    {"start": "2026-05-14T12:30:00+02:00", "end": "2026-05-14T13:00:00+02:00", "power": 2000, "from_sun": 0},
    {"start": "2026-05-14T19:00:00+02:00", "end": "2026-05-14T20:00:00+02:00", "power": -1500, "from_sun": 0},
    {"start": "2026-05-15T02:00:00+02:00", "end": "2026-05-15T03:00:00+02:00", "power": 6000, "from_sun": 0},
]


def table(hass: HomeAssistant) -> list[list[str]]:
    content = str(plan_card({"Zappy": "sensor.zappy", "Van": "sensor.van"})["content"])
    told = Template(content, hass).async_render(parse_result=False)
    rows = [line for line in told.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


async def test_an_hour_a_row_and_a_car_a_column(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.zappy", "sun", {"slots": [{**slot, "price": 0.12} for slot in SLOTS[:2]]})
    hass.states.async_set("sensor.van", "wait", {"slots": [{**slot, "price": 0.3} for slot in SLOTS[2:]]})
    head, _, *rows = table(hass)
    assert head == ["", "Price", "Zappy", "Van"]
    assert [row[0] for row in rows] == ["12:00", "19:00", "02:00"]
    assert all(len(row) == 4 for row in rows)
    assert rows[0][1] == "▪▪▪▪&nbsp;0.12"
    assert rows[0][2] == "☀&nbsp;███&nbsp;3.0&nbsp;kW"
    assert rows[0][3] == ""
    assert rows[1][3].startswith("🏠")
    assert rows[1][3].endswith("-1.5&nbsp;kW")
    assert rows[2][3] == "⚡&nbsp;██████&nbsp;6.0&nbsp;kW"


async def test_a_price_that_nobody_knows_is_left_out(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.zappy", "sun", {"slots": [{**SLOTS[0], "price": None}]})
    (row,) = table(hass)[2:]
    assert row[1].replace("&nbsp;", "") == ""


async def test_without_a_plan_it_says_so(hass: HomeAssistant) -> None:
    content = str(plan_card({"Zappy": "sensor.zappy"})["content"])
    assert "Nothing is planned yet." in Template(content, hass).async_render(parse_result=False)
