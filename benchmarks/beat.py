"""What a beat costs: processor time of one decision, and of a whole beat in a real Home Assistant.

    scripts/bench beat [--beats N]

Every beat has a fresh grid sample and fresh readings, so nothing is skipped. The figures are medians over
all beats; they depend on the machine, their ratios hardly do.
"""

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import statistics
import time

from benchmarks.site import running_site
from custom_components.smart_evse.coordinator import SiteCoordinator
from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.model import (
    ConnectorReading,
    ConnectorSettings,
    GridReading,
    Memory,
    Mode,
    PerPhase,
    SiteSettings,
    Snapshot,
    VehicleState,
)

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
COUNTS = (1, 2, 10, 50)


def site(count: int) -> SiteSettings:
    """Return a site with so many chargers, every second one after the sun."""
    boxes = (
        ConnectorSettings(
            id=f"box{number}:0",
            phase_map=((0, 1, 2), (1, 2, 0), (0,))[number % 3],
            mode=Mode.FAST if number % 2 else Mode.SOLAR,
            priority=number % 3,
        )
        for number in range(count)
    )
    return SiteSettings(fuse=63.0 if count > 2 else 25.0, connectors=tuple(boxes))


def snapshots(settings: SiteSettings, beats: int) -> Iterator[Snapshot]:
    """Yield a second after another, with a house that never stands still."""
    reading = ConnectorReading(
        at=0.0, state=VehicleState.CHARGING, power=4140.0, currents=PerPhase(6.0, 6.0, 6.0), energy_in=1e6
    )
    for beat in range(beats):
        amps = PerPhase(*((beat * 7 + phase * 3) % 40 - 20.0 for phase in range(3)))
        yield Snapshot(
            now=float(beat),
            utc=START + timedelta(seconds=beat),
            since_start=float(beat),
            grid=GridReading(at=float(beat), power=amps.total * 230, currents=amps),
            connectors=tuple((box.id, replace(reading, at=float(beat))) for box in settings.connectors),
        )


def engine_beats(count: int, beats: int) -> list[float]:
    """Return the processor time of each decision, in s."""
    settings, memory, costs = site(count), Memory(), []
    for snapshot in list(snapshots(settings, beats)):
        began = time.process_time()
        memory = decide(snapshot, settings, memory).memory
        costs.append(time.process_time() - began)
    return costs


async def whole_beats(count: int, beats: int) -> list[float]:
    """Return the processor time of each beat of a running site, entities included, in s."""
    async with running_site(chargers=count) as coordinator:
        return [await _beat(coordinator) for _ in range(beats)]


async def _beat(coordinator: SiteCoordinator) -> float:
    await asyncio.sleep(0)
    began = time.process_time()
    coordinator.beat()
    return time.process_time() - began


def report(name: str, count: int, costs: list[float]) -> None:
    """Print one line."""
    ordered = sorted(costs)
    median, high = statistics.median(ordered) * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3
    print(f"{name:<22} {count:>3} chargers  median {median:8.3f} ms  p95 {high:8.3f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beats", type=int, default=300)
    beats = parser.parse_args().beats
    for count in COUNTS:
        report("decision", count, engine_beats(count, beats))
    for count in (1, 50):
        report("beat with entities", count, asyncio.run(whole_beats(count, beats // 3)))


if __name__ == "__main__":
    main()
