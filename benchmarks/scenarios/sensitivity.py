"""The same weeks with one thing changed: how often the meter speaks, how late a charger is, how wrong the forecast."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.plant.box import CLOUD, GENTLE, LOCAL
from benchmarks.plant.car import SHY, SLOW, CarModel
from benchmarks.plant.meter import EVERY_30_S, EVERY_SECOND
from benchmarks.scenarios.case import Case
from benchmarks.scenarios.weeks import plain, weeks
from benchmarks.worlds.forecasts import forecasts, yesterdays
from benchmarks.worlds.model import Forecast, World

type Change = Callable[[Case, int], Case]


def _rig(**changes: object) -> Change:
    return lambda case, _seed: replace(case, rig=replace(case.rig, **changes))  # type: ignore[arg-type]


def _known(make: Callable[[World, int], tuple[Forecast, ...]]) -> Change:
    return lambda case, seed: replace(case, forecasts=make(case.world, seed))


def _car(model: CarModel) -> Change:
    return _rig(cars=(model,))


def _erring(daily: float, wander: float) -> Change:
    return _known(lambda world, seed: forecasts(world, seed=seed, daily=daily, wander=wander).issues)


USUAL: Final = "as usual"
CHANGES: Final[dict[str, Change]] = {
    USUAL: lambda case, _seed: case,
    "meter every second": _rig(meter=EVERY_SECOND),
    "meter every 30 s": _rig(meter=EVERY_30_S),
    "charger over a cloud": _rig(outlets=(CLOUD,)),
    "charger starts gently": _rig(outlets=(GENTLE,)),
    "charger without phase switch": _rig(outlets=(replace(LOCAL, switches=False),)),
    "slow car": _car(SLOW),
    "car that drops out": _car(SHY),
    "perfect forecast": _erring(0.0, 0.0),
    "forecast twice as wrong": _erring(0.6, 0.9),
    "sun as yesterday": _known(lambda world, _seed: yesterdays(world).issues),
    "no forecast": _known(lambda _world, _seed: ()),
}
"""What is changed, by what it is called. The usual rig has a meter every 10 s and a charger on the same network."""

_TARIFFS: Final = ("fixed", "dynamic")


def changed_groups(data: Path | None) -> tuple[str, ...]:
    return tuple(f"{tariff}, {change}" for tariff in _TARIFFS for change in CHANGES)


def changed_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a week with one change; each seed takes another week and both kinds of driver in turn."""
    tariff, change = group.split(", ")
    found = weeks(data)
    user = ("long", "evening")[seed // len(found) % 2]
    return CHANGES[change](plain(found[seed % len(found)], tariff, user, seed), seed)
