"""Saved cards, refunds and signed messages against an imitation of Stripe that others have written."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.payments.cashier import Cashier
from custom_components.smart_evse.payments.errors import Forged, KeyRefused, Refused, Unreachable
from custom_components.smart_evse.payments.following import News
from custom_components.smart_evse.payments.port import PaymentState, SavedCard
from custom_components.smart_evse.payments.stripe import Stripe
from custom_components.smart_evse.payments.stripe_line import StripeLine
from custom_components.smart_evse.payments.stripe_webhook import read_stripe_message
from tests.payments.localstripe_server import Desk, running_localstripe
from tests.payments.till import SECRET, WEBHOOK_SECRET, Clock, PaperBook, bill

GOOD = "4242424242424242"
DECLINED = "4000000000000341"
WANTS_TO_SEE_SOMEBODY = "4000002500003155"


@pytest.fixture(scope="module")
def behind() -> Iterator[str]:
    with running_localstripe() as url:
        yield url


@pytest.fixture
async def desk(behind: str, socket_enabled: None, session: ClientSession) -> AsyncIterator[Desk]:
    desk = Desk(behind, session)
    await desk.open()
    yield desk
    await desk.close()


@pytest.fixture
def line(desk: Desk, session: ClientSession) -> StripeLine:
    return StripeLine(session, SECRET, base_url=desk.url, wait=lambda _: asyncio.sleep(0))


@pytest.fixture
def stripe(line: StripeLine) -> Stripe:
    return Stripe(line)


async def card(line: StripeLine, number: str) -> SavedCard:
    """What the hosted page would have left."""
    customer = await line.post("/v1/customers", {"metadata": {"driver": "driver"}}, once=None)
    details = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
    method = await line.post("/v1/payment_methods", {"type": "card", "card": details}, once=None)
    saved = SavedCard(provider="stripe", customer=customer.text("id") or "", method=method.text("id") or "")
    await line.post(f"/v1/payment_methods/{saved.method}/attach", {"customer": saved.customer}, once=None)
    return saved


async def test_a_saved_card_is_charged_once(stripe: Stripe, line: StripeLine, desk: Desk) -> None:
    saved = await card(line, GOOD)
    prepared = await stripe.prepare(bill("L1"), saved)
    assert (prepared.state, prepared.amount, prepared.currency) == (PaymentState.PREPARED, Decimal("12.34"), "EUR")
    desk.swallowed = 1
    paid = await stripe.collect(prepared.id)
    assert (paid.state, paid.amount) == (PaymentState.PAID, Decimal("12.34"))
    assert paid.paid_at is not None
    assert (await stripe.prepare(bill("L1"), saved)).id == prepared.id
    assert (await stripe.collect(prepared.id)).state is PaymentState.PAID


async def test_a_card_that_was_declined_cannot_be_taken_any_more(stripe: Stripe, line: StripeLine) -> None:
    prepared = await stripe.prepare(bill("L2"), await card(line, DECLINED))
    declined = await stripe.collect(prepared.id)
    assert (declined.state, declined.reason) == (PaymentState.DECLINED, "card_declined")
    assert (await stripe.withdraw(prepared.id)).state in (PaymentState.CANCELLED, PaymentState.DECLINED)
    assert (await stripe.collect(prepared.id)).state is not PaymentState.PAID


async def test_a_bank_that_wants_to_see_somebody(stripe: Stripe, line: StripeLine) -> None:
    prepared = await stripe.prepare(bill("L3"), await card(line, WANTS_TO_SEE_SOMEBODY))
    seen = await stripe.collect(prepared.id)
    assert (seen.state, seen.reason) == (PaymentState.DECLINED, "authentication_required")
    assert (await stripe.withdraw(prepared.id)).state is PaymentState.CANCELLED


async def test_given_back_in_parts(stripe: Stripe, line: StripeLine, desk: Desk) -> None:
    prepared = await stripe.prepare(bill("L4"), await card(line, GOOD))
    await stripe.collect(prepared.id)
    for _ in range(2):
        desk.swallowed = 1
        part = await stripe.refund(prepared.id, Decimal(2))
        assert (part.state, part.refunded) == (PaymentState.PARTLY_REFUNDED, Decimal("2.00"))
    whole = await stripe.refund(prepared.id, Decimal("12.34"))
    assert (whole.state, whole.refunded) == (PaymentState.REFUNDED, Decimal("12.34"))


async def test_a_forgotten_card(stripe: Stripe, line: StripeLine) -> None:
    saved = await card(line, GOOD)
    await stripe.forget(saved)
    await stripe.forget(saved)
    method = await line.get(f"/v1/payment_methods/{saved.method}")
    assert method.text("customer") is None


async def test_a_key_that_is_none(desk: Desk, session: ClientSession) -> None:
    with pytest.raises(KeyRefused):
        await Stripe(StripeLine(session, "pk_public", base_url=desk.url)).look("pi_1")


async def test_a_payment_that_is_none(stripe: Stripe) -> None:
    with pytest.raises(Refused):
        await stripe.look("pi_0")


async def test_a_charge_without_an_answer_is_found_by_the_poll(stripe: Stripe, line: StripeLine, desk: Desk) -> None:
    saved = await card(line, GOOD)
    clock, news = Clock(), list[News]()

    async def tell(each: News) -> None:
        news.append(each)

    book = PaperBook()
    original = stripe.collect

    async def collect(payment_id: str) -> None:
        desk.swallowed = 20
        await original(payment_id)

    stripe.collect = collect  # type: ignore[method-assign,assignment]
    with pytest.raises(Unreachable):
        await Cashier(stripe, book, tell, clock).charge(bill("L5"), saved)
    del stripe.collect
    desk.swallowed = 0
    await Cashier(stripe, book, tell, clock).poll()
    assert [(each.kind, each.statement) for each in news] == [("paid", "L5")]


async def test_its_messages_are_believed_and_others_are_not(
    stripe: Stripe, line: StripeLine, session: ClientSession, behind: str
) -> None:
    came: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        came.put_nowait((await request.read(), request.headers["Stripe-Signature"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/", "secret": WEBHOOK_SECRET}
    async with session.post(f"{behind}/_config/webhooks/house", data=hook) as response:
        assert response.status == 200

    prepared = await stripe.prepare(bill("L6"), await card(line, GOOD))
    await stripe.collect(prepared.id)
    named: frozenset[str] = frozenset()
    while named != {prepared.id}:
        # Those of other tests, and of the customer, come by too.
        body, signature = await came.get()
        now = datetime.now(UTC)
        named = read_stripe_message(body, signature, WEBHOOK_SECRET, now).payments
    await runner.cleanup()
    with pytest.raises(Forged):
        read_stripe_message(body, signature, "whsec_of_somebody_else", now)
    with pytest.raises(Forged):
        read_stripe_message(body.replace(b"1234", b"9999"), signature, WEBHOOK_SECRET, now)
