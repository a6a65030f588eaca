"""People on record in a site's own ledger."""

from homeassistant.util import dt as dt_util

from custom_components.smart_evse.engine.access.admit import Bearer
from custom_components.smart_evse.engine.access.model import Card, Driver, Guest, Verdict
from custom_components.smart_evse.people_pages import put
from tests.home import Site


async def people(site: Site, *parties: Driver | Card | Guest) -> None:
    """Put people on record, and let the site read them."""
    await site.coordinator.sessions.books.async_write(lambda ledger: put(ledger, *parties))
    await site.coordinator.access.desk.async_read()
    await site.settle()


async def tried(site: Site, connector: str, code: str) -> Verdict:
    """Let somebody in by a code at a connector."""
    access, utc = site.coordinator.access, dt_util.utcnow()
    guest = await access.codes.async_holder(connector, code, utc)
    return access.door.show(connector, Bearer(since=utc, guest=guest.id))
