"""What months and years came to, for the site, a driver, a vehicle or a connector."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from .costs import money
from .ledger import Ledger
from .schema import TOTAL
from .totals import AMOUNTS, GROUPS, month_of, scope_of
from .writing import sites_of

_MONTH = len("2027-01")
_OF_MONEY = ("cost", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Sums of a span, `2026-03` or `2026`: energies in Wh, money in the currency's unit.

    `cost` is what the site paid and forwent, `reference` what the grid alone would have cost, `unpriced` the Wh of
    which no price is known yet. A group that was not asked for, or not known, is `None`.
    """

    site: str
    span: str
    driver: str | None = None
    vehicle: str | None = None
    connector: str | None = None
    currency: str | None = None
    sessions: int
    energy_in: int
    energy_out: int
    from_sun: int
    from_battery: int
    from_grid: int
    unattributed: int
    cost: Decimal
    reference: Decimal
    unpriced: int

    @property
    def solar_share(self) -> float | None:
        """The sun's part of what was taken, 0 to 1."""
        return self.from_sun / self.energy_in if self.energy_in else None


class Accounts:
    """The sums of one site, or of all sites that a ledger holds."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def month_totals(
        self, year: int, month: int, *, by: tuple[str, ...] = ("driver",), everywhere: bool = False, **only: str | None
    ) -> tuple[Total, ...]:
        """Return the sums of a month, one for each of what they are grouped `by` (of `GROUPS`) and each currency.

        Keywords `driver`, `vehicle` and `connector` choose one; a driver of `None` is nobody known.
        """
        return self._totals((f"{year:04}-{month:02}",), by, only, everywhere=everywhere)

    def year_totals(
        self, year: int, *, by: tuple[str, ...] = ("driver",), everywhere: bool = False, **only: str | None
    ) -> tuple[Total, ...]:
        """Return the sums of a year, as `month_totals` does."""
        return self._totals((f"{year:04}",), by, only, everywhere=everywhere)

    def months_since(self, since: datetime | None, **only: str | None) -> tuple[Total, ...]:
        """Return the sums of all months from the one of a moment on, or of all there are, as `month_totals` does."""
        first = "" if since is None else month_of(since, self.ledger.zone)
        with self.ledger.database.read() as connection:
            rows = _sums((self.ledger.site,), None, (), only)
            rows = rows.where(func.length(TOTAL.c.span) == _MONTH, TOTAL.c.span >= first)
            return tuple(_total_from(row) for row in connection.execute(rows).mappings())

    def _totals(
        self, spans: tuple[str, ...], by: tuple[str, ...], only: dict[str, str | None], *, everywhere: bool
    ) -> tuple[Total, ...]:
        with self.ledger.database.read() as connection:
            sites = sites_of(connection) if everywhere else (self.ledger.site,)
            rows = connection.execute(_sums(sites, spans, by, only))
            return tuple(_total_from(row) for row in rows.mappings())


def _sums(
    sites: tuple[str, ...], spans: tuple[str, ...] | None, by: tuple[str, ...], only: dict[str, str | None]
) -> Select[Any]:
    if unknown := {*by, *only} - {*GROUPS}:
        raise KeyError(*sorted(unknown))
    keys = [TOTAL.c[name] for name in ("site", "span", *by, "currency")]
    sums = [func.sum(TOTAL.c[name]).label(name) for name in AMOUNTS]
    # Sites are named even where all are asked for: the key begins with them.
    scope = scope_of({*by, *only})
    rows = select(*keys, *sums).where(TOTAL.c.site.in_(sites), TOTAL.c.scope == scope)
    rows = rows if spans is None else rows.where(TOTAL.c.span.in_(spans))
    rows = rows.group_by(*keys).order_by(*keys)
    for name, value in only.items():
        rows = rows.where(TOTAL.c[name] == (value or ""))
    # Corrected away, it is as if it had never been.
    return rows.having(func.sum(TOTAL.c.sessions + TOTAL.c.energy_in + TOTAL.c.energy_out) > 0)


def _total_from(row: RowMapping) -> Total:
    amounts: Any = {name: int(row[name]) for name in AMOUNTS if name not in _OF_MONEY}
    names: Any = {name: row[name] or None for name in (*GROUPS, "currency") if name in row}
    cost, reference = (money(int(row[name])) for name in _OF_MONEY)
    return Total(site=row["site"], span=row["span"], cost=cost, reference=reference, **names, **amounts)
