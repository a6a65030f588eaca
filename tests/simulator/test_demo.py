"""The judgement of the demo and its preparations; the demo itself is run by `scripts/demo --check`."""

import json
from pathlib import Path
import socket
import subprocess
import sys
from typing import Any

import pytest

from simulator.demo.check import SCRIPT, figures_of, judge
from simulator.demo.homeassistant import HomeAssistant, free_port, make_folder
from simulator.demo.site import answers
from simulator.house import House
from simulator.running import Simulation
from simulator.sockets.control import state_of

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
PORTS = {"p1": 1, "sunspec": 2, "keba": 3}


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
    figures = figures_of(*states, [])
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
    ],
)
def test_a_bad_run_is_told(states: tuple[Any, Any], figures: dict[str, object], complaint: str) -> None:
    assert any(complaint in problem for problem in judge(figures_of(*states, []) | figures))


def test_the_script_is_in_order_and_ends_switched_off() -> None:
    times = [share for share, _ in SCRIPT]
    assert times == sorted(times)
    assert times[-1] <= 0.9


def test_the_folder_names_the_address_and_the_integration(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    make_folder(folder, 8199)
    stored = json.loads((folder / ".storage" / "http").read_text())
    assert stored["data"]["stable"]["server_port"] == 8199
    assert stored["data"]["pending"] is None
    assert (folder / "custom_components" / "smart_evse" / "manifest.json").exists()
    assert "http:" not in (folder / "configuration.yaml").read_text()


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
    assert known["sun"]["more"]["port"] == 2
    assert known["charger_tcp"]["more"]["port"] == 3
