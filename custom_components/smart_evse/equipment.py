"""What hangs on a site: its chargers and meters, each on its own line, and one picture of them all."""

from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import logging
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from . import chargers, meters
from .chargers.port import Feeding, PhaseSwitching
from .configuration import Connector, phase_map
from .const import (
    CONF_CIRCUIT,
    CONF_INVERT,
    CONF_KIND,
    CONF_PHASES,
    CONF_VOLTAGE,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_INVERTER,
    SUBENTRY_METER,
)
from .engine.command import CommandMemory
from .engine.model import VOLTAGE, ConnectorId, Decision, GridReading, PowerReading, SiteSettings, Snapshot
from .links.charger import ChargerLine, Hooks, Originals, Wiring
from .links.errors import DeviceError
from .links.meter import MeterLine
from .recollection import monotonic
from .store import Remembered
from .surroundings import Surroundings, grid_reading
from .wires import HassWires

_LOGGER = logging.getLogger(__name__)

_CIRCUIT = "circuit"
"""The role of a meter below the main one: it reads like a grid meter."""

ROLES = {SUBENTRY_METER: "grid", SUBENTRY_INVERTER: "solar", SUBENTRY_BATTERY: "battery"}

type Trouble = Callable[[str, DeviceError | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOriginals:
    """What chargers were set to before us, by subentry: how it is kept, and what is on record."""

    keep: Callable[[str, Originals], Coroutine[Any, Any, None]]
    before: Callable[[str], Originals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Who is told of a fresh grid sample, of any other reading and of who a charger is.

    `may_read` allows the reads that keep a charger's watchdog quiet.
    """

    grid: Callable[[], None]
    other: Callable[[], None]
    identified: Callable[[], None]
    may_read: Callable[[], bool]


def _nothing() -> None:
    return


def _known_as(item: Connector, line: ChargerLine) -> Connector:
    identity, switches = line.identity, item.phase_switching
    if identity is not None and identity.switches_phases is not None:
        switches = switches and identity.switches_phases
    guarded = item.traits.feeding is not Feeding.NONE and line.guarded is not False
    return replace(item, identity=identity, phase_switching=switches, guarded=guarded)


def load_drivers(entry: ConfigEntry[Any]) -> None:
    """Import the drivers that a site's devices need: it blocks, so not in the event loop."""
    for subentry in entry.subentries.values():
        try:
            if subentry.subentry_type == SUBENTRY_CHARGER:
                chargers.load_driver(subentry.data)
            elif subentry.subentry_type in ROLES:
                meters.load_driver(subentry.data)
        except (DeviceError, ImportError) as err:
            _LOGGER.warning("%s cannot be used: %s", subentry.title, err)


class Equipment:
    """The devices of one site. Which of them answer makes no difference to the others."""

    def __init__(self, entry: ConfigEntry[Any], wires: HassWires, originals: KeptOriginals, trouble: Trouble) -> None:
        self._phases = int(entry.data[CONF_PHASES])
        self._voltage = float(entry.options.get(CONF_VOLTAGE, VOLTAGE))
        self._around = Surroundings(wires.states(), entry.options)
        self._keep, self._before = originals.keep, originals.before
        self._trouble = trouble
        self._grid_heard: Callable[[], None] = _nothing
        self._other_heard: Callable[[], None] = _nothing
        self._identified: Callable[[], None] = _nothing
        self._may_read: Callable[[], bool] = lambda: True
        self.chargers: dict[str, ChargerLine] = {}
        self.meters: dict[str, MeterLine] = {}
        self.roles: dict[str, str] = {}
        self._circuits: dict[str, str] = {}
        self._known = frozenset(entry.subentries)
        self.broken: dict[str, Exception] = {}
        self._connectors: dict[ConnectorId, Connector] = {}
        for subentry in entry.subentries.values():
            try:
                self._add(subentry, wires)
            except (DeviceError, ImportError) as err:
                # One device that cannot even be opened leaves the others their site.
                _LOGGER.warning("%s cannot be used: %s", subentry.title, err)
                self.broken[subentry.subentry_id] = err

    @property
    def connectors(self) -> Mapping[ConnectorId, Connector]:
        """Every outlet, with the identity of its charger once that is known."""
        return self._connectors

    @property
    def grid_cadence(self) -> float | None:
        """How often the grid meter really tells something new, in s."""
        return next((line.cadence.cadence for line in self._of("grid")), None)

    @property
    def grid_max_age(self) -> float:
        """When a grid sample is too old to act on, in s."""
        return max((line.cadence.max_age for line in self._of("grid")), default=10.0)

    @property
    def circuit_max_age(self) -> dict[str, float]:
        """When a sample of each circuit's own meter is too old to act on, in s."""
        return {circuit: self.meters[key].cadence.max_age for key, circuit in self._circuits.items()}

    def listen(self, site: Listening) -> None:
        """Say who is told of news, and who allows reads that feed a watchdog."""
        self._grid_heard, self._other_heard, self._identified = site.grid, site.other, site.identified
        self._may_read = site.may_read

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """Return everything that runs in the background, by name."""
        for key, meter in self.meters.items():
            yield f"meter {key}", meter.listener.run()
        for key, charger in self.chargers.items():
            yield f"reader {key}", charger.reader.run()
            yield f"commander {key}", charger.commander.run()

    def snapshot(self, now: float, utc: datetime, started: float) -> Snapshot:
        """Return what is known at this instant."""
        return Snapshot(
            now=now,
            utc=utc,
            since_start=now - started,
            grid=self._grid(),
            solar=self._sum("solar"),
            battery=self._sum("battery"),
            connectors=tuple(
                (connector.id, self.chargers[connector.subentry_id].readings[connector.outlet])
                for connector in self._connectors.values()
                if len(self.chargers[connector.subentry_id].readings) > connector.outlet
            ),
            circuits=tuple(
                (circuit, reading)
                for key, circuit in self._circuits.items()
                if (reading := grid_reading(self.meters[key])) is not None
            ),
            off_grid=self._around.off_grid,
            frequency=self._around.frequency,
        )

    def command(self, decision: Decision) -> None:
        """Hand each setpoint to its charger's worker."""
        for setpoint in decision.setpoints:
            connector = self._connectors[setpoint.connector]
            self.chargers[connector.subentry_id].commander.submit(connector.outlet, setpoint)

    def command_memory(self, connector: ConnectorId) -> CommandMemory:
        """Return what came of the commands to a connector."""
        known = self._connectors[connector]
        return self.chargers[known.subentry_id].commander.memory(known.outlet)

    def is_withheld(self, connector: ConnectorId) -> bool:
        """Whether a daily budget of relay or flash memory keeps a command to a connector back."""
        known = self._connectors[connector]
        return self.chargers[known.subentry_id].commander.is_withheld(known.outlet)

    def remind(self, kept: Mapping[ConnectorId, Remembered], now: float, utc: datetime) -> None:
        """Tell the workers what was drawn on their budgets before this start."""
        for key, item in self._connectors.items():
            if (known := kept.get(key)) is not None:
                self.chargers[item.subentry_id].commander.remind(
                    item.outlet,
                    starts=monotonic(known.starts, now, utc),
                    writes=monotonic(known.writes, now, utc),
                )

    def set_fallbacks(self, settings: SiteSettings, controlled: Collection[ConnectorId] = ()) -> None:
        """Tell each charger's watchdog its share of the fuse, used when the charger is next greeted.

        One that not everybody may use (`controlled`) has none, and asks who is there itself where it can.
        """
        locked = {self._connectors[key].subentry_id for key in controlled if key in self._connectors}
        for connector in settings.connectors:
            key = self._connectors[connector.id].subentry_id
            self.chargers[key].set_fallback(0.0 if key in locked else connector.fallback)
            self.chargers[key].set_locked(locked=key in locked)

    async def close(self) -> None:
        """Let go of every device."""
        for line in self.chargers.values():
            await line.close()

    def _add(self, subentry: ConfigSubentry, wires: HassWires) -> None:
        if subentry.subentry_type == SUBENTRY_CHARGER:
            self._add_charger(subentry, wires)
        elif (role := ROLES.get(subentry.subentry_type)) is not None:
            source = meters.open_meter(role, self._meter_config(subentry), wires)
            if role == "grid" and (circuit := subentry.data.get(CONF_CIRCUIT)):
                role = _CIRCUIT
                if circuit in self._known:
                    self._circuits[subentry.subentry_id] = circuit
            self.roles[subentry.subentry_id] = role
            self.meters[subentry.subentry_id] = MeterLine(
                source,
                self._on_grid if role == "grid" else self._on_other,
                lambda err: self._trouble(subentry.subentry_id, err),
                time.monotonic,
                invert=bool(subentry.data.get(CONF_INVERT)) and not meters.KINDS[subentry.data[CONF_KIND]].turns_sign,
            )

    def _meter_config(self, subentry: ConfigSubentry) -> dict[str, Any]:
        """Return a meter's configuration with what it has to know of the site."""
        return {**subentry.data, CONF_PHASES: self._phases, CONF_VOLTAGE: self._voltage}

    def _add_charger(self, subentry: ConfigSubentry, wires: HassWires) -> None:
        key = subentry.subentry_id
        charger = chargers.open_charger(subentry.data, wires)
        phases = phase_map(subentry.data, self._phases)
        hooks = Hooks(
            heard=lambda: self._on_charger(key),
            trouble=lambda err: self._trouble(key, err),
            keep=lambda originals: self._keep(key, originals),
            may_read=self._reads,
            before=lambda: self._before(key),
        )
        self.chargers[key] = ChargerLine(charger, Wiring(phase_map=phases), hooks, time.monotonic)
        for outlet in range(charger.traits.outlets):
            self._connectors[f"{key}:{outlet}"] = Connector(
                id=f"{key}:{outlet}",
                subentry_id=key,
                outlet=outlet,
                name=subentry.title if outlet == 0 else f"{subentry.title} {outlet + 1}",
                traits=charger.traits,
                data=subentry.data,
                phase_map=phases,
                phase_switching=isinstance(charger, PhaseSwitching) and len(phases) > 1,
                guarded=charger.traits.feeding is not Feeding.NONE,
            )

    def _on_charger(self, subentry_id: str) -> None:
        """Learn who a charger is from its first answer, and pass on that there is something new."""
        line = self.chargers[subentry_id]
        for key, item in self._connectors.items():
            if item.subentry_id == subentry_id and (known := _known_as(item, line)) != item:
                self._connectors[key] = known
                self._identified()
        self._other_heard()

    def _reads(self) -> bool:
        return self._may_read()

    def _on_grid(self) -> None:
        self._grid_heard()

    def _on_other(self) -> None:
        self._other_heard()

    def _of(self, role: str) -> list[MeterLine]:
        return [self.meters[key] for key, known in self.roles.items() if known == role and key in self.meters]

    def _grid(self) -> GridReading | None:
        line = next(iter(self._of("grid")), None)
        return None if line is None else grid_reading(line)

    def _sum(self, role: str) -> PowerReading | None:
        """Return all devices of a role as one, `None` as long as one of them is not known."""
        lines = self._of(role)
        samples = [(line.at, line.latest) for line in lines if line.at is not None and line.latest is not None]
        if not samples or len(samples) < len(lines):
            return None
        charges = [sample.soc for _, sample in samples if sample.soc is not None]
        return PowerReading(
            at=min(at for at, _ in samples),
            power=sum(sample.power for _, sample in samples),
            soc=sum(charges) / len(charges) if charges else None,
        )
