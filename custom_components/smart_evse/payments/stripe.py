"""Stripe: pay links by Checkout, and cards that drivers leave there, by its HTTP API."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from ..links.http import Fields
from .coins import to_coins
from .errors import Declined, Refused
from .port import Account, CardPage, CardRequest, Payment, PaymentRequest, SavedCard
from .stripe_line import Form, StripeLine
from .stripe_shapes import KEY, moment, payment_of_intent, payment_of_session

_SESSIONS = "/v1/checkout/sessions"
_INTENTS = "/v1/payment_intents"

_AT_ONCE = 50
"""So many things of a list are asked for at once, the latest first. Stripe would tell 100, at twice the length."""

_CLOCKS = timedelta(days=1)
"""So far two clocks never are from each other."""

# The languages of Checkout that are ours too; any other is left to the payer's browser.
_LOCALES = frozenset({"de", "en", "fr", "nl", "sv"})


class Stripe:
    """A `PaymentProvider` that also `KeepsCards` and `FindsPayments`.

    A payment's id is that of its Checkout Session (`cs_`) or, for a saved card, of its PaymentIntent (`pi_`).
    """

    key = KEY

    def __init__(self, line: StripeLine) -> None:
        self._line = line

    async def account(self) -> Account:
        fields = await self._line.get("/v1/account")
        shown = fields.part("settings").part("dashboard").text("display_name")
        balance = await self._line.get("/v1/balance")
        return Account(
            id=fields.text("id") or "",
            name=shown or fields.part("business_profile").text("name"),
            live=balance.flag("livemode") or False,
        )

    async def link(self, request: PaymentRequest) -> Payment:
        form: dict[str, Form | str | int] = {
            "mode": "payment",
            # The payer pays what the statement says, not a sum in another currency.
            "adaptive_pricing": {"enabled": "false"},
            "line_items": {
                "0": {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": to_coins(request.amount, request.currency),
                        "product_data": {"name": request.description},
                    },
                }
            },
            "client_reference_id": request.statement,
            "metadata": _metadata(request),
            "payment_intent_data": {"description": request.description, "metadata": _metadata(request)},
            **_page(request.language, request.return_url, request.cancel_url),
        }
        if request.expires is not None:
            form["expires_at"] = int(request.expires.timestamp())
        return payment_of_session(await self._line.post(_SESSIONS, form, once=_once(request, "link")))

    async def look(self, payment_id: str) -> Payment:
        if payment_id.startswith("cs_"):
            session = await self._line.get(f"{_SESSIONS}/{payment_id}", "payment_intent.latest_charge")
            return payment_of_session(session)
        return payment_of_intent(await self._line.get(f"{_INTENTS}/{payment_id}", "latest_charge"))

    async def withdraw(self, payment_id: str) -> Payment:
        path = f"{_SESSIONS}/{payment_id}/expire" if payment_id.startswith("cs_") else f"{_INTENTS}/{payment_id}/cancel"
        # Refused is what was paid in the meantime, is over already, or is on its way: which of them, the look tells.
        with suppress(Refused):
            await self._line.post(path, {}, once=None)
        return await self.look(payment_id)

    async def refund(self, payment_id: str, total: Decimal) -> Payment:
        payment = await self.look(payment_id)
        more = total - payment.refunded
        if more <= 0:
            return payment
        if payment.paid_at is None or payment.transaction is None or total > payment.amount:
            raise Refused(f"{total} of {payment.amount} {payment.currency} cannot be given back")
        before, after = (to_coins(amount, payment.currency) for amount in (payment.refunded, total))
        await self._line.post(
            "/v1/refunds",
            {"payment_intent": payment.transaction, "amount": after - before},
            once=f"evse-refund-{payment.transaction}-{before}-{after}",
        )
        return await self.look(payment_id)

    async def ask_for_card(self, request: CardRequest) -> CardPage:
        metadata = {"driver": request.driver, "site": request.site}
        customer = request.customer
        if customer is None:
            made = await self._line.post("/v1/customers", {"metadata": metadata}, once=f"evse-customer-{request.id}")
            customer = made.text("id") or ""
        session = await self._line.post(
            _SESSIONS,
            {
                "mode": "setup",
                "customer": customer,
                # Only a card can be charged later without asking, in every country alike.
                "payment_method_types": {"0": "card"},
                "metadata": metadata,
                **_page(request.language, request.return_url, request.cancel_url),
            },
            once=f"evse-card-{request.id}",
        )
        return CardPage(
            id=session.text("id") or "", url=session.text("url"), expires=moment(session.number("expires_at"))
        )

    async def saved_card(self, page_id: str) -> SavedCard | None:
        session = await self._line.get(f"{_SESSIONS}/{page_id}", "setup_intent")
        intent, customer = session.part("setup_intent"), session.text("customer")
        method = intent.text("payment_method")
        if intent.text("status") != "succeeded" or customer is None or method is None:
            return None
        return SavedCard(provider=KEY, customer=customer, method=method)

    async def prepare(self, request: PaymentRequest, card: SavedCard) -> Payment:
        intent = await self._line.post(
            _INTENTS,
            {
                "amount": to_coins(request.amount, request.currency),
                "currency": request.currency.lower(),
                "customer": card.customer,
                "payment_method": card.method,
                "payment_method_types": {"0": "card"},
                "description": request.description,
                "metadata": _metadata(request),
            },
            once=_once(request, "card"),
        )
        return payment_of_intent(intent)

    async def made_for(self, request: PaymentRequest) -> tuple[Payment, ...]:
        pages = [each async for each in self._all(_SESSIONS, request)]
        # What a page has made is told with the page.
        paged = {page.text("payment_intent") for page in pages}
        charges = [each async for each in self._all(_INTENTS, request) if each.text("id") not in paged]
        found = sorted((*pages, *charges), key=lambda each: each.number("created") or 0)
        return tuple([await self.look(each.text("id") or "") for each in found])

    async def _all(self, path: str, request: PaymentRequest) -> AsyncIterator[Fields]:
        """Yield all that was made for a request's statement: Stripe does not tell it by what is written on it."""
        query = f"limit={_AT_ONCE}"
        if request.since is not None:
            # By its clock, which need not be ours.
            query += f"&created[gte]={int((request.since - _CLOCKS).timestamp())}"
        after: str | None = ""
        while after is not None:
            listed = await self._line.get(f"{path}?{query}{after and f'&starting_after={after}'}")
            things = listed.parts("data")
            for each in things:
                told = each.part("metadata")
                if (told.text("site"), told.text("statement")) == (request.site, request.statement):
                    yield each
            after = things[-1].text("id") if things and listed.flag("has_more") else None

    async def collect(self, payment_id: str) -> Payment:
        # Without a key: a PaymentIntent takes money once, however often it is asked. Refused is one that was taken or
        # called back already.
        with suppress(Declined, Refused):
            await self._line.post(f"{_INTENTS}/{payment_id}/confirm", {"off_session": "true"}, once=None)
        return await self.look(payment_id)

    async def forget(self, card: SavedCard) -> None:
        try:
            await self._line.post(f"/v1/payment_methods/{card.method}/detach", {}, once=None)
        except Refused:
            # What cannot be detached must be gone already; otherwise it would still be charged.
            if await self._attached(card):
                raise

    async def _attached(self, card: SavedCard) -> bool:
        try:
            method = await self._line.get(f"/v1/payment_methods/{card.method}")
        except Refused:
            return False
        return method.text("customer") is not None


def _once(request: PaymentRequest, how: str) -> str:
    return f"evse-{how}-{request.site}-{request.statement}-{request.attempt}"


def _metadata(request: PaymentRequest) -> Form:
    return {
        "statement": request.statement,
        "number": request.number,
        "site": request.site,
        "attempt": request.attempt,
    }


def _page(language: str, return_url: str, cancel_url: str | None) -> dict[str, Form | str | int]:
    page: dict[str, Form | str | int] = {
        "locale": language if language in _LOCALES else "auto",
        "success_url": return_url,
    }
    if cancel_url is not None:
        page["cancel_url"] = cancel_url
    return page
