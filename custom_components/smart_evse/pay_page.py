"""Where a statement is paid, by a link that holds as long as it is open.

A provider's page lives for a day. It is made when somebody wants to pay, or handed out again.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.requirements import async_process_requirements

from .const import DOCUMENTS, DOMAIN
from .coordinator import SiteCoordinator
from .documents.manuscript import manuscript
from .documents.payment_codes import NotPayable, PaymentCode, code_png, payment_codes
from .documents.statement_files import Format
from .engine.statements.model import Statement, StatementState
from .ledger import StatementsBook
from .ledger.statements import StatementOnRecord
from .link_page import BACK, CHECKING, LinkPage
from .pay_links import Opened, Opens, link_to, path_to, request_for
from .payments import PaymentError
from .payments.errors import UnderWay, Unreachable
from .payments.following import RECEIVED
from .public_pages import Reader, async_reader, button, page, paragraph, section, table, way
from .statement_documents import async_files
from .statement_parties import issuer_of


class StatementPage(LinkPage):
    """A page of one statement."""

    opens = Opens.PAY

    async def statement(self, request: web.Request, token: str) -> tuple[Opened, StatementOnRecord]:
        """Return the statement that a link opens; nothing is found where there is none."""
        of = self.opened(request, token)
        known = await _on_record(of)
        if known is None:
            raise web.HTTPNotFound
        return of, known


class PayPage(StatementPage):
    """Where it is paid."""

    url = f"/api/{DOMAIN}/{Opens.PAY}/{{token}}"
    name = f"api:{DOMAIN}:pay"

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Show what is to be paid and how, or that it is paid."""
        of, known = await self.statement(request, token)
        reader, back = await async_reader(request), BACK in request.query
        if back and _is_open(known) and self.allows(of.site, of.subject):
            await _look(of.site, known.statement)
            known = await _on_record(of) or known
        return await _shown(of, known, reader, back=back)

    async def post(self, request: web.Request, token: str) -> web.Response:
        """Lead to the provider's page."""
        of, known = await self.statement(request, token)
        reader, till = await async_reader(request), of.site.tills.of(known.statement)
        if till is None or not _is_open(known):
            raise web.HTTPSeeOther(request.path)
        if not self.allows(of.site, of.subject):
            return await _shown(of, known, reader, told="too_often", status=HTTPStatus.TOO_MANY_REQUESTS)
        here = self.here(request, of)
        try:
            payment = await till.async_link(
                request_for(of.site.config_entry.entry_id, known, f"{here}?{BACK}=1", cancel=here)
            )
        except PaymentError as err:
            return await _shown(of, known, reader, told=_why_not(err))
        if payment.url is None or payment.state in RECEIVED:
            raise web.HTTPSeeOther(f"{request.path}?{BACK}=1")
        raise web.HTTPSeeOther(payment.url)


class PayDocument(StatementPage):
    """The statement as a document."""

    url = f"/api/{DOMAIN}/{Opens.PAY}/{{token}}/document"
    name = f"api:{DOMAIN}:pay:document"

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Return the PDF."""
        of, known = await self.statement(request, token)
        if not self.allows(of.site, f"document {of.subject}"):
            raise web.HTTPTooManyRequests
        link = link_to(of.site, Opens.PAY, of.subject) if _is_open(known) else None
        try:
            ((name, content),) = await async_files(of.site, known.statement, [Format.PDF], link=link)
        except HomeAssistantError as err:
            raise web.HTTPServiceUnavailable from err
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=content, content_type="application/pdf", headers=headers)


async def _on_record(of: Opened) -> StatementOnRecord | None:
    return await of.site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statement(of.subject))


async def _look(site: SiteCoordinator, statement: Statement) -> None:
    """Ask the provider now: somebody waits for it."""
    till = site.tills.of(statement)
    if till is not None:
        with suppress(PaymentError):
            await till.async_look(statement.id)


def _is_open(known: StatementOnRecord) -> bool:
    return known.standing.open > 0


def _why_not(err: PaymentError) -> str:
    if isinstance(err, UnderWay):
        return "under_way"
    return "provider_silent" if isinstance(err, Unreachable) else "not_online"


async def _shown(  # noqa: PLR0913 (what a page is made of)
    of: Opened,
    known: StatementOnRecord,
    reader: Reader,
    *,
    told: str = "",
    back: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    statement, there = known.statement, path_to(of.site, Opens.PAY, of.subject)
    waits = back and _is_open(known)
    parts = [
        paragraph(statement.issuer.name, "small"),
        section(await of.site.hass.async_add_executor_job(_sums, known, reader)),
    ]
    if told or waits:
        parts.append(paragraph(reader.text(told or "checking")))
    parts += [*_state(known, reader)]
    if _is_open(known) and not waits:
        if of.site.tills.of(statement) is not None:
            parts.append(button(reader.text("pay_card"), there))
        parts.append(await _code(of.site, known, reader))
    parts.append(way(reader.text("document"), f"{there}/document", "plain"))
    title = f"{reader.told('title_invoice')} {statement.number or ''}".strip()
    return page(reader, title, parts, again=CHECKING if waits else None, status=status, leaves=True)


def _sums(known: StatementOnRecord, reader: Reader) -> list[str]:
    """Return what is asked for, in the words of the reader: reads words from a file."""
    statement, signs = known.statement, reader.signs
    text, sums = manuscript(replace(statement, language=reader.language)), dict[str, Decimal]()
    for line in text.all_lines():
        sums[text.what(line)] = sums.get(text.what(line), Decimal(0)) + line.gross
    rows = [(name, signs.money(amount, statement.currency)) for name, amount in sums.items()]
    total = (reader.told("label_total"), signs.money(statement.total, statement.currency))
    parts = [paragraph(f"{signs.energy(statement.energy)} kWh", "small"), table(rows, total)]
    if _is_open(known) and known.standing.open != statement.total:
        # A part of it has come already.
        left = signs.money(known.standing.open, statement.currency)
        parts.append(paragraph(f"{reader.told('label_amount')}: {left}"))
    return parts


def _state(known: StatementOnRecord, reader: Reader) -> Iterator[str]:
    if known.standing.state is StatementState.PAID:
        yield paragraph(f"✓ {reader.text('paid')}", "good")
    elif known.standing.state is StatementState.CANCELLED:
        yield paragraph(reader.text("cancelled"))


async def _code(site: SiteCoordinator, known: StatementOnRecord, reader: Reader) -> str:
    """Return the code of a transfer of what is left to be paid, as a picture: an app of the payer's bank reads it."""
    statement = known.statement
    issuer = issuer_of(site.config_entry, statement)
    try:
        swish = None if issuer is None else issuer.swish
        codes = payment_codes(statement, due=known.standing.open, swish=swish)
    except NotPayable:
        return ""
    if not codes:
        return ""
    told = codes[0]
    return section([paragraph(reader.told(told.words)), await _picture(site.hass, told)])


async def _picture(hass: HomeAssistant, code: PaymentCode) -> str:
    try:
        await async_process_requirements(hass, DOMAIN, list(DOCUMENTS), False)
        drawn = await hass.async_add_executor_job(code_png, code.payload)
    except HomeAssistantError, ImportError:
        return ""
    return f'<img alt="QR" src="data:image/png;base64,{base64.b64encode(drawn).decode()}">'
