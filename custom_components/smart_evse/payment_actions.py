"""Actions about money: a link to pay, giving back, and the cards that drivers left with a provider."""

from decimal import Decimal
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.requirements import async_process_requirements
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .const import DOCUMENTS, DOMAIN
from .coordinator import SiteCoordinator
from .documents.payment_codes import code_png
from .engine.access.model import Driver
from .engine.statements.model import StatementKind
from .errors import mistake, payment_error
from .exports import EXPORTS, Export
from .ledger.statements import StatementOnRecord
from .pay_links import Opens, link_to, request_for
from .payments import PaymentError
from .payments.port import Payment
from .session_desk import ATTR_DRIVER, async_asked
from .statement_actions import ATTR_STATEMENT, async_named
from .till import Till
from .viewers import async_only_admins

ATTR_AMOUNT: Final = "amount"
ATTR_QR_CODE: Final = "qr_code"


async def _payment_link(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked = await async_asked(site, call.context)
    found = await async_named(site, asked, call)
    statement, standing = found.statement, found.standing
    if statement.kind is not StatementKind.INVOICE:
        raise mistake("nothing_to_pay", statement=statement.number or statement.id)
    link = link_to(site, Opens.PAY, statement.id)
    told: JsonObjectType = {
        "statement": statement.id,
        "number": statement.number,
        "state": standing.state.value,
        "amount": float(standing.open),
        "currency": statement.currency,
        "url": None,
        "expires": None,
        "link": link,
        "files": [],
    }
    if standing.open <= 0:
        return told
    payment = await _linked(site, _till(site, found), found, link)
    told |= {"url": payment.url, "expires": None if payment.expires is None else _local(payment)}
    if call.data[ATTR_QR_CODE] and (shown := link or payment.url) is not None:
        told["files"] = [await _qr_code(site, found, shown, call.context.user_id)]
    return told


async def _linked(site: SiteCoordinator, till: Till, found: StatementOnRecord, link: str | None) -> Payment:
    back = None if link is None else f"{link}?back=1"
    try:
        return await till.async_link(request_for(site.config_entry.entry_id, found, back, cancel=link))
    except PaymentError as err:
        raise payment_error(err) from err


async def _refund_payment(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    found = await async_named(site, await async_asked(site, call.context), call)
    till = _till(site, found)
    collection = till.collection(found.statement.id)
    paid = None if collection is None else collection.paid
    if paid is None:
        raise mistake("nothing_to_refund", statement=found.statement.number or found.statement.id)
    told: float | None = call.data.get(ATTR_AMOUNT)
    total = paid.amount if told is None else paid.refunded + Decimal(str(told))
    if total > paid.amount:
        raise mistake("refund_too_much", left=str(paid.amount - paid.refunded), currency=paid.currency)
    try:
        payment = await till.async_refund(found.statement.id, total)
    except PaymentError as err:
        raise payment_error(err) from err
    return {
        "statement": found.statement.id,
        "number": found.statement.number,
        "amount": float(payment.refunded - paid.refunded),
        "refunded": float(payment.refunded),
        "currency": payment.currency,
    }


async def _charge_saved_card(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    found = await async_named(site, await async_asked(site, call.context), call)
    statement, standing = found.statement, found.standing
    driver = site.access.desk.people.drivers.get(statement.driver or "")
    card = None if driver is None else site.tills.of_driver(driver)
    if card is None:
        raise mistake("no_card_on_file")
    if standing.open <= 0:
        raise mistake("nothing_to_pay", statement=statement.number or statement.id)
    till, saved = card
    if till is not site.tills.of(statement):
        raise mistake("card_of_other_issuer")
    try:
        payment = await till.async_charge(request_for(site.config_entry.entry_id, found), saved)
    except PaymentError as err:
        raise payment_error(err) from err
    return {"statement": statement.id, "number": statement.number, "state": payment.state.value, "url": payment.url}


async def _card_setup_link(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    driver = await _driver(site, call)
    if site.tills.first is None:
        raise mistake("no_payment_account")
    link = link_to(site, Opens.CARD, driver.id)
    if link is None:
        raise mistake("no_address")
    return {"driver": driver.id, "link": link, "card_on_file": driver.card_on_file is not None}


async def _forget_card(site: SiteCoordinator, call: ServiceCall) -> None:
    driver = await _driver(site, call)
    if driver.card_on_file is None:
        raise mistake("no_card_on_file")
    try:
        await site.tills.async_forget_card(driver)
    except PaymentError as err:
        raise payment_error(err) from err


async def _driver(site: SiteCoordinator, call: ServiceCall) -> Driver:
    """Return the driver who was named: whoever is no administrator names themselves."""
    asked = await async_asked(site, call.context)
    driver = asked.driver(call.data[ATTR_DRIVER])
    people = site.access.desk.people
    known = people.drivers.get(driver or "")
    if known is None or known.id in people.guests:
        raise mistake("unknown_driver", name=call.data[ATTR_DRIVER])
    return known


def _till(site: SiteCoordinator, found: StatementOnRecord) -> Till:
    till = site.tills.of(found.statement)
    if till is None:
        raise mistake("no_payment_account")
    return till


def _local(payment: Payment) -> str | None:
    return None if payment.expires is None else dt_util.as_local(payment.expires).isoformat(timespec="seconds")


async def _qr_code(site: SiteCoordinator, found: StatementOnRecord, shown: str, user: str | None) -> JsonObjectType:
    """Keep a picture of a link for whoever may see the statement."""
    hass: HomeAssistant = site.hass
    await async_process_requirements(hass, DOMAIN, list(DOCUMENTS), False)
    drawn = await hass.async_add_executor_job(code_png, shown)
    driver = found.statement.driver
    export = Export(
        site=site.config_entry.entry_id,
        made=dt_util.utcnow(),
        drivers=frozenset() if driver is None else frozenset({driver}),
        anybody=driver is None,
        user=user,
    )
    exports = hass.data[EXPORTS]
    name = await exports.async_keep(f"pay {found.statement.number or found.statement.id}", "png", drawn, export)
    return {"name": name, "path": str(exports.path(name)), "url": exports.link(name)}


PAYMENT_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="payment_link",
        fields={vol.Required(ATTR_STATEMENT): cv.string, vol.Optional(ATTR_QR_CODE, default=False): cv.boolean},
        do=_payment_link,
        answers=True,
    ),
    SiteAction(
        name="refund_payment",
        fields={
            vol.Required(ATTR_STATEMENT): cv.string,
            vol.Optional(ATTR_AMOUNT): vol.All(vol.Coerce(float), vol.Range(min=0, min_included=False)),
        },
        do=_refund_payment,
        may_answer=True,
    ),
    SiteAction(
        name="charge_saved_card",
        fields={vol.Required(ATTR_STATEMENT): cv.string},
        do=_charge_saved_card,
        may_answer=True,
    ),
    SiteAction(
        name="card_setup_link", fields={vol.Required(ATTR_DRIVER): cv.string}, do=_card_setup_link, answers=True
    ),
    SiteAction(name="forget_card", fields={vol.Required(ATTR_DRIVER): cv.string}, do=_forget_card),
)
