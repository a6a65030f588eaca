"""Where the energy between two readings came from, and what else was seen of it."""

from dataclasses import dataclass, replace

from .model import Mark
from .moment import Moment
from .opened import OpenInterval, OpenSession, Terms, Weights
from .passing import Passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one reading tells of the time since the one before: it holds for all of it.

    `vehicle` is what the car has counted in Wh, `None` where it does not. `terms` hold from its next
    quarter hour on.
    """

    weights: Weights
    seconds: float
    co2: float | None
    demand: float | None
    peak: float | None
    vehicle: float | None
    terms: Terms
    marks: frozenset[Mark]


def seen(state: OpenSession, moment: Moment, time: Passed, taken: int, marks: frozenset[Mark]) -> Seen:
    """Return what a reading tells of a time in which a car took so many Wh."""
    return Seen(
        weights=_weights(moment, _energy(moment, time, taken)),
        seconds=time.seconds,
        co2=moment.co2,
        demand=moment.demand,
        peak=moment.power,
        vehicle=_counted_by_car(state.vehicle_counter, moment.vehicle_energy),
        terms=Terms(
            import_price=moment.import_price,
            export_price=moment.export_price,
            driver=state.identity.driver,
            tariff=state.identity.tariff,
        ),
        marks=marks,
    )


def fed(interval: OpenInterval, found: Seen, part: float) -> OpenInterval:
    """Add a part of what was seen, 0 to 1, to an interval."""
    peaks = [each for each in (interval.peak, found.peak) if each is not None]
    seconds = 0.0 if found.co2 is None else found.seconds * part
    measured = 0.0 if found.demand is None else found.seconds * part
    return replace(
        with_vehicle(interval, found, part),
        weights=_sum(interval.weights, found.weights, part),
        peak=max(peaks, key=abs, default=None),
        co2=interval.co2 + (found.co2 or 0.0) * seconds,
        co2_seconds=interval.co2_seconds + seconds,
        demand=interval.demand + (found.demand or 0.0) * measured,
        demand_seconds=interval.demand_seconds + measured,
    )


def with_vehicle(interval: OpenInterval, found: Seen, part: float = 1.0) -> OpenInterval:
    """Add a part of what the car has counted to an interval."""
    if found.vehicle is None:
        return interval
    return replace(interval, vehicle=(interval.vehicle or 0.0) + found.vehicle * part)


def _energy(moment: Moment, time: Passed, taken: int) -> float:
    """Return what weighs in Wh: what was measured, and what the register shows where power is not told.

    The last Wh of a charge that has just stopped come from where those before came from.
    """
    if moment.power is None or (moment.power <= 0 and moment.shares is not None):
        return float(taken)
    return max(moment.power, 0.0) * time.seconds / 3600


def _counted_by_car(before: float | None, now: float | None) -> float | None:
    """A car's counter begins anew with each charge, and a cloud may tell an old value once more."""
    return None if before is None or now is None else max(0.0, now - before)


def _weights(moment: Moment, energy: float) -> Weights:
    shares, mix = moment.shares, moment.mix
    if shares is None:
        return Weights(dark=energy)
    battery = energy * shares.battery
    return Weights(
        sun=energy * shares.sun,
        battery=battery,
        grid=energy * shares.grid,
        dark=max(0.0, energy * (1 - shares.sun - shares.battery - shares.grid)),
        mixed=0.0 if mix is None else battery,
        stored_sun=0.0 if mix is None else battery * mix.sun,
        priced=0.0 if mix is None or mix.price is None else battery,
        stored_cost=0.0 if mix is None or mix.price is None else battery * mix.price,
    )


def _sum(weights: Weights, more: Weights, part: float) -> Weights:
    return Weights(
        sun=weights.sun + more.sun * part,
        battery=weights.battery + more.battery * part,
        grid=weights.grid + more.grid * part,
        dark=weights.dark + more.dark * part,
        mixed=weights.mixed + more.mixed * part,
        stored_sun=weights.stored_sun + more.stored_sun * part,
        priced=weights.priced + more.priced * part,
        stored_cost=weights.stored_cost + more.stored_cost * part,
    )
