"""Shared Modbus lines over real sockets, and what their errors become."""

import asyncio
from collections.abc import AsyncIterator
import logging
import math

from modbus_connection import (
    AcknowledgeError,
    ClientClosedError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusDesyncError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusSerialParams,
    ModbusTcpParams,
    ModbusTimeoutError,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)
import pytest

from custom_components.smart_evse.links.errors import (
    Busy,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    WrongDevice,
    WrongUnit,
)
from custom_components.smart_evse.links.modbus import ModbusLines, errors_of_modbus, within
from tests.chargers.modbus_box import ModbusBox, Unit


class CountingBox(ModbusBox):
    """A box that knows how many connections it has ever had."""

    def __init__(self) -> None:
        super().__init__({1: Unit(holding={0: 11}), 2: Unit(holding={0: 22})})
        self.connections = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await super()._serve(reader, writer)


@pytest.fixture
async def box(socket_enabled: None) -> AsyncIterator[CountingBox]:
    box = CountingBox()
    await box.come_back()
    yield box
    await box.vanish()


@pytest.fixture
async def lines() -> AsyncIterator[ModbusLines]:
    lines = ModbusLines(timeout=0.3)
    yield lines
    await lines.close()


@pytest.fixture
def endpoint(box: CountingBox) -> ModbusTcpParams:
    return ModbusTcpParams(host="127.0.0.1", port=box.port)


