"""What holds for the registers of every Modbus driver: nothing that does not fit is ever written."""

from collections.abc import Iterator
from types import ModuleType

from modbus_connection.model import Component, RegisterField
import pytest

from custom_components.smart_evse.chargers import alfen, heidelberg_registers, keba, quasar
from custom_components.smart_evse.links.errors import Refused

DRIVERS = (alfen, heidelberg_registers, keba, quasar)


def components(module: ModuleType) -> Iterator[type[Component]]:
    for each in vars(module).values():
        if isinstance(each, type) and issubclass(each, Component) and each.__module__ == module.__name__:
            yield each


def commands(module: ModuleType) -> dict[str, RegisterField[object]]:
    return {
        f"{component.__name__}.{name}": field
        for component in components(module)
        for name, field in vars(component).items()
        if isinstance(field, RegisterField) and field.writable
    }


COMMANDS = [
    pytest.param(field, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in DRIVERS
    for name, field in commands(module).items()
]


@pytest.mark.parametrize("module", DRIVERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_driver_commands_something(module: ModuleType) -> None:
    assert commands(module)


@pytest.mark.parametrize("field", COMMANDS)
def test_a_command_knows_its_range(field: RegisterField[object]) -> None:
    assert callable(field.writable)
    for value in (-100_000, 100_000, float("nan"), float("-inf")):
        with pytest.raises(Refused):
            field.writable(value)


@pytest.mark.parametrize("field", COMMANDS)
def test_a_small_negative_number_never_becomes_a_large_one(field: RegisterField[object]) -> None:
    assert callable(field.writable)
    if field.address == 260:
        pytest.skip("the Quasar's set point is signed: it discharges")
    for value in (-1, -0.5, -16):
        with pytest.raises(Refused):
            field.writable(value)
