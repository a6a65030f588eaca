"""From a fresh grid sample to the command on the wire, over real sockets.

    scripts/bench latency [--samples N]

A P1 port and a KEBA charger listen on loopback; a running site hangs on both. A load in the house makes the
car give way: measured is the time from the telegram's last byte being sent to the register being written.
What lies in between is one telegram parsed, one beat and one Modbus request.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
import statistics
import time

import pytest_socket

from benchmarks.site import running_site, subentry
from custom_components.smart_evse.engine.model import Mode
from simulator.car import Car, CarModel
from simulator.clockwork import TICK
from simulator.sockets.keba import UNIT, KebaUnit
from simulator.sockets.meter import Reading
from simulator.sockets.modbus import ModbusPort, Words
from simulator.sockets.p1 import P1Port
from simulator.station import Station, StationModel

CALM, BUSY = 4, 14
CHARGING = 15.0
FULL = 16_000
PATIENCE = 2.0
SET_CURRENT = 5004


@dataclass
class Display:
    """A meter that shows the house that the benchmark wants, and the car."""

    station: Station
    amps: int = CALM
    at: datetime = datetime(2026, 6, 1, 10, tzinfo=UTC)

    @property
    def silent(self) -> bool:
        return False

    def reading(self) -> Reading:
        self.at += timedelta(seconds=1)
        amps = self.amps + round(self.station.currents[0])
        watts = 230.0 * amps
        return Reading(
            at=self.at,
            watts=(watts, watts, watts),
            volts=(230.0, 230.0, 230.0),
            amps=(amps, amps, amps),
            imported=0.0,
            exported=0.0,
        )


@dataclass
class WatchedUnit:
    """A KEBA that notes when its current is set."""

    unit: KebaUnit
    functions: tuple[int, ...] = (3, 6)
    writes: list[tuple[float, int]] = field(default_factory=list)

    def read(self, address: int, count: int) -> Words:
        return self.unit.read(address, count)

    def write(self, address: int, words: Words) -> None:
        if address == SET_CURRENT:
            self.writes.append((time.perf_counter(), words[0]))
        self.unit.write(address, words)


@asynccontextmanager
async def sockets(display: Display, watched: WatchedUnit) -> AsyncIterator[tuple[P1Port, ModbusPort]]:
    """Open both ports."""
    p1, modbus = P1Port(display), ModbusPort({UNIT: watched})
    await p1.open()
    await modbus.open()
    try:
        yield p1, modbus
    finally:
        await p1.close()
        await modbus.close()


async def measure(samples: int) -> list[float]:
    """Return the latency of each command, in s."""
    station = Station(StationModel(initial=0.0, rating=16.0), Random(1))
    station.plug(Car(CarModel(), Random(2), soc=20.0))
    display = Display(station)
    watched = WatchedUnit(KebaUnit(station))
    async with sockets(display, watched) as (p1, modbus):
        devices = (
            subentry("meter", "P1", {"kind": "p1", "host": p1.host, "port": p1.port}),
            subentry("charger", "KEBA", {"make": "keba", "host": modbus.host, "port": modbus.port, "unit": UNIT}),
        )
        async with running_site(devices=devices, options={"rise_hold": 0}) as site:
            connector = next(iter(site.connectors))
            await site.async_set_mode(connector, Mode.FAST)
            physics = asyncio.create_task(_live(station))
            try:
                return [taken async for taken in _latencies(display, p1, watched, samples)]
            finally:
                physics.cancel()


async def _live(station: Station) -> None:
    """Let time pass for charger and car."""
    while True:
        await asyncio.sleep(TICK)
        station.step(TICK)


async def _latencies(display: Display, p1: P1Port, watched: WatchedUnit, samples: int) -> AsyncIterator[float]:
    await _until(display, p1, watched, CALM)
    for _ in range(samples):
        display.amps, before = BUSY, len(watched.writes)
        began = time.perf_counter()
        p1.send()
        yield await _reduction(watched, before) - began
        await _until(display, p1, watched, CALM)


async def _reduction(watched: WatchedUnit, before: int) -> float:
    """Wait for the first write that is no renewal, and return when it came."""
    async with asyncio.timeout(PATIENCE):
        while not any(value < FULL for _, value in watched.writes[before:]):  # noqa: ASYNC110 - nor is an event free
            await asyncio.sleep(0)
    return next(at for at, value in watched.writes[before:] if value < FULL)


async def _until(display: Display, p1: P1Port, watched: WatchedUnit, amps: int) -> None:
    """Go on, telegram by telegram, until the car takes all it wants again."""
    display.amps = amps
    while display.station.currents[0] < CHARGING:
        p1.send()
        await asyncio.sleep(1.0)
    for _ in range(10):
        p1.send()
        await asyncio.sleep(1.0)
    if display.station.currents[0] < CHARGING:
        await _until(display, p1, watched, amps)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10)
    pytest_socket.enable_socket()
    taken = sorted(asyncio.run(measure(parser.parse_args().samples)))
    print(f"telegram to register, {len(taken)} commands, in ms:")
    for name, value in (
        ("minimum", taken[0]),
        ("median", statistics.median(taken)),
        ("p90", taken[int(len(taken) * 0.9)]),
        ("maximum", taken[-1]),
    ):
        print(f"  {name:<8} {value * 1e3:8.2f}")


if __name__ == "__main__":
    main()
