"""The device bound where the highest quarter-hour of the span has a price.

Whatever parts of that price are laid on the quarter-hours, the highest of them is no less than their mean so weighted,
so the device bound with each quarter-hour's part on top of its energy price is below the cost of every controller. What
is laid on none of them is paid for the floor. The parts come from a linear program (`guide`); any others would hold as
well.

It leaves out what the device bound leaves out, and is lower still where no way through the modes has its quarter-hours
just as high as those parts take them to be; where the house alone has the highest of them, that is nothing.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import PeakPrice, Tariff, World

from .account import Account
from .device import device_bound
from .guide import QUARTER, guides
from .modes import Modes
from .terms import Bound

type Floats = NDArray[np.float64]


def peak_bound(world: World, modes: Modes, peak: PeakPrice | None, *, reserve: float = 0.0) -> Bound:
    """Return the least that bill, departures and peak can cost together."""
    if peak is None:
        return device_bound(world, modes, reserve=reserve)
    found = guides(world, modes, peak=peak, reserve=reserve)
    return max((bound_at(world, modes, peak, each.peak, reserve=reserve) for each in found), key=lambda each: each.cost)


def bound_at(world: World, modes: Modes, peak: PeakPrice, parts: Floats, *, reserve: float = 0.0) -> Bound:
    """Return the bound with these parts of the peak's price in EUR/kW, one for each whole quarter-hour."""
    if not parts.any():
        parts = np.ones(len(parts))
    if not peak.floor or parts.sum() > peak.price:
        parts = parts * (peak.price / parts.sum())
    bound = device_bound(world, modes, reserve=reserve, account=peak_account(world.tariff, parts))
    return replace(bound, cost=bound.cost + (peak.price - float(parts.sum())) * peak.floor)


def peak_account(tariff: Tariff, parts: Floats) -> Account:
    """Return the bill, each quarter-hour with its part of the peak's price."""
    account = Account.plain(tariff).finer(QUARTER)
    added = np.zeros(len(account.slopes))
    rows = np.repeat(parts, QUARTER // account.step)
    added[: len(rows)] = rows[: len(added)] * 3600 / QUARTER
    return Account(step=account.step, slopes=account.slopes + added[:, None])
