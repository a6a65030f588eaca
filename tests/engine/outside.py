"""What comes from outside in the story of a golden day: orders, power cuts, an inverter that is held back."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from custom_components.smart_evse.engine.capacity_presets import PRESETS
from custom_components.smart_evse.engine.model import PerPhase, PowerReading
from custom_components.smart_evse.engine.settings import BatteryPolicy, BatterySettings, GridOrder, OrderKind

from .plant import START, VOLTS, Charger


class Outside:
    """A story's world: `at` turns a time of the day into its seconds, `suns` are W for each minute."""

    def __init__(self, told: Mapping[str, Any], suns: list[float], at: Callable[[str], int]) -> None:
        self._told = told
        self._suns = suns
        self._at = at
        self._held_back = 0.0

    def site(self) -> dict[str, Any]:
        """Return the site's settings: orders from and until a time of the day, a tariff by its preset's name."""
        known = dict(self._told.get("site", {}))
        if "capacity" in known:
            known["capacity"] = PRESETS[known["capacity"]].tariff
        if "battery" in known:
            known["battery"] = BatterySettings(
                **{**known["battery"], "policy": BatteryPolicy(known["battery"]["policy"])}
            )
        known["orders"] = tuple(self._order(*order) for order in known.get("orders", ()))
        return known

    def said(self, t: int) -> dict[str, Any]:
        """Return what the snapshot says beside the meters: that the grid is gone, and the sun to come."""
        if "curtailed" in self._told:
            sun = self._suns[min(t // 60, len(self._suns) - 1)]
            return {"sun_ahead": sun, "solar": PowerReading(at=float(t), power=max(0.0, sun - self._held_back))}
        return {"off_grid": any(self._at(begin) <= t < self._at(end) for begin, end in self._told.get("cuts", ()))}

    def flow(self, flow: PerPhase, car: Charger) -> PerPhase:
        """Return the flow with what the inverter holds back to keep the feed-in at its limit."""
        if "curtailed" not in self._told:
            return flow
        self._held_back = max(0.0, -(flow + car.currents).total * VOLTS - self._told["curtailed"])
        return flow.map(lambda amps: amps + self._held_back / 3 / VOLTS)

    def _order(self, begin: str, end: str, kind: str, watts: float | None) -> GridOrder:
        start, stop = (START + timedelta(seconds=self._at(when)) for when in (begin, end))
        return GridOrder(id=kind, kind=OrderKind(kind), watts=watts, start=start, end=stop)
