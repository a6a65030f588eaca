"""What a home battery's own loop will do, and what energy in it is worth at each hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..settings import BatteryPolicy
from .model import HomeBattery, Slot

_FULL = 1.0
"""How near to full or empty counts as such, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryRun:
    """The battery over the horizon: W (positive on discharge), and Wh at each slot's end.

    `worth` is what one more kWh in it at the slot's start would save. `yields` says that the cars go
    first in a slot.
    """

    powers: tuple[float, ...]
    energies: tuple[float, ...]
    worth: tuple[float, ...]
    yields: tuple[bool, ...]


def run(battery: HomeBattery, slots: Sequence[Slot], cars: Sequence[float]) -> BatteryRun:
    """Follow the battery's own rule, sun left over in and house out, beside cars that take `cars` W."""
    energy = battery.energy
    powers, energies, yields = [], [], []
    for slot, car in zip(slots, cars, strict=True):
        first = _car_first(battery, energy)
        power = _power(battery, energy, slot, car, car_first=first)
        energy = after(battery, energy, power, slot.hours)
        powers.append(power)
        energies.append(energy)
        yields.append(first)
    worth = _worth(battery, slots, powers, energies)
    return BatteryRun(powers=tuple(powers), energies=tuple(energies), worth=worth, yields=tuple(yields))


def follow(battery: HomeBattery, slots: Sequence[Slot], powers: Sequence[float]) -> BatteryRun:
    """Follow powers that were planned for it, as far as its energy goes."""
    energy = battery.energy
    done, energies = [], []
    for slot, wanted in zip(slots, powers, strict=True):
        low, high = bounds(battery, energy, slot.hours)
        power = min(max(wanted, low), high)
        energy = after(battery, energy, power, slot.hours)
        done.append(power)
        energies.append(energy)
    worth = (worth_left(battery, slots),) * len(done)
    return BatteryRun(powers=tuple(done), energies=tuple(energies), worth=worth, yields=(True,) * len(done))


def bounds(battery: HomeBattery, energy: float, hours: float) -> tuple[float, float]:
    """Return the most it can take (negative) and give over these hours, in W."""
    room = max(0.0, battery.capacity - energy) / (battery.efficiency * hours)
    content = max(0.0, energy - battery.floor) * battery.efficiency / hours
    return -min(battery.charge, room), min(battery.discharge, content)


def after(battery: HomeBattery, energy: float, power: float, hours: float) -> float:
    """Return what it holds after these hours, in Wh."""
    change = -power * battery.efficiency if power < 0 else -power / battery.efficiency
    return energy + change * hours


def worth_left(battery: HomeBattery, slots: Sequence[Slot]) -> float:
    """Return what a kWh left in it at the horizon is worth: an hour's usual price, less loss and wear."""
    hours = sum(slot.hours for slot in slots)
    mean = sum(slot.import_price * slot.hours for slot in slots) / hours if hours > 0 else 0.0
    return max(0.0, mean * battery.efficiency - battery.wear)


def _car_first(battery: HomeBattery, energy: float) -> bool:
    if battery.policy is BatteryPolicy.BATTERY_UNTIL:
        return energy >= battery.until - _FULL
    # Who shares by halves is planned as if the car went first: the half it leaves comes to the battery a little later.
    return battery.policy in (BatteryPolicy.CAR_FIRST, BatteryPolicy.BOTH)


def _power(battery: HomeBattery, energy: float, slot: Slot, car: float, *, car_first: bool) -> float:
    low, high = bounds(battery, energy, slot.hours)
    need = slot.house - slot.sun
    if need < 0:
        left = max(0.0, -need - max(0.0, car)) if car_first else -need
        return max(low, -left)
    served = need + (car if battery.feeds_cars else min(0.0, car))
    return min(high, max(0.0, served))


def _worth(
    battery: HomeBattery, slots: Sequence[Slot], powers: Sequence[float], energies: Sequence[float]
) -> tuple[float, ...]:
    """Look back from the horizon: one more kWh is saved up until it spills over or fills a gap."""
    worth = worth_left(battery, slots)
    values = []
    for slot, power, energy in zip(reversed(slots), reversed(powers), reversed(energies), strict=True):
        need = slot.house - slot.sun
        if need < power - _FULL and energy >= battery.capacity - _FULL:
            worth = slot.export_price / battery.efficiency
        elif need > power + _FULL and energy <= battery.floor + _FULL:
            worth = max(worth, slot.import_price * battery.efficiency - battery.wear)
        values.append(worth)
    return tuple(reversed(values))