async def test_one_connection_for_all_units_of_an_endpoint(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    again = ModbusTcpParams(host="127.0.0.1", port=box.port)
    one, two = lines.unit(endpoint, 1), lines.unit(again, 2)
    words = await asyncio.gather(*(unit.read_holding_registers(0, 1) for unit in (one, two, one, two)))
    assert words == [[11], [22], [11], [22]]
    assert box.connections == 1


async def test_nothing_is_opened_before_the_first_request(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    unit = lines.unit(endpoint, 1)
    await asyncio.sleep(0)
    assert box.connections == 0
    assert not unit.connected


async def test_the_last_one_to_release_closes_the_connection(lines: ModbusLines, endpoint: ModbusTcpParams) -> None:
    one, two = lines.unit(endpoint, 1), lines.unit(endpoint, 2)
    await one.read_holding_registers(0, 1)
    await lines.release(endpoint)
    assert await two.read_holding_registers(0, 1) == [22]
    await lines.release(endpoint)
    with pytest.raises(Unreachable), errors_of_modbus():
        await two.read_holding_registers(0, 1)


async def test_a_line_can_be_lent_again_after_it_was_closed(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    await lines.unit(endpoint, 1).read_holding_registers(0, 1)
    await lines.release(endpoint)
    await lines.release(endpoint)
    assert await lines.unit(endpoint, 1).read_holding_registers(0, 1) == [11]
    assert box.connections == 2


async def test_a_line_that_is_closed_while_it_connects_says_nothing_of_it(
    lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context["message"]))
    asking = asyncio.create_task(lines.unit(endpoint, 1).read_holding_registers(0, 1))
    for _ in range(3):
        await asyncio.sleep(0)
    asking.cancel()
    await lines.release(endpoint)
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    assert unheard == []


async def test_a_temporary_unit_borrows_the_line_that_is_there(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    unit = lines.unit(endpoint, 1)
    await unit.read_holding_registers(0, 1)
    async with lines.temporary_unit(endpoint, 2) as passing:
        assert await passing.read_holding_registers(0, 1) == [22]
    assert await unit.read_holding_registers(0, 1) == [11]
    assert box.connections == 1


async def test_a_temporary_unit_leaves_nothing_open(lines: ModbusLines, endpoint: ModbusTcpParams) -> None:
    async with lines.temporary_unit(endpoint, 2) as passing:
        await passing.read_holding_registers(0, 1)
    assert not passing.connected
    with pytest.raises(Unreachable), errors_of_modbus():
        await passing.read_holding_registers(0, 1)


async def test_a_bus_has_one_speed(lines: ModbusLines) -> None:
    lines.unit(ModbusSerialParams(device="/dev/ttyUSB7", baudrate=19200), 1)
    with pytest.raises(Refused):
        lines.unit(ModbusSerialParams(device="/dev/ttyUSB7", baudrate=9600), 2)
    lines.unit(ModbusSerialParams(device="/dev/ttyUSB8", baudrate=9600), 2)


async def test_a_serial_port_that_is_not_there(lines: ModbusLines) -> None:
    unit = lines.unit(ModbusSerialParams(device="/dev/ttyNONE"), 1)
    with pytest.raises(Unreachable), errors_of_modbus():
        await unit.read_holding_registers(0, 1)


async def test_closing_ends_all_lines(lines: ModbusLines, endpoint: ModbusTcpParams) -> None:
    unit = lines.unit(endpoint, 1)
    await unit.read_holding_registers(0, 1)
    await lines.close()
    with pytest.raises(Unreachable), errors_of_modbus():
        await unit.read_holding_registers(0, 1)


async def test_one_silent_unit_costs_the_others_no_more_than_its_time(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams
) -> None:
    unit = lines.unit(endpoint, 1)
    box.fall_silent()
    with pytest.raises(Silent), errors_of_modbus():
        await unit.read_holding_registers(0, 1)


async def test_a_silent_device_does_not_fill_the_log(
    box: CountingBox, lines: ModbusLines, endpoint: ModbusTcpParams, caplog: pytest.LogCaptureFixture
) -> None:
    unit = lines.unit(endpoint, 1)
    box.fall_silent()
    with pytest.raises(Silent), errors_of_modbus():
        await unit.read_holding_registers(0, 1)
    await box.vanish()
    with pytest.raises(Unreachable), errors_of_modbus():
        await unit.read_holding_registers(0, 1)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_level_that_somebody_chose_stays() -> None:
    logger = logging.getLogger("pymodbus")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    ModbusLines()
    assert logger.level == logging.DEBUG
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (ModbusConnectionError(), Unreachable),
        (ClientClosedError(), Unreachable),
        (ModbusTimeoutError(), Silent),
        (ModbusProtocolError(), Silent),
        (ModbusDesyncError(), Silent),
        (ModbusError(), Silent),
        (GatewayTargetError(), WrongUnit),
        (GatewayPathUnavailableError(), WrongUnit),
        (ServerDeviceBusyError(), Busy),
        (AcknowledgeError(), Busy),
        (IllegalFunctionError(), Refused),
        (IllegalDataAddressError(), Refused),
        (IllegalDataValueError(), Refused),
        (ServerDeviceFailureError(), Refused),
        (ModbusExceptionError(99), Refused),
        (OSError(), Unreachable),
        (TimeoutError(), Unreachable),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_what_an_error_means(raised: Exception, meant: type[DeviceError]) -> None:
    with pytest.raises(DeviceError) as caught, errors_of_modbus():
        raise raised
    assert type(caught.value) is meant
    assert caught.value.__cause__ is raised


def test_an_unknown_register_while_asking_who_is_there() -> None:
    with pytest.raises(WrongDevice), errors_of_modbus(refused=WrongDevice):
        raise IllegalDataAddressError
    with pytest.raises(Silent), errors_of_modbus(refused=WrongDevice):
        raise ModbusTimeoutError


def test_our_own_errors_pass_through() -> None:
    with pytest.raises(Busy), errors_of_modbus():
        raise Busy("as it is")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), errors_of_modbus():
        raise ZeroDivisionError


@pytest.mark.parametrize("value", [-1, -0.1, 5.9, 32.1, 65_535, math.nan, math.inf, -math.inf])
def test_what_would_wrap_is_refused(value: float) -> None:
    with pytest.raises(Refused):
        within(6, 32)(value)
    with pytest.raises(Refused):
        within(6, 32, or_zero=True)(value)


def test_what_fits_is_taken() -> None:
    assert within(6, 32)(6) == 6
    assert within(6, 32)(32) == 32
    assert within(6, 32, or_zero=True)(0) == 0
    with pytest.raises(Refused):
        within(6, 32)(0)
