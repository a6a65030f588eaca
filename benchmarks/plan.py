"""What planning costs: the first plan, which is there at once, and the full one from the solver.

    scripts/bench plan [--runs N]

Three cars (one that can give, one with weeks of patience, one still to come), a home battery, 36 hours in
quarters. Times are medians of processor time; they depend on the machine, their ratios hardly do. The last
column is what the solver saves over the first plan, as a share of what charging at once would cost.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import math
import random
import statistics
import time

from custom_components.smart_evse.engine.plan import (
    CapacityPrice,
    Curve,
    HomeBattery,
    Plan,
    Problem,
    Slot,
    Stay,
    make_plan,
)

START = datetime(2026, 4, 10, 14, tzinfo=UTC)
AC = Curve(((1380.0, 1050.0), (3680.0, 3165.0), (4140.0, 3640.0), (11040.0, 9980.0)))
DC = Curve(((500.0, 400.0), (1000.0, 850.0), (4000.0, 3720.0), (10000.0, 9300.0)))
DC_OUT = Curve(((300.0, 180.0), (1000.0, 850.0), (4000.0, 3720.0), (10000.0, 9300.0)))
SOLVER_SECONDS = 1.0


def slots(seed: int, *, dynamic: bool) -> tuple[Slot, ...]:
    """Return 36 hours of a spring day: clouds, an evening peak, and prices that follow it or do not."""
    dice = random.Random(seed)
    return tuple(_slot(START + timedelta(minutes=15 * index), dice, dynamic=dynamic) for index in range(144))


def _slot(start: datetime, dice: random.Random, *, dynamic: bool) -> Slot:
    hour = start.hour + start.minute / 60
    price = 0.25 + 0.08 * math.sin((hour - 12) / 6 * math.pi) + dice.uniform(-0.02, 0.02) if dynamic else 0.30
    return Slot(
        start=start,
        hours=0.25,
        import_price=price,
        export_price=price / 1.21 - 0.1 if dynamic else 0.08,
        sun=max(0.0, math.sin((hour - 5) / 14 * math.pi)) * 6000 * dice.uniform(0.5, 1.0),
        house=350 + (900 if 16 < hour < 21 else 0) + dice.uniform(0, 300),
    )


def cars(*, giving: bool) -> tuple[Stay, ...]:
    """Return the three cars."""
    leaving = Stay(
        connector="a:0",
        energy=20_000,
        target=50_000,
        capacity=60_000,
        reserve=12_000,
        wear_price=0.04,
        charge=DC if giving else AC,
        discharge=DC_OUT if giving else None,
        arrives=START,
        departs=START + timedelta(hours=16),
    )
    patient = Stay(
        connector="b:0",
        energy=10_000,
        target=45_000,
        capacity=60_000,
        charge=AC,
        arrives=START,
        departs=START + timedelta(hours=30),
    )
    coming = Stay(
        connector="c:0",
        energy=30_000,
        target=55_000,
        capacity=60_000,
        charge=AC,
        arrives=START + timedelta(hours=4),
    )
    return leaving, patient, coming


def problem(seed: int, *, dynamic: bool, giving: bool, peak: bool = False) -> Problem:
    """Return the site to plan for."""
    return Problem(
        now=START,
        slots=slots(seed, dynamic=dynamic),
        stays=cars(giving=giving),
        import_limit=17_000,
        battery=HomeBattery(energy=3000, capacity=8000, charge=4000, discharge=4000),
        capacity=CapacityPrice(price=4.0, peak=4000.0) if peak else None,
    )


CASES: dict[str, Callable[[int], Problem]] = {
    "fixed price": lambda seed: problem(seed, dynamic=False, giving=False),
    "dynamic price": lambda seed: problem(seed, dynamic=True, giving=False),
    "fixed price, one gives": lambda seed: problem(seed, dynamic=False, giving=True),
    "dynamic price, one gives": lambda seed: problem(seed, dynamic=True, giving=True),
    "dynamic price, peak": lambda seed: problem(seed, dynamic=True, giving=False, peak=True),
}


def timed(site: Problem, seconds: float) -> tuple[float, Plan]:
    """Return the processor time of a plan in s, and the plan."""
    began = time.process_time()
    plan = make_plan(site, None, seconds)
    return time.process_time() - began, plan


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    timed(problem(0, dynamic=True, giving=True), SOLVER_SECONDS)
    print(f"{'':<26}{'first plan':>12}{'full plan':>12}{'slowest':>10}{'solver saves':>14}")
    for name, case in CASES.items():
        sites = [case(seed) for seed in range(runs)]
        first = [timed(site, 0.0) for site in sites]
        full = [timed(site, SOLVER_SECONDS) for site in sites]
        saved = sum(early.cost - late.cost for (_, early), (_, late) in zip(first, full, strict=True))
        share = saved / sum(plan.cost_otherwise for _, plan in first)
        times = [seconds for seconds, _ in full]
        print(
            f"{name:<26}{statistics.median(seconds for seconds, _ in first) * 1e3:>9.1f} ms"
            f"{statistics.median(times) * 1e3:>9.0f} ms{max(times) * 1e3:>7.0f} ms{share:>13.2%}"
        )


if __name__ == "__main__":
    main()
