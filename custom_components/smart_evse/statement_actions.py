"""Actions about statements: looking at one in advance, making it, finding it again, and its files."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .all_sites import ALL_SITES, Search, async_search
from .car_actions import time_of
from .coordinator import SiteCoordinator
from .documents.statement_files import Format
from .documents.words import LANGUAGES
from .engine.sessions.model import SessionRecord
from .engine.statements import figures
from .engine.statements.model import Fact, StatementKind, StatementState
from .engine.statements.presets import PRESETS
from .engine.statements.span import Span
from .errors import mistake
from .ledger import StatementFilter, StatementsBook
from .ledger.statements import StatementOnRecord, StatementSummary
from .session_desk import ATTR_DRIVER, ATTR_SINCE, ATTR_UNTIL, ATTR_VEHICLE, Asked, async_asked
from .statement_ask import Ask
from .statement_desk import async_issue, async_preview, async_statement
from .statement_documents import async_files, async_kept_files, pay_link
from .statement_span import PERIOD, own_span, span_of
from .statement_telling import told_on_record, told_statement, told_summary
from .viewers import async_only_admins

ATTR_FIGURES: Final = "figures"
ATTR_FORMATS: Final = "formats"
ATTR_ISSUER: Final = "issuer"
ATTR_KIND: Final = "kind"
ATTR_LANGUAGE: Final = "language"
ATTR_LIMIT: Final = "limit"
ATTR_METHOD: Final = "method"
ATTR_MILES: Final = "business_miles"
ATTR_PERIOD: Final = "period"
ATTR_PRESET: Final = "preset"
ATTR_PREVIEW: Final = "preview"
ATTR_PROVISIONAL: Final = "provisional"
ATTR_PUBLIC: Final = "public_energy"
ATTR_RECIPIENT: Final = "recipient"
ATTR_REGION: Final = "region"
ATTR_SESSION: Final = "session"
ATTR_STATE: Final = "state"
ATTR_STATEMENT: Final = "statement"

FORMATS: Final = {"ocpi_cdr": Format.CDR} | {each.value: each for each in Format if each is not Format.CDR}
"""What a format is called by actions."""

_UNITS: Final = {
    figures.BASE_FEE: "{currency}/month",
    figures.HOUSEHOLD: "kWh",
    figures.PER_CENT: "%",
    figures.PER_DRIVER: "{currency}",
}
_FEW: Final = 20
_MOST: Final = 1000


async def _create_statement(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    async with async_search(site, call) as search:
        ask, viewer = await _ask(search, call), search.asked.viewer
        if call.data[ATTR_PREVIEW]:
            if not viewer.sees_all and (ask.driver is None or not viewer.sees(ask.driver)):
                raise mistake("only_administrators")
            draft = await async_preview(site, ask, search)
            told = told_statement(draft.statement, own=viewer.sees_all)
            return {**told, "statement": None, "running": list(draft.running), "claimed_by": draft.claimed}
        await async_only_admins(call.hass, call.context)
        found = await async_issue(site, ask, search)
    files = await async_files(site, found.statement, _formats(call), link=pay_link(site, found))
    kept = await async_kept_files(site, found.statement, files, call.context.user_id)
    return {"site": site.site_name, **told_on_record(found, own=True), "files": [*kept]}


async def _list_statements(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked, zone = await async_asked(site, call.context), _zone(site)
    since, until = time_of(call, ATTR_SINCE), time_of(call, ATTR_UNTIL)
    if (period := call.data.get(ATTR_PERIOD)) is not None:
        since, until = span_of(period, dt_util.now().date(), zone)
    which = StatementFilter(
        driver=asked.driver(call.data.get(ATTR_DRIVER)),
        vehicle=asked.vehicle(call.data.get(ATTR_VEHICLE)),
        state=call.data.get(ATTR_STATE),
        kind=call.data.get(ATTR_KIND),
        preset=call.data.get(ATTR_PRESET),
        since=since,
        until=until,
    )
    found = await site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statements(which))
    mine = [one for one in found if may_see(asked, one.driver)][: call.data[ATTR_LIMIT]]
    return {
        "site": site.site_name,
        "statements": [told_summary(one, asked.names.drivers, zone) for one in mine],
        "open": _open(mine),
    }


async def _get_statement(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked = await async_asked(site, call.context)
    found = await async_named(site, asked, call)
    own = asked.viewer.sees_all
    statement = found.statement
    if (language := call.data.get(ATTR_LANGUAGE)) is not None:
        statement = replace(statement, language=language)
    lists = own and statement.kind is StatementKind.LIST
    files = await async_files(site, statement, _formats(call), link=pay_link(site, found), own=lists)
    kept = await async_kept_files(site, statement, files, call.context.user_id)
    return {"site": site.site_name, **told_on_record(found, own=own), "files": [*kept]}


async def async_named(site: SiteCoordinator, asked: Asked, call: ServiceCall) -> StatementOnRecord:
    """Return the statement that a call names, by id or number; a mistake where there is none that may be seen."""
    named: str = call.data[ATTR_STATEMENT]
    found = await async_statement(site, named)
    if found is None or not may_see(asked, found.statement.driver):
        raise mistake("unknown_statement", statement=named)
    return found


def may_see(asked: Asked, driver: str | None) -> bool:
    """Say whether somebody may see a driver's statement; those of nobody alone are for who sees all."""
    return asked.viewer.sees_all or (driver is not None and asked.viewer.sees(driver))


