"""Random sites over a while, each from a seed: orders and peaks are kept by what flows, not only by what is told.

The other property tests look at single instants. Here chargers follow late, houses move, and orders come and go.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from hypothesis import example, given, settings, strategies as st

from custom_components.smart_evse.engine.capacity_tariff import CapacityTariff
from custom_components.smart_evse.engine.grid_operator import guaranteed
from custom_components.smart_evse.engine.model import ConnectorSettings, Mode, PerPhase, SiteSettings
from custom_components.smart_evse.engine.settings import GridOrder, OrderKind
from tests.engine.examples import examples
from tests.engine.plant import START, VOLTS, Charger, Flow, Plant

SEEDS = st.integers(0, 2**32 - 1)
WINDOW = 900
FOLLOW = 25
"""How long meter, engine, boxes and cars take together until all have settled, in s."""

LASTS = 90
"""For how long more of the house may still be a kettle, in s."""

HAND_OVER = 30
"""One car may begin before another has left it the room: amounts are means of so many s."""


SLOWEST = 5
"""A box may be so much slower than another, in s."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of a random site, and between which seconds it holds."""

    watts: float
    begin: int
    end: int


def connectors(random: Random) -> tuple[ConnectorSettings, ...]:
    return tuple(
        ConnectorSettings(
            id=f"box:{number}",
            phase_map=random.choice([(0, 1, 2), (1, 2, 0), (0,), (1,), (2,)]),
            min_current=random.choice([6.0, 8.0]),
            max_current=random.choice([10.0, 16.0, 32.0]),
            step=random.choice([1.0, 0.1]),
            priority=random.randint(0, 2),
            weight=random.choice([1.0, 2.0]),
            mode=random.choice([Mode.FAST, Mode.FAST, Mode.SOLAR_MIN, Mode.SOLAR]),
        )
        for number in range(random.randint(1, 6))
    )


def house(random: Random, seconds: int, *, sun: float) -> Flow:
    """Return a house of loads that come and go, below a sun of up to so many A on each phase."""
    changes = sorted(random.sample(range(1, seconds), 12))
    levels = [PerPhase(*(random.uniform(-sun, 5.0) for _ in range(3))) for _ in range(len(changes) + 1)]
    return lambda t: levels[sum(change <= t for change in changes)]


def plant(random: Random, site: SiteSettings, flow: Flow) -> Plant:
    cars = [
        Charger(
            id=box.id,
            phases=box.phase_map,
            appetite=random.choice([7.0, 12.0, 16.0, 32.0]),
            lag=random.randint(1, 4),
            cadence=random.randint(1, 3),
        )
        for box in site.connectors
    ]
    return Plant(site, flow, cars)


@settings(max_examples=examples(12), deadline=None)
@given(SEEDS)
@example(507574924)
@example(1712146867)
@example(781172)
def test_what_is_ordered_is_kept_by_all_cars_together(seed: int) -> None:
    random = Random(seed)
    boxes = connectors(random)
    begin = random.randint(40, 120)
    order = Ordered(watts=random.choice([guaranteed(len(boxes)), 0.0, 3_000.0, 9_000.0]), begin=begin, end=begin + 120)
    told = None if order.watts == guaranteed(len(boxes)) else order.watts
    kind = OrderKind.GRID_OPERATOR if told is None else random.choice(list(OrderKind))
    site = SiteSettings(
        fuse=63.0,
        connectors=boxes,
        orders=(
            GridOrder(
                id="order",
                kind=kind,
                watts=told,
                start=START + timedelta(seconds=order.begin),
                end=START + timedelta(seconds=order.end),
            ),
        ),
    )
    flow = house(random, 300, sun=random.choice([0.0, 20.0]))
    run, free, since, lately = plant(random, site, flow), 0.0, 0, list[float]()
    running, began = 0, 0
    for t in range(1, 300):
        run.step()
        before, running = running, sum(car.watts > 0 for car in run.chargers)
        began = t if running > before else began
        left = max(0.0, -flow(t).total * VOLTS)
        # What the sun no longer gives, cars may still have for as long as they take to follow.
        if left < free:
            since = t
        free = left
        above = sum(car.watts for car in run.chargers) - (order.watts + left) * 1.001
        holds = order.begin <= t < order.end and t - max(since, order.begin) > FOLLOW
        # Boxes follow at their own pace: one may begin seconds before another has left it the room.
        above = min(0.0, above) if t - began < SLOWEST else above
        lately = [*lately[1 - HAND_OVER :], above] if holds else []
        assert len(lately) < HAND_OVER or sum(lately) / HAND_OVER <= 1.0


@settings(max_examples=examples(6), deadline=None)
@given(SEEDS)
@example(1660)
@example(121)
def test_no_window_costs_more_than_what_is_paid_for_anyway(seed: int) -> None:
    random = Random(seed)
    tariff = CapacityTariff(minutes=15, floor=random.choice([1_000.0, 2_500.0]), price=4.0)
    accepted = random.choice([0.0, 4_500.0, 9_000.0])
    site = SiteSettings(fuse=63.0, connectors=connectors(random), capacity=tariff, accepted_peak=accepted)
    flow = house(random, 3 * WINDOW, sun=random.choice([0.0, 8.0]))
    run = plant(random, site, flow)
    own = [max(0.0, flow(t).total) * VOLTS for t in range(3 * WINDOW)]
    imported, last = defaultdict[int, float](float), dict[int, int]()
    for t in range(1, 3 * WINDOW):
        run.step()
        imported[t // WINDOW] += max(0.0, run.totals[-1].total) * VOLTS / WINDOW
        if any(car.watts > 0 for car in run.chargers):
            last[t // WINDOW] = t
    paid = max(accepted, tariff.floor)
    for window, mean in imported.items():
        begin, end = window * WINDOW, (window + 1) * WINDOW
        # What the house draws by itself nobody can take back: it is then paid for, and cars may use it.
        alone = sum(own[begin:end]) / WINDOW
        # Nor does anybody know before the last car lets go what the house will draw more until the end.
        known = max(begin, last.get(window, begin) - FOLLOW - LASTS)
        unforeseen = sum(max(0.0, later - own[known]) for later in own[known:end]) / WINDOW
        assert mean <= max(alone, paid + unforeseen) + 100.0
        paid = max(paid, mean)
