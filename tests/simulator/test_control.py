"""Asking and telling a house that runs, over its control port and from the command line."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator.__main__ import house_of, main, parser
from simulator.running import Simulation
from simulator.sockets.control import ControlPort


class Control:
    """Somebody at the control port."""

    def __init__(self, session: ClientSession, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._session = session

    async def ask(self, path: str) -> Any:  # noqa: ANN401 (it is JSON)
        async with self._session.get(f"{self.url}/{path}") as answer:
            return await answer.json()

    async def tell(self, action: str, **words: object) -> tuple[int, Any]:
        async with self._session.post(f"{self.url}/{action}", json=words) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def control(simulation: Simulation) -> AsyncIterator[Control]:
    port = ControlPort(simulation)
    await port.open()
    async with ClientSession() as session:
        yield Control(session, port.port)
    await port.close()


async def test_a_car_comes_and_goes(control: Control, simulation: Simulation) -> None:
    await control.tell("plug", charger="keba", car="zappy", soc=55)
    await simulation.advance(30)
    state = await control.ask("state")
    assert state["chargers"]["keba"]["state"] == "C"
    assert state["chargers"]["keba"]["car"]["soc"] >= 55
    assert state["chargers"]["keba"]["delivered"]["from_sun"] > 0
    assert state["telegrams"] == 30
    status, state = await control.tell("unplug", charger="keba")
    assert status == 200
    assert state["chargers"]["keba"]["car"] is None


async def test_everything_can_be_told(control: Control, simulation: Simulation) -> None:
    house = simulation.house
    await control.tell("plug", charger="quasar", soc=30)
    assert (await control.tell("soc", charger="quasar", soc=70))[1]["chargers"]["quasar"]["car"]["soc"] == 70
    assert (await control.tell("fault", name="meter_silent", seconds=5))[1]["faults"] == ["meter_silent"]
    assert house.meter.silent
    assert (await control.tell("fault", name="meter_silent", on=False))[1]["faults"] == []
    await control.tell("appliance", kind="kettle", phase=3)
    assert house.appliances[0].phase == 2
    await control.tell("sky", kind="dull")
    await simulation.advance(2)
    assert house.solar < 3000
    assert (await control.tell("speed", factor=10))[1]["speed"] == 10


async def test_the_last_seconds_can_be_asked_for(control: Control, simulation: Simulation) -> None:
    await simulation.advance(5)
    samples = await control.ask("samples?seconds=3")
    assert [round(sample["at"]) for sample in samples] == [3, 4, 5]
    assert "error" in await control.ask("samples?seconds=many")


async def test_the_forecast_can_be_asked_for(control: Control, simulation: Simulation) -> None:
    told = await control.ask("forecast?hours=3")
    assert told["clock"] == simulation.house.clock.isoformat(sep=" ")
    assert list(told["watts"])[:2] == ["2007-05-14 12:00:00", "2007-05-14 12:30:00"]
    assert len(told["watts"]) == 6
    assert min(told["watts"].values()) > 3000
    for wrong in ("many", "1000"):
        assert "error" in await control.ask(f"forecast?hours={wrong}")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("plug", {"charger": "tesla"}),
        ("plug", {"charger": "keba", "car": "tractor"}),
        ("plug", {"charger": "keba", "soc": 101}),
        ("plug", {}),
        ("soc", {"charger": "keba", "soc": 50}),
        ("fault", {"name": "meteor"}),
        ("fault", {"name": "charger_reboot"}),
        ("appliance", {"kind": "kettle", "phase": 4}),
        ("appliance", {"kind": "kettle", "phase": True}),
        ("speed", {"factor": -1}),
        ("sky", {"kind": "purple"}),
    ],
)
async def test_what_cannot_be_done_is_refused(control: Control, action: str, words: dict[str, object]) -> None:
    status, answer = await control.tell(action, **words)
    assert status == 400
    assert answer["error"]


async def test_nonsense_is_refused(control: Control) -> None:
    assert (await control.tell("dance"))[0] == 404
    async with ClientSession() as session, session.post(f"{control.url}/plug", data="{") as answer:
        assert answer.status == 400
    async with ClientSession() as session, session.get(f"{control.url}/") as answer:
        assert "POST /plug" in await answer.text()


async def test_the_command_line_talks_to_it(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    async def run(*arguments: str) -> int:
        return await asyncio.to_thread(main, [arguments[0], "--control", control.url, *arguments[1:]])

    assert await run("plug", "keba", "city", "--soc", "20") == 0
    assert json.loads(capsys.readouterr().out)["chargers"]["keba"]["car"]["soc"] == 20
    assert await run("state") == 0
    assert json.loads(capsys.readouterr().out)["chargers"]["keba"]["state"] == "B"
    assert await run("soc", "alfen", "20") == 1
    assert "no car there" in capsys.readouterr().err


def test_without_a_house_the_command_line_says_so(
    socket_enabled: None, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["state", "--control", f"http://127.0.0.1:{unused_tcp_port}"]) == 1
    assert "no house" in capsys.readouterr().err


def test_a_house_is_built_as_it_was_asked_for() -> None:
    options = parser().parse_args(
        ["run", "--fuse", "16", "--kwp", "5", "--battery", "7000", "--plug", "keba=city:20", "--plug", "alfen"]
    )
    house = house_of(options)
    assert house.record.fuse == 16
    assert house.plan.kwp == 5
    assert house.home_battery is not None
    assert house.home_battery.model.capacity == 7000
    keba, alfen = house.battery("keba"), house.battery("alfen")
    assert keba is not None
    assert alfen is not None
    assert (keba.soc, alfen.soc) == (20, 40)


async def test_time_passes_by_itself_when_it_is_let(simulation: Simulation) -> None:
    simulation.speed = 100
    simulation.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", simulation.addresses["p1"])
    async with asyncio.timeout(10):
        telegrams = [await reader.readuntil(b"!") for _ in range(2)]
    assert telegrams[0] != telegrams[1]
    assert simulation.house.seconds > 20
    writer.close()
