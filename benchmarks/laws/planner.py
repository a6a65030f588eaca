"""Our planner, fed with what can be known: published prices, the latest forecast, and what it learned on the way.

It starts without any knowledge of the house: load, prices and the errors of the forecast are learned as they come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.laws.setup import Setup
from benchmarks.plant.view import LOCAL, QUARTER, Trip, View
from benchmarks.worlds.model import Forecast
from custom_components.smart_evse.engine.capacity import capacity_price
from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.forecast.horizon import Outlook, build_slots
from custom_components.smart_evse.engine.forecast.intraday import LOAD_FADING, SUN_FADING, expect
from custom_components.smart_evse.engine.forecast.load import learn_load, load_series
from custom_components.smart_evse.engine.forecast.prices import learn_prices
from custom_components.smart_evse.engine.forecast.score import Score, follow
from custom_components.smart_evse.engine.forecast.series import Series, Span
from custom_components.smart_evse.engine.forecast.sun import learn_sun, sun_series
from custom_components.smart_evse.engine.model import VOLTAGE, ConnectorSettings, Memory, SiteSettings
from custom_components.smart_evse.engine.plan.make import make_plan
from custom_components.smart_evse.engine.plan.model import HomeBattery, Plan, Problem, Slot, Stay
from custom_components.smart_evse.engine.vehicle.transfer import transfer

_HOUR = timedelta(hours=1)
_SLACK = timedelta(minutes=10)
"""How long before the departure the owner wants the car ready: the sun of these minutes is not counted on."""

_BEST = 0.904
"""The best wall-to-battery share of an AC charger."""

type Means = NDArray[np.float64]


@dataclass
class RollingPlanner:
    """Makes a plan of the view; `solver` is the time in s that the solver may take, 0 for the greedy plan alone."""

    setup: Setup
    settings: SiteSettings
    solver: float = 0.0
    _sun_score: Score = field(default_factory=Score)
    _house_score: Score = field(default_factory=Score)
    _clock: WallClock = field(default_factory=lambda: WallClock(LOCAL))
    _previous: Plan | None = None

    def plan(self, now: int, view: View, memory: Memory) -> Plan | None:
        slots, capacity = build_slots(view.utc(now), 15, self._expect(now, view)), None
        if self.settings.capacity is not None:
            capacity = capacity_price(self.settings.capacity, memory.capacity, slots)
        stays = tuple(self._stays(now, view, slots))
        problem = Problem(
            now=view.utc(now),
            slots=slots,
            stays=stays,
            battery=self._battery(view),
            capacity=capacity,
            import_limit=max(0.0, self.setup.rig.fuse - self.setup.rig.margin) * 3 * VOLTAGE,
            doubt=self._sun_score.doubt,
        )
        self._previous = make_plan(problem, self._previous, self.solver)
        return self._previous

    def _expect(self, now: int, view: View) -> Outlook:
        utc = view.utc(now)
        used, measured = (_measured(view, means) for means in view.past(now))
        raw = _forecast(view, view.forecast) if view.forecast is not None else None
        if raw is not None:
            self._sun_score = follow(self._sun_score, raw, measured, utc)
            ahead = expect(raw, self._sun_score, measured, utc, SUN_FADING)
        else:
            profile = learn_sun(measured, utc)
            ahead = Series() if profile is None else sun_series(profile, utc, utc + 48 * _HOUR)
        usual = load_series(learn_load(used, utc, self._clock), utc - 12 * _HOUR, utc + 48 * _HOUR, self._clock)
        self._house_score = follow(self._house_score, usual, used, utc)
        house = expect(usual, self._house_score, used, utc, LOAD_FADING)
        known = view.prices(now)
        if known is None:
            return Outlook(clock=self._clock, sun=ahead, house=house)
        step = timedelta(seconds=known.step)
        buy = _series(view, known.import_price, step)
        sell = _series(view, known.export_price, step)
        return Outlook(
            clock=self._clock,
            market=buy,
            usual=learn_prices(buy, utc, self._clock),
            market_export=sell,
            usual_export=learn_prices(sell, utc, self._clock),
            sell=Outlook(clock=self._clock).buy,
            sun=ahead,
            house=house,
        )

    def _stays(self, now: int, view: View, slots: tuple[Slot, ...]) -> Iterator[Stay]:
        for number, trip in view.trips.items():
            connector = self.settings.connectors[number]
            yield self._stay(connector, trip, view, now, slots)

    def _stay(self, connector: ConnectorSettings, trip: Trip, view: View, now: int, slots: tuple[Slot, ...]) -> Stay:
        reading = view.connectors[int(connector.id.removeprefix("box").partition(":")[0])]
        soc = trip.soc if reading.soc is None else reading.soc / 100
        charge, discharge = transfer(connector, 230.0, 1.0)
        departs = view.start + timedelta(seconds=trip.depart)
        during = [slot for slot in slots if slot.start < departs] or list(slots[:1])
        least = min(min(slot.import_price, slot.export_price) for slot in during)
        tariff = self.settings.capacity
        dearest = max(slot.import_price for slot in slots) + (0.0 if tariff is None else tariff.price_of_energy)
        return Stay(
            connector=connector.id,
            energy=soc * trip.capacity,
            target=min(trip.capacity, trip.soc * trip.capacity + trip.wanted),
            charge=charge,
            discharge=discharge,
            arrives=view.utc(now),
            departs=departs,
            capacity=trip.capacity,
            reserve=connector.reserve_soc / 100 * trip.capacity,
            exports=connector.giving.may_export,
            wear_price=connector.giving.wear_price,
            miss_price=2 * dearest,
            value_after=max(0.0, least / _BEST),
            start_price=0.02,
            min_run=0.25,
            running=(reading.power or 0.0) > 0,
            slack=_SLACK,
        )

    def _battery(self, view: View) -> HomeBattery | None:
        model, reading = self.setup.rig.battery, view.battery
        if model is None or reading is None or reading.soc is None:
            return None
        return HomeBattery(
            energy=reading.soc / 100 * model.capacity,
            capacity=model.capacity,
            charge=model.power,
            discharge=model.power,
            efficiency=model.efficiency,
        )


def _measured(view: View, means: Means) -> Series:
    """Return what was measured: quarters of the last day, and hours of what is older."""
    hours = max(0, len(means) // 4 - 24)
    older = _series(view, means[: 4 * hours].reshape(-1, 4).mean(axis=1), _HOUR)
    newer = _series(view, means, timedelta(seconds=QUARTER)).spans[4 * hours :]
    return Series((*older.spans, *newer))


def _forecast(view: View, forecast: Forecast) -> Series:
    begin = view.start + timedelta(seconds=forecast.issued)
    begin = begin.replace(minute=0, second=0, microsecond=0)
    return Series(
        tuple(
            Span(begin + index * _HOUR, begin + (index + 1) * _HOUR, float(mean))
            for index, mean in enumerate(forecast.sun)
        )
    ).sloped()


def _series(view: View, prices: Means, step: timedelta) -> Series:
    return Series(
        tuple(
            Span(view.start + index * step, view.start + (index + 1) * step, float(price))
            for index, price in enumerate(prices)
        )
    )
