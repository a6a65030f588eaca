"""Chargers: one file for each make. They touch and decide nothing.

This is their catalogue. A driver is imported only when a charger of its make is opened, so that
one library that is missing does not take the others with it, and a start loads what it needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from ..links.errors import Unusable
from ..links.settings import Settings, inside, optional_text, text, texts, whole
from ..links.wires import Wires
from .port import Charger

if TYPE_CHECKING:
    from modbus_connection import ModbusUnit

type Transport = Literal["modbus", "http", "entities", "demo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """What has to be known of a make before there is a charger: how it is reached and by which defaults.

    `serial` says that it may hang on a serial line, at `baudrate` with `parity`. `zeroconf` is how it
    announces itself: the beginning of its service's name.
    `beta` says that nobody has tried it on the real box.
    """

    key: str
    name: str
    transport: Transport
    open: Callable[[Settings, Wires], Charger]
    port: int | None = None
    unit: int | None = None
    serial: bool = False
    baudrate: int = 19200
    parity: Literal["N", "E", "O"] = "E"
    wants_password: bool = False
    outlets: int = 1
    zeroconf: str | None = None
    beta: bool = True


def _unit(config: Settings, wires: Wires, make: str, unit_id: int | None = None) -> ModbusUnit:
    from modbus_connection import ModbusSerialParams, ModbusTcpParams  # noqa: PLC0415 - see the head of the file

    known = MAKES[make]
    if unit_id is None:
        unit_id = whole(config, "unit", known.unit or 1)
    if (device := optional_text(config, "serial_port")) is not None:
        baudrate = whole(config, "baudrate", known.baudrate)
        return wires.modbus(ModbusSerialParams(device=device, baudrate=baudrate, parity=known.parity), unit_id)
    port = whole(config, "port", known.port or 502)
    return wires.modbus(ModbusTcpParams(host=text(config, "host"), port=port), unit_id)


def _smartevse(config: Settings, wires: Wires) -> Charger:
    from .smartevse import SmartEvse  # noqa: PLC0415 - see the head of the file

    return SmartEvse(wires.session, text(config, "host"), port=whole(config, "port", 80))


def _keba(config: Settings, wires: Wires) -> Charger:
    from .keba import Keba  # noqa: PLC0415 - see the head of the file

    return Keba(_unit(config, wires, "keba"))


def _alfen(config: Settings, wires: Wires) -> Charger:
    from .alfen import STATION_UNIT, Alfen  # noqa: PLC0415 - see the head of the file

    first = whole(config, "unit", 1)
    sockets = [_unit(config, wires, "alfen", first + outlet) for outlet in range(whole(config, "outlets", 1))]
    return Alfen(_unit(config, wires, "alfen", STATION_UNIT), sockets)


def _heidelberg(config: Settings, wires: Wires) -> Charger:
    from .heidelberg import CONNECT_UNIT, Amperfied, Heidelberg  # noqa: PLC0415 - see the head of the file

    make = Amperfied if config.get("unit") == CONNECT_UNIT else Heidelberg
    return make(_unit(config, wires, "heidelberg"))


def _goe(config: Settings, wires: Wires) -> Charger:
    from .goe import GoE  # noqa: PLC0415 - see the head of the file

    return GoE(wires.session, text(config, "host"), port=whole(config, "port", 80))


def _openevse(config: Settings, wires: Wires) -> Charger:
    from .openevse import OpenEvse  # noqa: PLC0415 - see the head of the file

    return OpenEvse(
        wires.session,
        text(config, "host"),
        optional_text(config, "username") or "",
        optional_text(config, "password") or "",
        port=whole(config, "port", 80),
    )


def _quasar(config: Settings, wires: Wires) -> Charger:
    from .quasar import Quasar  # noqa: PLC0415 - see the head of the file

    return Quasar(_unit(config, wires, "quasar"))


def _entities(config: Settings, wires: Wires) -> Charger:
    from .entities import EntityCharger  # noqa: PLC0415 - see the head of the file

    entities = inside(config, "entities")
    return EntityCharger(wires.states(), texts(config, "entities"), texts(entities, "status_map"))


def _demo(config: Settings, wires: Wires) -> Charger:
    from .demo import DemoCharger  # noqa: PLC0415 - see the head of the file

    return DemoCharger(wires.demo())


_ALL: Final = (
    Make(key="smartevse", name="SmartEVSE v3", transport="http", open=_smartevse, port=80, zeroconf="smartevse"),
    Make(key="keba", name="KEBA KeContact P30/P40", transport="modbus", open=_keba, port=502, unit=255),
    Make(key="alfen", name="Alfen Eve", transport="modbus", open=_alfen, port=502, unit=1, outlets=2),
    Make(
        key="heidelberg",
        name="Heidelberg Energy Control / Amperfied",
        transport="modbus",
        open=_heidelberg,
        port=502,
        unit=1,
        serial=True,
    ),
    Make(key="goe", name="go-e Charger", transport="http", open=_goe, port=80, zeroconf="go-echarger"),
    Make(
        key="openevse",
        name="OpenEVSE",
        transport="http",
        open=_openevse,
        port=80,
        wants_password=True,
        zeroconf="openevse",
    ),
    Make(key="quasar", name="Wallbox Quasar 1", transport="modbus", open=_quasar, port=502, unit=1),
    Make(key="entities", name="Home Assistant entities", transport="entities", open=_entities, beta=False),
    Make(key="demo", name="Demo (simulated)", transport="demo", open=_demo, beta=False),
)

MAKES: Final[Mapping[str, Make]] = MappingProxyType({make.key: make for make in _ALL})
"""Every make we know, by the key that configurations keep."""


def load_driver(config: Settings) -> None:
    """Import the driver of a charger that was configured: it blocks, so not in an event loop."""
    if (make := MAKES.get(text(config, "make"))) is not None:
        import_module(f".{make.key}", __name__)


def open_charger(config: Settings, wires: Wires) -> Charger:
    """Make the driver of a charger that was configured; `Unusable` when the configuration is not whole.

    Nothing is asked of the charger yet.
    """
    make = MAKES.get(text(config, "make"))
    if make is None:
        raise Unusable(f"{config['make']} is no make we know")
    try:
        return make.open(config, wires)
    except ImportError as err:
        raise Unusable(f"what {make.key} needs is not installed: {err}") from err


__all__ = ["MAKES", "Make", "Wires", "load_driver", "open_charger"]
