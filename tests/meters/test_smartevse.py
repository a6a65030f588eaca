"""The mains meter of a SmartEVSE, read out of the box."""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import DeviceError, Refused, Silent, Unreachable, WrongDevice
from custom_components.smart_evse.meters.port import Measurement
from custom_components.smart_evse.meters.smartevse import SmartEvseMains

CAPTURES = Path(__file__).parent.parent / "fixtures" / "chargers"


class Box:
    """A SmartEVSE 3.6 with an Eastron at the mains, as in the firmware's own `docs/REST_API.md`."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, object]] = json.loads((CAPTURES / "smartevse_3.6.json").read_text())["settings"]
        self.port = 0

    def reads(self, at: int, *tenths: float) -> None:
        currents = dict(zip(("L1", "L2", "L3"), tenths, strict=True))
        self.said["phase_currents"] = {**currents, "last_data_update": at, "original_data": dict(currents)}

    async def answer(self, request: web.Request) -> web.Response:
        return web.json_response(self.said)


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    box, app = Box(), web.Application()
    app.router.add_get("/settings", box.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    box.port = runner.addresses[0][1]
    yield box
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def gathered(meter: SmartEvseMains, box: Box, *later: tuple[int, float]) -> tuple[list[Measurement], DeviceError]:
    """Run a meter over what the box reads one after another, until nothing new comes."""
    samples: list[Measurement] = []
    coming = iter(later)

    def publish(sample: Measurement) -> None:
        samples.append(sample)
        if (told := next(coming, None)) is not None:
            box.reads(told[0], told[1], told[1], told[1])

    with pytest.raises(DeviceError) as caught:
        await meter.run(publish)
    return samples, caught.value


def meter(box: Box, session: ClientSession, phases: int = 3) -> SmartEvseMains:
    return SmartEvseMains(session, "127.0.0.1", port=box.port, phases=phases, interval=0.001, silence=0.05)


async def test_currents_are_tenths_of_an_ampere(box: Box, session: ClientSession) -> None:
    samples, ended = await gathered(meter(box, session), box)
    assert [sample.currents for sample in samples] == [PerPhase(5.7, 0.6, 1.2)]
    assert samples[0].power == pytest.approx(230 * 7.5)
    assert isinstance(ended, Silent)


async def test_only_what_was_newly_read_is_handed_over(box: Box, session: ClientSession) -> None:
    samples, _ = await gathered(meter(box, session), box, (1704535690, -30), (1704535690, 90), (1704535691, 90))
    assert [sample.power for sample in samples] == pytest.approx([1725, -2070])


async def test_a_next_run_hands_over_nothing_twice(box: Box, session: ClientSession) -> None:
    source = meter(box, session)
    await gathered(source, box)
    assert (await gathered(source, box))[0] == []


async def test_a_home_battery_is_left_out(box: Box, session: ClientSession) -> None:
    box.reads(5, 50, 50, 50)
    box.said["phase_currents"] |= {"L1": 0, "L2": 0, "L3": 0}
    samples, _ = await gathered(meter(box, session), box)
    assert samples[0].currents == PerPhase(5.0, 5.0, 5.0)


async def test_one_phase(box: Box, session: ClientSession) -> None:
    samples, _ = await gathered(meter(box, session, phases=1), box)
    assert samples[0].currents == PerPhase(5.7)


async def test_says_who_it_is(box: Box, session: ClientSession) -> None:
    identity = await meter(box, session).identify()
    assert identity.model == "SmartEVSE: InvEastrn"
    assert identity.serial is None
    box.said["serialnr"] = 51446  # type: ignore[assignment]  # as newer firmware tells it
    assert (await meter(box, session).identify()).serial == "51446_mains"


async def test_a_box_without_a_mains_meter(box: Box, session: ClientSession) -> None:
    box.said["settings"]["mains_meter"] = "Disabled"
    with pytest.raises(Refused):
        await meter(box, session).identify()


async def test_a_meter_that_never_spoke(box: Box, session: ClientSession) -> None:
    box.reads(0, 0, 0, 0)
    samples, ended = await gathered(meter(box, session), box)
    assert samples == []
    assert type(ended) is Silent


async def test_something_else_answers(box: Box, session: ClientSession) -> None:
    box.said = {"device": {"name": "printer"}}
    with pytest.raises(WrongDevice):
        await meter(box, session).identify()


async def test_nobody_answers(box: Box, session: ClientSession) -> None:
    box.port = 1
    with pytest.raises(Unreachable):
        await asyncio.wait_for(meter(box, session).identify(), 5)
