"""Statements that are paid online: what a provider on a real socket says is what stands, whatever gets lost."""

import base64
from collections.abc import AsyncIterator
from decimal import Decimal
import io

from aiohttp import ClientResponse
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pypdf import PdfReader
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.documents.payment_codes import Transfer, code_png, transfer_payload
from custom_components.smart_evse.engine.statements.model import StatementState
from simulator.payments import CardNetwork
from simulator.sockets.stripe import Fault, StripeServer
from tests.home import MakeSite, Site, make_site
from tests.on_record import pause, until
from tests.paying import (
    SECRET,
    WEBHOOK_SECRET,
    account,
    becomes,
    go,
    meanwhile,
    paid_site,
    restarted,
    statements,
    stripe,
)
from tests.stated import ADA, BEN, ask, invoice, refused, user_of

__all__ = ["account", "make_site", "stripe"]

ACCOUNT = "NL91ABNA0417164300"
"""Where a transfer to the issuer goes."""

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def site(hass: HomeAssistant, make_site: MakeSite, stripe: StripeServer) -> Site:
    return await paid_site(make_site, stripe, hass)


def page_of(account: CardNetwork) -> str:
    """Return the id of the last page that was made."""
    return next(reversed([key for key in account.things if key.startswith("cs_")]))


async def words_of(pdf: ClientResponse) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(await pdf.read())).pages)


async def linked(site: Site, statement: str = "EV-2026-0001") -> str:
    told = await ask(site, "payment_link", statement=statement)
    assert told["url"] is not None
    return str(told["url"])


def raised(site: Site) -> set[str | None]:
    """Return what is on the repairs page after a beat."""
    site.coordinator.beat()
    issues = ir.async_get(site.hass).issues
    return {issue.translation_key for (domain, _), issue in issues.items() if domain == DOMAIN}


async def test_a_statement_is_paid_by_its_link(site: Site, account: CardNetwork) -> None:
    heard = async_capture_events(site.hass, "smart_evse_payment")
    await invoice(site)
    told = await ask(site, "payment_link", statement="EV-2026-0001")
    assert (told["amount"], told["currency"], told["state"]) == (3.0, "EUR", "open")
    assert str(told["link"]).startswith("http://10.0.0.2:8123/api/smart_evse/pay/")
    assert account.pay(page_of(account))
    after = await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert (after.standing.received, len(after.standing.events)) == (after.statement.total, 1)
    # It is told once it is on record.
    await until(site, lambda: bool(heard))
    assert [each.data["type"] for each in heard] == ["paid"]
    assert "Ada" not in str(heard[0].data)
    assert (await ask(site, "payment_link", statement="EV-2026-0001"))["url"] is None


async def test_only_invoices_are_paid(site: Site) -> None:
    listed = await ask(site, "create_statement", preset="neutral", period="2026-11")
    assert listed["total"] > 0
    assert await refused(site, "payment_link", statement=listed["statement"]) == "nothing_to_pay"


async def test_a_link_is_the_same_until_it_is_over(site: Site, account: CardNetwork) -> None:
    await invoice(site)
    first = await linked(site)
    assert await linked(site) == first
    await go(site, 23.5 * 3600)
    assert await linked(site) != first
    assert account.pay(page_of(account))
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert len(account.taken) == 1


async def test_home_assistant_is_restarted_while_somebody_pays(site: Site, account: CardNetwork) -> None:
    await invoice(site)
    await linked(site)
    assert account.pay(page_of(account))
    await restarted(site)
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)


async def test_a_refund_is_booked_once_wherever_it_is_made(site: Site, account: CardNetwork) -> None:
    await invoice(site)
    await linked(site)
    account.pay(page_of(account))
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    answer = await ask(site, "refund_payment", statement="EV-2026-0001", amount=1)
    assert answer["refunded"] == 1.0
    account.refund({"payment_intent": str(account.things[page_of(account)]["payment_intent"]), "amount": "50"})
    await go(site, 25 * 3600)
    after = await becomes(site, lambda one: len(one.standing.events) == 3, passing=3600)
    assert (after.standing.state, float(after.standing.refunded)) == (StatementState.PAID, 1.5)
    assert await refused(site, "refund_payment", statement="EV-2026-0001", amount=2) == "refund_too_much"


