"""Background readers: their pace, their pauses, and how little one device means to another."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.smart_evse.links.errors import DeviceError, Silent, Unreachable, WrongDevice
from custom_components.smart_evse.links.reader import Listener, Pace, Reader
from tests.links.hours import hours, now, running


class Device:
    """Something that is read, in a manner that can change."""

    def __init__(self) -> None:
        self.reads: list[float] = []
        self.values: list[float] = []
        self.errors: list[DeviceError | None] = []
        self.failing: Exception | None = None
        self.hanging = False
        self.allowed = True

    async def read(self) -> float:
        self.reads.append(now() - 1_000)
        if self.hanging:
            await asyncio.Event().wait()
        if self.failing is not None:
            raise self.failing
        return self.reads[-1]

    def reader(self) -> Reader[float]:
        return Reader(
            self.read,
            self.values.append,
            self.errors.append,
            pace=Pace(cadence=2.0, timeout=5.0),
            may_read=lambda: self.allowed,
        )


@hours
async def test_a_device_is_read_at_its_cadence() -> None:
    device = Device()
    await running(7, device.reader().run())
    assert device.values == [0, 2, 4, 6]
    assert set(device.errors) == {None}


@hours
async def test_a_command_hurries_the_next_read() -> None:
    device = Device()
    reader = device.reader()

    async def command() -> None:
        await asyncio.sleep(0.5)
        reader.hurry()
        await asyncio.sleep(100)

    await running(3, reader.run(), command())
    assert device.values == [0, 0.5, 2.5]


@hours
async def test_a_device_that_is_gone_is_tried_at_growing_pauses_and_read_at_once_when_it_is_back() -> None:
    device = Device()
    device.failing = Unreachable("no route")
    reader = device.reader()
    await running(50, reader.run())
    assert device.reads == [0, 1, *range(3, 50, 3)]
    assert {type(error) for error in device.errors} == {Unreachable}
    device.failing = None
    await running(3, reader.run())
    assert device.errors[-1] is None
    device.failing = Unreachable("gone again")
    device.reads.clear()
    await running(2, reader.run())
    assert device.reads == [53, 54]


@hours
async def test_a_device_that_hangs_is_given_up_on_and_delays_no_other() -> None:
    hanging, other = Device(), Device()
    hanging.hanging = True
    await running(20, hanging.reader().run(), other.reader().run())
    assert other.values == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert hanging.reads == [0, 6, 13]
    assert [type(error) for error in hanging.errors] == [Silent, Silent, Silent]


@hours
async def test_a_driver_with_a_fault_of_its_own_is_a_silent_device(caplog: pytest.LogCaptureFixture) -> None:
    device = Device()
    device.failing = KeyError("registers")
    await running(0.5, device.reader().run())
    assert [type(error) for error in device.errors] == [Silent]
    assert "A driver failed" in caplog.text


@hours
async def test_a_charger_that_must_not_be_read_is_left_alone() -> None:
    device = Device()
    device.allowed = False
    reader = device.reader()
    await running(10, reader.run())
    assert device.reads == []
    device.allowed = True
    await running(1, reader.run())
    assert device.reads == [10]


@hours
async def test_a_reader_ends_when_it_is_cancelled_even_in_mid_read() -> None:
    device = Device()
    device.hanging = True
    task = asyncio.create_task(device.reader().run())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert device.errors == []


def listener(run: Callable[[Callable[[int], None]], object], heard: list[int], told: list[object]) -> Listener[int]:
    return Listener(run, heard.append, told.append)  # type: ignore[arg-type]


@hours
async def test_a_source_that_ends_is_started_again_after_growing_pauses() -> None:
    starts: list[float] = []
    told: list[object] = []

    async def run(_publish: Callable[[int], None]) -> None:
        starts.append(now() - 1_000)
        raise WrongDevice("a printer")

    await running(20, listener(run, [], told).run())
    assert starts == [0, 1, 3, 8, 18]
    assert {type(error) for error in told} == {WrongDevice}


@hours
async def test_a_value_shortens_the_pauses_again() -> None:
    starts: list[float] = []
    heard: list[int] = []
    told: list[object] = []

    async def run(publish: Callable[[int], None]) -> None:
        starts.append(now() - 1_000)
        if len(starts) == 4:
            publish(1)

    await running(12, listener(run, heard, told).run())
    assert heard == [1]
    assert starts == [0, 1, 3, 8, 9, 11]
    assert told.count(None) == 1
    assert all(isinstance(error, Silent) for error in told if error is not None)


@hours
async def test_a_listener_survives_a_fault_of_its_driver(caplog: pytest.LogCaptureFixture) -> None:
    told: list[object] = []

    async def run(_publish: Callable[[int], None]) -> None:
        raise ZeroDivisionError

    await running(1.5, listener(run, [], told).run())
    assert [type(error) for error in told] == [Silent, Silent]
    assert "A driver failed" in caplog.text
