"""A session as it is told to people: names in the place of ids, its money beside its energy."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from ..engine.sessions.model import Interval, SessionRecord

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """An interval and what it cost; `reference` is what the grid alone would have cost. `None`: no price is known.

    `driver` is the name of whoever took it.
    """

    interval: Interval
    driver: str | None = None
    cost: Decimal | None = None
    reference: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One session.

    `cost` is that of all energy with a known price, `reference` what the grid alone would have cost for just that;
    neither is rounded yet. `unpriced` is the Wh that nobody knows a price for. Energies by source are Wh, `co2` is in
    g. `quarters` may be left out where nobody wants to see them.

    Where several drivers charged one after the other it is all of it, with the `others` beside the session's own
    driver, or what one of them took: then it is `partial`. `site` is told where sessions of several are side by side.
    """

    record: SessionRecord
    charger: str
    vehicle: str | None = None
    plate: str | None = None
    driver: str | None = None
    note: str | None = None
    from_sun: int = 0
    from_battery: int = 0
    from_grid: int = 0
    unattributed: int = 0
    cost: Decimal | None = None
    reference: Decimal | None = None
    unpriced: int = 0
    co2: float | None = None
    quarters: tuple[Quarter, ...] = ()
    others: frozenset[str] = frozenset()
    partial: bool = False
    site: str | None = None

    def duration(self, now: datetime) -> int:
        """Return how long the car was, or has been, plugged in, in s."""
        return max(0, round(((self.record.ended or now) - self.record.started).total_seconds()))

    @property
    def solar_share(self) -> Decimal | None:
        """What came from the sun, in % of what went in."""
        if self.record.energy_in <= 0:
            return None
        return rounded(Decimal(100 * self.from_sun) / self.record.energy_in, 1)

    @property
    def booked_cost(self) -> Decimal | None:
        """What it cost the site, to the cent."""
        return None if self.cost is None else rounded(self.cost, 2)

    @property
    def booked_reference(self) -> Decimal | None:
        """What it would have cost from the grid alone, to the cent."""
        return None if self.reference is None else rounded(self.reference, 2)

    @property
    def saving(self) -> Decimal | None:
        """What was saved against the grid alone: the difference of the two that are shown."""
        if self.booked_cost is None or self.booked_reference is None:
            return None
        return self.booked_reference - self.booked_cost


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Round half away from zero, as people do on paper."""
    return amount.quantize(_CENT if decimals == 2 else Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def kilowatt_hours(watt_hours: float) -> Decimal:
    """Return Wh as kWh, to the Wh."""
    return rounded(Decimal(str(watt_hours)), 0).scaleb(-3)