async def _ask(search: Search, call: ServiceCall) -> Ask:
    data, asked, site = call.data, search.asked, search.asked.site
    driver, session = asked.driver(data.get(ATTR_DRIVER)), data.get(ATTR_SESSION)
    since, until = await _span(search, call)
    public: float = data.get(ATTR_PUBLIC, 0.0)
    return Ask(
        preset=data[ATTR_PRESET],
        since=since,
        until=until,
        driver=driver,
        vehicle=asked.vehicle(data.get(ATTR_VEHICLE)),
        session=session,
        method=data.get(ATTR_METHOD),
        region=data.get(ATTR_REGION),
        issuer=data.get(ATTR_ISSUER),
        recipient=data.get(ATTR_RECIPIENT),
        language=data.get(ATTR_LANGUAGE),
        facts=tuple(_fact(key, value, site.hass.config.currency) for key, value in data.get(ATTR_FIGURES, {}).items()),
        business_miles=None if ATTR_MILES not in data else Decimal(str(data[ATTR_MILES])),
        public_energy=round(public * 1000),
        provisional=data[ATTR_PROVISIONAL],
    )


async def _span(search: Search, call: ServiceCall) -> Span:
    """Return the span that is asked for: of a session, a period, or from one time to another."""
    session, period = call.data.get(ATTR_SESSION), call.data.get(ATTR_PERIOD)
    if session is not None:
        each = [found async for found in search.each(lambda book, _: book.session(session))]
        return _span_of_session(session, next(filter(None, each), None))
    if period is not None:
        return span_of(period, dt_util.now().date(), _zone(search.asked.site))
    return own_span(time_of(call, ATTR_SINCE), time_of(call, ATTR_UNTIL))


def _span_of_session(session: str, record: SessionRecord | None) -> Span:
    """Return the span of one session that has ended."""
    if record is None:
        raise mistake("unknown_session", session=session)
    if record.ended is None:
        raise mistake("session_still_runs")
    return own_span(record.started, record.ended)


def _fact(key: str, value: float, currency: str) -> Fact:
    unit = _UNITS.get(key, "{currency}/kWh").replace("{currency}", currency)
    return Fact(key=key, value=Decimal(str(value)), unit=unit, source="–")


def _formats(call: ServiceCall) -> list[Format]:
    return [FORMATS[each] for each in call.data[ATTR_FORMATS]]


def _open(found: list[StatementSummary]) -> JsonObjectType:
    """Return what is open of invoices, by currency."""
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.kind is StatementKind.INVOICE:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.open
    return {currency: float(amount) for currency, amount in sums.items()}


def _zone(site: SiteCoordinator) -> ZoneInfo:
    return ZoneInfo(site.hass.config.time_zone)


_FORMATS_FIELD: Final = vol.All(cv.ensure_list, [vol.In(tuple(FORMATS))])
_NUMBER: Final = vol.All(vol.Coerce(float), vol.Range(min=0))
_SPAN: Final[VolDictType] = {
    vol.Optional(ATTR_PERIOD): vol.All(vol.Coerce(str), vol.Match(PERIOD)),
    vol.Optional(ATTR_SINCE): cv.datetime,
    vol.Optional(ATTR_UNTIL): cv.datetime,
}


def _figures(value: Any) -> dict[str, float]:  # noqa: ANN401 - what somebody wrote into an action
    checked: dict[str, float] = vol.Schema({cv.string: vol.Coerce(float)})(value)
    return checked


STATEMENT_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="create_statement",
        fields={
            vol.Required(ATTR_PRESET): vol.In(tuple(PRESETS)),
            **_SPAN,
            vol.Optional(ATTR_SESSION): cv.string,
            vol.Optional(ATTR_DRIVER): cv.string,
            vol.Optional(ATTR_VEHICLE): cv.string,
            vol.Optional(ATTR_METHOD): cv.string,
            vol.Optional(ATTR_REGION): cv.string,
            vol.Optional(ATTR_ISSUER): cv.string,
            vol.Optional(ATTR_RECIPIENT): cv.string,
            vol.Optional(ATTR_LANGUAGE): vol.In(LANGUAGES),
            vol.Optional(ATTR_FIGURES, default=dict): _figures,
            vol.Optional(ATTR_MILES): _NUMBER,
            vol.Optional(ATTR_PUBLIC): _NUMBER,
            vol.Optional(ATTR_FORMATS, default=list): _FORMATS_FIELD,
            vol.Optional(ATTR_PROVISIONAL, default=False): cv.boolean,
            vol.Optional(ATTR_PREVIEW, default=False): cv.boolean,
            **ALL_SITES,
        },
        do=_create_statement,
        may_answer=True,
    ),
    SiteAction(
        name="list_statements",
        fields={
            **_SPAN,
            vol.Optional(ATTR_DRIVER): cv.string,
            vol.Optional(ATTR_VEHICLE): cv.string,
            vol.Optional(ATTR_STATE): vol.Coerce(StatementState),
            vol.Optional(ATTR_KIND): vol.Coerce(StatementKind),
            vol.Optional(ATTR_PRESET): vol.In(tuple(PRESETS)),
            vol.Optional(ATTR_LIMIT, default=_FEW): vol.All(vol.Coerce(int), vol.Range(min=1, max=_MOST)),
        },
        do=_list_statements,
        answers=True,
    ),
    SiteAction(
        name="get_statement",
        fields={
            vol.Required(ATTR_STATEMENT): cv.string,
            vol.Optional(ATTR_FORMATS, default=list): _FORMATS_FIELD,
            vol.Optional(ATTR_LANGUAGE): vol.In(LANGUAGES),
        },
        do=_get_statement,
        answers=True,
    ),
)
