"""Stripe as a provider, over a real socket: what is sent, what is made of the answers, and what goes wrong."""

import asyncio
from datetime import timedelta
from decimal import Decimal
import logging

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.payments import PROVIDERS
from custom_components.smart_evse.payments.errors import (
    KeyRefused,
    PaymentError,
    Refused,
    Unclear,
    UnderWay,
    Unknown,
    Unreachable,
)
from custom_components.smart_evse.payments.port import KeepsCards, PaymentState
from custom_components.smart_evse.payments.stripe import Stripe
from custom_components.smart_evse.payments.stripe_line import StripeLine
from simulator.sockets.stripe import Fault
from tests.payments.till import SECRET, START, Till, bill, card_request


async def test_link_tells_what_is_paid_and_for_which_statement(till: Till) -> None:
    payment = await till.stripe.link(bill())
    assert (payment.state, payment.amount, payment.currency) == (PaymentState.PENDING, Decimal("12.34"), "EUR")
    assert payment.url is not None
    assert payment.id in payment.url
    method, path, form, headers = till.server.requests[-1]
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert form["line_items[0][price_data][unit_amount]"] == "1234"
    assert form["line_items[0][price_data][currency]"] == "eur"
    assert form["line_items[0][price_data][product_data][name]"] == "Invoice 2026-S1"
    assert (form["client_reference_id"], form["metadata[statement]"], form["metadata[site]"]) == ("S1", "S1", "house")
    assert form["payment_intent_data[metadata][statement]"] == "S1"
    assert (form["locale"], form["mode"]) == ("nl", "payment")
    assert (form["success_url"], form["cancel_url"]) == ("https://home.example/paid", "https://home.example/later")
    assert headers["Idempotency-Key"] == "evse-link-house-S1-1"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Stripe-Version"] == "2025-10-29.clover"


@pytest.mark.parametrize(
    ("amount", "currency", "coins"),
    [("12.3", "EUR", "1230"), ("500", "JPY", "500"), ("1.250", "KWD", "1250"), ("99", "SEK", "9900")],
)
async def test_amounts_are_in_the_smallest_coin(till: Till, amount: str, currency: str, coins: str) -> None:
    payment = await till.stripe.link(bill(amount=amount, currency=currency))
    assert till.server.requests[-1][2]["line_items[0][price_data][unit_amount]"] == coins
    assert (payment.amount, payment.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(("amount", "currency"), [("12.345", "EUR"), ("0.5", "JPY")])
async def test_what_is_no_sum_of_coins_is_not_asked_for(till: Till, amount: str, currency: str) -> None:
    with pytest.raises(Refused, match="coins"):
        await till.stripe.link(bill(amount=amount, currency=currency))
    assert till.server.requests == []


async def test_an_unknown_language_is_left_to_the_browser(till: Till) -> None:
    request = bill()
    await till.stripe.link(type(request)(**{**_fields(request), "language": "tlh"}))
    assert till.server.requests[-1][2]["locale"] == "auto"


def _fields(request: object) -> dict[str, object]:
    return {name: getattr(request, name) for name in type(request).__slots__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNANSWERED, Fault.BUSY])
async def test_a_lost_answer_is_asked_for_again_under_the_same_key(till: Till, fault: Fault) -> None:
    till.server.faults = [fault]
    payment = await till.stripe.link(bill())
    assert [thing for thing in till.network.things if thing.startswith("cs_")] == [payment.id]
    assert len({headers["Idempotency-Key"] for *_, headers in till.server.requests}) == 1
    assert till.waits == [2.0 if fault is Fault.BUSY else 0.5]


@pytest.mark.parametrize(("fault", "error"), [(Fault.LOST, Unreachable), (Fault.BROKEN, Unclear)])
async def test_what_stays_wrong_is_told(till: Till, fault: Fault, error: type[PaymentError]) -> None:
    till.server.faults = [fault] * 3
    with pytest.raises(error):
        await till.stripe.link(bill())
    assert len(till.server.requests) == 3
    assert till.waits == [0.5, 1.0]


