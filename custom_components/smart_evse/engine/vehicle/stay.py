"""The stays of a car at a connector, as the plan wants them: the one that is, and those still to come."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from ..forecast.habits import WallClock
from ..model import VOLTAGE, ConnectorSettings
from ..plan.model import Stay
from .arrivals import Stayed, expected_arrival, expected_departure
from .charge import Charge
from .content import Content, Whereabouts, content
from .departures import Timetable, Trip, departures
from .distance import Amount
from .taper import Taper
from .transfer import transfer

OVERDUE = timedelta(hours=2)
"""How long a car that is still plugged in after its departure is taken to leave any minute."""

USUAL_DEPARTURE = time(7)
"""When a car leaves of which nobody said and no habit tells: most do not before."""

_AHEAD = timedelta(days=7)
"""How far beyond the horizon a departure still matters: a weekly timetable has come round once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the driver wants of a car.

    `target` by the departure, `minimum` as soon as possible, `limit` the most that even free energy fills it to,
    `reserve` what giving leaves in it. `miss_price`, `value_after`, `start_price` and `min_run` are those of `Stay`;
    `slack` is how long before the departure it should be ready, `precondition` the W at the wall that
    heating or cooling takes in the last `precondition_hours`.
    """

    target: Amount = field(default_factory=lambda: Amount(80.0))
    minimum: Amount | None = None
    limit: Amount | None = None
    reserve: Amount | None = None
    timetable: Timetable = field(default_factory=Timetable)
    miss_price: float = 1.0
    value_after: float = 0.0
    start_price: float = 0.0
    slack: timedelta = timedelta(minutes=15)
    precondition: float = 0.0
    precondition_hours: float = 0.0
    min_run: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class CarState:
    """What is known of a car now: whether it is plugged in here and charging, and what was learned of it."""

    plugged: bool
    running: bool = False
    charge: Charge = field(default_factory=Charge)
    taper: Taper = field(default_factory=Taper)
    history: tuple[Stayed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Berth:
    """Where a car stays: the connector, the circuits it loads up to the main fuse, the V of a phase, the time there."""

    connector: ConnectorSettings
    clock: WallClock
    circuits: tuple[str, ...] = ()
    voltage: float = VOLTAGE


def stays(berth: Berth, wishes: Wishes, state: CarState, now: datetime, until: datetime) -> tuple[Stay, ...]:
    """The stays from `now` to the horizon: of a car that is here, and of one that is expected back."""
    return tuple(_stays(berth, wishes, state, now.astimezone(UTC), until.astimezone(UTC)))


def _stays(berth: Berth, wishes: Wishes, state: CarState, now: datetime, until: datetime) -> Iterator[Stay]:
    base = _base(berth, wishes, state)
    trips = departures(wishes.timetable, now - OVERDUE, until + _AHEAD, berth.clock)
    arrives = now if state.plugged else _home(state, now, None, berth.clock)
    where = Whereabouts.HERE if state.plugged else Whereabouts.ROAD
    while arrives is not None and arrives < until:
        trip = _leaves(trips, state, arrives, berth.clock)
        target = trip.target or wishes.target
        held = content(berth.connector.vehicle, state.charge, state.history, target, where)
        stay = _asked(replace(base, arrives=arrives), held, target, wishes, berth)
        if where is Whereabouts.HERE:
            stay = replace(
                stay, running=state.running, minimum=max(stay.minimum, _overdue(trips, state, now, held, wishes))
            )
        yield _within(stay, trip.leaves, until)
        arrives, where = _home(state, trip.leaves, trip.returns, berth.clock), Whereabouts.LATER


def _base(berth: Berth, wishes: Wishes, state: CarState) -> Stay:
    """All of a stay that does not depend on when it is."""
    charge, discharge = transfer(berth.connector, berth.voltage, state.charge.scale)
    return Stay(
        connector=berth.connector.id,
        energy=0.0,
        target=0.0,
        charge=charge,
        arrives=datetime.min.replace(tzinfo=UTC),
        discharge=discharge,
        exports=berth.connector.giving.may_export,
        taper=state.taper.points(charge.most),
        miss_price=wishes.miss_price,
        wear_price=berth.connector.giving.wear_price,
        start_price=wishes.start_price,
        value_after=wishes.value_after,
        min_run=wishes.min_run,
        slack=wishes.slack,
        precondition=wishes.precondition,
        precondition_hours=wishes.precondition_hours,
        circuits=berth.circuits,
    )


def _asked(stay: Stay, held: Content, amount: Amount, wishes: Wishes, berth: Berth) -> Stay:
    """Put what the driver wants into the stay, as energies."""
    target = held.wanted(amount)
    minimum = held.bound(wishes.minimum, 0.0)
    capacity = max(held.bound(wishes.limit, held.most), target, minimum, held.energy)
    reserve = max(
        held.reserve(wishes.reserve, berth.connector.reserve_soc), held.reserve(None, berth.connector.giving.backup_soc)
    )
    return replace(
        stay,
        energy=held.energy,
        target=target,
        minimum=minimum,
        capacity=capacity,
        reserve=reserve,
        discharge=stay.discharge if held.measured else None,
        taper=held.taper(stay.taper, capacity),
    )


def _within(stay: Stay, leaves: datetime, until: datetime) -> Stay:
    """Set the departure; of one beyond the horizon, only what cannot wait until then is wanted before it."""
    if leaves <= until:
        return replace(stay, departs=leaves)
    later = max(0.0, (leaves - stay.slack - until) / timedelta(hours=1)) * stay.charge.at(stay.charge.most)
    return replace(stay, target=max(stay.minimum, min(stay.target, stay.energy), stay.target - later))


def _overdue(trips: tuple[Trip, ...], state: CarState, now: datetime, held: Content, wishes: Wishes) -> float:
    """What is wanted at once: all of it, in a car that should have left since it was plugged in and may any minute."""
    since = state.charge.session
    missed = [trip for trip in trips if since is not None and since < trip.leaves <= now]
    return held.wanted(missed[-1].target or wishes.target) if missed else 0.0


def _leaves(trips: tuple[Trip, ...], state: CarState, arrives: datetime, clock: WallClock) -> Trip:
    """The next departure: as said, else as usual, else the next morning's."""
    said = next((trip for trip in trips if trip.leaves > arrives), None)
    if said is not None:
        return said
    usual = expected_departure(state.history, arrives, clock)
    if usual is not None:
        return Trip(leaves=usual)
    local = clock.local(arrives)
    morning = datetime.combine(local.date(), USUAL_DEPARTURE, clock.zone)
    if morning <= local:
        morning = datetime.combine(local.date() + timedelta(days=1), USUAL_DEPARTURE, clock.zone)
    return Trip(leaves=morning.astimezone(UTC))


def _home(state: CarState, after: datetime, returns: datetime | None, clock: WallClock) -> datetime | None:
    """When the car comes home after an instant: as said, else as usual."""
    return returns if returns is not None and returns > after else expected_arrival(state.history, after, clock)
