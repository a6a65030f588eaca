"""What the owner should know of guests: that they agree to a price, and nobody is there to send the bill."""

from collections.abc import Iterator
from typing import Final

from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator
from .engine.access.model import Guest
from .parties import issuers
from .repairs import Issue
from .shown_prices import costs
from .site_tariffs import Payer

_KEY: Final = "guests_unbilled"


def unbilled_guests(site: SiteCoordinator) -> Iterator[Issue]:
    """Yield what is wrong with bills for guests. Costs nothing where there is a sender, or no tariff."""
    entry = site.config_entry
    if not site.tariffs.all or issuers(entry):
        return
    names = sorted(each.name for each in site.access.desk.people.guests.values() if _pays(site, each))
    if names:
        yield Issue(id=f"{_KEY}_{entry.entry_id}", key=_KEY, placeholders={"site": entry.title, "guest": names[0]})


def _pays(site: SiteCoordinator, guest: Guest) -> bool:
    """Say whether a guest whose code still opens something is told a price."""
    now, until = dt_util.utcnow(), guest.rule.valid_until
    if guest.revoked or (until is not None and now >= until):
        return False
    where = guest.rule.connectors or site.connectors.keys()
    held = (site.tariffs.holding(Payer(driver=guest.id, connector=key), now, guest.rule.tariff) for key in where)
    return any(tariff is not None and costs(tariff) for tariff in held)
