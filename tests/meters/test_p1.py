"""The P1 port over a real socket: what is taken, what is dropped, and what is said when it fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
import os
from typing import Any

import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import DeviceError, Silent, Unreachable, Unusable, WrongDevice
from custom_components.smart_evse.meters.p1 import P1
from custom_components.smart_evse.meters.port import Measurement

from .p1_port import CLOCK, P1Port, telegram, ticking

NEVER = 60.0
"""A silence that no test waits for, in s."""

SOON = 0.1


@pytest.fixture
async def port() -> AsyncIterator[P1Port]:
    port = P1Port()
    await port.start()
    yield port
    await port.stop()


class Samples(asyncio.Queue[Measurement]):
    async def next(self) -> Measurement:
        return await asyncio.wait_for(self.get(), 5)


@asynccontextmanager
async def running(meter: P1, samples: Samples | None = None) -> AsyncIterator[Samples]:
    samples = samples if samples is not None else Samples()
    task = asyncio.create_task(meter.run(samples.put_nowait))
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def meter_at(port: P1Port, *, silence: float = NEVER, phases: int = 3) -> P1:
    return P1(host="127.0.0.1", port=port.port, silence=silence, phases=phases)


async def failure(work: Coroutine[Any, Any, object]) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await asyncio.wait_for(work, 5)
    return caught.value


async def test_each_telegram_is_one_sample(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        for text in ticking("dsmr_5_0", 3):
            await port.send(text)
            assert (await samples.next()).powers == PerPhase(1111.0, -584.0, 666.0)
        assert samples.empty()


@pytest.mark.parametrize("name", ["dsmr_2_2", "dsmr_4_2", "dsmr_5_0", "fluvius", "luxembourg", "sweden"])
async def test_every_version_is_read_without_being_named(port: P1Port, name: str) -> None:
    async with running(meter_at(port)) as samples:
        await port.send(telegram(name))
        assert (await samples.next()).power > 0


async def test_telegrams_may_come_in_any_pieces(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        await port.send(*telegram("dsmr_5_0"))
        assert (await samples.next()).power == pytest.approx(1193)


async def test_of_telegrams_that_come_at_once_the_newest_counts(port: P1Port) -> None:
    """A gateway that was cut off for a while sends what it has kept."""
    old = list(ticking("dsmr_5_0", 4))
    new = telegram("dsmr_5_0", {CLOCK: "240628141259S", "1-0:1.7.0": "02.000*kW"})
    async with running(meter_at(port)) as samples:
        await port.send("".join([*old, new]))
        assert (await samples.next()).power == pytest.approx(2000)
        assert samples.empty()
        await port.send("".join([*old, new.replace("02.000", "12.000")]))
        assert (await samples.next()).power == pytest.approx(1193)


async def test_what_is_half_at_the_start_is_skipped(port: P1Port) -> None:
    first, second = ticking("dsmr_5_0", 2)
    meter = meter_at(port)
    async with running(meter) as samples:
        await port.send(first[300:], second)
        await samples.next()
        assert samples.empty()
    assert meter.dropped == 0


async def test_what_is_cut_off_is_skipped(port: P1Port) -> None:
    first, second = ticking("dsmr_5_0", 2)
    async with running(meter_at(port)) as samples:
        await port.send(first[:400], second)
        await samples.next()
        assert samples.empty()


async def test_garbage_between_telegrams_is_tolerated(port: P1Port) -> None:
    first, second, third = ticking("dsmr_5_0", 3)
    async with running(meter_at(port)) as samples:
        for part in (first, b"\x00\xff\xfe!\r\n" + second.encode(), b"\x00" * 40_000 + third.encode()):
            await port.send(part)
            await samples.next()


async def test_a_telegram_with_a_wrong_checksum_is_dropped_and_counted(port: P1Port) -> None:
    first, second = ticking("dsmr_5_0", 2)
    meter = meter_at(port)
    async with running(meter) as samples:
        await port.send(first.replace("01.193", "21.193"), second)
        assert (await samples.next()).power == pytest.approx(1193)
        assert samples.empty()
    assert meter.dropped == 1


async def test_a_byte_that_flipped_into_another_alphabet_is_dropped_too(port: P1Port) -> None:
    first, second = ticking("dsmr_5_0", 2)
    meter = meter_at(port)
    async with running(meter) as samples:
        await port.send(first.replace("kWh", "k\xd7h"), second)
        await samples.next()
    assert meter.dropped == 1


async def test_a_clock_that_stands_still_is_no_new_sample(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        await port.send(*[telegram("dsmr_5_0")] * 3)
        assert (await samples.next()).power == pytest.approx(1193)
        await port.send(telegram("dsmr_5_0", {CLOCK: "101209113021W", "1-0:1.7.0": "02.000*kW"}))
        assert (await samples.next()).power == pytest.approx(2000)
        assert samples.empty()


async def test_a_clock_that_is_set_back_is_a_new_sample(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        for text in (telegram("dsmr_5_0"), telegram("dsmr_5_0", {CLOCK: "101209113000W"})):
            await port.send(text)
            await samples.next()


async def test_a_meter_without_a_clock_is_believed(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        for _ in range(2):
            await port.send(telegram("dsmr_2_2"))
            await samples.next()


async def test_the_same_telegram_is_not_new_after_a_new_connection(port: P1Port) -> None:
    meter = meter_at(port)
    async with running(meter) as samples:
        await port.send(telegram("dsmr_5_0"))
        await samples.next()
    await port.hang_up()
    async with running(meter) as samples:
        await port.send(telegram("dsmr_5_0"), telegram("dsmr_5_0", {CLOCK: "101209113021W", "1-0:1.7.0": "02.000*kW"}))
        assert (await samples.next()).power == pytest.approx(2000)


async def test_a_line_that_is_closed_is_lost_and_can_be_opened_again(port: P1Port) -> None:
    meter, samples = meter_at(port), Samples()
    lost = asyncio.create_task(failure(meter.run(samples.put_nowait)))
    first, second = ticking("dsmr_5_0", 2)
    await port.send(first)
    await samples.next()
    await port.hang_up()
    assert type(await lost) is Unreachable
    async with running(meter, samples):
        await port.send(second)
        await samples.next()


async def test_nobody_there(port: P1Port) -> None:
    await port.stop()
    assert type(await failure(meter_at(port).identify())) is Unreachable
    assert type(await failure(meter_at(port).run(lambda _: None))) is Unreachable


async def test_a_line_without_a_word_is_silent(port: P1Port) -> None:
    assert type(await failure(meter_at(port, silence=SOON).run(lambda _: None))) is Silent


async def sending(port: P1Port, text: str | bytes, work: Callable[[], Coroutine[Any, Any, object]]) -> DeviceError:
    failed = asyncio.create_task(failure(work()))
    await port.send(text)
    return await failed


async def test_a_meter_that_stops_is_silent(port: P1Port) -> None:
    meter, samples = meter_at(port, silence=SOON), Samples()
    error = await sending(port, telegram("dsmr_5_0"), lambda: meter.run(samples.put_nowait))
    assert type(error) is Silent
    assert samples.qsize() == 1


async def test_a_meter_whose_clock_stands_still_is_silent(port: P1Port) -> None:
    meter, samples = meter_at(port, silence=SOON), Samples()
    error = await sending(port, telegram("dsmr_5_0") * 20, lambda: meter.run(samples.put_nowait))
    assert type(error) is Silent
    assert samples.qsize() == 1


@pytest.mark.parametrize(
    ("version", "silence"), [(None, 30), ("2.2", 30), ("4", 30), ("5", 15), ("5B", 15), ("5S", 30)]
)
def test_silence_is_three_telegrams_and_no_less_than_15_s(version: str | None, silence: float) -> None:
    assert P1(host="meter", port=23, version=version).silence == silence


async def test_silence_is_learned_from_the_first_telegram(port: P1Port) -> None:
    meter = P1(host="127.0.0.1", port=port.port)
    async with running(meter) as samples:
        await port.send(telegram("fluvius"))
        await samples.next()
        assert meter.silence == 15


async def test_telegrams_that_are_all_damaged_are_silence(port: P1Port) -> None:
    meter = meter_at(port, silence=SOON)
    assert type(await sending(port, telegram("dsmr_5_0").replace("kWh", "kwh"), meter.identify)) is Silent
    assert meter.dropped == 1


async def test_something_else_is_the_wrong_device(port: P1Port) -> None:
    meter = meter_at(port, silence=SOON)
    assert type(await sending(port, b"SSH-2.0-OpenSSH_9.2\r\n", meter.identify)) is WrongDevice


async def test_who_it_is(port: P1Port) -> None:
    async def send() -> None:
        await port.send(telegram("fluvius"))

    identity, _ = await asyncio.gather(meter_at(port).identify(), send())
    assert identity.serial == "1SAG3100000000001"
    assert identity.cadence == 1
    assert identity.phases == 3


async def test_a_one_phase_meter_knows_no_currents_of_a_three_phase_site(port: P1Port) -> None:
    async with running(meter_at(port)) as samples:
        await port.send(telegram("dsmr_5_0_one_phase"))
        assert (await samples.next()).currents is None
    await port.hang_up()
    async with running(meter_at(port, phases=1)) as samples:
        await port.send(telegram("dsmr_5_0_one_phase"))
        currents = (await samples.next()).currents
        assert currents is not None
        assert currents.l1 < 0


@pytest.mark.parametrize("version", [None, "5", "2.2"])
async def test_over_a_serial_line(version: str | None) -> None:
    """A pseudo-terminal stands for the cable; its other end is the meter."""
    meter_end, our_end = os.openpty()
    try:
        meter = P1(serial_port=os.ttyname(our_end), version=version, silence=NEVER)
        async with running(meter) as samples:
            while samples.empty():
                os.write(meter_end, telegram("dsmr_2_2" if version == "2.2" else "dsmr_5_0").encode())
                await asyncio.sleep(0.02)
            assert (await samples.next()).power > 0
    finally:
        os.close(meter_end)
        os.close(our_end)


async def test_a_serial_line_that_is_not_there() -> None:
    assert type(await failure(P1(serial_port="/dev/no-such-port").identify())) is Unreachable


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"host": "meter"},
        {"host": "meter", "port": 23, "serial_port": "/dev/ttyUSB0"},
        {"host": "meter", "port": 23, "version": "6"},
    ],
)
def test_what_makes_no_sense_is_said_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        P1(**options)
