"""Meters: one file for each kind of source. They touch and decide nothing.

This is their catalogue. A driver is imported only when a meter of its kind is opened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, Literal

from ..engine.model import VOLTAGE
from ..links.errors import Unusable
from ..links.settings import Settings, flag, number, optional_text, text, texts, whole
from ..links.wires import Wires
from .port import Meter

type Role = Literal["grid", "solar", "battery"]

GRID: Final = "grid"
SOLAR: Final = "solar"
BATTERY: Final = "battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of meter: what it may measure at a site and how it is reached.

    `turns_sign` says that its driver minds `invert` itself: it knows which of its values have a sign.
    """

    key: str
    name: str
    roles: frozenset[str]
    open: Callable[[str, Settings, Wires], Meter]
    port: int | None = None
    unit: int | None = None
    serial: bool = False
    turns_sign: bool = False


def _p1(role: str, config: Settings, wires: Wires) -> Meter:
    from .p1 import P1  # noqa: PLC0415 - see the head of the file

    version = optional_text(config, "dsmr_version")
    phases = whole(config, "phases", 3)
    if (serial_port := optional_text(config, "serial_port")) is not None:
        return P1(serial_port=serial_port, version=version, phases=phases)
    return P1(host=text(config, "host"), port=whole(config, "port", 23), version=version, phases=phases)


def _homewizard(role: str, config: Settings, wires: Wires) -> Meter:
    from .homewizard import HomeWizard  # noqa: PLC0415 - see the head of the file

    return HomeWizard(
        text(config, "host"),
        optional_text(config, "token"),
        session=wires.session,
        phases=whole(config, "phases", 3),
        producing=role == SOLAR,
    )


def _sunspec(role: str, config: Settings, wires: Wires) -> Meter:
    from modbus_connection import ModbusTcpParams  # noqa: PLC0415 - see the head of the file

    from .sunspec import SunSpec  # noqa: PLC0415 - see the head of the file

    endpoint = ModbusTcpParams(host=text(config, "host"), port=whole(config, "port", 502))
    return SunSpec(wires.modbus(endpoint, whole(config, "unit", 1)), battery=role == BATTERY)


def _entities(role: str, config: Settings, wires: Wires) -> Meter:
    from .entities import EntityMeter  # noqa: PLC0415 - see the head of the file

    return EntityMeter(
        wires.states(),
        texts(config, "entities"),
        role=role,
        phases=whole(config, "phases", 3),
        voltage=number(config, "voltage", VOLTAGE),
        invert=flag(config, "invert"),
        circuit=optional_text(config, "circuit") is not None,
    )


def _smartevse(role: str, config: Settings, wires: Wires) -> Meter:
    from .smartevse import SmartEvseMains  # noqa: PLC0415 - see the head of the file

    return SmartEvseMains(
        wires.session,
        text(config, "host"),
        port=whole(config, "port", 80),
        phases=whole(config, "phases", 3),
        voltage=number(config, "voltage", VOLTAGE),
    )


def _demo(role: str, config: Settings, wires: Wires) -> Meter:
    from .demo import DemoMeter  # noqa: PLC0415 - see the head of the file

    return DemoMeter(wires.demo(), solar=role == SOLAR)


_ALL: Final = (
    Kind(key="p1", name="P1 port (DSMR)", roles=frozenset({GRID}), open=_p1, port=23, serial=True),
    Kind(key="homewizard", name="HomeWizard", roles=frozenset({GRID, SOLAR}), open=_homewizard),
    Kind(key="sunspec", name="SunSpec", roles=frozenset({SOLAR, BATTERY}), open=_sunspec, port=502, unit=1),
    Kind(key="charger", name="SmartEVSE v3", roles=frozenset({GRID}), open=_smartevse, port=80),
    Kind(
        key="entities",
        name="Home Assistant entities",
        roles=frozenset({GRID, SOLAR, BATTERY}),
        open=_entities,
        turns_sign=True,
    ),
    Kind(key="demo", name="Demo (simulated)", roles=frozenset({GRID, SOLAR}), open=_demo),
)

_MODULES: Final = {"charger": "smartevse"}
"""Where a driver's file is not named after its kind."""

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.key: kind for kind in _ALL})
"""Every kind we know, by the key that configurations keep."""


def load_driver(config: Settings) -> None:
    """Import the driver of a meter that was configured: it blocks, so not in an event loop."""
    if (kind := KINDS.get(text(config, "kind"))) is not None:
        import_module(f".{_MODULES.get(kind.key, kind.key)}", __name__)


def open_meter(role: str, config: Settings, wires: Wires) -> Meter:
    """Make the driver of a meter in its role; `Unusable` when the configuration is not whole.

    `config` is the meter's own, with the site's `phases` (3 when left out) and `voltage` put in:
    a meter tells currents only when it knows those of every phase.
    """
    kind = KINDS.get(text(config, "kind"))
    if kind is None or role not in kind.roles:
        raise Unusable(f"{config['kind']} is no kind of meter for {role}")
    try:
        return kind.open(role, config, wires)
    except ImportError as err:
        raise Unusable(f"what {kind.key} needs is not installed: {err}") from err


__all__ = ["BATTERY", "GRID", "KINDS", "SOLAR", "Kind", "Wires", "load_driver", "open_meter"]
