"""The meters of a simulated house, marked as such: its grid connection and its roof, once a second."""

import asyncio
from collections.abc import Callable
from typing import Final

from ..engine.model import VOLTAGE, PerPhase
from ..links.demo import DemoHouse
from .port import Measurement, MeterIdentity

INTERVAL: Final = 1.0


class DemoMeter:
    """The grid meter of a simulated house, or with `solar` the meter of its roof."""

    def __init__(self, house: DemoHouse, *, solar: bool = False, interval: float = INTERVAL) -> None:
        self._house = house
        self._solar = solar
        self._interval = interval

    async def identify(self) -> MeterIdentity:
        """Say that this is no real meter."""
        return MeterIdentity(maker="Smart EVSE", model="Demo (simulated)", phases=3, cadence=self._interval)

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over what flows now, again and again."""
        while True:
            publish(self._sun() if self._solar else self._grid())
            await asyncio.sleep(self._interval)

    def _sun(self) -> Measurement:
        return Measurement(power=self._house.sun)

    def _grid(self) -> Measurement:
        powers = self._house.grid.map(round)
        return Measurement(
            power=powers.total,
            powers=powers,
            currents=powers.map(lambda watts: round(watts / VOLTAGE, 2)),
            voltages=PerPhase(VOLTAGE, VOLTAGE, VOLTAGE),
        )