async def test_a_statement_that_is_cancelled_or_paid_otherwise_cannot_be_paid_online(
    site: Site, account: CardNetwork
) -> None:
    await invoice(site)
    await linked(site)
    await ask(site, "mark_paid", statement="EV-2026-0001")
    await until(site, lambda: account.things[page_of(account)]["status"] == "expired")
    assert not account.pay(page_of(account))


async def test_who_is_no_administrator_pays_only_what_is_theirs(site: Site) -> None:
    await invoice(site)
    assert await refused(site, "payment_link", user_of(site, BEN), statement="EV-2026-0001") == "unknown_statement"
    assert (await ask(site, "payment_link", user_of(site, ADA), statement="EV-2026-0001"))["url"] is not None
    assert await refused(site, "refund_payment", user_of(site, ADA), statement="EV-2026-0001") == "only_administrators"
    assert await refused(site, "charge_saved_card", user_of(site, ADA), statement="EV-2026-0001") == (
        "only_administrators"
    )


async def test_a_webhook_hurries_and_is_not_believed(
    site: Site, stripe: StripeServer, account: CardNetwork, hass_client_no_auth: ClientSessionGenerator
) -> None:
    browser, url = await hass_client_no_auth(), f"/api/smart_evse/payments/{site.entry.entry_id}"
    await invoice(site)
    await linked(site)
    for _ in range(10):
        await pause(site)
    account.pay(page_of(account))
    asked = len(stripe.requests)
    for event in account.events:
        body, signature = stripe.message(event, "whsec_of_somebody_else", dt_util.utcnow().timestamp())
        assert (await browser.post(url, data=body, headers={"Stripe-Signature": signature})).status == 400
    assert len(stripe.requests) == asked
    assert (await statements(site))[-1].standing.state is StatementState.OPEN
    for event in (*account.events, *account.events):
        body, signature = stripe.message(event, WEBHOOK_SECRET, dt_util.utcnow().timestamp())
        assert (await browser.post(url, data=body, headers={"Stripe-Signature": signature})).status == 200
    found = (await statements(site))[-1]
    assert (found.standing.state, len(found.standing.events)) == (StatementState.PAID, 1)
    assert (await browser.post(url, data=b"x" * 300_000)).status in (400, 413)
    assert (await browser.post("/api/smart_evse/payments/nobody", data=b"")).status == 404


async def test_a_provider_that_is_silent_is_called_back_and_told_of(
    site: Site, stripe: StripeServer, account: CardNetwork, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await invoice(site)
    await linked(site)
    account.pay(page_of(account))
    stripe.faults = [Fault.BUSY] * 10_000
    browser, url = await hass_client_no_auth(), f"/api/smart_evse/payments/{site.entry.entry_id}"
    body, signature = stripe.message(account.events[-1], WEBHOOK_SECRET, dt_util.utcnow().timestamp())
    calling = browser.post(url, data=body, headers={"Stripe-Signature": signature})
    assert (await meanwhile(site, calling)).status == 503
    assert (await statements(site))[-1].standing.state is StatementState.OPEN
    for _ in range(40):
        await go(site, 120)
    assert "payment_silent" in raised(site)
    stripe.faults.clear()
    await becomes(site, lambda one: one.standing.state is StatementState.PAID, passing=600)
    assert "payment_silent" not in raised(site)


async def test_a_key_that_is_refused_is_told_until_it_works_again(site: Site, stripe: StripeServer) -> None:
    await invoice(site)
    stripe.secret = "sk_test_another"
    with pytest.raises(HomeAssistantError) as caught:
        await ask(site, "payment_link", statement="EV-2026-0001")
    assert caught.value.translation_key == "payment_key_refused"
    assert SECRET not in str(caught.value)
    assert "payment_key_refused" in raised(site)
    stripe.secret = SECRET
    await linked(site)
    assert "payment_key_refused" not in raised(site)


async def test_a_message_may_come_in_pieces(
    site: Site, stripe: StripeServer, account: CardNetwork, hass_client_no_auth: ClientSessionGenerator
) -> None:
    browser, url = await hass_client_no_auth(), f"/api/smart_evse/payments/{site.entry.entry_id}"
    await invoice(site)
    await linked(site)
    account.pay(page_of(account))
    body, signature = stripe.message(account.events[-1], WEBHOOK_SECRET, dt_util.utcnow().timestamp())

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:100]
        await pause(site)
        yield body[100:]

    answer = await meanwhile(site, browser.post(url, data=pieces(), headers={"Stripe-Signature": signature}))
    assert answer.status == 200

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 65_536

    assert (await browser.post(url, data=endless(), headers={"Stripe-Signature": signature})).status == 413


