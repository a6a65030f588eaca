"""Actions about what is on record: looking sessions up, correcting them, and proving that nobody changed them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .all_sites import ALL_SITES, Place, async_search
from .coordinator import SiteCoordinator
from .documents.account import Account
from .documents.json_file import plain_rows, plain_totals
from .documents.session_tables import Edition, interval_table, mark_words, session_table
from .engine.sessions.model import SessionRecord
from .errors import mistake
from .ledger import EvidenceBook, SessionFilter, SessionsBook
from .ledger.closing import PeriodsBook
from .ledger.periods import ClosedPeriod
from .ledger.trail import Correction
from .session_accounts import Names, find, find_one
from .session_desk import ATTR_DRIVER, ATTR_VEHICLE, WHICH, Asked, async_asked, async_edition, async_look_up
from .session_evidence import evidence_of
from .signed.judging import SessionEvidence
from .viewers import async_only_admins

ATTR_LIMIT: Final = "limit"
ATTR_NOTE: Final = "note"
ATTR_SESSION: Final = "session"

_KILO: Final = 1000
_MOST: Final = 1000
_FEW: Final = 20


async def _list_sessions(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    edition, limit = await async_edition(call.hass), call.data[ATTR_LIMIT]
    async with async_search(site, call) as search:
        which = search.asked.which(call, limit)
        each = [one async for found in search.each(partial(_look, which=which, asked=search.asked)) for one in found]
    each.sort(key=lambda one: (one[0].record.started, one[0].record.id), reverse=True)
    accounts = [account for account, _ in each[:limit]]
    table = session_table(accounts, edition)
    return {
        "site": site.site_name,
        "sessions": [_told(row, *one) for row, one in zip(plain_rows(table), each[:limit], strict=True)],
        "totals": dict(plain_totals(table)),
    }


def _look(
    book: SessionsBook, place: Place, *, which: SessionFilter, asked: Asked
) -> list[tuple[Account, SessionEvidence | None]]:
    """Return the sessions of a place, each with what its meter signed."""
    accounts = find(book, which, asked.viewer, asked.names, place.running)
    signed = evidence_of(EvidenceBook(book.ledger), _records(accounts))
    return [(replace(account, site=place.title), signed.get(account.record.id)) for account in accounts]


async def _get_session(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked, edition = await async_asked(site, call.context), await async_edition(call.hass)
    session: str = call.data[ATTR_SESSION]
    found = await async_look_up(site, lambda book: find_one(book, session, asked.viewer, asked.names, asked.running))
    if found is None:
        raise mistake("unknown_session", session=session)
    (row,) = plain_rows(session_table([found.account], edition))
    quarters = interval_table([found.account], edition)
    evidence = (
        await async_look_up(site, lambda book: evidence_of(EvidenceBook(book.ledger), _records([found.account])))
    ).get(session)
    return {
        "site": site.site_name,
        **_told(row, found.account, evidence),
        "signed": None if evidence is None else _signed(evidence),
        "remarks": list(mark_words(found.account.record.marks, edition.words)),
        "intervals": [
            {key: value for key, value in each.items() if key not in ("charger", "session")}
            for each in plain_rows(quarters)
        ],
        "corrections": [_corrected(each, asked.names, edition) for each in found.corrections],
    }


async def _correct_session(site: SiteCoordinator, call: ServiceCall) -> None:
    """Only who answers for the books may write in them."""
    await async_only_admins(call.hass, call.context)
    asked, session = await async_asked(site, call.context), call.data[ATTR_SESSION]
    named = {ATTR_DRIVER: asked.driver, ATTR_VEHICLE: asked.vehicle}
    changes = {key: meant(call.data[key]) for key, meant in named.items() if key in call.data}
    note: str = call.data.get(ATTR_NOTE, "")
    if not changes and not note:
        raise mistake("nothing_to_correct")
    known = await async_look_up(site, lambda book: find_one(book, session, asked.viewer, asked.names, asked.running))
    if known is None:
        raise mistake("unknown_session", session=session)
    if known.account.record.ended is None:
        raise mistake("session_still_runs")
    by, now = call.context.user_id, dt_util.utcnow()
    await site.sessions.books.async_write(
        lambda ledger: SessionsBook(ledger).correct(session, changes, by, note, at=now)
    )


async def _verify_ledger(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    verified = await async_look_up(site, lambda book: book.ledger.verify())
    closed = await async_look_up(site, lambda book: PeriodsBook(book.ledger).closed())
    return {
        "site": site.site_name,
        "good": verified.good,
        "records": verified.records,
        "findings": [
            {
                "flaw": finding.flaw.value,
                "epoch": finding.epoch,
                "sequence": finding.sequence,
                "subject": finding.subject,
            }
            for finding in verified.findings
        ],
        "closed": [_closed(period) for period in closed],
    }


def _closed(period: ClosedPeriod) -> JsonObjectType:
    """Tell what a closed period came to, and whether it comes to something else by now."""
    sums = {name: sum(int(total[name]) for total in period.totals) for name in ("sessions", "energy_in")}
    return {
        "period": period.span,
        "hash": period.hash,
        "sessions": sums["sessions"],
        "energy": sums["energy_in"] / 1000,
        "corrected": period.corrected,
    }


def _told(
    row: dict[str, str | int | float | None], account: Account, evidence: SessionEvidence | None
) -> JsonObjectType:
    """Add the ids that other actions take; marks are told by their keys, which stay the same in every language."""
    record = account.record
    return {
        **row,
        "marks": [mark.value for mark in sorted(record.marks)],
        "known_by": record.known_by.value,
        "connector": record.connector,
        "vehicle_id": record.vehicle,
        "driver_id": record.driver,
        "evidence": None if evidence is None else evidence.verdict.evidence.value,
    }


def _signed(evidence: SessionEvidence) -> JsonObjectType:
    """Tell what the meter's signatures are worth, by keys: kWh, and what speaks against billing by them."""
    return {
        "reason": evidence.verdict.reason.value,
        "meters": list(evidence.meters),
        "records": [{"evidence": one.evidence.value, "reason": one.reason.value} for one in evidence.each],
        "amounts": [
            {"register": one.register, "flow": one.flow.value, "energy": float(one.energy / _KILO)}
            for one in evidence.amounts
        ],
        "findings": [{"key": one.key, "spoils": one.spoils.value, "detail": one.detail} for one in evidence.remarks],
    }


