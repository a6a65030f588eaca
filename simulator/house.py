"""The house: everything behind one grid connection, moved by `House.step` and nothing else.

Currents and powers at the grid are positive on import, phases in the grid's order. Loads, the
inverter and the home battery run at a power factor of one. The grid gives way a little: its voltage falls with what is
drawn and rises with what is fed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from .appliances import KINDS, Appliance
from .car import MODELS, Battery, Car, CarModel
from .clockwork import TICK
from .dcbox import DcBox
from .home_battery import HomeBattery, HomeBatteryModel
from .record import Amps, Flows, Record, Sample
from .recording import Recording, Watts
from .station import Station, StationModel
from .sun import ModelledSun, Sun

STATIONS: Final[Mapping[str, StationModel]] = {
    # What is told to a KeContact is lost when it restarts; its failsafe is off from the factory.
    "keba": StationModel(rating=32.0, initial=16.0),
    # An Eve keeps nothing: without a valid limit it allows what the installer called safe.
    "alfen": StationModel(rating=32.0, initial=6.0, timeout=60.0, safe=6.0),
}
DC_BOX: Final = "quasar"

_VOLTS: Final = (231.0, 230.0, 232.0)
_OHMS: Final = 0.15
_BEGINNING: Final = datetime.fromisoformat("2007-05-12 11:00")
_PER_SECOND: Final = round(1 / TICK)


@dataclass(slots=True)
class MeterMood:
    """What is wrong with the grid meter; the truth stays what it is."""

    silent: bool = False
    frozen: bool = False
    repeating: bool = False
    flipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a house is built. `kwp` is the solar plant, `inverter` its most, in kW; `fuse` in A.

    `battery` is the home battery's capacity in Wh, 0 for a house without one, and `battery_soc` how full it is in %.
    """

    fuse: float = 25.0
    kwp: float = 9.0
    inverter: float = 8.0
    battery: float = 0.0
    battery_soc: float = 50.0
    start: datetime = _BEGINNING
    seed: int = 1


@dataclass(frozen=True, slots=True)
class GridState:
    """What flows at the connection: W and A on each phase, and volts."""

    watts: Watts = (0.0, 0.0, 0.0)
    amps: Amps = (0.0, 0.0, 0.0)
    volts: Watts = _VOLTS

    @property
    def power(self) -> float:
        return sum(self.watts)


