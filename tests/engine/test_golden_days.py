"""Golden days: recorded days in, the decisions with their reasons out.

The files are described in `golden/README.md`. With `GOLDEN=write` in the environment the expected timelines are
written anew from what the engine decides now; look at the difference before you keep it.
"""

from collections.abc import Iterator
import csv
from dataclasses import dataclass
from difflib import SequenceMatcher
import json
import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from custom_components.smart_evse.engine.model import (
    Mode,
    Override,
    PerPhase,
    PowerLimit,
    Setpoint,
    SolarSettings,
    VehicleSettings,
)
from custom_components.smart_evse.engine.settings import GivingSettings

from .outside import Outside
from .plant import VOLTS, Charger, HomeBattery, Plant, garage, site

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
WIDTH = 58


@dataclass(frozen=True, slots=True)
class Recording:
    """The excerpt of a day: the powers of each minute in W, from `begin` in seconds of the day."""

    begin: int
    loads: list[PerPhase]
    suns: list[float]

    @classmethod
    def read(cls, path: Path) -> Recording:
        with path.open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        loads = [PerPhase(float(row["l1_w"]), float(row["l2_w"]), float(row["l3_w"])) for row in rows]
        return cls(second_of_day(rows[0]["minute"]), loads, [float(row["sun_w"]) for row in rows])

    @property
    def seconds(self) -> int:
        return 60 * len(self.loads)

    def house(self, rng: Random) -> Iterator[PerPhase]:
        """Yield each second's load: every minute's level begins at a second of its own, and trembles by 2 %."""
        before = self.loads[0]
        for load in self.loads:
            edge = rng.random() * 60
            for second in range(60):
                level = before if second < edge else load
                yield level.map(lambda watts: watts * (0.98 + 0.04 * rng.random()))
            before = load

    def sun(self) -> Iterator[float]:
        """Yield each second's sun, straight from minute to minute."""
        for now, following in zip(self.suns, [*self.suns[1:], self.suns[-1]], strict=True):
            yield from (now + (following - now) * second / 60 for second in range(60))


def second_of_day(clock: str) -> int:
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return 3600 * hours + 60 * minutes + sum(rest)


def clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


class Story:
    """A day with everything that happens on it."""

    def __init__(self, name: str) -> None:
        self.told: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
        self.day = Recording.read(GOLDEN / f"{self.told.get('day', name)}.csv")
        self.outside = Outside(self.told, self.day.suns, self._at)
        rng = Random(self.told.get("day", name))
        self.flows = [self._flow(*both) for both in enumerate(zip(self.day.house(rng), self.day.sun(), strict=True))]
        self.plant = self._plant()

    def run(self) -> Iterator[str]:
        """Live through the day; yields the timeline."""
        changes = [(self._at(when), change) for when, change in self.told.get("changes", ())]
        last = None
        for t in range(1, self.day.seconds):
            for when, change in changes:
                if when == t:
                    self.plant.change(**decoded(change))
            self.plant.step()
            told = line(self.plant.decisions[-1].setpoint("garage:0"))
            if told != last:
                yield f"{clock(self.day.begin + t)}  {told}"
            last = told
        yield from self._summary()

    def _plant(self) -> Plant:
        box = garage(**decoded(self.told.get("connector", {})))
        car = Charger(
            **{key: tuple(value) if key == "phases" else value for key, value in self.told.get("car", {}).items()}
        )
        silent = [(self._at(begin), self._at(end)) for begin, end in self.told.get("silent", ())]
        return Plant(
            site(box, **self.outside.site()),
            lambda t: self.outside.flow(self.flows[t], car),
            [car],
            meter=lambda t: not any(begin <= t < end for begin, end in silent),
            told=self.outside.said,
            battery=HomeBattery(**self.told["battery"]) if "battery" in self.told else None,
        )

    def _flow(self, t: int, both: tuple[PerPhase, float]) -> PerPhase:
        load, sun = both
        watts = [power - sun / 3 for power in load]
        for begin, end, phase, power in self.told.get("appliances", ()):
            watts[phase] += power if self._at(begin) <= t < self._at(end) else 0
        for begin, end, phase, power in self.told.get("chopping", ()):
            watts[phase] += power if self._at(begin) <= t < self._at(end) and t % 2 else 0
        return PerPhase(*(power / VOLTS for power in watts))

    def _at(self, when: str) -> int:
        return second_of_day(when) - self.day.begin

    def _summary(self) -> Iterator[str]:
        car, fuse, box = self.plant.chargers[0], self.plant.settings.fuse, self.plant.settings.connectors[0]
        limits = [amps for _, amps in car.commands]
        starts = sum(before == 0 != after for before, after in zip([0.0, *limits], limits, strict=False))
        yield f"energy to the car   {car.energy / 1000:.2f} kWh"
        if box.max_discharge > 0:
            yield f"energy from the car {car.given / 1000:.2f} kWh"
            yield from self._exchanged()
        yield f"above the fuse      {self.plant.overload(fuse):.1f} A·s"
        yield f"commands            {len(limits)}, {starts} of them starts"

    def _exchanged(self) -> Iterator[str]:
        watts = self.plant.grid_watts(len(self.plant.totals))
        yield f"from the grid       {sum(max(0.0, each) for each in watts) / 3.6e6:.2f} kWh"
        yield f"to the grid         {sum(max(0.0, -each) for each in watts) / 3.6e6:.2f} kWh"


def decoded(changes: dict[str, Any]) -> dict[str, Any]:
    """Return settings as the engine knows them."""
    known = dict(changes)
    if "mode" in known:
        known["mode"] = Mode(known["mode"])
    if known.get("override"):
        known["override"] = Override(**known["override"])
    for name, noun in (("giving", GivingSettings), ("vehicle", VehicleSettings), ("solar", SolarSettings)):
        if name in known:
            known[name] = noun(**known[name])
    if "phase_map" in known:
        known["phase_map"] = tuple(known["phase_map"])
    return known


def line(setpoint: Setpoint | None) -> str:
    """Return what is told, why, and by what it is limited where that is something else."""
    if setpoint is None or setpoint.limit is None:
        return f"   -    {setpoint.reason.key if setpoint else ''}".rstrip()
    limited = "" if setpoint.limited_by.key is setpoint.reason.key else f"  < {setpoint.limited_by.key}"
    if isinstance(setpoint.limit, PowerLimit):
        return f"{setpoint.limit.watts / 1000:+.1f} kW  {setpoint.reason.key}{limited}"
    return f"{setpoint.limit.amps:4.1f} A  {setpoint.reason.key}{limited}"


def side_by_side(expected: list[str], found: list[str]) -> str:
    """Return both timelines beside each other, with a mark where they part."""
    rows = [f"   {'expected':<{WIDTH}} found"]
    for tag, a, b, c, d in SequenceMatcher(None, expected, found, autojunk=False).get_opcodes():
        left, right = expected[a:b], found[c:d]
        for i in range(max(len(left), len(right))):
            one, other = (side[i] if i < len(side) else "" for side in (left, right))
            rows.append(f"{' ' if tag == 'equal' else '!'}  {one:<{WIDTH}} {other}")
    return "\n".join(rows)


def test_the_golden_days_are_there() -> None:
    assert len(NAMES) >= 15


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_day_is_decided_as_it_was_before(name: str) -> None:
    found = list(Story(name).run())
    stored = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        stored.write_text("\n".join(found) + "\n", encoding="utf-8")
    expected = stored.read_text(encoding="utf-8").splitlines()
    if found != expected:
        pytest.fail(f"{name}\n{side_by_side(expected, found)}", pytrace=False)