def _records(accounts: Iterable[Account]) -> list[SessionRecord]:
    """Return the sessions that are told as a whole: a record may name the card of another who took a part of one."""
    return [account.record for account in accounts if not account.partial]


def _corrected(correction: Correction, names: Names, edition: Edition) -> JsonObjectType:
    return {
        "at": _local(correction.at, edition),
        "by": correction.by,
        "note": correction.why or None,
        "changes": _named(correction.changes, names),
        "before": _named(correction.before, names),
    }


def _named(fields: Mapping[str, Any], names: Names) -> JsonObjectType:
    """Say who is meant; of whom nobody may know, the id stays."""
    known = {ATTR_DRIVER: names.drivers, ATTR_VEHICLE: names.vehicles}
    return {key: known.get(key, {}).get(value, value) for key, value in fields.items()}


def _local(at: datetime, edition: Edition) -> str:
    return at.astimezone(edition.zone).isoformat(timespec="seconds")


_NAMED: Final = vol.Any(None, vol.All(cv.string, lambda name: name.strip() or None))
"""A name, or nothing: then nobody is known."""

SESSION_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="list_sessions",
        fields={
            **WHICH,
            **ALL_SITES,
            vol.Optional(ATTR_LIMIT, default=_FEW): vol.All(vol.Coerce(int), vol.Range(min=1, max=_MOST)),
        },
        do=_list_sessions,
        answers=True,
    ),
    SiteAction(
        name="get_session",
        fields={vol.Required(ATTR_SESSION): cv.string},
        do=_get_session,
        answers=True,
    ),
    SiteAction(
        name="correct_session",
        fields={
            vol.Required(ATTR_SESSION): cv.string,
            vol.Optional(ATTR_DRIVER): _NAMED,
            vol.Optional(ATTR_VEHICLE): _NAMED,
            vol.Optional(ATTR_NOTE): vol.All(cv.string, vol.Length(max=500)),
        },
        do=_correct_session,
    ),
    SiteAction(name="verify_ledger", fields={}, do=_verify_ledger, answers=True),
)
