"""Actions about what becomes of a statement: it is sent, paid or cancelled, and a bank's file says who has paid."""

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .coordinator import SiteCoordinator
from .engine.statements.model import StatementKind
from .engine.statements.states import EventKind, StatementEvent
from .errors import mistake, said_wrong
from .exports import async_file
from .ledger import Ledger, StatementFilter, StatementsBook
from .payments.bank_transfer import Fit, Matching, OpenStatement, Proposal, match
from .payments.camt import BankEntry, read_camt
from .session_desk import async_asked
from .statement_actions import ATTR_STATEMENT, async_named
from .statement_desk import async_book, async_cancel, async_statement
from .statement_telling import told_on_record
from .viewers import async_only_admins

ATTR_AMOUNT: Final = "amount"
ATTR_BOOK: Final = "book"
ATTR_DATE: Final = "date"
ATTR_FILE: Final = "file"
ATTR_REFERENCE: Final = "reference"

BANK: Final = "bank"
"""Who has moved money that a bank's file tells of; what somebody typed in is nobody's word but theirs."""

_NOON: Final = time(12)


async def _mark_paid(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    found = await async_named(site, await async_asked(site, call.context), call)
    amount: Decimal | None = call.data.get(ATTR_AMOUNT)
    reference: str | None = call.data.get(ATTR_REFERENCE)
    event = StatementEvent(
        statement=found.statement.id,
        kind=EventKind.PAID if amount is None else EventKind.PAYMENT,
        at=_moment(call.data.get(ATTR_DATE)),
        amount=amount,
        reference=reference,
        provider=None if reference is None else BANK,
        by=call.context.user_id,
    )
    await async_book(site, event)
    return await _stands(site, found.statement.id)


async def _mark_sent(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    found = await async_named(site, await async_asked(site, call.context), call)
    at = _moment(call.data.get(ATTR_DATE))
    await async_book(
        site, StatementEvent(statement=found.statement.id, kind=EventKind.SENT, at=at, by=call.context.user_id)
    )
    return await _stands(site, found.statement.id)


async def _cancel_statement(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    found = await async_named(site, await async_asked(site, call.context), call)
    note = await async_cancel(site, found.statement.id, call.context.user_id)
    told = await _stands(site, found.statement.id)
    return {**told, "credit_note_number": None if note is None else note.statement.number}


async def _import_bank_statement(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    path = await async_file(call.hass, call.data[ATTR_FILE])
    entries = await _async_entries(call.hass, path)
    found = await site.sessions.books.async_read(lambda ledger: _matching(ledger, entries))
    booked: list[str] = []
    if call.data[ATTR_BOOK]:
        for proposal in found.proposals:
            if _fits(proposal):
                await async_book(site, _payment(proposal, call.context.user_id))
                booked.append(proposal.entry.id)
    return {
        "site": site.site_name,
        "entries": len(entries),
        "matches": [_told(each, booked=each.entry.id in booked) for each in found.proposals],
        "ambiguous": [_entry(each) for each in found.ambiguous],
        "unmatched": [_entry(each) for each in found.unmatched],
        "booked": len(booked),
    }


async def _async_entries(hass: HomeAssistant, path: Path) -> tuple[BankEntry, ...]:
    with said_wrong(hass):
        return await hass.async_add_executor_job(lambda: read_camt(path.read_bytes()))


def _matching(ledger: Ledger, entries: tuple[BankEntry, ...]) -> Matching:
    """Hold a bank's file against invoices; what is on record of it is left out."""
    books, known = StatementsBook(ledger), set[str]()
    opened = []
    for one in books.statements(StatementFilter(kind=StatementKind.INVOICE)):
        if one.corrects is not None or (found := books.statement(one.id)) is None:
            continue
        known |= {event.reference for event in found.standing.events if event.provider == BANK and event.reference}
        reference = found.statement.reference
        opened.append(
            OpenStatement(id=one.id, number=one.number, reference=reference, open=one.open, currency=one.currency)
        )
    return match(entries, opened, frozenset(known))


def _fits(proposal: Proposal) -> bool:
    """Say whether money came for what was open: else it may be what somebody marked as paid by hand."""
    return proposal.fit is not Fit.OTHER_CURRENCY and proposal.left + proposal.entry.amount > 0


def _payment(proposal: Proposal, by: str | None) -> StatementEvent:
    entry = proposal.entry
    return StatementEvent(
        statement=proposal.statement,
        kind=EventKind.PAYMENT,
        at=_moment(entry.booked_on),
        amount=entry.amount,
        provider=BANK,
        reference=entry.id,
        by=by,
    )


def _told(proposal: Proposal, *, booked: bool) -> JsonObjectType:
    return {
        **_entry(proposal.entry),
        "statement": proposal.statement,
        "fit": proposal.fit.value,
        "left": float(proposal.left),
        "booked": booked,
    }


def _entry(entry: BankEntry) -> JsonObjectType:
    return {
        "id": entry.id,
        "amount": float(entry.amount),
        "currency": entry.currency,
        "date": None if entry.booked_on is None else entry.booked_on.isoformat(),
        "reference": entry.reference,
        "text": entry.text,
        "payer": entry.payer,
    }


async def _stands(site: SiteCoordinator, statement: str) -> JsonObjectType:
    found = await async_statement(site, statement)
    if found is None:
        raise mistake("unknown_statement", statement=statement)
    return {"site": site.site_name, **told_on_record(found, own=True)}


def _moment(day: date | None) -> datetime:
    """Return when something happened: of a day nobody knows the hour, so it is its noon."""
    if day is None or day == dt_util.now().date():
        return dt_util.utcnow()
    return dt_util.as_utc(datetime.combine(day, _NOON, dt_util.get_default_time_zone()))


def _amount(value: object) -> Decimal:
    """Return money as it was typed: `12.5` of YAML is twelve and a half, and nothing beside it."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as err:
        raise vol.Invalid("not an amount") from err
    if not amount.is_finite() or amount <= 0:
        raise vol.Invalid("not an amount above zero")
    return amount


SETTLING_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="mark_paid",
        fields={
            vol.Required(ATTR_STATEMENT): cv.string,
            vol.Optional(ATTR_AMOUNT): _amount,
            vol.Optional(ATTR_DATE): cv.date,
            vol.Optional(ATTR_REFERENCE): cv.string,
        },
        do=_mark_paid,
        may_answer=True,
    ),
    SiteAction(
        name="mark_sent",
        fields={vol.Required(ATTR_STATEMENT): cv.string, vol.Optional(ATTR_DATE): cv.date},
        do=_mark_sent,
        may_answer=True,
    ),
    SiteAction(
        name="cancel_statement",
        fields={vol.Required(ATTR_STATEMENT): cv.string},
        do=_cancel_statement,
        may_answer=True,
    ),
    SiteAction(
        name="import_bank_statement",
        fields={vol.Required(ATTR_FILE): cv.string, vol.Optional(ATTR_BOOK, default=False): cv.boolean},
        do=_import_bank_statement,
        answers=True,
    ),
)
