"""A simulated charger, marked as such, for whoever wants to try this without one.

It behaves as a three-phase 11 kW box: no less than 6 A, follows a new limit after a few seconds,
keeps a register, falls back when it is told nothing, and has a car before it that fills, drives off
and comes back.
"""

from collections.abc import Mapping

from ..engine.model import VOLTAGE, Limit, PerPhase, VehicleState
from ..links.demo import DemoHouse
from ..links.demo_signatures import DemoSignatures
from .port import Feeding, Identity, OutletReading, Traits, Watchdog, amps_of

TRAITS = Traits(make="demo", max_current=16.0, cadence=1.0, feeding=Feeding.LIMIT, renew=20.0)

_IDLE = 0.1


class DemoCharger:
    """The charger of a simulated house."""

    def __init__(self, house: DemoHouse) -> None:
        self._house = house
        self._signatures = DemoSignatures()

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def identify(self) -> Identity:
        """Say that this is no real charger."""
        return Identity(maker="Smart EVSE", model="Demo (simulated)", max_current=TRAITS.max_current, phases=3)

    async def read(self) -> tuple[OutletReading, ...]:
        box, volts = self._house.box, PerPhase(VOLTAGE, VOLTAGE, VOLTAGE)
        return (
            OutletReading(
                state=self._state(box.current),
                power=box.power,
                currents=PerPhase(box.current, box.current, box.current),
                voltages=volts,
                energy_in=round(box.register, 1),
                limit=box.limit,
                phases=3,
                signed=self._signatures.look(box.register, plugged=self._house.plugged),
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Offer the car a current, or none."""
        self._house.set_limit(amps_of(TRAITS, outlet, limit))

    async def originals(self) -> Mapping[str, float]:
        box = self._house.box
        return {"timeout": box.patience, "fallback": box.fallback}

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        """Set what it falls back to: less than its minimum is nothing."""
        amps = watchdog.amps if watchdog.amps >= TRAITS.min_current else 0.0
        self._house.set_watchdog(watchdog.timeout, amps)
        return Watchdog(timeout=watchdog.timeout, amps=amps)

    async def restore(self, originals: Mapping[str, float]) -> None:
        self._house.set_watchdog(originals["timeout"], originals["fallback"])

    def _state(self, current: float) -> VehicleState:
        if not self._house.plugged:
            return VehicleState.NOT_CONNECTED
        return VehicleState.CHARGING if current > _IDLE else VehicleState.CONNECTED
