"""Statements as files: drawn in a thread, and kept where only those get them who may see what is in them."""

from collections.abc import Iterable
from decimal import Decimal

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.requirements import async_process_requirements
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .const import DOCUMENTS, DOMAIN, SPREADSHEET
from .coordinator import SiteCoordinator
from .documents.e_invoice import Preceding
from .documents.statement_files import NEEDS_DRAWING, Enclosed, File, Format, statement_files
from .engine.statements.model import Statement, StatementKind, StatementState
from .errors import said_wrong
from .exports import EXPORTS, Export
from .ledger import StatementsBook
from .ledger.statements import StatementOnRecord
from .logos import async_logo
from .ocpi_records import charge_records
from .pay_links import Opens, link_to
from .statement_parties import issuer_of


async def async_files(
    site: SiteCoordinator,
    statement: Statement,
    formats: Iterable[Format],
    *,
    link: str | None = None,
    own: bool = False,
) -> tuple[File, ...]:
    """Return a statement as files, by name and content.

    `link` is where it can be paid; `own` also tells what the energy is worth to the site, for its own books.
    """
    wanted, hass = tuple(formats), site.hass
    await _async_install(hass, wanted)
    issuer = issuer_of(site.config_entry, statement)
    settled, received = await _async_paid(site, statement)
    enclosed = Enclosed(
        logo=await async_logo(hass, None if issuer is None else issuer.logo),
        link=link,
        swish=None if issuer is None else issuer.swish,
        preceding=await _async_preceding(site, statement),
        records=await charge_records(site, statement) if Format.CDR in wanted else (),
        other_values=own,
        received=received,
        settled=settled,
    )
    with said_wrong(hass):
        return await hass.async_add_executor_job(statement_files, statement, wanted, enclosed)


def pay_link(site: SiteCoordinator, found: StatementOnRecord) -> str | None:
    """Return where a statement can be paid online, `None` where nothing is open or nobody takes money so."""
    statement = found.statement
    is_asked = statement.kind is StatementKind.INVOICE and statement.corrects is None
    if not is_asked or found.standing.open <= 0 or site.tills.of(statement) is None:
        return None
    return link_to(site, Opens.PAY, statement.id)


async def async_kept_files(
    site: SiteCoordinator, statement: Statement, files: Iterable[File], user: str | None
) -> list[JsonObjectType]:
    """Keep files for whoever may see the statement, and return their names, paths and links."""
    exports = site.hass.data[EXPORTS]
    drivers = {statement.driver, *(one.driver_id for one in statement.sessions)} - {None}
    export = Export(
        site=site.config_entry.entry_id,
        made=dt_util.utcnow(),
        drivers=frozenset(str(driver) for driver in drivers),
        anybody=statement.driver is None,
        user=user,
    )
    kept: list[JsonObjectType] = []
    for name, content in files:
        title, _, suffix = name.rpartition(".")
        stored = await exports.async_keep(title, suffix, content, export)
        kept.append({"name": stored, "path": str(exports.path(stored)), "url": exports.link(stored)})
    return kept


async def _async_install(hass: HomeAssistant, formats: tuple[Format, ...]) -> None:
    """Install what draws documents, on first use."""
    needed = [*DOCUMENTS] if NEEDS_DRAWING.intersection(formats) else []
    needed += [SPREADSHEET] if Format.XLSX in formats else []
    if not needed:
        return
    try:
        await async_process_requirements(hass, DOMAIN, needed, False)
    except HomeAssistantError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="no_documents",
            translation_placeholders={"requirement": ", ".join(needed)},
        ) from err


async def _async_paid(site: SiteCoordinator, statement: Statement) -> tuple[bool, Decimal]:
    """Say whether nobody has to pay it any more, and what of it has been paid."""
    found = await site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statement(statement.id))
    if found is None:
        return False, Decimal(0)
    state = found.standing.state
    if state is StatementState.CANCELLED or statement.corrects is not None or statement.kind is StatementKind.LIST:
        # What was paid of a cancelled one is owed back, and no part of it.
        return state in (StatementState.PAID, StatementState.CANCELLED), Decimal(0)
    return state is StatementState.PAID, statement.total - found.standing.open


async def _async_preceding(site: SiteCoordinator, statement: Statement) -> Preceding | None:
    """Return the invoice that a credit note takes back."""
    corrects = statement.corrects
    if corrects is None:
        return None
    found = await site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statement(corrects))
    if found is None or found.statement.number is None:
        return None
    return Preceding(number=found.statement.number, made_on=found.statement.made_on)
