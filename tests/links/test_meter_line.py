"""One meter on the line: the time of its samples, their sign and their rhythm."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import DeviceError, Unreachable
from custom_components.smart_evse.links.meter import MeterLine
from custom_components.smart_evse.meters.port import Measurement, MeterIdentity
from tests.links.hours import hours, now, running

SAMPLE = Measurement(
    power=1_240.0,
    currents=PerPhase(5.0, -1.0, 2.0),
    powers=PerPhase(1_150.0, -230.0, 320.0),
    voltages=PerPhase(230.0, 231.0, 229.0),
    energy_in=1e6,
    ago=0.4,
)


class Source:
    """A meter that tells a sample every second, differing in its power, until it is told to fail."""

    def __init__(self, cadence: float | None = 1.0) -> None:
        self.cadence = cadence
        self.greetings = 0
        self.failing: DeviceError | None = None

    async def identify(self) -> MeterIdentity:
        self.greetings += 1
        return MeterIdentity(maker="We", model="Meter", cadence=self.cadence)

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        power = 0.0
        while self.failing is None:
            publish(SAMPLE.__replace__(power=SAMPLE.power + power))
            power += 1
            await asyncio.sleep(1)
        raise self.failing


def line(source: Source, heard: list[float], told: list[DeviceError | None], *, invert: bool = False) -> MeterLine:
    return MeterLine(source, lambda: heard.append(now()), told.append, now, invert=invert)


@hours
async def test_a_sample_is_as_old_as_the_meter_says() -> None:
    heard: list[float] = []
    told: list[DeviceError | None] = []
    meter = line(Source(), heard, told)
    await running(0.5, meter.listener.run())
    assert heard == [1_000]
    assert meter.at == pytest.approx(1_000 - 0.4)
    assert meter.latest == SAMPLE
    assert meter.identity is not None
    assert told == [None]


@hours
async def test_a_meter_that_counts_the_other_way_is_turned_round() -> None:
    meter = line(Source(), [], [], invert=True)
    await running(0.5, meter.listener.run())
    assert meter.latest is not None
    assert meter.latest.power == -1_240
    assert meter.latest.currents == PerPhase(-5.0, 1.0, -2.0)
    assert meter.latest.powers == PerPhase(-1_150.0, 230.0, -320.0)
    assert meter.latest.voltages == SAMPLE.voltages
    assert meter.latest.energy_in == SAMPLE.energy_in


@hours
async def test_the_rhythm_is_learned_from_what_arrives() -> None:
    meter = line(Source(cadence=None), [], [])
    await running(10, meter.listener.run())
    assert meter.cadence.cadence == pytest.approx(1.0)


@hours
async def test_a_meter_that_comes_back_is_known_and_its_trouble_is_told() -> None:
    source, told = Source(), list[DeviceError | None]()
    source.failing = Unreachable("no route")
    meter = line(source, [], told)
    await running(0.5, meter.listener.run())
    assert isinstance(told[-1], Unreachable)
    source.failing = None
    await running(0.5, meter.listener.run())
    assert meter.error is None
    assert source.greetings == 1
    assert [type(error) for error in told] == [Unreachable, type(None)]
