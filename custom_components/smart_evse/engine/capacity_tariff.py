"""A capacity tariff as data: what of the imported power is paid for, and how."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityTariff:
    """Windows whose mean import is paid for by its peak.

    `minutes` is the length of a window on the clock of the meter (`zone`, an IANA name). A window counts in
    `hours` (of its start) on `weekdays` (Monday is 0) of `months`. The paid peak is the mean of the `top` highest
    windows of a period of a month, each of another day where `distinct_days`; `weights` scale windows by the
    hour of their start. `floor` is the least that is paid for in W; `steps` are the upper bounds of
    price steps in W, empty where each watt is paid for. `price` is for each kW and month.
    """

    minutes: int = 15
    hours: frozenset[int] = frozenset(range(24))
    weekdays: frozenset[int] = frozenset(range(7))
    months: frozenset[int] = frozenset(range(1, 13))
    top: int = 1
    distinct_days: bool = False
    weights: tuple[tuple[int, float], ...] = ()
    floor: float = 0.0
    steps: tuple[float, ...] = ()
    price: float = 0.0
    zone: str = "UTC"

    @property
    def price_of_energy(self) -> float:
        """What a kWh costs, per kWh, that falls into a window which sets the peak with every W."""
        return self.price / max(1, self.top) * 60 / max(1, self.minutes)
