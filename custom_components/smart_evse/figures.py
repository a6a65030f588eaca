"""What entities show of the sessions on record: sums of the month, and the last session of each connector."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from .documents.account import Account
from .engine.access.model import Driver
from .engine.model import ConnectorId
from .statement_figures import StatementFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What was taken in a month so far, in Wh, and what that cost; money is `None` while there is no price of any.

    `reference` is what the grid alone would have cost, for just what has a known cost. `open` is what a driver has
    still to pay of all that was ever stated.
    """

    energy: int = 0
    from_sun: int = 0
    cost: Decimal | None = None
    reference: Decimal | None = None
    open: Decimal = Decimal(0)

    @property
    def solar_share(self) -> float | None:
        """The sun's part in %."""
        return round(100 * self.from_sun / self.energy, 1) if self.energy else None

    @property
    def saving(self) -> Decimal | None:
        """What was saved against the grid alone."""
        return None if self.cost is None or self.reference is None else self.reference - self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The last session of each connector, and the month that began at `since`; `None` until the ledger was read.

    `currency` is the site's own. Vehicles and drivers are told by their id, those who took nothing are missing.
    """

    since: datetime | None = None
    last: Mapping[ConnectorId, Account] = field(default_factory=dict)
    site: Sums = Sums()
    vehicles: Mapping[str, Sums] = field(default_factory=dict)
    drivers: Mapping[str, Sums] = field(default_factory=dict)
    people: tuple[Driver, ...] = ()
    statements: StatementFigures = field(default_factory=StatementFigures)
    currency: str = ""

    def of_driver(self, driver: str) -> Sums:
        """Return what a driver took, and what they have still to pay."""
        return replace(self.drivers.get(driver, Sums()), open=self.statements.open_of(driver, self.currency))
