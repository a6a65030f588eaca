"""KEBA P30 and P40 against a fake that reads as its guide says and is stopped its own way."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import override

from modbus_connection import ModbusTcpParams
import pytest

from custom_components.smart_evse.chargers.keba import TRAITS, Keba
from custom_components.smart_evse.chargers.port import Watchdog
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import Refused, WrongDevice
from custom_components.smart_evse.links.modbus import ModbusLines
from tests.chargers.contract import ChargerContract, Rig, charge
from tests.chargers.modbus_box import ILLEGAL_VALUE, ModbusBox, Refusal, Space, Unit, load_dump

UNIT = 255
COMMANDS = range(5004, 5053)


class KebaBox(ModbusBox):
    """A KeContact: one value a read, single-word commands that cannot be read back."""

    functions = (3, 6)
    longest_read = 2

    def __init__(self, dump: str) -> None:
        super().__init__(load_dump(dump))
        self.registers.write_only.update(address for address in COMMANDS if address in self.registers.holding)
        self.enabled = True
        self.plugged = False
        self.current = 16_000
        self.failsafe = False

    @property
    def registers(self) -> Unit:
        return self.units[UNIT]

    @property
    def is_p40(self) -> bool:
        return 5014 not in self.registers.holding

    @override
    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        if count != 2:
            raise Refusal(ILLEGAL_VALUE)
        return super().read(unit, space, address, count)

    @override
    def wrote(self, unit: int, address: int, words: Sequence[int]) -> None:
        super().wrote(unit, address, words)
        (word,) = words
        match address:
            case 5004 if word and not 6_000 <= word <= 63_000:
                raise Refusal(ILLEGAL_VALUE)
            case 5004:
                self.current, self.failsafe = word, False
            case 5014:
                self.enabled, self.failsafe = bool(word), False
            case 5016:
                self.registers.put_u32(1600, word)
            case 5018:
                self.registers.put_u32(1602, word)
            case 5052:
                self.registers.put_u32(1552, 3 if word else 1)

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def settle(self) -> None:
        registers, milliamps = self.registers, round(self.given() * 1000)
        registers.put_u32(1004, 7 if self.plugged else 1)
        registers.put_u32(1000, 3 if milliamps else (5 if self.plugged else 1))
        registers.put_u32(1100, min(self.current, registers.u32(1110)))
        phases = registers.u32(1552)
        for phase in range(3):
            flows = bool(milliamps) and phase < phases
            registers.put_u32(1008 + 2 * phase, milliamps if flows else 0)
            registers.put_u32(1040 + 2 * phase, 231 if milliamps else 0)
        registers.put_u32(1020, milliamps * 231 * phases)
        registers.put_u32(1036, registers.u32(1036) + milliamps // 100)

    def given(self, outlet: int = 0) -> float:
        if not self.plugged:
            return 0
        if self.failsafe:
            return self.registers.u32(1600) / 1000
        return self.current / 1000 if self.enabled else 0

    def starve(self) -> None:
        self.failsafe = self.registers.u32(1602) > 0
        self.settle()


@pytest.fixture
async def lines() -> AsyncIterator[ModbusLines]:
    lines = ModbusLines(timeout=0.3)
    yield lines
    await lines.close()


@pytest.fixture(params=["keba_p30", "keba_p40"])
async def box(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[KebaBox]:
    box = KebaBox(request.param)
    await box.come_back()
    yield box
    await box.vanish()


@pytest.fixture
def keba(box: KebaBox, lines: ModbusLines) -> Keba:
    return Keba(lines.unit(ModbusTcpParams(host="127.0.0.1", port=box.port), UNIT))


class TestKeba(ChargerContract):
    @pytest.fixture
    @override
    async def rig(self, box: KebaBox, keba: Keba, lines: ModbusLines) -> Rig:
        if box.is_p40:
            box.registers.put_u32(1550, 3)
            box.registers.holding[5052] = 1
        stranger = lines.unit(ModbusTcpParams(host="127.0.0.1", port=box.port), 1)
        return Rig(keba, box, misaddressed=Keba(stranger))


only_p30 = pytest.mark.parametrize("box", ["keba_p30"], indirect=True)
only_p40 = pytest.mark.parametrize("box", ["keba_p40"], indirect=True)


@only_p30
async def test_reads_the_dump_of_a_p30(keba: Keba) -> None:
    identity = await keba.identify()
    assert (identity.maker, identity.model, identity.serial) == ("KEBA", "KeContact P30", "18416854")
    assert identity.firmware == "3.10.13"
    assert identity.max_current == 32
    assert identity.switches_phases is True
    (reading,) = await keba.read()
    assert reading.state is VehicleState.NOT_CONNECTED
    assert reading.energy_in == 2_736_419.0
    assert reading.voltages is None, "an idle P30 does not measure voltage, which is not zero volts"
    assert reading.currents == PerPhase()
    assert reading.limit == 16.0
    assert reading.phases == 3
    assert reading.card is None


@only_p40
@pytest.mark.parametrize(("firmware", "energy"), [(0x01020300, 2_736_419.0), (0x01020000, 27_364_190.0)])
async def test_an_early_p40_counts_whole_watt_hours(box: KebaBox, keba: Keba, firmware: int, energy: float) -> None:
    box.registers.put_u32(1018, firmware)
    assert (await keba.identify()).model == "KeContact P40"
    assert (await keba.read())[0].energy_in == energy


@only_p30
async def test_a_p30_is_stopped_by_its_enable_register(box: KebaBox, keba: Keba) -> None:
    await keba.set_limit(0, AcLimit(0.0))
    assert box.writes == [(UNIT, 6, 5014, (0,))]


@only_p40
async def test_a_p40_is_stopped_by_its_current(box: KebaBox, keba: Keba) -> None:
    await keba.set_limit(0, AcLimit(0.0))
    assert box.writes == [(UNIT, 6, 5004, (0,))]


async def test_never_asks_for_more_than_one_value(box: KebaBox, keba: Keba) -> None:
    await keba.identify()
    await keba.read()
    assert {count for _, function, _, (count,) in box.requests if function == 3} == {2}


@only_p30
async def test_a_command_after_the_failsafe_struck_brings_the_charge_back(box: KebaBox, keba: Keba) -> None:
    await keba.arm(Watchdog(timeout=30.0, amps=6.0))
    await charge(Rig(keba, box), AcLimit(12.0))
    box.starve()
    assert box.given() == 6
    await keba.set_limit(0, AcLimit(12.0))
    assert box.given() == 12


@only_p30
async def test_arming_twice_writes_once(box: KebaBox, keba: Keba) -> None:
    await keba.arm(Watchdog(timeout=30.0, amps=6.0))
    written = list(box.writes)
    await keba.arm(Watchdog(timeout=30.0, amps=6.0))
    assert box.writes == written
    assert [address for _, _, address, _ in written] == [5016, 5018, 5020]


async def test_a_time_out_is_kept_within_what_the_box_takes(keba: Keba) -> None:
    assert (await keba.arm(Watchdog(timeout=3.0, amps=6.0))).timeout == 10
    assert (await keba.arm(Watchdog(timeout=9_000.0, amps=6.0))).timeout == 600


async def test_a_fault_is_told(box: KebaBox, keba: Keba) -> None:
    box.registers.put_u32(1000, 4)
    box.registers.put_u32(1006, 0x8012)
    (reading,) = await keba.read()
    assert reading.state is VehicleState.FAULT
    assert reading.fault == "error code 0x8012"


async def test_a_card_is_told_while_a_car_is_there(box: KebaBox, keba: Keba) -> None:
    box.registers.put_u32(1500, 0x04A1B2C3)
    assert (await keba.read())[0].card is None
    box.plug_in()
    box.settle()
    assert (await keba.read())[0].card == "04A1B2C3"


@pytest.mark.parametrize("source", [0, 1, 4])
async def test_phases_are_not_switched_where_that_is_left_to_others(box: KebaBox, keba: Keba, source: int) -> None:
    box.registers.put_u32(1550, source)
    assert (await keba.identify()).switches_phases is False
    with pytest.raises(Refused):
        await keba.set_phases(0, 1)
    assert (await keba.read())[0].phases is None


@only_p30
async def test_firmware_without_phase_switching(box: KebaBox, keba: Keba) -> None:
    for address in (1550, 1551, 1552, 1553):
        del box.registers.holding[address]
    assert (await keba.identify()).switches_phases is False
    assert (await keba.read())[0].phases is None


async def test_a_look_alike_is_not_a_keba(box: KebaBox, keba: Keba) -> None:
    box.registers.put_u32(1016, 0)
    with pytest.raises(WrongDevice):
        await keba.identify()


async def test_charging_rounds_toward_zero(box: KebaBox, keba: Keba) -> None:
    await charge(Rig(keba, box), AcLimit(7.999))
    assert box.given() == pytest.approx(7.9)
    assert TRAITS.step == 0.1
