"""One charger on the line: greeted, guarded, read, and one day put back."""

import asyncio
from collections.abc import Mapping

import pytest

from custom_components.smart_evse.chargers.port import Charger, Feeding, OutletReading, Traits, Watchdog
from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.charger import ChargerLine, Hooks, Wiring
from custom_components.smart_evse.links.errors import DeviceError, Refused, Unreachable
from tests.links.hours import Box, GuardedBox, LockableBox, RestorableBox, hours, now, running, setpoint


class House:
    """Whoever listens to a charger."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, Mapping[str, float]]] = []
        self.heard = 0
        self.told: list[DeviceError | None] = []
        self.allowed = True
        self.before: dict[str, float] = {}

    async def keep(self, originals: Mapping[str, float]) -> None:
        self.kept.append((now() - 1_000, dict(originals)))

    def hear(self) -> None:
        self.heard += 1

    def line(self, charger: Charger, phase_map: tuple[int, ...] = (0, 1, 2)) -> ChargerLine:
        hooks = Hooks(
            heard=self.hear,
            trouble=self.told.append,
            keep=self.keep,
            may_read=lambda: self.allowed,
            before=lambda: self.before,
        )
        return ChargerLine(charger, Wiring(phase_map=phase_map), hooks, now)


@hours
async def test_a_charger_is_greeted_once_and_then_read() -> None:
    box, house = Box(), House()
    line = house.line(box)
    await running(5, line.reader.run())
    assert [call for _, call in box.calls] == ["identify", "read", "read", "read"]
    assert line.identity is not None
    assert line.identity.model == "Box"
    assert house.heard == 3
    assert line.readings[0].limit == 16
    assert house.kept == [(0, {"limit_0": 16})]


@hours
async def test_what_was_in_the_charger_is_on_record_before_its_watchdog_is_set() -> None:
    box, house = GuardedBox(), House()
    line = house.line(box)
    line.set_fallback(7.0)

    async def keep(originals: Mapping[str, float]) -> None:
        box.calls.append((now(), f"kept {dict(originals)}"))

    line._hooks = Hooks(heard=house.hear, trouble=house.told.append, keep=keep)
    await running(1, line.reader.run())
    assert box.told == ["originals", "kept {'setting': 3.0, 'limit_0': 16.0}", "arm 60 7"]
    assert line.guarded is True


@hours
async def test_a_watchdog_that_falls_back_higher_than_asked_is_no_guard(caplog: pytest.LogCaptureFixture) -> None:
    line = House().line(GuardedBox(rounds_up_to=10.0))
    line.set_fallback(7.0)
    await running(1, line.reader.run())
    assert line.guarded is False
    assert "fall back to 7.0 A, the charger says 10.0 A" in caplog.text


@hours
async def test_a_charger_without_a_watchdog_is_neither_guarded_nor_not() -> None:
    line = House().line(Box())
    await running(1, line.reader.run())
    assert line.guarded is None


@hours
async def test_a_charger_that_was_away_is_asked_who_it_is_and_armed_again() -> None:
    box, house = GuardedBox(), House()
    line = house.line(box)

    async def reboot() -> None:
        await asyncio.sleep(5)
        box.failing = Unreachable("no route")
        await asyncio.sleep(10)
        box.failing = None
        await asyncio.sleep(100)

    await running(40, line.reader.run(), reboot())
    assert len(box.called("arm")) == 2
    assert box.called("arm")[1] >= 15
    assert len(house.kept) == 2
    assert line.error is None
    assert {type(error) for error in house.told} == {Unreachable, type(None)}


@hours
async def test_a_new_share_reaches_the_watchdog() -> None:
    box = GuardedBox()
    line = House().line(box)

    async def change() -> None:
        await asyncio.sleep(3)
        line.set_fallback(6.0)
        line.set_fallback(6.0)
        await asyncio.sleep(100)

    await running(10, line.reader.run(), change())
    assert [call for call in box.told if call.startswith("arm")] == ["arm 60 0", "arm 60 6"]


@hours
async def test_a_share_that_changes_while_the_watchdog_is_set_is_not_lost() -> None:
    class Slow(GuardedBox):
        async def arm(self, watchdog: Watchdog) -> Watchdog:
            line.set_fallback(6.0)
            return await super().arm(watchdog)

    box = Slow()
    line = House().line(box)
    line.set_fallback(8.0)
    await running(10, line.reader.run())
    assert [call for call in box.told if call.startswith("arm")] == ["arm 60 8", "arm 60 6"]


@hours
async def test_reads_that_feed_a_watchdog_end_with_the_decisions_behind_them() -> None:
    box, house = Box(Traits(make="box", feeding=Feeding.READ)), House()
    house.allowed = False
    await running(10, house.line(box).reader.run())
    assert box.calls == []


@hours
async def test_other_reads_go_on_without_decisions() -> None:
    box, house = Box(), House()
    house.allowed = False
    await running(3, house.line(box).reader.run())
    assert len(box.called("read")) == 2


@hours
async def test_phases_come_out_in_the_order_of_the_grid() -> None:
    class Rotated(Box):
        def outlet(self, number: int) -> OutletReading:
            return OutletReading(currents=PerPhase(1.0, 2.0, 3.0), voltages=PerPhase(231.0, 232.0, 233.0), ago=0.5)

    line = House().line(Rotated(), phase_map=(1, 2, 0))
    await running(1, line.reader.run())
    assert line.readings[0].currents == PerPhase(3.0, 1.0, 2.0)
    assert line.readings[0].voltages == PerPhase(233.0, 231.0, 232.0)
    assert line.readings[0].at == 999.5
    single = House().line(Rotated(), phase_map=(2,))
    await running(1, single.reader.run())
    assert single.readings[0].currents == PerPhase(0.0, 0.0, 1.0)


ORIGINALS = {"setting": 3.0, "limit_0": 13.0}


@pytest.mark.parametrize(
    ("box", "told"),
    [
        (Box(), ["set_limit 0 13"]),
        (RestorableBox(), ["restore [('setting', 3.0)]"]),
        (GuardedBox(), ["set_limit 0 13", "restore [('setting', 3.0)]"]),
    ],
)
def test_each_kind_of_charger_gets_back_what_was_changed(box: Box, told: list[str]) -> None:
    @hours
    async def put_back() -> None:
        await House().line(box).put_back(ORIGINALS)

    put_back()
    assert box.told == told


@hours
async def test_a_limit_that_we_may_not_set_is_left_to_those_who_did() -> None:
    class Strict(GuardedBox):
        async def set_limit(self, outlet: int, limit: object) -> None:
            raise Refused("32 A is outside 6 to 16 A")

    box = Strict()
    await House().line(box).put_back(ORIGINALS)
    assert box.told == ["restore [('setting', 3.0)]"]


@hours
async def test_a_charger_that_is_gone_cannot_be_put_back_and_says_so() -> None:
    with pytest.raises(Unreachable):
        await House().line(Box(failing=Unreachable("no route"))).put_back(ORIGINALS)


@hours
async def test_a_driver_that_holds_something_open_is_closed() -> None:
    class Holding(Box):
        closed = False

        async def close(self) -> None:
            self.closed = True

    box = Holding()
    await House().line(box).close()
    await House().line(Box()).close()
    assert box.closed


@hours
async def test_a_command_hurries_the_next_read() -> None:
    box = Box(Traits(make="box", cadence=4.0))
    line = House().line(box)

    async def command() -> None:
        await asyncio.sleep(5)
        line.commander.submit(0, setpoint(10))
        await asyncio.sleep(100)

    await running(10, line.reader.run(), line.commander.run(), command())
    assert box.called("read") == [0, 4, 5, 9]
    assert line.readings[0].limit == 10
    assert line.commander.memory(0).acknowledged


@hours
async def test_a_charger_that_can_ask_who_is_there_does_so_once_what_it_did_is_on_record() -> None:
    box, house = LockableBox(), House()
    line = house.line(box)
    line.set_locked(locked=True)
    line.set_locked(locked=True)
    await running(5, line.reader.run())
    assert [kept for _, kept in house.kept] == [{"lock": 0.0, "limit_0": 16}, {"locked": 1.0}]
    assert box.told.count("lock") == 1


@hours
@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({}, []),
        ({"lock": 1.0}, []),
        ({"lock": 0.0, "locked": 1.0}, ["restore {'lock': 0.0}"]),
        ({"lock": 1.0, "locked": 1.0}, ["restore {'lock': 1.0}"]),
    ],
)
async def test_only_a_lock_of_ours_is_taken_back(before: dict[str, float], told: list[str]) -> None:
    box, house = LockableBox(), House()
    house.before = before
    line = house.line(box)
    await running(3, line.reader.run())
    assert [call for call in box.told if "lock" in call] == told