class House:
    """A three-phase house with sun, chargers and cars, all of it deterministic.

    `sun` takes the place of the one in the recording, or of the modelled one where it has none.
    """

    def __init__(self, plan: Plan | None = None, recording: Recording | None = None, sun: Sun | None = None) -> None:
        self.plan = plan or Plan()
        self.recording = recording or Recording.read()
        seed = self.plan.seed
        self.sun = sun or (ModelledSun(seed=seed) if self.recording.sun is None else self.recording)
        self.ticks = 0
        self.grid = GridState()
        self.solar = 0.0
        self.solar_energy = 120_000.0
        self.load: Watts = (0.0, 0.0, 0.0)
        self.meter = MeterMood()
        self.appliances: list[Appliance] = []
        self.stations = {name: Station(model, Random(f"{seed} {name}")) for name, model in STATIONS.items()}
        self.dc_box = DcBox(Random(f"{seed} {DC_BOX}"))
        self.home_battery: HomeBattery | None = None
        if self.plan.battery > 0:
            model = HomeBatteryModel(capacity=self.plan.battery)
            self.home_battery = HomeBattery(model, Random(f"{seed} battery"), soc=self.plan.battery_soc)
        self.record = Record(self.plan.fuse)
        self._due = 0.0
        self._observe()

    @property
    def seconds(self) -> float:
        """How long it has been running, in s."""
        return self.ticks * TICK

    @property
    def clock(self) -> datetime:
        """What the clock on the wall says."""
        return self.plan.start + timedelta(seconds=self.seconds)

    @property
    def powers(self) -> dict[str, float]:
        """What each charger takes in W, negative when it gives."""
        return {name: station.power for name, station in self.stations.items()} | {DC_BOX: self.dc_box.power}

    @property
    def battery_power(self) -> float:
        """What the home battery gives in W, negative when it takes; 0 where there is none."""
        return 0.0 if self.home_battery is None else self.home_battery.power

    @property
    def slowest(self) -> float:
        """The longest any charger and its car take to follow a lower limit, in s."""
        return max(station.slowest for station in self.stations.values())

    def solar_at(self, clock: datetime) -> float:
        """What the plant gives at a time of the house's clock in W, also at one still to come."""
        return min(self.sun.per_kwp(clock) * self.plan.kwp, self.plan.inverter * 1000)

    def step(self, seconds: float) -> None:
        """Let time pass. However it is cut into pieces, the same happens."""
        self._due += seconds
        while self._due >= TICK - 1e-9:
            self._due -= TICK
            self._tick()

    def plug(self, charger: str, car: str | CarModel = "sedan", soc: float = 40.0) -> None:
        """Plug a car in. `KeyError` for a charger or a car that is not here."""
        model = MODELS[car] if isinstance(car, str) else car
        if charger == DC_BOX:
            self.dc_box.plug(Battery(model.capacity, soc))
        else:
            self.stations[charger].plug(Car(model, Random(f"{self.plan.seed} {charger} {self.ticks}"), soc=soc))

    def unplug(self, charger: str) -> None:
        if charger == DC_BOX:
            self.dc_box.unplug()
        else:
            self.stations[charger].unplug()

    def battery(self, charger: str) -> Battery | None:
        """The battery of the car at a charger; `None` when there is none."""
        if charger == DC_BOX:
            return self.dc_box.battery
        car = self.stations[charger].car
        return None if car is None else car.battery

    def switch_on(self, kind: str, phase: int, seconds: float | None = None) -> None:
        """Switch an appliance on, at phase 0 to 2."""
        if phase not in (0, 1, 2):
            raise KeyError(phase)
        known = KINDS[kind]
        self.appliances.append(Appliance(known, phase, known.seconds if seconds is None else seconds))

    def _tick(self) -> None:
        self.ticks += 1
        for station in self.stations.values():
            station.volts = self.grid.volts
            station.step(TICK)
        self.dc_box.volts = self.grid.volts[0]
        self.dc_box.step(TICK)
        if self.home_battery is not None:
            self.home_battery.step(TICK, self.grid.power)
        for appliance in self.appliances:
            appliance.on_for += TICK
        self.appliances = [each for each in self.appliances if not each.finished]
        if self.ticks % _PER_SECOND == 0:
            self._observe()
        self._balance()
        self.record.tick(TICK, self.grid.amps, self.flows)
        if self.ticks % _PER_SECOND == 0:
            self._note()

    @property
    def house_load(self) -> Watts:
        """What the house uses on each phase, in W: as recorded, and what was switched on."""
        watts = list(self.load)
        for appliance in self.appliances:
            watts[appliance.phase] += appliance.watts
        return watts[0], watts[1], watts[2]

    @property
    def flows(self) -> Flows:
        """What flows now, all of it."""
        return Flows(sun=self.solar, house=sum(self.house_load), battery=self.battery_power, chargers=self.powers)

    def _observe(self) -> None:
        """Look at the weather and at the recording, which change once a second."""
        self.load = self.recording.load_at(self.clock, self.plan.seed)
        self.solar = self.solar_at(self.clock)

    def _balance(self) -> None:
        self.solar_energy += self.solar * TICK / 3600
        watts = [load - (self.solar + self.battery_power) / 3 for load in self.house_load]
        for station in self.stations.values():
            for phase, amps in enumerate(station.currents):
                watts[phase] += amps * station.volts[phase]
        watts[0] += self.dc_box.power
        before = self.grid.amps
        volts = [nominal - _OHMS * amps for nominal, amps in zip(_VOLTS, before, strict=True)]
        currents = [power / volt for power, volt in zip(watts, volts, strict=True)]
        self.grid = GridState(
            watts=(watts[0], watts[1], watts[2]),
            amps=(currents[0], currents[1], currents[2]),
            volts=(volts[0], volts[1], volts[2]),
        )

    def _note(self) -> None:
        self.record.note(
            Sample(
                at=self.seconds,
                clock=self.clock.isoformat(sep=" ", timespec="seconds"),
                amps=self.grid.amps,
                grid=self.grid.power,
                flows=self.flows,
            )
        )
