"""The device bound where the highest quarter-hour of the span has a price.

Whatever parts of that price are laid on the quarter-hours, the highest of them is no less than their mean so weighted,
so the device bound with each quarter-hour's part on top of its energy price is below the cost of every controller. The
parts come from a linear program (`guide`); any others would hold as well.

It leaves out what the device bound leaves out, and is lower still where no way through the modes has its quarter-hours
just as high as those parts take them to be; where the house alone has the highest of them, that is nothing.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Tariff, World

from .account import Account
from .device import device_bound
from .guide import QUARTER, guides
from .modes import Modes
from .terms import Bound

type Floats = NDArray[np.float64]


def peak_bound(world: World, modes: Modes, price: float, *, reserve: float = 0.0) -> Bound:
    """Return the least that bill, departures and peak can cost together; the peak at `price` EUR/kW."""
    if not price:
        return device_bound(world, modes, reserve=reserve)
    found = guides(world, modes, peak_price=price, reserve=reserve)
    accounts = (peak_account(world.tariff, price, each.peak) for each in found)
    bounds = (device_bound(world, modes, reserve=reserve, account=account) for account in accounts)
    return max(bounds, key=lambda bound: bound.cost)


def peak_account(tariff: Tariff, price: float, parts: Floats) -> Account:
    """Return the bill and a peak's price, shared among the quarter-hours in proportion to these parts."""
    account = Account.plain(tariff).finer(QUARTER)
    if not parts.any():
        parts = np.ones(len(parts))
    added = np.zeros(len(account.slopes))
    rows = np.repeat(parts * (price / parts.sum()), QUARTER // account.step)
    added[: len(rows)] = rows[: len(added)] * 3600 / QUARTER
    return Account(step=account.step, slopes=account.slopes + added[:, None])
