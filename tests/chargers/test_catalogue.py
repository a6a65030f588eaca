"""The catalogues of chargers and meters: what a configuration opens, and what it does not load."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
import subprocess
import sys

from aiohttp import ClientSession
from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusUnit
import pytest

from custom_components.smart_evse.chargers import MAKES, open_charger
from custom_components.smart_evse.chargers.port import Charger
from custom_components.smart_evse.links.demo import DemoHouse
from custom_components.smart_evse.links.errors import Unusable
from custom_components.smart_evse.links.modbus import Endpoint, ModbusLines
from custom_components.smart_evse.links.settings import number, whole
from custom_components.smart_evse.links.states import EntityPort, EntityState
from custom_components.smart_evse.meters import KINDS, open_meter


class NoStates:
    """A Home Assistant without a single entity."""

    def get(self, entity_id: str) -> EntityState | None:
        return None

    def listen(self, entity_ids: Collection[str], heard: Callable[[str], None]) -> Callable[[], None]:
        raise NotImplementedError

    async def act(self, domain: str, action: str, entity_id: str, **values: object) -> None:
        raise NotImplementedError


@dataclass
class NotedWires:
    """Wires that note what was asked of them. Nothing is ever sent over them."""

    session: ClientSession
    asked: list[tuple[Endpoint, int]] = field(default_factory=list)
    lines: ModbusLines = field(default_factory=ModbusLines)

    def modbus(self, endpoint: Endpoint, unit_id: int) -> ModbusUnit:
        self.asked.append((endpoint, unit_id))
        return self.lines.unit(endpoint, unit_id)

    def states(self) -> EntityPort:
        return NoStates()

    def demo(self) -> DemoHouse:
        return DemoHouse(clock=lambda: 0.0)


@pytest.fixture
async def wires() -> AsyncIterator[NotedWires]:
    async with ClientSession() as session:
        yield NotedWires(session)


CHARGERS: dict[str, dict[str, object]] = {
    "smartevse": {"host": "box.local"},
    "keba": {"host": "box.local"},
    "alfen": {"host": "box.local", "outlets": 2},
    "heidelberg": {"host": "box.local"},
    "goe": {"host": "box.local", "port": 8080.0},
    "openevse": {"host": "box.local", "username": "me", "password": "secret"},
    "quasar": {"host": "box.local"},
    "entities": {"entities": {"status": "sensor.a", "current_number": "number.b", "status_map": {"ready": "B"}}},
    "demo": {},
}
METERS: dict[str, dict[str, object]] = {
    "p1": {"host": "p1.local", "port": 23},
    "homewizard": {"host": "p1.local"},
    "sunspec": {"host": "inverter.local"},
    "charger": {"host": "box.local"},
    "entities": {"entities": {"power": "sensor.power"}},
    "demo": {},
}


@pytest.mark.parametrize("make", MAKES)
async def test_every_make_opens(wires: NotedWires, make: str) -> None:
    charger: Charger = open_charger({"make": make, **CHARGERS[make]}, wires)
    assert charger.traits.make == make
    assert charger.traits.outlets == CHARGERS[make].get("outlets", 1)
    assert charger.traits.outlets <= MAKES[make].outlets


def test_makes_are_whole() -> None:
    assert set(MAKES) == set(CHARGERS)
    for key, make in MAKES.items():
        assert make.key == key
        assert make.name
        assert (make.unit is not None) == (make.transport == "modbus")
        assert (make.port is not None) == (make.transport in ("modbus", "http"))
        assert not make.serial or make.transport == "modbus"


@pytest.mark.parametrize("make", [key for key, make in MAKES.items() if make.transport == "modbus"])
async def test_modbus_by_default_and_as_told(wires: NotedWires, make: str) -> None:
    open_charger({"make": make, "host": "box.local"}, wires)
    assert (ModbusTcpParams(host="box.local", port=502), MAKES[make].unit) in wires.asked
    wires.asked.clear()
    open_charger({"make": make, "host": "box.local", "port": 1502.0, "unit": 7.0}, wires)
    assert (ModbusTcpParams(host="box.local", port=1502), 7) in wires.asked
    assert {endpoint for endpoint, _ in wires.asked} == {ModbusTcpParams(host="box.local", port=1502)}


async def test_a_double_alfen_is_two_sockets_of_one_station(wires: NotedWires) -> None:
    open_charger({"make": "alfen", "host": "box.local", "outlets": 2}, wires)
    assert {unit for _, unit in wires.asked} == {1, 2, 200}


async def test_modbus_over_a_serial_line(wires: NotedWires) -> None:
    open_charger({"make": "heidelberg", "serial_port": "/dev/ttyUSB0"}, wires)
    assert wires.asked == [(ModbusSerialParams(device="/dev/ttyUSB0", baudrate=19200, parity="E"), 1)]


@pytest.mark.parametrize(("kind", "role"), [(key, role) for key, kind in KINDS.items() for role in sorted(kind.roles)])
async def test_every_kind_opens_in_each_of_its_roles(wires: NotedWires, kind: str, role: str) -> None:
    assert open_meter(role, {"kind": kind, **METERS[kind]}, wires)


async def test_a_serial_p1_port(wires: NotedWires) -> None:
    config = {"kind": "p1", "serial_port": "/dev/ttyUSB0", "dsmr_version": "5B", "phases": "1"}
    assert open_meter("grid", config, wires)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"make": "toaster"},
        {"make": "keba"},
        {"make": "keba", "host": ""},
        {"make": "keba", "host": "box.local", "port": "many"},
        {"make": "goe", "host": "box.local", "port": True},
        {"make": "entities"},
        {"make": "entities", "entities": {"status": "sensor.a"}},
        {
            "make": "entities",
            "entities": {"status": "sensor.a", "current_number": "number.b", "status_map": {"x": "Q"}},
        },
    ],
)
async def test_a_configuration_that_is_not_whole(wires: NotedWires, config: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        open_charger(config, wires)


@pytest.mark.parametrize(
    ("role", "config"),
    [
        ("grid", {}),
        ("grid", {"kind": "sunspec", "host": "a"}),
        ("solar", {"kind": "p1"}),
        ("battery", {"kind": "demo"}),
    ],
)
async def test_a_meter_in_a_role_it_does_not_have(wires: NotedWires, role: str, config: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        open_meter(role, config, wires)


def test_numbers_as_forms_hand_them_over() -> None:
    config = {"float": 5.0, "text": "3", "nothing": None, "empty": "", "flag": True}
    assert [whole(config, key, 9) for key in ("float", "text", "nothing", "empty", "missing")] == [5, 3, 9, 9, 9]
    assert [number(config, key, 9.5) for key in ("float", "flag", "missing")] == [5.0, 9.5, 9.5]


def test_looking_into_the_catalogues_loads_no_driver() -> None:
    """In a Python of its own: here all drivers are loaded already."""
    script = """
import sys
import custom_components.smart_evse.chargers, custom_components.smart_evse.meters
ours = "custom_components.smart_evse."
known = {"chargers.port", "meters.port"}
print([name for name in sys.modules if name.startswith((ours + "chargers.", ours + "meters."))
       and name.removeprefix(ours) not in known])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_library_that_is_missing_takes_one_make_with_it(
    wires: NotedWires, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing in ("chargers.keba", "meters.p1"):
        monkeypatch.setitem(sys.modules, f"custom_components.smart_evse.{missing}", None)
    with pytest.raises(Unusable, match="keba"):
        open_charger({"make": "keba", "host": "box.local"}, wires)
    assert open_charger({"make": "goe", "host": "box.local"}, wires)
    with pytest.raises(Unusable, match="p1"):
        open_meter("grid", {"kind": "p1", **METERS["p1"]}, wires)
    assert open_meter("grid", {"kind": "demo"}, wires)
