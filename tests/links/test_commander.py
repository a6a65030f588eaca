"""The command worker: what goes over the wire, when, and in which order."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.smart_evse.chargers.port import Charger, Feeding, OutletReading, Traits
from custom_components.smart_evse.engine.command import Rules
from custom_components.smart_evse.engine.model import Limit, PerPhase, PowerLimit, VehicleState
from custom_components.smart_evse.links.commander import Commander
from custom_components.smart_evse.links.errors import Refused, Unreachable
from tests.links.hours import Box, KeptBox, LockableBox, SwitchingBox, hours, now, running, setpoint

NO_RENEWAL = Rules(spacing=1.0)


def commander(box: Charger, rules: Rules = NO_RENEWAL) -> Commander:
    return Commander(box, rules, clock=now, done=lambda: None)


def acknowledge(worker: Commander, amps: float, outlet: int = 0) -> None:
    """Report that the car follows."""
    seen = OutletReading(state=VehicleState.CHARGING, power=amps * 690, limit=amps, phases=3)
    worker.observe(outlet, seen, now())


@hours
async def test_a_setpoint_is_sent_at_once_and_its_effect_is_read() -> None:
    box, hurried = Box(), list[float]()
    worker = Commander(box, NO_RENEWAL, clock=now, done=lambda: hurried.append(now()))
    worker.submit(0, setpoint(10))
    await running(0.5, worker.run())
    assert box.calls == [(0.0, "set_limit 0 10")]
    assert hurried == [1_000]
    assert worker.commands == 1
    assert worker.history[-1].error is None


@hours
async def test_the_same_again_is_not_sent_again() -> None:
    box = Box()
    worker = commander(box)

    async def beat() -> None:
        for _ in range(60):
            worker.submit(0, setpoint(10))
            await asyncio.sleep(1)
            acknowledge(worker, 10)

    await running(60, worker.run(), beat())
    assert box.told == ["set_limit 0 10"]


@hours
async def test_a_burst_ends_in_its_last_word_and_keeps_the_spacing() -> None:
    box = Box()
    worker = commander(box, Rules(spacing=5.0))

    async def burst() -> None:
        for amps in (10, 11, 12, 13):
            worker.submit(0, setpoint(amps))
            await asyncio.sleep(0.5)
        await asyncio.sleep(30)

    await running(20, worker.run(), burst())
    assert [call for call in box.calls if call[0] < 9] == [(0.0, "set_limit 0 10"), (5.0, "set_limit 0 13")]


@hours
async def test_an_urgent_reduction_waits_for_no_spacing() -> None:
    box = Box()
    worker = commander(box, Rules(spacing=60.0))

    async def kettle() -> None:
        worker.submit(0, setpoint(16))
        await asyncio.sleep(2)
        worker.submit(0, setpoint(8, urgent=True))
        await asyncio.sleep(2)
        worker.submit(0, setpoint(12))
        await asyncio.sleep(200)

    await running(5, worker.run(), kettle())
    assert box.calls == [(0.0, "set_limit 0 16"), (2.0, "set_limit 0 8")]


@hours
async def test_a_charger_that_hangs_delays_no_other() -> None:
    hanging, other = Box(hanging=True), Box()
    workers = commander(hanging), commander(other)

    async def beat() -> None:
        for amps in (10, 12, 14):
            for worker in workers:
                worker.submit(0, setpoint(amps))
            await asyncio.sleep(2)

    await running(6, *(worker.run() for worker in workers), beat())
    assert other.calls == [(0.0, "set_limit 0 10"), (2.0, "set_limit 0 12"), (4.0, "set_limit 0 14")]
    assert workers[0].history[-1].error == "no answer in time"


@hours
async def test_what_was_overtaken_while_the_charger_hung_is_forgotten() -> None:
    box = Box(hanging=True)
    worker = commander(box)

    async def beat() -> None:
        worker.submit(0, setpoint(10))
        await asyncio.sleep(1)
        worker.submit(0, setpoint(12))
        await asyncio.sleep(1)
        worker.submit(0, setpoint(14))
        box.hanging = False
        await asyncio.sleep(100)

    await running(10, worker.run(), beat())
    assert box.told == ["set_limit 0 10", "set_limit 0 14"]


@hours
async def test_a_line_that_fails_is_tried_again_at_growing_pauses() -> None:
    box = Box(failing=Unreachable("no route"))
    worker = commander(box)
    worker.submit(0, setpoint(10))
    await running(35, worker.run())
    assert box.called("set_limit") == [0, 1, 3, 8, 18, 28]
    assert {command.error for command in worker.history} == {"no route"}
    assert worker.memory(0).failures == 6


@hours
async def test_an_urgent_command_is_tried_again_every_second() -> None:
    box = Box(failing=Unreachable("no route"))
    worker = commander(box)
    worker.submit(0, setpoint(0, urgent=True))
    await running(4.5, worker.run())
    assert box.called("set_limit") == [0, 1, 2, 3, 4]


@hours
async def test_an_expired_setpoint_is_commanded_no_more() -> None:
    box = Box(failing=Refused("remote control is off"))
    worker = commander(box)
    worker.submit(0, setpoint(10, lifetime=5.0))
    await running(60, worker.run())
    assert box.called("set_limit") == [0, 1, 3]


@hours
async def test_a_driver_with_a_fault_of_its_own_takes_no_worker_down(caplog: pytest.LogCaptureFixture) -> None:
    box = Box(failing=KeyError("register"))
    worker = commander(box)
    worker.submit(0, setpoint(10))

    async def mend() -> None:
        await asyncio.sleep(0.5)
        box.failing = None
        await asyncio.sleep(100)

    await running(3, worker.run(), mend())
    assert "A driver failed" in caplog.text
    assert box.limits == {0: 10}


@hours
async def test_a_limit_is_renewed_by_writing_it_again() -> None:
    box = Box(Traits(make="box", feeding=Feeding.LIMIT, renew=20.0))
    worker = commander(box, Rules(renew=20.0))

    async def beat() -> None:
        while True:
            worker.submit(0, setpoint(10, lifetime=30.0))
            await asyncio.sleep(5)
            acknowledge(worker, 10)

    await running(65, worker.run(), beat())
    assert box.called("set_limit 0 10") == [0, 20, 40, 60]
    assert worker.commands == 1


@hours
async def test_a_sign_of_life_of_its_own_is_given_where_a_charger_wants_one() -> None:
    box = KeptBox()
    worker = commander(box, Rules(renew=20.0))

    async def beat() -> None:
        while True:
            worker.submit(0, setpoint(10, lifetime=30.0))
            await asyncio.sleep(5)
            acknowledge(worker, 10)

    await running(65, worker.run(), beat())
    assert box.called("set_limit") == [0]
    assert box.called("keep_alive") == [20, 40, 60]


@hours
async def test_nothing_is_renewed_without_a_decision_behind_it_and_all_goes_on_when_it_is_back() -> None:
    box = KeptBox()
    worker = commander(box, Rules(renew=20.0))

    async def beat() -> None:
        worker.submit(0, setpoint(10, lifetime=30.0))
        await asyncio.sleep(1)
        acknowledge(worker, 10)
        await asyncio.sleep(99)
        for _ in range(10):
            worker.submit(0, setpoint(10, lifetime=30.0))
            await asyncio.sleep(5)

    await running(145, worker.run(), beat())
    assert box.called("keep_alive") == [20, 100, 120, 140]


@hours
async def test_phases_are_switched_only_after_a_stop_was_sent() -> None:
    box = SwitchingBox()
    worker = commander(box)

    async def switch() -> None:
        for at, (amps, phases) in enumerate([(10, 3), (0, 3), (0, 1), (8, 1)]):
            worker.submit(0, setpoint(amps, phases=phases))
            await asyncio.sleep(5 if at else 2)

    await running(20, worker.run(), switch())
    assert box.told == ["set_limit 0 10", "set_limit 0 0", "set_limit 0 0", "set_phases 0 1", "set_limit 0 8"]


@hours
async def test_two_outlets_are_commanded_each_for_itself() -> None:
    box = Box(Traits(make="box", outlets=2))
    worker = commander(box)
    worker.submit(0, setpoint(10))
    worker.submit(1, setpoint(13))
    await running(2, worker.run())
    assert box.limits == {0: 10, 1: 13}
    assert worker.memory(1).limit != worker.memory(0).limit
    assert worker.memory(7).limit is None


@hours
async def test_a_charger_that_goes_on_regardless_is_told_again_and_then_to_stop() -> None:
    box = Box(stubborn=True)
    worker = commander(box)

    async def beat() -> None:
        while True:
            worker.submit(0, setpoint(8))
            worker.observe(0, OutletReading(state=VehicleState.CHARGING, power=16 * 690.0, phases=3), now())
            await asyncio.sleep(1)

    await running(60, worker.run(), beat())
    assert box.told[:4] == ["set_limit 0 8"] * 4
    assert box.told[4] == "set_limit 0 0"
    assert worker.memory(0).is_ignored


@hours
async def test_a_car_that_overruns_later_is_noticed_however_quiet_it_was_before() -> None:
    box = Box()
    worker = commander(box)

    async def beat() -> None:
        worker.submit(0, setpoint(8))
        for t in range(100):
            await asyncio.sleep(1)
            amps = 8.0 if t < 40 else 16.0
            worker.observe(0, OutletReading(state=VehicleState.CHARGING, power=amps * 690, phases=3), now())

    await running(60, worker.run(), beat())
    assert box.called("set_limit 0 8")[:2] == [0, 41]


@hours
async def test_a_limit_that_somebody_else_raises_is_set_again() -> None:
    box = Box()
    worker = commander(box)

    async def beat() -> None:
        worker.submit(0, setpoint(8))
        await asyncio.sleep(1)
        acknowledge(worker, 8)
        for _ in range(3):
            await asyncio.sleep(5)
            acknowledge(worker, 16)
            await asyncio.sleep(1)
            acknowledge(worker, 8)

    await running(60, worker.run(), beat())
    assert box.called("set_limit 0 8") == [0, 6, 12, 18]
    assert worker.memory(0).is_contested


@hours
async def test_what_a_budget_keeps_back_is_said() -> None:
    box = Box(Traits(make="box", wears=True))
    worker = commander(box, Rules(wears=True, writes_per_day=2))

    async def beat() -> None:
        for amps in (10, 11, 12):
            worker.submit(0, setpoint(amps))
            await asyncio.sleep(2)
            acknowledge(worker, amps)
        worker.submit(0, setpoint(12))
        await asyncio.sleep(1)

    await running(8, worker.run(), beat())
    assert box.told == ["set_limit 0 10", "set_limit 0 11"]
    assert worker.is_withheld(0)
    assert not worker.is_withheld(3)


@hours
async def test_a_reading_of_an_outlet_that_was_never_commanded_means_nothing() -> None:
    worker = commander(Box())
    acknowledge(worker, 16)
    assert worker.memory(0).limit is None


@pytest.mark.parametrize(
    ("reading", "followed"),
    [
        (OutletReading(currents=PerPhase(9.0, 0.0, 0.0)), True),
        (OutletReading(currents=PerPhase(0.0, 16.0, 0.0)), False),
        (OutletReading(power=9.0 * 690), True),
        (OutletReading(power=16.0 * 230, phases=1), False),
        (OutletReading(limit=9.0), True),
        (OutletReading(), False),
    ],
)
def test_a_current_is_read_from_whatever_a_charger_tells(reading: OutletReading, *, followed: bool) -> None:
    @hours
    async def observe() -> None:
        worker = commander(Box())
        worker.submit(0, setpoint(9))
        await running(1, worker.run())
        worker.observe(0, reading, now())
        assert worker.memory(0).acknowledged is followed

    observe()


@hours
async def test_a_dc_charger_is_held_to_its_power() -> None:
    class Direct(Box):
        async def set_limit(self, outlet: int, limit: Limit) -> None:
            self.calls.append((now(), str(limit)))

    box = Direct(Traits(make="box", dc=True))
    worker = commander(box)
    told = replace(setpoint(0), limit=PowerLimit(-2_300.0))
    worker.submit(0, told)
    await running(1, worker.run())
    worker.observe(0, OutletReading(power=-5_000.0), now())
    assert not worker.memory(0).acknowledged
    worker.observe(0, OutletReading(power=-2_250.0), now())
    assert worker.memory(0).acknowledged
    assert [call for _, call in box.calls] == ["PowerLimit(watts=-2300.0)"]


@hours
async def test_a_reduction_for_safety_that_fails_is_tried_again_at_once_though_the_next_beat_calls_it_no_news() -> None:
    box = Box()
    worker = commander(box)

    async def beats() -> None:
        worker.submit(0, setpoint(16))
        await asyncio.sleep(1)
        box.failing = Unreachable("no route")
        worker.submit(0, setpoint(0, urgent=True))
        for _ in range(3):
            await asyncio.sleep(1)
            worker.submit(0, setpoint(0))
        box.failing = None
        await asyncio.sleep(2)

    await running(8, worker.run(), beats())
    assert box.told[-1] == "set_limit 0 0"
    assert len(box.called("set_limit")) >= 4


@hours
@pytest.mark.parametrize(("amps", "stands"), [(0, 0), (6, 6), (16, 10)])
async def test_what_was_not_sent_before_a_charger_fell_silent_stands_only_if_it_reduces(
    amps: float, stands: float
) -> None:
    box = Box()
    worker = commander(box)

    async def beats() -> None:
        worker.submit(0, setpoint(10))
        await asyncio.sleep(5)
        box.failing = Unreachable("no route")
        worker.submit(0, setpoint(amps))
        await asyncio.sleep(3)
        worker.submit(0, replace(setpoint(0), limit=None))
        box.failing = None
        await asyncio.sleep(10)

    await running(25, worker.run(), beats())
    assert worker.memory(0).limit == setpoint(stands).limit


@hours
async def test_a_charger_that_asks_who_is_there_is_told_before_the_first_current() -> None:
    box = LockableBox()
    worker = commander(box)
    worker.admits = True

    async def beats() -> None:
        for amps in (0, 10, 12, 0, 8):
            worker.submit(0, setpoint(amps))
            await asyncio.sleep(2)
            acknowledge(worker, amps)

    await running(11, worker.run(), beats())
    limits = [
        "set_limit 0 0",
        "admit 0",
        "set_limit 0 10",
        "set_limit 0 12",
        "set_limit 0 0",
        "admit 0",
        "set_limit 0 8",
    ]
    assert box.told == limits


@hours
async def test_where_everybody_may_charge_nobody_is_admitted() -> None:
    box = LockableBox()
    worker = commander(box)
    worker.submit(0, setpoint(10))
    await running(1, worker.run())
    assert box.told == ["set_limit 0 10"]
