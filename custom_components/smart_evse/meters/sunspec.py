"""An inverter or a home battery that speaks SunSpec over Modbus.

Source: SunSpec's information models (models 1, 101 to 103, 111 to 113, 124, 160, 701, 713, 714 and
802). A device lists its models in a chain behind the marker "SunS", at one of three addresses.

The sun's power is the inverter's AC power, less what its own battery puts in: on a hybrid inverter
both leave through the same wire. Some inverters draw a few watts at night and tell a negative power;
the sun is never negative, so that is 0.

A battery's power is looked for in this order:

- model 714: the DC ports of type "ESS", positive when they put energy in;
- model 160: Fronius shows a battery as two modules, "StDisCha" and "StCha", each never negative;
- model 802: the standard does not say which sign is which, so the charge status decides, where it
  tells charging or discharging, and otherwise positive is taken for discharge.

These are DC powers, a few percent from what the house sees. The state of charge is that of model
713, 802 or 124. What none of them tells is `None`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from modbus_connection import (
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusUnit,
    ServerDeviceFailureError,
)
from modbus_connection.model.sunspec import SunSpecError, SunSpecMapShiftError, SunSpecModels, scan

from ..links.errors import Silent, WrongDevice
from ..links.modbus import errors_of_modbus
from .port import Measurement, MeterIdentity
from .sunspec_models import (
    BatteryBank,
    Common,
    DcPorts,
    DerMeasurement,
    FloatInverter,
    Inverter,
    MpptModules,
    StorageCapacity,
    StorageControl,
)

BASES: Final = (40000, 50000, 0)
"""Where the chain may begin, the recommended address first."""

INTERVAL: Final = 2.0
"""How often it is asked, in s. Inverters refresh their registers every second or so."""

_ABSENT: Final = (
    SunSpecError,
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ServerDeviceFailureError,
)
"""How devices say that nothing is at an address."""


class _Storage(Protocol):
    @property
    def storage_power(self) -> float | None: ...

    async def async_update(self) -> None: ...


type _AnyInverter = Inverter | FloatInverter | DerMeasurement
type _AnyCharge = StorageCapacity | BatteryBank | StorageControl

_INVERTERS: Final[Sequence[tuple[tuple[int, ...], type[_AnyInverter]]]] = (
    ((701,), DerMeasurement),
    ((103, 102, 101), Inverter),
    ((113, 112, 111), FloatInverter),
)
_STORAGES: Final[Sequence[tuple[int, type[DcPorts | MpptModules | BatteryBank]]]] = (
    (714, DcPorts),
    (160, MpptModules),
    (802, BatteryBank),
)
_CHARGES: Final[Sequence[tuple[int, type[_AnyCharge]]]] = (
    (713, StorageCapacity),
    (802, BatteryBank),
    (124, StorageControl),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The models of a device that are of use, read together."""

    common: Common | None
    inverter: _AnyInverter | None
    storages: tuple[_Storage, ...]
    charge: _AnyCharge | None

    @property
    def storage_power(self) -> float | None:
        return next((power for part in self.storages if (power := part.storage_power) is not None), None)


class SunSpec:
    """The device behind a Modbus unit, as an inverter or, with `battery`, as a home battery.

    It is asked every `interval` s; each answer is measured when it is asked for.
    """

    def __init__(self, unit: ModbusUnit, *, battery: bool = False, interval: float = INTERVAL) -> None:
        self._unit = unit
        self._battery = battery
        self._interval = interval

    async def identify(self) -> MeterIdentity:
        """Find the chain of models and read who it is; `WrongDevice` when what is asked for is not in it."""
        parts = await self._find()
        if self._battery and await self._read(parts) is None:
            raise WrongDevice("no battery among its inputs")
        common = parts.common
        if common is not None:
            with errors_of_modbus():
                await common.async_update()
        return MeterIdentity(
            maker=(common and common.maker) or "SunSpec",
            model=(common and common.name) or ("battery" if self._battery else "inverter"),
            serial=(common and common.serial) or None,
            firmware=(common and common.version) or None,
            cadence=self._interval,
        )

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over a reading at each interval. A reading without the power (some at night) is left out."""
        parts = await self._find()
        now = asyncio.get_running_loop().time
        while True:
            asked = now()
            sample = await self._read(parts)
            if sample is not None:
                publish(sample)
            await asyncio.sleep(max(0.0, self._interval - (now() - asked)))

    async def _read(self, parts: _Parts) -> Measurement | None:
        try:
            with errors_of_modbus():
                for part in (*parts.storages, *((parts.charge,) if parts.charge else ())):
                    await part.async_update()
                if parts.inverter is not None and not self._battery:
                    await parts.inverter.async_update()
        except SunSpecMapShiftError as err:
            raise Silent("the device has changed its map, it is searched again") from err
        return _battery(parts) if self._battery else _sun(parts)

    async def _find(self) -> _Parts:
        parts = _parts(self._unit, await self._scan())
        if self._battery and not parts.storages:
            raise WrongDevice("no battery among its SunSpec models")
        if not self._battery and parts.inverter is None:
            raise WrongDevice("no inverter among its SunSpec models")
        return parts

    async def _scan(self) -> SunSpecModels:
        for base in BASES:
            with errors_of_modbus():
                try:
                    return await scan(self._unit, base)
                except _ABSENT:
                    continue
        raise WrongDevice("no SunSpec device answers here")


def _parts(unit: ModbusUnit, models: SunSpecModels) -> _Parts:
    common = models.first(1)
    found = [kind(unit, model) for ids, kind in _INVERTERS if (model := models.first(*ids))]
    charges = [kind(unit, model) for number, kind in _CHARGES if (model := models.first(number))]
    return _Parts(
        common=Common(unit, common) if common else None,
        inverter=found[0] if found else None,
        storages=tuple(kind(unit, model) for number, kind in _STORAGES if (model := models.first(number))),
        charge=charges[0] if charges else None,
    )


def _sun(parts: _Parts) -> Measurement | None:
    inverter = parts.inverter
    if inverter is None or inverter.power is None:
        return None
    return Measurement(
        power=max(0.0, inverter.power - (parts.storage_power or 0.0)),
        energy_in=None if inverter.energy is None else float(inverter.energy),
    )


def _battery(parts: _Parts) -> Measurement | None:
    power = parts.storage_power
    if power is None:
        return None
    return Measurement(power=power, soc=parts.charge.soc if parts.charge else None)
