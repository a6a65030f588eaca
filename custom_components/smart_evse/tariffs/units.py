"""The units of prices: how much of a currency's main unit for a kWh one of them is."""

from collections.abc import Mapping

_ENERGY: Mapping[str, float] = {"wh": 1e3, "kwh": 1.0, "mwh": 1e-3, "gwh": 1e-6}

_MINOR = frozenset(
    {"ct", "ct.", "cts", "cent", "cents", "c", "¢", "c€", "€c", "ct€", "€ct", "eurocent", "snt"}
    | {"p", "pence", "gbp pence", "öre", "øre", "gr", "grosz", "groszy", "rp", "rappen", "hal", "haléř"}
)
"""A hundredth of a currency, as integrations write it."""


def price_scale(unit: str | None) -> float:
    """How many of the currency per kWh one of `unit` is; a unit that says nothing is taken for that."""
    if not unit:
        return 1.0
    money, _, energy = unit.strip().rpartition("/")
    scale = _ENERGY.get(energy.strip().lower(), 1.0)
    return scale * (0.01 if (money or energy).strip().lower() in _MINOR else 1.0)
