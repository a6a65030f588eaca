"""Wallbox Quasar 1 against a fake that discharges, forgets its car's charge, and wants to be left alone."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import override

from modbus_connection import ModbusTcpParams
import pytest

from custom_components.smart_evse.chargers.port import Watchdog
from custom_components.smart_evse.chargers.quasar import QUIET, Quasar
from custom_components.smart_evse.engine.model import PowerLimit, VehicleState
from custom_components.smart_evse.links.errors import Busy, Refused, WrongDevice
from custom_components.smart_evse.links.modbus import ModbusLines
from tests.chargers.contract import ChargerContract, Rig, charge
from tests.chargers.modbus_box import ModbusBox, Space, Unit, load_dump

UNIT = 1
STATE_OF_CHARGE = 61


class QuasarBox(ModbusBox):
    """A Quasar: obeys while its control is remote, and gives nonsense when read too soon."""

    def __init__(self) -> None:
        super().__init__(load_dump("quasar"))
        self.now = 1_000.0
        self.commanded_at = 0.0
        self.plugged = False
        self.starved = False

    @property
    def registers(self) -> Unit:
        return self.units[UNIT]

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds

    @override
    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        self.starved = False
        words = super().read(unit, space, address, count)
        # The plate and the rating do not change; all else is not to be believed yet.
        believable = self.now - self.commanded_at >= QUIET or address in (1, 514)
        return words if believable else [0x8001 for _ in words]

    @override
    def wrote(self, unit: int, address: int, words: Sequence[int]) -> None:
        self.commanded_at = self.now
        self.starved = False
        super().wrote(unit, address, words)
        if address == 81 and words[0] == 0:
            # The owner's app has its own way again.
            self.registers.holding[82] = 1

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def settle(self) -> None:
        self.now += 10.0
        holding, watts = self.registers.holding, round(self.given())
        holding[526] = watts & 0xFFFF
        holding[537] = (1 if watts > 0 else 11 if watts < 0 else 4) if self.plugged else 0
        holding[538] = STATE_OF_CHARGE if watts else 0

    def given(self, outlet: int = 0) -> float:
        holding = self.registers.holding
        if not self.plugged or holding[81] != 1 or holding[83] != 1 or holding[257] != 1 or self.starved:
            return 0
        return holding[260] - (0x10000 if holding[260] & 0x8000 else 0)

    def starve(self) -> None:
        self.starved = self.registers.holding[88] > 0


@pytest.fixture
async def lines() -> AsyncIterator[ModbusLines]:
    lines = ModbusLines(timeout=0.3)
    yield lines
    await lines.close()


@pytest.fixture
async def box(socket_enabled: None) -> AsyncIterator[QuasarBox]:
    box = QuasarBox()
    await box.come_back()
    yield box
    await box.vanish()


def connect(box: QuasarBox, lines: ModbusLines, unit: int) -> Quasar:
    endpoint = ModbusTcpParams(host="127.0.0.1", port=box.port)
    return Quasar(lines.unit(endpoint, unit), clock=box.clock, pause=box.pause)


@pytest.fixture
def quasar(box: QuasarBox, lines: ModbusLines) -> Quasar:
    return connect(box, lines, UNIT)


class TestQuasar(ChargerContract):
    @pytest.fixture
    @override
    async def rig(self, box: QuasarBox, quasar: Quasar, lines: ModbusLines) -> Rig:
        return Rig(quasar, box, misaddressed=connect(box, lines, 9))


async def test_reads_the_dump(quasar: Quasar) -> None:
    identity = await quasar.identify()
    assert (identity.maker, identity.model) == ("Wallbox", "Quasar 1")
    assert (identity.serial, identity.firmware, identity.phases) == ("216341", "521", 1)
    (reading,) = await quasar.read()
    assert reading.state is VehicleState.NOT_CONNECTED
    assert reading.limit == 0
    assert reading.soc is None, "0 % is what it says when it does not know"
    assert reading.energy_in is None


@pytest.mark.parametrize("watts", [1380, 7400, -1380, -7400, 3_333])
async def test_power_either_way(box: QuasarBox, quasar: Quasar, watts: int) -> None:
    reading = await charge(Rig(quasar, box), PowerLimit(watts))
    assert (reading.power, reading.limit, box.given()) == (watts, watts, watts)
    assert reading.state is VehicleState.CHARGING
    assert reading.soc == STATE_OF_CHARGE


async def test_commands_are_rounded_toward_zero(box: QuasarBox, quasar: Quasar) -> None:
    for asked, given in ((2_000.9, 2_000), (-2_000.9, -2_000), (8_050.0, 7_400), (-8_050.0, -7_400)):
        await charge(Rig(quasar, box), PowerLimit(asked))
        assert box.given() == given


async def test_no_more_than_it_was_installed_for(box: QuasarBox, quasar: Quasar) -> None:
    box.registers.holding[514] = 3_680
    await charge(Rig(quasar, box), PowerLimit(-7_000))
    assert box.given() == -3_680


@pytest.mark.parametrize("watts", [1_379, -1_379, 100, -1, 9_000, -9_000, 65_536, float("nan")])
async def test_refuses_what_it_cannot_do(box: QuasarBox, quasar: Quasar, watts: float) -> None:
    with pytest.raises(Refused):
        await quasar.set_limit(0, PowerLimit(watts))
    assert box.writes == []


async def test_is_left_alone_after_a_command(box: QuasarBox, quasar: Quasar) -> None:
    before = (await quasar.read())[0]
    await quasar.set_limit(0, PowerLimit(2_000))
    asked = len(box.requests)
    box.now += 2.0
    again = (await quasar.read())[0]
    assert len(box.requests) == asked, "a read that comes too soon never reaches the box"
    assert again.ago == 2.0
    assert again.state is before.state
    box.plug_in()
    box.settle()
    fresh = (await quasar.read())[0]
    assert (fresh.power, fresh.ago) == (2_000, 0.0)


async def test_nothing_to_hand_over_right_after_the_first_command(quasar: Quasar) -> None:
    await quasar.set_limit(0, PowerLimit(2_000))
    with pytest.raises(Busy):
        await quasar.read()


async def test_takes_control_once(box: QuasarBox, quasar: Quasar) -> None:
    await charge(Rig(quasar, box), PowerLimit(2_000))
    assert [address for _, _, address, _ in box.writes] == [81, 82, 83, 260, 257]
    await charge(Rig(quasar, box), PowerLimit(3_000))
    assert [address for _, _, address, _ in box.writes][5:] == [260, 257]


async def test_takes_control_back_from_the_app_even_to_stop(box: QuasarBox, quasar: Quasar) -> None:
    await charge(Rig(quasar, box), PowerLimit(2_000))
    box.registers.holding.update({81: 0, 82: 1})
    await quasar.read()
    await quasar.set_limit(0, PowerLimit(0))
    assert box.registers.holding[81] == 1
    assert box.registers.holding[257] == 2
    assert box.registers.holding[260] == 0


async def test_its_fallback_is_always_nothing(box: QuasarBox, quasar: Quasar) -> None:
    assert await quasar.arm(Watchdog(timeout=60.0, amps=10.0)) == Watchdog(timeout=60.0, amps=0.0)


async def test_giving_control_back(box: QuasarBox, quasar: Quasar) -> None:
    originals = await quasar.originals()
    assert originals == {"idle_timeout": 60, "by_power": 0, "autostart": 1, "remote": 0}
    await quasar.arm(Watchdog(timeout=120.0, amps=0.0))
    assert [box.registers.holding[address] for address in (81, 82, 83, 88)] == [1, 0, 1, 120]
    await quasar.restore(originals)
    assert [box.registers.holding[address] for address in (81, 82, 83, 88)] == [0, 1, 0, 60]


@pytest.mark.parametrize(
    ("code", "state", "fault"),
    [
        (2, VehicleState.CONNECTED, None),
        (3, VehicleState.CONNECTED, None),
        (6, VehicleState.NOT_CONNECTED, None),
        (7, VehicleState.FAULT, "errors 0001 0000 0000 8000"),
        (9, VehicleState.FAULT, "power sharing is not configured"),
        (11, VehicleState.CHARGING, None),
        (40, None, None),
    ],
)
async def test_states(box: QuasarBox, quasar: Quasar, code: int, state: VehicleState | None, fault: str | None) -> None:
    box.registers.holding.update({537: code, 539: 1, 542: 0x8000})
    (reading,) = await quasar.read()
    assert (reading.state, reading.fault) == (state, fault)


async def test_another_rating(box: QuasarBox, quasar: Quasar) -> None:
    box.registers.holding[514] = 22_000
    with pytest.raises(WrongDevice):
        await quasar.identify()
