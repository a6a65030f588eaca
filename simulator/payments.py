"""A card network in a box: what Stripe keeps of its accounts, and what it does when it is asked. Pure.

Written from Stripe's reference of version 2025-10-29: Checkout Sessions, PaymentIntents, SetupIntents, Refunds, Errors.
Parameters that do not exist there are refused, as it does. `now` is the clock, in s since 1970.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from .payment_forms import (
    CONFIRM,
    INTENT,
    LIST,
    REFUND,
    SESSION,
    Form,
    Problem,
    Thing,
    coins_of,
    known,
    metadata_of,
    needed,
)

DAY: Final = 86400
MOST: Final = 100


@dataclass(slots=True)
class Card:
    """A card that somebody left, and what its bank says: `ok`, a decline code, or `authentication_required`."""

    id: str
    customer: str | None
    bank: str


@dataclass(slots=True)
class CardNetwork:
    """One account. `taken` and `given` are what moved, in coins, by statement: what a bank would show."""

    now: Callable[[], float]
    things: dict[str, Thing] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
    given: list[tuple[str, int]] = field(default_factory=list)

    def find(self, name: str, prefix: str) -> Thing:
        """Return a thing as it is now."""
        thing = self.things.get(name) if name.startswith(prefix) else None
        if thing is None:
            raise Problem(404, "resource_missing", f"No such object: '{name}'")
        ends = thing.get("expires_at")
        if thing.get("status") == "open" and isinstance(ends, int) and self.now() >= ends:
            self._end(thing)
        return thing

    def make_customer(self, form: Form) -> Thing:
        known(form, frozenset())
        return self._keep("cus_", "customer", metadata=metadata_of(form))

    def make_session(self, form: Form) -> Thing:
        """A page where a statement can be paid or a card be left."""
        known(form, SESSION)
        needed(form, "mode", "success_url")
        now = int(self.now())
        ends = int(form.get("expires_at", now + DAY))
        if not now + 1800 <= ends <= now + DAY:
            raise Problem(400, "parameter_invalid", "The `expires_at` timestamp must be 30 minutes to 24 hours ahead.")
        values: Thing = {}
        if form["mode"] == "payment":
            item = "line_items[0][price_data]"
            needed(form, f"{item}[currency]", f"{item}[unit_amount]", f"{item}[product_data][name]")
            values = {"currency": form[f"{item}[currency]"], "amount_total": coins_of(form[f"{item}[unit_amount]"])}
        elif "customer" in form:
            self.find(form["customer"], "cus_")
        session = self._keep(
            "cs_test_",
            "checkout.session",
            mode=form["mode"],
            status="open",
            payment_status="unpaid",
            payment_intent=None,
            setup_intent=None,
            customer=form.get("customer"),
            client_reference_id=form.get("client_reference_id"),
            expires_at=ends,
            success_url=form["success_url"],
            metadata=metadata_of(form),
            **values,
        )
        session["url"] = f"/c/pay/{session['id']}"
        return session

    def expire(self, name: str) -> Thing:
        session = self.find(name, "cs_")
        if session["status"] != "open":
            raise Problem(400, "resource_already_exists", "Only open Checkout Sessions can be expired.")
        self._end(session)
        return session

    def pay(self, name: str, bank: str = "ok") -> bool:
        """What a payer does on the page: tell whether it was taken. `slow` is a bank that takes its days."""
        session = self.find(name, "cs_")
        if session["status"] != "open" or session["mode"] != "payment":
            return False
        intent = self.things.get(str(session["payment_intent"])) or self._intent(
            session["amount_total"], session["currency"], session["metadata"]
        )
        session["payment_intent"] = intent["id"]
        if bank not in ("ok", "slow"):
            self._decline(intent, bank)
            return False
        session |= {"status": "complete", "url": None}
        if bank == "slow":
            intent["status"] = "processing"
        else:
            self._take(intent)
            session["payment_status"] = "paid"
        self._tell("checkout.session.completed", session)
        return True

    def arrive(self, name: str, *, well: bool = True) -> None:
        """What a slow bank says after some days."""
        session = self.find(name, "cs_")
        intent = self.things[str(session["payment_intent"])]
        if not well:
            self._decline(intent, "insufficient_funds")
            self._tell("checkout.session.async_payment_failed", session)
            return
        self._take(intent)
        session["payment_status"] = "paid"
        self._tell("checkout.session.async_payment_succeeded", session)

    def leave_card(self, name: str, bank: str = "ok") -> None:
        """What a driver does on the page of a setup."""
        session = self.find(name, "cs_")
        customer = session["customer"]
        card = Card(f"pm_{len(self.cards) + 1:04}", customer if isinstance(customer, str) else None, bank)
        self.cards[card.id] = card
        intent = self._keep("seti_", "setup_intent", status="succeeded", payment_method=card.id)
        session |= {"status": "complete", "url": None, "setup_intent": intent["id"]}
        self._tell("checkout.session.completed", session)

    def make_intent(self, form: Form) -> Thing:
        known(form, INTENT)
        needed(form, "amount", "currency", "customer", "payment_method")
        card = self.cards.get(form["payment_method"])
        if card is None or card.customer != form["customer"]:
            raise Problem(400, "resource_missing", "The customer does not have this payment method attached.")
        intent = self._intent(coins_of(form["amount"]), form["currency"], metadata_of(form))
        intent |= {"status": "requires_confirmation", "payment_method": card.id, "customer": card.customer}
        return intent

    def listed(self, kind: str, form: Form) -> Thing:
        """The latest things of a kind, the latest first; by customer, from a time on, after another one."""
        known(form, LIST)
        most, since = int(form.get("limit", 10)), int(form.get("created[gte]", 0))
        if not 1 <= most <= MOST:
            raise Problem(400, "parameter_invalid_integer", "Limit can range between 1 and 100.")
        found = [thing for thing in reversed(self.things.values()) if thing["object"] == kind]
        found = [self.find(str(thing["id"]), "") for thing in found if _whole(thing["created"]) >= since]
        if "customer" in form:
            found = [thing for thing in found if thing.get("customer") == form["customer"]]
        if "starting_after" in form:
            found = found[1 + [thing["id"] for thing in found].index(form["starting_after"]) :]
        return {"object": "list", "data": found[:most], "has_more": len(found) > most}

    def confirm(self, name: str, form: Form) -> Thing:
        known(form, CONFIRM)
        intent = self.find(name, "pi_")
        if intent["status"] != "requires_confirmation":
            raise Problem(400, "payment_intent_unexpected_state", f"This PaymentIntent is {intent['status']}.")
        card = self.cards.get(str(intent["payment_method"]))
        bank = "expired_card" if card is None or card.customer is None else card.bank
        if bank != "ok":
            self._decline(intent, bank)
            raise Problem(402, bank, "Your card was declined.", kind="card_error")
        self._take(intent)
        return intent

    def cancel(self, name: str) -> Thing:
        intent = self.find(name, "pi_")
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise Problem(400, "payment_intent_unexpected_state", f"This PaymentIntent is {intent['status']}.")
        intent["status"] = "canceled"
        return intent

    def refund(self, form: Form) -> Thing:
        """Give back; also what an owner does on Stripe's own pages."""
        known(form, REFUND)
        needed(form, "payment_intent")
        charge = self.things.get(str(self.find(form["payment_intent"], "pi_")["latest_charge"]), {})
        amount, before = charge.get("amount"), charge.get("amount_refunded")
        if charge.get("status") != "succeeded" or not isinstance(amount, int) or not isinstance(before, int):
            raise Problem(400, "charge_not_refundable", "This charge cannot be refunded.")
        coins = coins_of(form["amount"]) if "amount" in form else amount - before
        if before + coins > amount:
            raise Problem(400, "charge_already_refunded", "Refund amount is greater than what is left of the charge.")
        charge |= {"amount_refunded": before + coins, "refunded": before + coins == amount}
        self.given.append((_statement(charge), coins))
        self._tell("charge.refunded", charge)
        return self._keep("re_", "refund", amount=coins, payment_intent=form["payment_intent"], status="succeeded")

    def detach(self, name: str) -> Thing:
        card = self.cards.get(name)
        if card is None or card.customer is None:
            raise Problem(400, "payment_method_unattached", "The payment method is not attached to a customer.")
        card.customer = None
        return self.card(name)

    def card(self, name: str) -> Thing:
        card = self.cards.get(name)
        if card is None:
            raise Problem(404, "resource_missing", f"No such PaymentMethod: '{name}'")
        return {"id": card.id, "object": "payment_method", "type": "card", "customer": card.customer}

    def _intent(self, amount: object, currency: object, metadata: object) -> Thing:
        return self._keep(
            "pi_",
            "payment_intent",
            amount=amount,
            currency=currency,
            metadata=metadata,
            status="requires_payment_method",
            latest_charge=None,
            last_payment_error=None,
        )

    def _take(self, intent: Thing) -> None:
        charge = self._charge(intent, "succeeded")
        intent |= {"status": "succeeded", "latest_charge": charge["id"], "last_payment_error": None}
        self.taken.append((_statement(intent), _whole(intent["amount"])))
        self._tell("payment_intent.succeeded", intent)

    def _decline(self, intent: Thing, bank: str) -> None:
        charge = self._charge(intent, "failed")
        error = {"type": "card_error", "code": bank, "decline_code": bank}
        intent |= {"status": "requires_payment_method", "latest_charge": charge["id"], "last_payment_error": error}
        self._tell("payment_intent.payment_failed", intent)

    def _charge(self, intent: Thing, status: str) -> Thing:
        return self._keep(
            "ch_",
            "charge",
            amount=intent["amount"],
            amount_refunded=0,
            refunded=False,
            status=status,
            payment_intent=intent["id"],
            metadata=intent["metadata"],
        )

    def _end(self, session: Thing) -> None:
        session |= {"status": "expired", "url": None}
        self._tell("checkout.session.expired", session)

    def _keep(self, prefix: str, kind: str, **values: object) -> Thing:
        name = f"{prefix}{len(self.things) + 1:06}"
        thing: Thing = {"id": name, "object": kind, "created": int(self.now()), "livemode": False, **values}
        self.things[name] = thing
        return thing

    def _tell(self, what: str, thing: Thing) -> None:
        name = f"evt_{len(self.events) + 1:06}"
        self.events.append(
            {"id": name, "object": "event", "type": what, "created": int(self.now()), "data": {"object": dict(thing)}}
        )


def _statement(thing: Thing) -> str:
    metadata = thing["metadata"]
    return str(metadata.get("statement", "")) if isinstance(metadata, dict) else ""


def _whole(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101  only ever put there by this file
    return value
