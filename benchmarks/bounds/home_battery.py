"""The device bound beside a home battery that looks after itself.

The battery's own energy has a value at each time, as the car's has: what it holds more at the end is worth what a score
says, and where the value changes it is between empty and full. Any values hold; good ones come from a linear program
(`guide`). The battery listens to nobody, it follows the grid to zero a few seconds late. What that means is in these
two rules, which hold for it whatever the car does, w being its power, g what is left at the grid and both of a second:

- while it takes (w < 0), g is at most (lag - 1) times the change of w: it does not buy;
- while it gives (w > 0), g is at least (lag - 1) times the change of w: it does not sell.

So g has a price on top while it takes, and another one off while it gives, just high enough that buying for the battery
and selling from it gain nothing. All changes of w together come to no more than its power wherever such a price rises,
which is given away: a few cents a week.

What it leaves out makes it lower. Its battery may *wait*, with the grid above zero and something in it, for a dearer
hour, and with sun to spare and room in it for a cheaper one; a real one gives and takes at once. In a house without a
car that alone is worth 1 to 4 EUR a week at prices by the quarter-hour, so that no controller comes to the whole of the
bound. And with such a price on top, what is fed in beyond its full power earns that too, what is bought costs less.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.battery import BatteryModel
from benchmarks.worlds.model import World

from .account import EUR, Account
from .device import device_bound
from .guide import SLOT, guides
from .modes import Modes
from .terms import WH_EUR, Bound

type Floats = NDArray[np.float64]


def home_battery_bound(world: World, modes: Modes, battery: BatteryModel, *, reserve: float = 0.0) -> Bound:
    """Return the least that bill and departures can cost together, less what the home battery gained."""
    if np.any(world.tariff.import_price < world.tariff.export_price):
        raise ValueError("a battery's rules need power to cost no less than it earns")
    if not battery.capacity:
        return device_bound(world, modes, reserve=reserve)
    found = guides(world, modes, battery=battery, reserve=reserve)
    bounds = (bound_at(world, modes, battery, each.stored, reserve=reserve) for each in found)
    return max(bounds, key=lambda bound: bound.cost)


def bound_at(world: World, modes: Modes, battery: BatteryModel, values: Floats, *, reserve: float = 0.0) -> Bound:
    """Return the bound with these values of a kWh in the home battery, none below 0, for each slot of the guide."""
    plain = Account.plain(world.tariff).finer(SLOT)
    values = np.repeat(values, SLOT // plain.step)[: len(plain.slopes)]
    sold, bought = plain.slopes[: len(values)].T
    within = battery.efficiency
    buying, selling = np.maximum(0.0, values * within - bought), np.maximum(0.0, sold - values / within)
    outward, inward = sold + buying, bought - selling
    lines = (outward, np.maximum(values * within, outward), np.minimum(values / within, inward), inward)
    account = Account(step=plain.step, slopes=np.column_stack(lines), bends=(-battery.power, 0.0, battery.power))
    best = device_bound(world, modes, reserve=reserve, account=account)
    given = (battery.lag[1] - 1.0) * battery.power * (_rises(buying) + _rises(selling)) * EUR
    cost = best.cost + _stored(world, battery, values) - given
    return Bound(cost=cost, energy=best.energy, missing=best.missing)


def _stored(world: World, battery: BatteryModel, values: Floats) -> float:
    """Return the least of what the values come to over all that the battery may hold, in EUR."""
    first, last = battery.start * battery.capacity, battery.efficiency * float(world.tariff.import_price.mean())
    gained = first * (last - values[0]) + battery.capacity * min(0.0, values[-1] - last)
    return float(gained - battery.capacity * _rises(values)) * WH_EUR


def _rises(values: Floats) -> float:
    return float(np.maximum(0.0, np.diff(values)).sum())
