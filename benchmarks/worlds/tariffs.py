"""What the site pays: a contract over a spot price."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .model import Tariff

FIXED: Final = (0.30, 0.08)
"""EUR for a kWh from the grid and into it."""

TAX, FEE = 1.21, 0.13
"""What comes on top of a spot price in the Netherlands: VAT, and energy tax and margin in EUR/kWh."""


def fixed(spot: NDArray[np.float64], step: int) -> Tariff:
    """Return one price for all hours."""
    bought, sold = FIXED
    return Tariff(import_price=np.full(len(spot), bought), export_price=np.full(len(spot), sold), step=step)


def dynamic(spot: NDArray[np.float64], step: int) -> Tariff:
    """Return spot with tax and fee from the grid, and bare spot into it."""
    return Tariff(import_price=TAX * spot + FEE, export_price=spot.copy(), step=step)


TARIFFS: Final[dict[str, Callable[[NDArray[np.float64], int], Tariff]]] = {"fixed": fixed, "dynamic": dynamic}
