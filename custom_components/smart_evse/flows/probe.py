"""Trying a device before it is accepted, and saying in a form's words what is wrong with it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import logging
from types import MappingProxyType
from typing import Any

from homeassistant.core import HomeAssistant

from .. import chargers, meters
from ..chargers.port import Charger, Closing, Identity, OutletReading, PhaseSwitching, Traits
from ..const import CONF_INVERT, CONF_PHASES
from ..errors import error_key
from ..links.errors import DeviceError, Silent
from ..meters.port import Measurement, Meter, MeterIdentity
from ..wires import temporary_wires

_LOGGER = logging.getLogger(__name__)

PATIENCE = 40.0
"""How long a device may take to answer in all, in s: the slowest meters speak every 10 s, and Home
Assistant's own DSMR integration passes on a value every 30 s as it comes."""


class Unfit(Exception):
    """A device answered, and still cannot be taken: `key` says why, in the words of a form."""

    def __init__(self, key: str, field: str = "base") -> None:
        super().__init__(key)
        self.key = key
        self.field = field


@contextmanager
def told(errors: dict[str, str], fields: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Write what goes wrong inside into a form's errors; `fields` are the form's own names for what was tried."""
    try:
        yield
    except DeviceError as err:
        _LOGGER.debug("A device could not be used: %r", err)
        errors["base"] = error_key(err)
    except Unfit as err:
        errors[fields.get(err.field, err.field)] = err.key
    except Exception:
        _LOGGER.exception("Trying a device failed in a way nobody expected")
        errors["base"] = "unknown"


@dataclass(frozen=True, slots=True)
class ProbedCharger:
    """A charger that answered: who it is, what it is like, what it reported, and whether its phases can be switched."""

    identity: Identity
    traits: Traits
    outlets: tuple[OutletReading, ...]
    switches_phases: bool = False


@dataclass(frozen=True, slots=True)
class ProbedMeter:
    """A meter that answered: who it is and its first measurement."""

    identity: MeterIdentity
    measurement: Measurement


def switches(charger: Charger, identity: Identity) -> bool:
    """Tell whether a charger can switch between one phase and three: its make, and this very box."""
    return isinstance(charger, PhaseSwitching) and identity.switches_phases is not False


async def probe_charger(hass: HomeAssistant, config: Mapping[str, object]) -> ProbedCharger:
    """Ask a charger who it is and read it once; raises a `DeviceError`."""
    try:
        async with asyncio.timeout(PATIENCE), temporary_wires(hass) as wires:
            charger = chargers.open_charger(config, wires)
            try:
                identity = await charger.identify()
                return ProbedCharger(identity, charger.traits, await charger.read(), switches(charger, identity))
            finally:
                if isinstance(charger, Closing):
                    await charger.close()
    except TimeoutError as err:
        raise Silent("it takes too long to answer") from err


async def probe_meter(hass: HomeAssistant, role: str, config: Mapping[str, object], phases: int) -> ProbedMeter:
    """Ask a meter who it is and wait for its first measurement; raises a `DeviceError`.

    The measurement is as the meter counts, whatever its configuration says of the sign.
    """
    try:
        async with asyncio.timeout(PATIENCE), temporary_wires(hass) as wires:
            meter = meters.open_meter(role, {**config, CONF_PHASES: phases, CONF_INVERT: False}, wires)
            identity = await meter.identify()
            return ProbedMeter(identity, await _first_of(meter))
    except TimeoutError as err:
        raise Silent("no measurement came in time") from err


async def _first_of(meter: Meter) -> Measurement:
    """Run a meter until it hands over its first measurement."""
    first: asyncio.Future[Measurement] = asyncio.get_running_loop().create_future()

    def publish(measurement: Measurement) -> None:
        if not first.done():
            first.set_result(measurement)

    running = asyncio.create_task(meter.run(publish))
    watched: set[asyncio.Future[Any]] = {running, first}
    try:
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            await running
            raise Silent("the meter ended before it said anything")
        return first.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
