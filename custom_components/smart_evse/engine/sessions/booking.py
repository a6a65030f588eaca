"""Putting an interval on record: its register split by where the energy came from, to the Wh."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from .model import Interval, Mark
from .opened import OpenInterval, Terms, Weights

_NOTHING = Weights()


@dataclass(slots=True)
class Pen:
    """Writes the intervals of one session down. `priced` is whether the site has prices at all."""

    interval: OpenInterval
    priced: bool
    written: list[Interval] = field(default_factory=list)

    def turn(self, at: datetime, taken: int, given: int, terms: Terms) -> None:
        """Finish the interval at `at` and begin the next; none is without length. Wh as they stand then."""
        if at <= self.interval.start:
            self.interval = replace(self.interval, terms=terms)
            return
        self.finish(at, taken, given)
        # A register that counts in lumps has not shown yet what has flowed.
        kept = self.interval.weights if taken == self.interval.taken else _NOTHING
        self.interval = OpenInterval(start=at, taken=taken, given=given, weights=kept, terms=terms)

    def finish(self, at: datetime, taken: int, given: int) -> None:
        """Write the interval down as it ends at `at`, unless there is nothing in it."""
        if at > self.interval.start or (taken, given) != (self.interval.taken, self.interval.given):
            self.written.append(_booked(self.interval, at, taken, given, priced=self.priced))


def _booked(interval: OpenInterval, end: datetime, taken: int, given: int, *, priced: bool) -> Interval:
    energy_in, energy_out = taken - interval.taken, given - interval.given
    weights, seconds = interval.weights, (end - interval.start).total_seconds()
    sun, battery, grid, dark = split(energy_in - interval.unseen, weights)
    marks = set(interval.marks)
    if interval.vehicle is not None:
        marks.add(Mark.VEHICLE)
    if priced and energy_in and interval.terms.import_price is None:
        marks.add(Mark.PROVISIONAL)
    timed = seconds > 0 and Mark.CLOCK not in marks
    return Interval(
        start=interval.start,
        end=end,
        energy_in=energy_in,
        energy_out=energy_out,
        from_sun=sun,
        from_battery=battery,
        from_grid=grid,
        unattributed=dark + interval.unseen,
        mean_power=round((energy_in - energy_out) * 3600 / seconds, 1) if timed else None,
        peak_power=interval.peak,
        vehicle_energy=None if interval.vehicle is None else round(interval.vehicle),
        import_price=interval.terms.import_price,
        export_price=interval.terms.export_price,
        co2=round(interval.co2 / interval.co2_seconds, 1) if interval.co2_seconds else None,
        battery_price=_money(weights.stored_cost / weights.priced) if battery and weights.priced else None,
        battery_sun=round(weights.stored_sun / weights.mixed, 4) if battery and weights.mixed else None,
        demand=round(interval.demand / interval.demand_seconds, 4) if interval.demand_seconds else None,
        driver=interval.terms.driver,
        tariff=interval.terms.tariff,
        marks=frozenset(marks),
    )


def split(energy: int, weights: Weights) -> tuple[int, int, int, int]:
    """Split whole Wh by weights into sun, battery, grid and unknown; what rounding leaves goes where most misses."""
    parts = (weights.sun, weights.battery, weights.grid, weights.dark)
    if weights.total <= 0:
        return 0, 0, 0, energy
    exact = [energy * part / weights.total for part in parts]
    whole = [int(part) for part in exact]
    order = sorted(range(4), key=lambda index: whole[index] - exact[index])
    for index in order[: energy - sum(whole)]:
        whole[index] += 1
    return whole[0], whole[1], whole[2], whole[3]


def _money(amount: float) -> Decimal:
    """Return a mixed price as it goes on record: an estimate, to a hundredth of a cent and a bit."""
    return Decimal(str(round(amount, 5)))