async def test_a_link_of_ours_leads_to_the_page_and_shows_that_it_is_paid(
    site: Site, account: CardNetwork, hass_client_no_auth: ClientSessionGenerator
) -> None:
    browser = await hass_client_no_auth()
    await invoice(site)
    link = str((await ask(site, "payment_link", statement="EV-2026-0001"))["link"]).removeprefix("http://10.0.0.2:8123")
    shown = await (await browser.get(link)).text()
    assert "EV-2026-0001" in shown
    assert "€3.00" in shown
    assert "data:image/png" in shown
    leads = await browser.post(link, allow_redirects=False)
    assert (leads.status, page_of(account) in leads.headers["Location"]) == (303, True)
    assert "Begunstigde" in await words_of(await browser.get(f"{link}/document"))
    account.pay(page_of(account))
    german = await (await browser.get(f"{link}?back=1", headers={"Accept-Language": "de"})).text()
    assert "Bezahlt" in german
    assert "<form" not in german
    # Whoever keeps the document of what is paid is not asked to pay once more.
    kept = await words_of(await browser.get(f"{link}/document"))
    assert "EV-2026-0001" in kept
    assert "Begunstigde" not in kept
    assert (await browser.get(link[:-1] + ("a" if link[-1] != "a" else "b"))).status == 404
    assert (await browser.post(link, allow_redirects=False)).headers["Location"] == link


async def test_what_is_left_of_a_bill_is_what_is_asked_for(
    site: Site, account: CardNetwork, hass_client_no_auth: ClientSessionGenerator
) -> None:
    browser = await hass_client_no_auth()
    made = await invoice(site)
    await ask(site, "mark_paid", statement="EV-2026-0001", amount=1.25)
    link = str((await ask(site, "payment_link", statement="EV-2026-0001"))["link"]).removeprefix("http://10.0.0.2:8123")
    shown = await (await browser.get(link)).text()
    assert "€3.00" in shown
    assert "€1.75" in shown
    left = Transfer(name="Olle Owner", account=ACCOUNT, amount=Decimal("1.75"), reference=str(made["reference"]))
    picture = base64.b64encode(code_png(transfer_payload(left))).decode()
    assert f"data:image/png;base64,{picture}" in shown
    await browser.post(link, allow_redirects=False)
    assert account.things[page_of(account)]["amount_total"] == 175


async def test_a_link_is_not_pressed_without_end(site: Site, hass_client_no_auth: ClientSessionGenerator) -> None:
    browser = await hass_client_no_auth()
    await invoice(site)
    link = str((await ask(site, "payment_link", statement="EV-2026-0001"))["link"]).removeprefix("http://10.0.0.2:8123")
    answers = [(await browser.post(link, allow_redirects=False)).status for _ in range(14)]
    assert answers == [303] * 12 + [429] * 2
