"""What a guest sees of their stay: what flows and what it comes to, and afterwards the bills and how to pay them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from aiohttp import web
from homeassistant.core import callback

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.statements.model import StatementKind, StatementState
from .ledger import Ledger, SessionFilter, SessionsBook, StatementFilter, StatementsBook
from .ledger.statements import StatementSummary
from .link_page import LinkPage
from .pay_links import Opens, path_to
from .public_pages import Reader, async_reader, page, paragraph, section, table, way
from .session_billing import bill_id

_AGAIN: Final = 15
"""While something goes on, the page is asked for anew so often, in s."""

_BILLS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What is on record of a guest: their bills, the latest first, and whether the last session has none yet."""

    bills: tuple[StatementSummary, ...]
    awaits: bool


class StayPage(LinkPage):
    """One page for each guest."""

    url = f"/api/{DOMAIN}/{Opens.STAY}/{{token}}"
    name = f"api:{DOMAIN}:stay"
    opens = Opens.STAY

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Show how it stands."""
        of = self.opened(request, token)
        if of.subject not in of.site.access.desk.people.drivers:
            raise web.HTTPNotFound
        site, guest, reader = of.site, of.subject, await async_reader(request)
        stay = await site.sessions.books.async_read(lambda ledger: _look(ledger, site.config_entry.entry_id, guest))
        now = _now(site, guest, reader)
        parts = [*now, *(_bill(site, reader, bill) for bill in stay.bills)]
        if stay.awaits:
            parts.insert(len(now), section([paragraph(reader.text("bill_comes"))]))
        again = _AGAIN if now or stay.awaits else None
        return page(reader, reader.text("stay"), parts or [paragraph(reader.text("nothing"))], again=again)


def _look(ledger: Ledger, site: str, guest: str) -> Stay:
    which = StatementFilter(driver=guest, kind=StatementKind.INVOICE, limit=_BILLS)
    bills = tuple(each for each in StatementsBook(ledger).statements(which) if each.corrects is None)
    last = next(iter(SessionsBook(ledger).sessions(SessionFilter(driver=guest, limit=1))), None)
    awaits = (
        last is not None
        and last.ended is not None
        and last.energy_in > 0
        and last.tariff is not None
        and StatementsBook(ledger).statement(bill_id(site, last.id, guest)) is None
        and not any(bill.since <= last.started < bill.until for bill in bills)
    )
    return Stay(bills=bills, awaits=awaits)


@callback
def _now(site: SiteCoordinator, guest: str, reader: Reader) -> list[str]:
    """Return what goes on at the connector where a guest is."""
    parts: list[str] = []
    for key, presence in site.store.access.kept.present.items():
        connector = site.connectors.get(key)
        if presence.bearer.guest != guest or connector is None:
            continue
        session, charge = site.store.kept.sessions.get(key), site.charges.at(key)
        if session is None or not session.active:
            parts.append(section([paragraph(connector.name, "small"), paragraph(reader.text("granted"))]))
            continue
        rows = [(reader.told("label_energy"), f"{reader.signs.number(Decimal(round(session.energy)) / 1000, 2)} kWh")]
        amount = None if charge is None or charge.amount is None else charge.amount
        if charge is not None and amount is not None:
            rows.append((reader.text("so_far"), reader.signs.money(amount, charge.tariff.currency)))
        parts.append(section([paragraph(connector.name, "small"), table(rows), paragraph(reader.text("unplug"))]))
    return parts


def _bill(site: SiteCoordinator, reader: Reader, bill: StatementSummary) -> str:
    return section(_told(site, reader, bill))


def _told(site: SiteCoordinator, reader: Reader, bill: StatementSummary) -> Iterator[str]:
    there = path_to(site, Opens.PAY, bill.id)
    yield paragraph(f"{bill.number or ''} · {reader.signs.moment(bill.since)}", "small")
    yield paragraph(reader.signs.money(bill.total, bill.currency), "big")
    yield paragraph(f"{reader.signs.number(Decimal(bill.energy) / 1000, 2)} kWh")
    match bill.state:
        case StatementState.PAID:
            yield paragraph(f"✓ {reader.text('paid')}", "good")
            yield way(reader.text("bill"), there, "plain")
        case StatementState.CANCELLED:
            yield paragraph(reader.text("cancelled"))
        case _:
            yield way(reader.text("pay"), there)
