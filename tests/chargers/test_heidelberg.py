"""Heidelberg Energy Control on RTU and behind a gateway, and Amperfied connect, against one fake."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import override

from modbus_connection import ModbusSerialParams, ModbusTcpParams
import pytest

from custom_components.smart_evse.chargers.heidelberg import Amperfied, Heidelberg
from custom_components.smart_evse.chargers.port import PhaseSwitching, Watchdog
from custom_components.smart_evse.engine.model import AcLimit, VehicleState
from custom_components.smart_evse.links.errors import Refused, WrongDevice
from custom_components.smart_evse.links.modbus import Endpoint, ModbusLines
from tests.chargers.contract import ChargerContract, Rig, charge
from tests.chargers.modbus_box import ILLEGAL_VALUE, ModbusBox, Refusal, Space, Unit, load_dump


@dataclass(frozen=True, slots=True)
class Variant:
    """A box and the way to it."""

    dump: str
    unit: int
    rtu: bool = False


VARIANTS = {
    "rtu": Variant("heidelberg", 1, rtu=True),
    "gateway": Variant("heidelberg", 1),
    "connect": Variant("amperfied", 255),
}

# What the box takes, by register.
RANGES = {
    257: range(0x10000),
    258: (0, 4),
    259: (0, 1),
    261: (0, *range(60, 161)),
    262: (0, *range(60, 161)),
    501: (1, 3),
}


class HeidelbergBox(ModbusBox):
    """An Energy Control or a connect: any request feeds its watchdog, commands are taken by function 16."""

    functions = (3, 4, 16)

    def __init__(self, variant: Variant) -> None:
        super().__init__(load_dump(variant.dump), rtu=variant.rtu)
        self.unit = variant.unit
        self.plugged = False
        self.starved = False

    @property
    def registers(self) -> Unit:
        return self.units[self.unit]

    @override
    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        self.starved = False
        return super().read(unit, space, address, count)

    @override
    def wrote(self, unit: int, address: int, words: Sequence[int]) -> None:
        self.starved = False
        super().wrote(unit, address, words)
        if any(word not in RANGES.get(address + i, ()) for i, word in enumerate(words)):
            raise Refusal(ILLEGAL_VALUE)
        if address == 501:
            self.registers.input[5001] = words[0]

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def settle(self) -> None:
        inputs, amps = self.registers.input, self.given()
        phases = inputs.get(5001, 3)
        allowed = 1 if self.registers.holding[261] else 0
        inputs[5] = (7 if amps else 6) if self.plugged else 2 + allowed
        for phase in range(3):
            inputs[6 + phase] = round(amps * 10) if phase < phases else 0
        inputs[14] = round(amps * 230 * phases)
        inputs[18] += round(amps)

    def given(self, outlet: int = 0) -> float:
        holding = self.registers.holding
        if not self.plugged or not holding[259]:
            return 0
        return holding[262 if self.starved else 261] / 10

    def starve(self) -> None:
        self.starved = self.registers.holding[257] > 0


@pytest.fixture
async def lines() -> AsyncIterator[ModbusLines]:
    lines = ModbusLines(timeout=0.3)
    yield lines
    await lines.close()


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> Variant:
    return VARIANTS[request.param]


@pytest.fixture
async def box(variant: Variant, socket_enabled: None) -> AsyncIterator[HeidelbergBox]:
    box = HeidelbergBox(variant)
    await box.come_back()
    yield box
    await box.vanish()


def connect(box: HeidelbergBox, variant: Variant, lines: ModbusLines, unit: int) -> Heidelberg:
    endpoint: Endpoint = ModbusTcpParams(host="127.0.0.1", port=box.port)
    if variant.rtu:
        endpoint = ModbusSerialParams(device=f"socket://127.0.0.1:{box.port}", baudrate=19200, parity="E")
    make = Amperfied if variant.dump == "amperfied" else Heidelberg
    return make(lines.unit(endpoint, unit), gap=0.0)


@pytest.fixture
def heidelberg(box: HeidelbergBox, variant: Variant, lines: ModbusLines) -> Heidelberg:
    return connect(box, variant, lines, variant.unit)


class TestHeidelberg(ChargerContract):
    @pytest.fixture
    @override
    async def rig(self, box: HeidelbergBox, heidelberg: Heidelberg, variant: Variant, lines: ModbusLines) -> Rig:
        # On a bare line a wrong unit is silence, and nothing else can be known of it.
        stranger = None if variant.rtu else connect(box, variant, lines, 33)
        return Rig(heidelberg, box, misaddressed=stranger)


on_the_line = pytest.mark.parametrize("variant", ["rtu"], indirect=True)
on_a_connect = pytest.mark.parametrize("variant", ["connect"], indirect=True)


@on_the_line
async def test_reads_the_dump_of_an_energy_control(heidelberg: Heidelberg) -> None:
    identity = await heidelberg.identify()
    assert (identity.maker, identity.model) == ("Heidelberg", "Energy Control")
    assert (identity.serial, identity.firmware, identity.max_current) == ("5012345", "1.0.8", 16)
    (reading,) = await heidelberg.read()
    assert reading.state is VehicleState.NOT_CONNECTED
    assert reading.energy_in == 3_871_402
    assert reading.voltages is not None
    assert tuple(reading.voltages) == (229, 231, 230)
    assert reading.limit == 16.0
    assert reading.phases is None


@on_a_connect
async def test_reads_the_dump_of_a_connect(heidelberg: Heidelberg) -> None:
    identity = await heidelberg.identify()
    assert (identity.maker, identity.model) == ("Amperfied", "connect 00.779.2969")
    assert (identity.serial, identity.firmware) == ("1234567", "1.5.30")
    assert identity.switches_phases is True
    assert (await heidelberg.read())[0].phases == 3


@on_a_connect
async def test_a_connect_without_a_contactor(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    del box.registers.input[5001]
    del box.registers.holding[501]
    assert isinstance(heidelberg, PhaseSwitching)
    assert (await heidelberg.identify()).switches_phases is False
    assert (await heidelberg.read())[0].phases is None
    with pytest.raises(Refused):
        await heidelberg.set_phases(0, 1)


@on_a_connect
async def test_phases_are_not_known_while_they_switch(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input[5001] = 0
    assert (await heidelberg.read())[0].phases is None


@on_a_connect
@pytest.mark.parametrize(
    ("words", "card"),
    [
        ([0x04AB, 0x12FF, 0, 0, 0, 0], "04AB12FF"),
        ([0x3034, 0x4142, 0x3132, 0x4646, 0, 0], "04AB12FF"),
        ([0, 0, 0, 0, 0, 0], None),
    ],
    ids=["bytes", "text", "none"],
)
async def test_a_connect_tells_a_card(
    box: HeidelbergBox, heidelberg: Heidelberg, words: list[int], card: str | None
) -> None:
    box.registers.input.update(enumerate(words, 2002))
    assert (await heidelberg.read())[0].card is None, "without a car it is of who was there before"
    box.plug_in()
    box.settle()
    assert (await heidelberg.read())[0].card == card


@on_a_connect
async def test_a_connect_without_a_card_reader(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.plug_in()
    box.settle()
    for _ in range(2):
        assert (await heidelberg.read())[0].card is None


@on_the_line
async def test_an_energy_control_does_not_switch_phases(heidelberg: Heidelberg) -> None:
    assert not isinstance(heidelberg, PhaseSwitching)


async def test_arming_takes_control_and_restoring_gives_it_back(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    holding = box.registers.holding
    holding[259] = 0
    originals = await heidelberg.originals()
    assert originals == {"timeout": 15_000, "fallback": 0, "unlocked": 0} | ({"standby": 0} if 258 in holding else {})
    assert await heidelberg.arm(Watchdog(timeout=60.0, amps=6.0)) == Watchdog(timeout=60.0, amps=6.0)
    assert [holding.get(address, 4) for address in (257, 258, 259, 262)] == [60_000, 4, 1, 60]
    await heidelberg.restore(originals)
    assert [holding.get(address, 0) for address in (257, 258, 259, 262)] == [15_000, 0, 0, 0]


async def test_arming_twice_writes_once(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    await heidelberg.arm(Watchdog(timeout=60.0, amps=6.0))
    written = len(box.writes)
    await heidelberg.arm(Watchdog(timeout=60.0, amps=6.0))
    assert len(box.writes) == written


async def test_a_time_out_is_kept_within_what_a_word_can_hold(heidelberg: Heidelberg) -> None:
    assert (await heidelberg.arm(Watchdog(timeout=600.0, amps=6.0))).timeout == 65


async def test_any_read_feeds_the_watchdog(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    await heidelberg.arm(Watchdog(timeout=60.0, amps=6.0))
    await charge(Rig(heidelberg, box), AcLimit(12.0))
    box.starve()
    assert box.given() == 6
    await heidelberg.read()
    assert box.given() == 12


@on_the_line
async def test_an_old_layout_does_not_tell_its_standby(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input[4] = 0x0107
    del box.registers.holding[258]
    assert "standby" not in await heidelberg.originals()
    assert (await heidelberg.arm(Watchdog(timeout=60.0, amps=6.0))).timeout == 60


@on_the_line
async def test_a_layout_that_counts_no_energy(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input[4] = 0x0100
    for address in range(15, 19):
        del box.registers.input[address]
    assert (await heidelberg.read())[0].energy_in is None


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (2, VehicleState.NOT_CONNECTED),
        (3, VehicleState.NOT_CONNECTED),
        (4, VehicleState.CONNECTED),
        (5, VehicleState.CONNECTED),
        (6, VehicleState.CONNECTED),
        (7, VehicleState.CHARGING),
        (8, VehicleState.CONNECTED),
        (9, VehicleState.NO_POWER),
        (11, VehicleState.FAULT),
        (77, None),
    ],
)
@on_the_line
async def test_states(box: HeidelbergBox, heidelberg: Heidelberg, code: int, state: VehicleState | None) -> None:
    box.registers.input[5] = code
    (reading,) = await heidelberg.read()
    assert reading.state is state
    assert reading.fault == (f"state {code}" if state is not None and state.faulty else None)


@on_the_line
async def test_a_hot_box_that_charges_slowly_charges(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input.update({5: 8, 14: 4100})
    assert (await heidelberg.read())[0].state is VehicleState.CHARGING


@on_the_line
async def test_a_lock_that_somebody_left_is_named(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input[5] = 10
    assert (await heidelberg.read())[0].fault == "state 10"
    box.registers.holding[259] = 0
    (reading,) = await heidelberg.read()
    assert reading.state is VehicleState.FAULT
    assert reading.fault == "locked by an earlier master (register 259)"


async def test_another_layout(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    box.registers.input[4] = 0x4321
    with pytest.raises(WrongDevice):
        await heidelberg.identify()


async def test_no_block_is_longer_than_boxes_are_known_to_answer(box: HeidelbergBox, heidelberg: Heidelberg) -> None:
    await heidelberg.read()
    await heidelberg.originals()
    assert max(count for _, function, _, (count,) in box.requests if function != 16) <= 17
