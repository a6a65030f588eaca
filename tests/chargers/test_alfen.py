"""Alfen Eve, single and double, against a fake whose limits run out as a station's do."""

from collections.abc import AsyncIterator, Iterable, Sequence
import struct
from typing import override

from modbus_connection import ModbusTcpParams
import pytest

from custom_components.smart_evse.chargers.alfen import STATION_UNIT, Alfen
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import WrongDevice
from custom_components.smart_evse.links.modbus import ModbusLines
from tests.chargers.contract import ChargerContract, Rig, charge
from tests.chargers.modbus_box import ILLEGAL_ADDRESS, ModbusBox, Refusal, Space, Unit, load_dump

VALIDITY = 60


class AlfenBox(ModbusBox):
    """A station: fills what it does not have, and forgets a limit that is not renewed."""

    functions = (3, 6, 16)

    def __init__(self, outlets: int) -> None:
        super().__init__(load_dump("alfen"))
        self.plugged = [False] * outlets
        self.units[STATION_UNIT].holding[1105] = outlets
        if outlets == 1:
            del self.units[2]

    def socket(self, outlet: int) -> Unit:
        return self.units[1 + outlet]

    @override
    def read(self, unit: int, space: Space, address: int, count: int) -> Iterable[int]:
        bank = self.units[unit].holding
        return [bank.get(each, 0xFFFF) for each in range(address, address + count)]

    @override
    def wrote(self, unit: int, address: int, words: Sequence[int]) -> None:
        if (address, len(words)) not in ((1210, 2), (1215, 1)) or self.requests[-1][1] != 16:
            raise Refusal(ILLEGAL_ADDRESS)
        super().wrote(unit, address, words)
        if address == 1210:
            self.units[unit].put_u32(1208, VALIDITY)

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged[outlet] = True

    def settle(self) -> None:
        for outlet, plugged in enumerate(self.plugged):
            socket, amps = self.socket(outlet), self.given(outlet)
            phases = socket.holding[1215]
            socket.put_text(1201, ("C2" if amps else "C1") if plugged else "A", 5)
            socket.put_float(1206, self.allowed(outlet))
            for phase in range(3):
                socket.put_float(320 + 2 * phase, amps if phase < phases else 0.0)
            socket.put_float(344, amps * 230 * phases)
            (energy,) = struct.unpack(">d", struct.pack(">4H", *(socket.holding[374 + i] for i in range(4))))
            socket.put_double(374, energy + amps)

    def allowed(self, outlet: int) -> float:
        socket = self.socket(outlet)
        return socket.float(1210) if socket.u32(1208) else socket.float(1212)

    def given(self, outlet: int = 0) -> float:
        return self.allowed(outlet) if self.plugged[outlet] else 0

    def starve(self) -> None:
        for outlet in range(len(self.plugged)):
            self.socket(outlet).put_u32(1208, 0)
        self.settle()


@pytest.fixture
async def lines() -> AsyncIterator[ModbusLines]:
    lines = ModbusLines(timeout=0.3)
    yield lines
    await lines.close()


