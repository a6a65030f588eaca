"""Time that passes, and the devices of the house on their sockets."""

import asyncio
from collections.abc import Callable, Mapping
import contextlib
from dataclasses import dataclass, field
import logging
from typing import Final

from .dcbox import DcBox
from .faults import Faults
from .house import DC_BOX, House
from .sockets.alfen import SOCKET, STATION, AlfenSocket, AlfenStation
from .sockets.homewizard import HomeWizardPort
from .sockets.keba import UNIT as KEBA_UNIT, KebaUnit
from .sockets.meter import Meter
from .sockets.modbus import ModbusPort, Unit
from .sockets.p1 import P1Port
from .sockets.quasar import UNIT as QUASAR_UNIT, QuasarUnit
from .sockets.sunspec import UNIT as SUNSPEC_UNIT, BatteryUnit, SunSpecUnit
from .station import Station

_BREATH: Final = 0.1
"""How often the physics is brought up to date, in s of real time."""

_TELEGRAM: Final = 1.0
_LONGEST: Final = 5.0
"""A machine that slept does not make the house live through all of it at once, in s."""

PORTS: Final[Mapping[str, int]] = {
    "keba": 15020,
    "alfen": 15021,
    "quasar": 15022,
    "sunspec": 15023,
    "p1": 15024,
    "homewizard": 15025,
    "control": 15026,
    "battery": 15027,
}
"""Where the devices listen unless told otherwise; 0 takes any free port."""


@dataclass(slots=True)
class Simulation:
    """A house that lives. `speed` is how many simulated seconds pass in a real one."""

    house: House
    host: str = "127.0.0.1"
    ports: Mapping[str, int] = field(default_factory=dict)
    speed: float = 1.0
    faults: Faults = field(init=False)
    modbus: dict[str, ModbusPort] = field(init=False)
    p1: P1Port = field(init=False)
    homewizard: HomeWizardPort = field(init=False)
    _clock: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        house, meter = self.house, Meter(self.house)
        self.faults = Faults(house)
        keba, alfen = house.stations["keba"], house.stations["alfen"]
        units: dict[str, dict[int, Unit]] = {
            "keba": {KEBA_UNIT: KebaUnit(keba)},
            "alfen": {STATION: AlfenStation(alfen), SOCKET: AlfenSocket(alfen)},
            "quasar": {QUASAR_UNIT: QuasarUnit(house.dc_box)},
            "sunspec": {SUNSPEC_UNIT: SunSpecUnit(house)},
        }
        if house.home_battery is not None:
            units["battery"] = {SUNSPEC_UNIT: BatteryUnit(house.home_battery)}
        boxes: dict[str, Station | DcBox] = {**house.stations, DC_BOX: house.dc_box}
        self.modbus = {
            name: ModbusPort(known, host=self.host, port=self.ports.get(name, 0), is_hung=_hangs(boxes.get(name)))
            for name, known in units.items()
        }
        self.p1 = P1Port(meter, host=self.host, port=self.ports.get("p1", 0))
        self.homewizard = HomeWizardPort(meter, host=self.host, port=self.ports.get("homewizard", 0))

    @property
    def addresses(self) -> dict[str, int]:
        """The port of each device."""
        found = {name: port.port for name, port in self.modbus.items()}
        return found | {"p1": self.p1.port, "homewizard": self.homewizard.port}

    @property
    def _devices(self) -> tuple[ModbusPort | P1Port | HomeWizardPort, ...]:
        return *self.modbus.values(), self.p1, self.homewizard

    async def open(self) -> None:
        """Put every device on the network; time stands still."""
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        for device in self._devices:
            await device.open()

    def start(self) -> None:
        """Let time pass."""
        self._clock = asyncio.create_task(self._live())

    async def close(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
        for device in self._devices:
            await device.close()

    async def advance(self, seconds: float) -> None:
        """Let simulated time pass at once, a second and a telegram at a time, without waiting for it."""
        while seconds > 0:
            await self._pass(min(seconds, _TELEGRAM))
            self._tell()
            seconds -= _TELEGRAM
            await asyncio.sleep(0)

    async def _live(self) -> None:
        now = asyncio.get_running_loop().time
        before = next_telegram = now()
        while True:
            await asyncio.sleep(_BREATH)
            present = now()
            await self._pass(min(present - before, _LONGEST) * self.speed)
            before = present
            if present >= next_telegram:
                self._tell()
                next_telegram = max(next_telegram + _TELEGRAM, present)

    async def _pass(self, seconds: float) -> None:
        self.house.step(seconds)
        self.faults.expire()
        for name, station in self.house.stations.items():
            port = self.modbus[name]
            if station.booting and port.is_open:
                await port.close()
            elif not station.booting and not port.is_open:
                await port.open()

    def _tell(self) -> None:
        self.p1.send()
        self.homewizard.listen()


def _hangs(box: Station | DcBox | None) -> Callable[[], bool]:
    return lambda: box is not None and box.hung