async def test_a_wrong_key_is_told_without_the_key(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(KeyRefused) as caught:
        await till.provider("sk_test_of_somebody_else").link(bill())
    assert "sk_" not in f"{caught.value!r} {caught.value} {caplog.text}"
    assert till.waits == []


async def test_the_same_key_for_something_else_is_not_another_payment(till: Till) -> None:
    await till.stripe.link(bill())
    with pytest.raises(UnderWay):
        await till.stripe.link(bill(amount="1"))


async def test_what_stripe_refuses_is_told_in_its_words(till: Till) -> None:
    request = bill()
    late = type(request)(**{**_fields(request), "expires": START + timedelta(days=3)})
    with pytest.raises(Refused, match="expires_at"):
        await till.stripe.link(late)
    with pytest.raises(Unknown):
        await till.stripe.look("cs_test_000099")


async def test_a_page_is_paid_declined_and_paid_late(till: Till) -> None:
    payment = await till.stripe.link(bill())
    till.network.pay(payment.id, "insufficient_funds")
    tried = await till.stripe.look(payment.id)
    assert (tried.state, tried.reason, tried.url) == (PaymentState.PENDING, "insufficient_funds", payment.url)
    till.network.pay(payment.id, "slow")
    slow = await till.stripe.look(payment.id)
    assert (slow.state, slow.url) == (PaymentState.PENDING, None)
    till.network.arrive(payment.id)
    paid = await till.stripe.look(payment.id)
    assert (paid.state, paid.url, paid.reason, paid.paid_at) == (PaymentState.PAID, None, None, START)
    assert paid.transaction is not None


async def test_a_slow_bank_says_no(till: Till) -> None:
    payment = await till.stripe.link(bill())
    till.network.pay(payment.id, "slow")
    till.network.arrive(payment.id, well=False)
    assert (await till.stripe.look(payment.id)).state is PaymentState.DECLINED


async def test_a_withdrawn_page_cannot_be_paid(till: Till) -> None:
    payment = await till.stripe.link(bill())
    assert (await till.stripe.withdraw(payment.id)).state is PaymentState.EXPIRED
    assert not till.network.pay(payment.id)
    assert (await till.stripe.withdraw(payment.id)).state is PaymentState.EXPIRED


async def test_withdrawing_comes_too_late(till: Till) -> None:
    payment = await till.stripe.link(bill())
    till.network.pay(payment.id)
    assert (await till.stripe.withdraw(payment.id)).state is PaymentState.PAID


async def test_what_is_given_back_is_given_back_once(till: Till) -> None:
    payment = await till.stripe.link(bill())
    till.network.pay(payment.id)
    till.server.faults = [Fault.FINE, Fault.UNANSWERED]
    part = await till.stripe.refund(payment.id, Decimal(5))
    assert (part.state, part.refunded) == (PaymentState.PARTLY_REFUNDED, Decimal("5.00"))
    assert (await till.stripe.refund(payment.id, Decimal(5))).refunded == Decimal(5)
    whole = await till.stripe.refund(payment.id, payment.amount)
    assert (whole.state, whole.refunded) == (PaymentState.REFUNDED, payment.amount)
    assert till.network.given == [("S1", 500), ("S1", 734)]


@pytest.mark.parametrize("total", ["12.35", "12.341"])
async def test_no_more_is_given_back_than_was_paid(till: Till, total: str) -> None:
    payment = await till.stripe.link(bill())
    till.network.pay(payment.id)
    with pytest.raises(Refused):
        await till.stripe.refund(payment.id, Decimal(total))
    assert till.network.given == []


async def test_what_is_not_paid_is_not_given_back(till: Till) -> None:
    payment = await till.stripe.link(bill())
    with pytest.raises(Refused):
        await till.stripe.refund(payment.id, Decimal(1))


async def test_a_card_is_left_charged_and_forgotten(till: Till) -> None:
    assert isinstance(till.stripe, KeepsCards)
    page = await till.stripe.ask_for_card(card_request())
    assert await till.stripe.saved_card(page.id) is None
    till.network.leave_card(page.id)
    card = await till.stripe.saved_card(page.id)
    assert card is not None
    assert (await till.stripe.ask_for_card(card_request())).id == page.id

    prepared = await till.stripe.prepare(bill(), card)
    assert prepared.state is PaymentState.PREPARED
    assert till.network.taken == []
    assert (await till.stripe.collect(prepared.id)).state is PaymentState.PAID
    assert (await till.stripe.collect(prepared.id)).state is PaymentState.PAID
    assert till.network.taken == [("S1", 1234)]

    await till.stripe.forget(card)
    await till.stripe.forget(card)
    with pytest.raises(Refused):
        await till.stripe.prepare(bill("S2"), card)


@pytest.mark.parametrize("bank", ["card_declined", "authentication_required"])
async def test_a_saved_card_is_declined(till: Till, bank: str) -> None:
    prepared = await till.stripe.prepare(bill(), await till.saved_card(bank))
    declined = await till.stripe.collect(prepared.id)
    assert (declined.state, declined.reason) == (PaymentState.DECLINED, bank)


async def test_no_name_of_a_driver_goes_out(till: Till) -> None:
    await till.saved_card()
    sent = " ".join(value for _, _, form, _ in till.server.requests for value in form.values())
    assert "driver" in sent
    assert not {"name", "email", "phone"} & {key for _, _, form, _ in till.server.requests for key in form}


async def test_whose_key_it_is(till: Till) -> None:
    account = await till.stripe.account()
    assert (account.id, account.name, account.live) == ("acct_sim", "The house", False)


async def test_the_table_builds_it(till: Till, session: ClientSession) -> None:
    provider = PROVIDERS["stripe"].build(session, SECRET, till.server.url)
    assert provider.key == "stripe"
    assert (await provider.link(bill())).provider == "stripe"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"id": "cs_1"', b"{}", b'{"id": "cs_1"}', b"9" * 2_000_000])
async def test_an_answer_that_is_none(socket_enabled: None, session: ClientSession, body: bytes) -> None:
    async with _served(body) as url:
        with pytest.raises(Unreachable):
            await Stripe(StripeLine(session, SECRET, base_url=url, wait=_at_once)).look("cs_1")


async def test_nobody_is_followed_with_the_key(socket_enabled: None, session: ClientSession) -> None:
    async with _served(b"{}", status=307) as url:
        with pytest.raises(Refused):
            await Stripe(StripeLine(session, SECRET, base_url=url, wait=_at_once)).link(bill())


async def test_a_closed_session_is_unreachable(till: Till, session: ClientSession) -> None:
    await session.close()
    with pytest.raises(Unreachable):
        await till.stripe.link(bill())


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


class _served:  # noqa: N801
    """A server that always says the same."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._body, self._status = body, status

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, _: web.Request) -> web.Response:
        return web.Response(body=self._body, status=self._status, headers={"Location": "http://127.0.0.1:9/elsewhere"})
