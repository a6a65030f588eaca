"""The action that closes a month or a year: its sums are sealed, and what comes later says that it came later."""

from datetime import datetime
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .coordinator import SiteCoordinator
from .errors import mistake
from .ledger import Ledger, Record, SessionsBook, Total
from .ledger.closing import PeriodsBook, Unsettled
from .ledger.errors import NotOver, PeriodClosed
from .session_desk import async_drivers
from .viewers import async_only_admins

ATTR_PERIOD: Final = "period"
ATTR_UNSETTLED: Final = "unsettled"

_MONTH_OR_YEAR: Final = r"^[12]\d{3}(-(0[1-9]|1[0-2]))?$"
_YEAR: Final = len("2027")


async def _close_period(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    span, anyway, by, now = call.data[ATTR_PERIOD], call.data[ATTR_UNSETTLED], call.context.user_id, dt_util.utcnow()
    # What was followed and is not written yet belongs to it.
    await site.sessions.books.async_drain()
    record, left, totals = await site.sessions.books.async_write(
        lambda ledger: _close(ledger, span, by, now, anyway=anyway)
    )
    names = {driver.id: driver.name for driver in await async_drivers(site)}
    return {
        "site": site.site_name,
        "period": span,
        "record": f"{record.epoch}/{record.sequence}",
        "hash": record.hash,
        "totals": [_told(total, names) for total in totals],
        "running": list(left.running),
        "provisional": list(left.provisional),
    }


def _close(
    ledger: Ledger, span: str, by: str | None, now: datetime, *, anyway: bool
) -> tuple[Record, Unsettled, tuple[Total, ...]]:
    """Close a period; where something in it is not settled, only if it is to be closed `anyway`."""
    book, accounts = PeriodsBook(ledger), SessionsBook(ledger)
    try:
        book.check(span, now)
        left = book.unsettled(span)
        if (left.running or left.provisional) and not anyway:
            counted = {"running": str(len(left.running)), "provisional": str(len(left.provisional))}
            raise mistake("period_not_settled", period=span, **counted)
        record = book.close_period(span, by=by, at=now)
    except NotOver as err:
        raise mistake("period_not_over", period=span) from err
    except PeriodClosed as err:
        raise mistake("period_closed", period=span) from err
    year = int(span[:_YEAR])
    whole = len(span) == _YEAR
    return record, left, accounts.year_totals(year) if whole else accounts.month_totals(year, int(span[_YEAR + 1 :]))


def _told(total: Total, names: dict[str, str]) -> JsonObjectType:
    return {
        "driver_id": total.driver,
        "driver": names.get(total.driver or ""),
        "sessions": total.sessions,
        "energy": total.energy_in / 1000,
        "energy_discharged": total.energy_out / 1000,
        "from_sun": total.from_sun / 1000,
        "from_battery": total.from_battery / 1000,
        "from_grid": total.from_grid / 1000,
        "unattributed": total.unattributed / 1000,
        "cost": float(total.cost),
        "unpriced": total.unpriced / 1000,
        "currency": total.currency,
    }


CLOSING_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="close_period",
        fields={
            vol.Required(ATTR_PERIOD): vol.All(vol.Coerce(str), vol.Match(_MONTH_OR_YEAR)),
            vol.Optional(ATTR_UNSETTLED, default=False): bool,
        },
        do=_close_period,
        may_answer=True,
    ),
)
