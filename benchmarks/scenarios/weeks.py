"""A car at a house for a week: money (S1 to S5), V2H (S10), a price on the peak (S11), bad knowledge (S14)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.bounds.modes import Modes, ac_modes, dc_modes
from benchmarks.bounds.sparing import ACTIONS
from benchmarks.plant.battery import BatteryModel
from benchmarks.plant.converter import FAST_CONVERTER
from benchmarks.plant.rig import Rig
from benchmarks.scenarios.case import Case, Skipped
from benchmarks.worlds.forecasts import forecasts
from benchmarks.worlds.model import PeakPrice, World
from benchmarks.worlds.recordings import Recording, recordings, spot_prices
from benchmarks.worlds.sessions import Place, pattern_stays
from benchmarks.worlds.tariffs import dynamic
from benchmarks.worlds.weeks import world

_YEAR: Final = timedelta(weeks=52)
_QUARTERS: Final = "price_nl_dayahead_15min_2025.csv.gz"
_PEAK: Final = PeakPrice(4.4, floor=2.5)
"""Flanders: what a kW of the month's highest quarter-hour costs, and what is paid for at least."""

_WIDE: Final = 40.0
"""A fuse in A that no law meets: money is judged here, and the fuse where nothing else counts."""

_USERS: Final = ("evening", "long")
_TARIFFS: Final = ("fixed", "dynamic")


@cache
def weeks(data: Path | None) -> tuple[Recording, ...]:
    """Return the weeks of a folder by season, or the days that the project ships."""
    return tuple(sorted(recordings(data), key=lambda recording: recording.local.timetuple().tm_yday))


def nth_groups(number: int) -> Callable[[Path | None], tuple[str, ...]]:
    """Return the groups of the week with a number: each tariff and each user."""

    def groups(data: Path | None) -> tuple[str, ...]:
        nth(data, number)
        return tuple(f"{tariff}, {user}" for tariff in _TARIFFS for user in _USERS)

    return groups


def nth_case(number: int) -> Callable[[Path | None, str, int], Case]:
    """Return the cases of the week with a number."""

    def case(data: Path | None, group: str, seed: int) -> Case:
        tariff, user = group.split(", ")
        return replace(plain(nth(data, number), tariff, user, seed), actions=ACTIONS)

    return case


def nth(data: Path | None, number: int) -> Recording:
    found = weeks(data)
    if number >= len(found):
        where = "the shipped sample" if data is None else data
        raise Skipped(f"there is no week {number + 1}: {where} has {len(found)}")
    return found[number]


def plain(recording: Recording, tariff: str, user: str, seed: int) -> Case:
    """Return a car at a house for a week, with an honest forecast."""
    place = Place(local=recording.local, seconds=recording.minutes * 60)
    made = world(recording, seed=seed, tariff=tariff, stays=pattern_stays(user, place, seed=seed))
    rig = Rig(seed=seed, fuse=_WIDE)
    return Case(world=made, rig=rig, forecasts=forecasts(made, seed=seed).issues, modes=_ac(rig))


def v2h_groups(data: Path | None) -> tuple[str, ...]:
    """Return the groups of power back to the house: each with hourly and with quarter-hourly prices."""
    _quarters(data)
    return tuple(
        f"{recording.name}, {user}{also}" for recording in weeks(data) for user in _USERS for also in ("", ", battery")
    )


def v2h_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a week with a bidirectional charger, and at some with a home battery beside it."""
    name, user, *also = group.split(", ")
    recording = next(each for each in weeks(data) if each.name == name)
    case = plain(recording, "dynamic", user, seed)
    battery = BatteryModel() if also else None
    rig = replace(case.rig, outlets=(FAST_CONVERTER,), battery=battery)
    modes = dc_modes()
    return replace(case, world=_in_quarters(case.world, _quarters(data)), rig=rig, modes=modes, base=_one_way(modes))


def peak_groups(data: Path | None) -> tuple[str, ...]:
    return tuple(recording.name for recording in weeks(data))


def peak_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a week with a price on its highest quarter-hour, as if it were the month's."""
    recording = next(each for each in weeks(data) if each.name == group)
    return replace(plain(recording, "fixed", "long", seed), peak=_PEAK)


def blind_groups(data: Path | None) -> tuple[str, ...]:
    return ("prices missing", "forecast half", "forecast half as much again", "no forecast")


def blind_case(data: Path | None, group: str, seed: int) -> Case:
    """Return the sunniest week with wrong or missing knowledge."""
    recording = max(weeks(data), key=lambda each: 0.0 if each.sun is None else float(each.sun.sum()))
    case = plain(recording, "dynamic", "long", seed)
    if group == "prices missing":
        day = 86_400
        rig = replace(case.rig, priceless=tuple((noon, noon + day) for noon in range(day // 2, 7 * day, 3 * day)))
        return replace(case, rig=rig)
    if group == "no forecast":
        return replace(case, forecasts=())
    factor = 0.5 if group == "forecast half" else 1.5
    return replace(case, forecasts=forecasts(case.world, seed=seed, factor=factor).issues)


def _ac(rig: Rig) -> Modes:
    return ac_modes(short=rig.habits(0)[0])


def _one_way(modes: Modes) -> Modes:
    """Return the same converter without the way back."""
    walls, batteries = modes.ranges[0]
    into = batteries >= 0
    return Modes(modes.points, ((walls[into], batteries[into]),))


def _quarters(data: Path | None) -> Path:
    if data is None or not (data / _QUARTERS).exists():
        raise Skipped(f"there is no {_QUARTERS}")
    return data / _QUARTERS


def _in_quarters(world: World, path: Path) -> World:
    """Return a world with the quarter-hour prices of the same week of 2025, weekday on weekday."""
    begin = world.start
    while begin.year < 2025:
        begin += _YEAR
    return replace(world, tariff=dynamic(spot_prices(path, begin, world.seconds, 900), 900))
