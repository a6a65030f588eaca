"""People on record in a site's own ledger."""

from custom_components.smart_evse.engine.access.model import Card, Driver, Guest
from custom_components.smart_evse.people_pages import put
from tests.home import Site


async def people(site: Site, *parties: Driver | Card | Guest) -> None:
    """Put people on record, and let the site read them."""
    await site.coordinator.sessions.books.async_write(lambda ledger: put(ledger, *parties))
    await site.coordinator.access.desk.async_read()
    await site.settle()
