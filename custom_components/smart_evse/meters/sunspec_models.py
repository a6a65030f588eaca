"""The register maps of the SunSpec models that are read, as the standard lays them out.

Addresses count from a model's header. Scale factors are registers of their own; a value that a
device does not have carries a mark for that and is read as `None`.
"""

from collections.abc import Iterable
from enum import IntEnum

from modbus_connection.model import Component, repeating_group
from modbus_connection.model.sunspec import (
    SunSpecComponent,
    acc32,
    enum16,
    float32,
    int16,
    string,
    uint16,
    uint64,
)


class _ChargeStatus(IntEnum):
    DISCHARGING = 3
    CHARGING = 4


class _PortType(IntEnum):
    ESS = 1


class Common(SunSpecComponent):
    """Model 1: who made it."""

    maker = string(2, 16)
    name = string(18, 16)
    version = string(42, 8)
    serial = string(50, 16)


class Inverter(SunSpecComponent):
    """Models 101 to 103, for one, split and three phases."""

    power = int16(14, scale_register=15, unit="W")
    energy = acc32(24, scale_register=26, unit="Wh")


class FloatInverter(SunSpecComponent):
    """Models 111 to 113: the same in floating point."""

    power = float32(22, unit="W")
    energy = float32(32, unit="Wh")


class DerMeasurement(SunSpecComponent):
    """Model 701: what IEEE 1547 devices measure on the AC side, positive when generating."""

    power = int16(10, scale_register=116, unit="W")
    energy = uint64(19, scale_register=120, unit="Wh")


class DcPort(Component):
    """A port of model 714."""

    kind = enum16(20)
    power = int16(32, scale_register=17, unit="W")


class DcPorts(SunSpecComponent):
    """Model 714."""

    ports = repeating_group(uint16(4), DcPort, stride=25)

    @property
    def storage_power(self) -> float | None:
        """The power of the ports that a battery is on; `None` when there is none."""
        return _sum(port.power for port in self.ports if port.kind == _PortType.ESS)


class MpptModule(Component):
    """A module of model 160."""

    name = string(11, 8)
    power = uint16(21, scale_register=4, unit="W")


class MpptModules(SunSpecComponent):
    """Model 160."""

    modules = repeating_group(uint16(8), MpptModule, stride=20)

    @property
    def storage_power(self) -> float | None:
        """What the modules of a battery discharge less what they charge; `None` without such modules."""
        given = _sum(module.power for module in self.modules if (module.name or "").startswith("StDisCha"))
        taken = _sum(module.power for module in self.modules if (module.name or "").startswith("StCha"))
        return None if given is None or taken is None else given - taken


class BatteryBank(SunSpecComponent):
    """Model 802."""

    soc = uint16(11, scale_register=56, unit="%")
    status = enum16(16)
    power = int16(47, scale_register=63, unit="W")

    @property
    def storage_power(self) -> float | None:
        """The power, signed by what the bank says it does."""
        if self.power is None or self.status not in (_ChargeStatus.DISCHARGING, _ChargeStatus.CHARGING):
            return self.power
        return -abs(self.power) if self.status == _ChargeStatus.CHARGING else abs(self.power)


class StorageCapacity(SunSpecComponent):
    """Model 713."""

    soc = uint16(4, scale_register=8, unit="%")


class StorageControl(SunSpecComponent):
    """Model 124."""

    soc = uint16(8, scale_register=22, unit="%")


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
