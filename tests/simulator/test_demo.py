"""The judgement of the demo and its preparations; the demo itself is run by `scripts/demo --check`."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import socket
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.links.states import EntityState
from custom_components.smart_evse.tariffs.price_entities import EntityPrices
from custom_components.smart_evse.tariffs.sun import EntitySun
from simulator.demo.cars import BAYS
from simulator.demo.check import SCRIPT, figures_of, judge
from simulator.demo.client import Refused
from simulator.demo.cloud import prices, readings, sun, zone_for
from simulator.demo.homeassistant import HomeAssistant, free_port, make_folder
from simulator.demo.site import about_battery, about_charger, answers
from simulator.demo.walk import SETUP, answer, walk
from simulator.house import House, Plan
from simulator.market import day_ahead
from simulator.running import Simulation
from simulator.sockets.control import state_of
from simulator.weather import forecast

_ISOLATED = """
import socket
from simulator.demo.isolation import isolate
if isolate():
    print(*(name for _, name in socket.if_nameindex()))
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.connect(("192.0.2.1", 1))
    print(probe.getsockname()[0])
else:
    print("not allowed")
"""
PORTS = {"p1": 1, "sunspec": 2, "keba": 3, "alfen": 4, "quasar": 5, "battery": 6}


@pytest.fixture
def states(house: House) -> tuple[Any, Any]:
    """Return what the house says before and after a good hour's work."""
    simulation = Simulation(house)
    house.step(1)
    before = state_of(simulation)
    house.plug("keba", "zappy")
    house.step(60)
    house.stations["keba"].command(enabled=False)
    house.step(20)
    return before, state_of(simulation)


def test_a_good_run_is_good(states: tuple[Any, Any]) -> None:
    figures = figures_of(*states, [], 80.0)
    assert judge(figures) == []
    assert figures["starts"] == 1
    assert figures["energy_from_sun"]


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        ({"longest_above_fuse": 11.0}, "the fuse was exceeded"),
        ({"energy_from_sun": 0.0, "energy_from_grid": 0.0}, "the car got nothing"),
        ({"energy_from_sun": 0.0}, "none of it came from the sun"),
        ({"ends_charging": True}, "still charges"),
        ({"opened_under_load": 1}, "under load"),
        ({"errors": ["x: y"]}, "the log has errors"),
        ({"seconds": 120, "given": {}}, "the van gave nothing"),
        ({"given": {"to_cars": 30.0}}, "a car fed another"),
        ({"given": {"to_battery": 30.0}}, "a car fed the home battery"),
        ({"given": {"to_grid": 30.0}}, "a car fed the grid"),
    ],
)
def test_a_bad_run_is_told(states: tuple[Any, Any], figures: dict[str, object], complaint: str) -> None:
    assert any(complaint in problem for problem in judge(figures_of(*states, [], 80.0) | figures))


def test_the_script_is_in_order_and_ends_switched_off() -> None:
    times = [share for share, _ in SCRIPT]
    assert times == sorted(times)
    assert times[-1] <= 0.9