@pytest.fixture(params=[1, 2], ids=["single", "double"])
async def box(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[AlfenBox]:
    box = AlfenBox(request.param)
    await box.come_back()
    yield box
    await box.vanish()


def connect(box: AlfenBox, lines: ModbusLines, station: int = STATION_UNIT) -> Alfen:
    endpoint = ModbusTcpParams(host="127.0.0.1", port=box.port)
    sockets = [lines.unit(endpoint, 1 + outlet) for outlet in range(len(box.plugged))]
    return Alfen(lines.unit(endpoint, station), sockets)


@pytest.fixture
def alfen(box: AlfenBox, lines: ModbusLines) -> Alfen:
    return connect(box, lines)


class TestAlfen(ChargerContract):
    @pytest.fixture
    @override
    async def rig(self, box: AlfenBox, alfen: Alfen, lines: ModbusLines) -> Rig:
        return Rig(alfen, box, misaddressed=connect(box, lines, station=7))


only_double = pytest.mark.parametrize("box", [2], indirect=True)


@only_double
async def test_reads_the_dump(alfen: Alfen) -> None:
    identity = await alfen.identify()
    assert (identity.maker, identity.model, identity.serial) == ("Alfen", "Eve NG910", "ACE0185226")
    assert (identity.firmware, identity.max_current, identity.outlets) == ("6.6.0-4223", 25.0, 2)
    left, right = await alfen.read()
    assert left.energy_in == 1_843_271.0
    assert right.energy_in == 402_118.5
    assert left.voltages is not None
    assert left.voltages.l1 == pytest.approx(231.4, abs=0.01)
    assert left.ago == 0.412, "the station says how old its meter's values are"
    assert left.limit == 6.0, "a limit was never set, so the safe current holds"
    assert left.phases == 3


async def test_a_limit_that_is_not_renewed_gives_way_to_the_safe_current(box: AlfenBox, alfen: Alfen) -> None:
    await charge(Rig(alfen, box), AcLimit(14.0))
    box.starve()
    assert (await alfen.read())[0].limit == 6.0
    await alfen.set_limit(0, AcLimit(14.0))
    box.settle()
    assert (await alfen.read())[0].limit == 14.0
    assert box.socket(0).u32(1208) == VALIDITY


async def test_stopping_is_a_limit_too_and_has_to_be_renewed(box: AlfenBox, alfen: Alfen) -> None:
    await charge(Rig(alfen, box), AcLimit(0.0))
    assert box.given() == 0
    box.starve()
    assert box.given() == 6


@pytest.mark.parametrize(
    ("mode_3", "state"),
    [
        ("A", VehicleState.NOT_CONNECTED),
        ("B1", VehicleState.CONNECTED),
        ("B2", VehicleState.CONNECTED),
        ("C1", VehicleState.CONNECTED),
        ("C2", VehicleState.CHARGING),
        ("D2", VehicleState.VENTILATION),
        ("E", VehicleState.NOT_CONNECTED),
        ("F", VehicleState.FAULT),
        ("?", None),
    ],
)
async def test_states(box: AlfenBox, alfen: Alfen, mode_3: str, state: VehicleState | None) -> None:
    box.socket(0).put_text(1201, f"{mode_3}\0xx", 5)
    reading = (await alfen.read())[0]
    assert reading.state is state
    assert reading.fault == ("state F" if state is VehicleState.FAULT else None)


async def test_out_of_service(box: AlfenBox, alfen: Alfen) -> None:
    box.socket(0).holding[1200] = 0
    reading = (await alfen.read())[0]
    assert (reading.state, reading.fault) == (VehicleState.FAULT, "out of service")


async def test_what_a_meter_leaves_out_is_not_known(box: AlfenBox, alfen: Alfen) -> None:
    box.socket(0).holding.update(dict.fromkeys(range(301, 426), 0xFFFF))
    reading = (await alfen.read())[0]
    assert reading.power is None
    assert reading.energy_in is None
    assert reading.currents is None
    assert reading.voltages is None
    assert reading.ago == 0


async def test_a_one_phase_meter(box: AlfenBox, alfen: Alfen) -> None:
    box.socket(0).put_float(320, 9.5)
    box.socket(0).holding.update(dict.fromkeys(range(322, 326), 0xFFFF))
    assert (await alfen.read())[0].currents == PerPhase(9.5, 0.0, 0.0)


async def test_two_reads_for_each_socket(box: AlfenBox, alfen: Alfen) -> None:
    await alfen.read()
    assert len(box.requests) == 2 * len(box.plugged)


async def test_another_maker(box: AlfenBox, alfen: Alfen) -> None:
    box.units[STATION_UNIT].put_text(117, "Other BV", 5)
    with pytest.raises(WrongDevice):
        await alfen.identify()