def test_the_folder_names_the_address_and_the_integration(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    make_folder(folder, 8199, "Etc/GMT+2")
    stored = json.loads((folder / ".storage" / "http").read_text())
    assert stored["data"]["stable"]["server_port"] == 8199
    assert stored["data"]["pending"] is None
    assert (folder / "custom_components" / "smart_evse" / "manifest.json").exists()
    written = (folder / "configuration.yaml").read_text()
    assert "\nhttp:" not in written
    assert "  internal_url: http://127.0.0.1:8199\n" in written
    assert "time_zone: Etc/GMT+2\n" in written


def test_known_errors_are_told_apart_by_logger_and_text(tmp_path: Path) -> None:
    home = HomeAssistant(tmp_path, 0, None)  # type: ignore[arg-type]
    home.log.write_text(
        "2026-11-21 08:06:12.305+00:00 ERROR (MainThread) [haffmpeg.core] FFmpeg fails [Errno 2]\n"
        "2026-11-21 08:06:12.396+00:00 ERROR (MainThread) [haffmpeg.core] something else\n"
        "2026-11-21 08:06:12.396+00:00 ERROR (MainThread) [homeassistant.setup] Setup failed for 'smart_evse': no\n"
        "2026-11-21 08:06:12.396+00:00 WARNING (MainThread) [custom_components.smart_evse] careful\n"
        "2026-11-21 08:06:12.396+00:00 CRITICAL (Thread-1) [custom_components.smart_evse.links] worse\n"
        "  a traceback\n"
    )
    assert home.errors() == [
        "haffmpeg.core: something else",
        "homeassistant.setup: Setup failed for 'smart_evse': no",
        "custom_components.smart_evse.links: worse",
    ]


def test_a_port_in_use_is_left_alone(socket_enabled: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_isolated_there_is_no_way_out() -> None:
    # In a process of its own: there is no way back, either.
    tried = subprocess.run([sys.executable, "-c", _ISOLATED], capture_output=True, text=True, check=True)
    if tried.stdout.strip() == "not allowed":
        pytest.skip("no network namespaces here")
    assert tried.stdout.split() == ["lo", "10.255.255.2"]


def test_every_question_is_answered_with_where_the_house_is() -> None:
    known = answers(PORTS, 25.0)
    assert known["grid_p1"]["port"] == 1
    assert known["sun"]["port"] == 2
    assert known["charger_tcp"]["port"] == 3
    assert [about_charger(PORTS, bay)["charger_tcp"]["port"] for bay in BAYS] == [3, 4, 5]
    assert about_battery(PORTS)["battery_sunspec"]["port"] == 6


def test_a_form_gets_what_it_asks_for_and_no_more() -> None:
    form = [
        {"name": "host", "required": True},
        {"name": "port", "required": True, "default": 502},
        {"name": "unit", "optional": True, "description": {"suggested_value": 1}},
        {"name": "cable_current", "optional": True},
        {"name": "more", "type": "expandable", "schema": [{"name": "vehicle", "optional": True}]},
    ]
    known = {"host": "127.0.0.1", "vehicle": "a", "name": "Garage"}
    wanted = {"host": "127.0.0.1", "port": 502, "unit": 1, "more": {"vehicle": "a"}}
    assert answer({"type": "form", "step_id": "x", "data_schema": form}, known, {}) == wanted
    assert answer({"type": "form", "step_id": "x", "data_schema": form}, {"host": "::1"}, known)["host"] == "::1"


@pytest.mark.parametrize(
    "step",
    [
        {"type": "menu", "step_id": "x"},
        {"type": "form", "step_id": "x", "data_schema": [{"name": "host", "required": True}]},
    ],
)
def test_a_question_that_nobody_can_answer_is_told(step: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="x"):
        answer(step, {}, {})


class Flow:
    """A flow of one form, which finds something wrong with the first answers."""

    def __init__(self, *wrong: str) -> None:
        self.wrong = list(wrong)
        self.answers: list[object] = []

    async def post(self, path: str, body: Any) -> dict[str, Any]:  # noqa: ANN401
        form = {"type": "form", "step_id": "x", "flow_id": "1", "data_schema": [{"name": "host"}]}
        if path == SETUP:
            return form
        self.answers.append(body)
        return {**form, "errors": {"base": self.wrong.pop(0)}} if self.wrong else {"type": "create_entry", "result": 7}


async def test_a_device_that_is_slow_on_a_busy_machine_is_tried_again() -> None:
    flow = Flow("silent", "unreachable")
    assert await walk(flow, SETUP, {}, {"x": {"host": "a"}}) == 7
    assert flow.answers == [{"host": "a"}] * 3


@pytest.mark.parametrize("wrong", [("silent", "silent", "silent"), ("wrong_device",)])
async def test_a_device_that_cannot_be_used_is_told(wrong: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=wrong[0]):
        await walk(Flow(*wrong), SETUP, {}, {"x": {"host": "a"}})


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("clock", ["2007-05-14 11:02", "2007-05-14 23:45"])
def test_the_demo_lives_where_its_sun_stands_right(hour: int, clock: str) -> None:
    house, now = datetime.fromisoformat(clock), datetime(2026, 11, 21, hour, 17, tzinfo=UTC)
    there = now.astimezone(ZoneInfo(zone_for(house, now)))
    minutes = (there.hour - house.hour) * 60 + there.minute - house.minute
    assert abs((minutes + 720) % 1440 - 720) <= 30


NOW = datetime(2026, 11, 21, 13, 7, tzinfo=UTC)
ZONE = ZoneInfo("Etc/GMT+2")


class Entities:
    """The one entity that is looked at."""

    def __init__(self, state: str, attributes: dict[str, object]) -> None:
        unit = str(attributes["unit_of_measurement"])
        self.state = EntityState(entity_id="sensor.x", value=state, ago=0.0, unit=unit, attributes=attributes)

    def get(self, entity_id: str) -> EntityState | None:
        return self.state

    def listen(self, entity_ids: Collection[str], heard: Callable[[str], None]) -> Callable[[], None]:
        raise NotImplementedError

    async def act(self, domain: str, action: str, entity_id: str, **values: object) -> None:
        raise NotImplementedError


async def test_the_prices_are_understood_by_the_integration() -> None:
    told = await EntityPrices(Entities(*prices(NOW, ZONE)), ["sensor.x"], ZONE).fetch(NOW)
    expected = dict(day_ahead(NOW.astimezone(ZONE).date(), ZONE))
    assert told.at(NOW) == expected[NOW.replace(minute=0)]
    assert told.end == datetime(2026, 11, 23, 2, tzinfo=UTC)


async def test_the_forecast_is_understood_by_the_integration(house: House) -> None:
    steps = {at.isoformat(sep=" "): watts for at, watts in forecast(house, house.clock, 48)}
    told = {"clock": house.clock.isoformat(sep=" "), "watts": steps}
    today = await EntitySun(Entities(*sun(told, NOW, ZONE, NOW.date(), 0)), ["sensor.x"], ZONE).fetch(NOW)
    tomorrow = await EntitySun(Entities(*sun(told, NOW, ZONE, NOW.date(), 1)), ["sensor.x"], ZONE).fetch(NOW)
    # The house's noon is Home Assistant's now.
    assert today.at(NOW) == pytest.approx(house.solar, rel=0.4)
    assert tomorrow.at(NOW + timedelta(hours=24)) == pytest.approx(house.solar, rel=0.6)
    assert tomorrow.at(NOW + timedelta(hours=14)) == 0


def test_cars_and_devices_say_how_they_are(house: House) -> None:
    simulation = Simulation(House(Plan(battery=10_000.0, battery_soc=63.0)))
    simulation.house.plug("quasar", soc=60)
    told = {entity: state for entity, state, _ in readings(state_of(simulation), {"keba": "Zappy", "quasar": "Van"})}
    assert told["sensor.van_battery"] == "60"
    assert told["sensor.zappy_battery"] == "unknown"
    assert told["sensor.battery_charge"] == "63"
    assert {"sensor.grid_power", "sensor.solar_power", "sensor.battery_power"} <= told.keys()
    assert "sensor.battery_charge" not in [entity for entity, *_ in readings(state_of(Simulation(house)), {})]
