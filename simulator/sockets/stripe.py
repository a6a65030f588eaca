"""Stripe's API on a socket, with a page for payers: an independent stand-in for tests and for the demo.

It keeps what was answered under an idempotency key, as Stripe does: the same again gets the same answer, also where
that was an error of the server; other parameters under the same key are refused. `faults` are what happens to the next
requests, `FINE` where the list is empty.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
import hashlib
import hmac
import json
from typing import Final

from aiohttp import web

from ..payment_forms import Form, Problem, Thing
from ..payments import CardNetwork

PAGE: Final = """<!doctype html><meta charset="utf-8"><title>Pay</title>
<form method="post"><p>{text}</p><button name="bank" value="ok">Pay</button>
<button name="bank" value="card_declined">Pay with an empty card</button></form>"""

OVER: Final = """<!doctype html><meta charset="utf-8"><title>Over</title><p>There is nothing to pay here.</p>"""


class Fault(StrEnum):
    """What can happen to a request on its way."""

    FINE = "fine"
    LOST = "lost"
    """The line breaks before it arrives."""
    UNANSWERED = "unanswered"
    """It is done, and the line breaks before the answer."""
    BROKEN = "broken"
    """The server breaks and has done nothing: 500."""
    BROKEN_LATE = "broken_late"
    """It is done, and then the server breaks: 500."""
    BUSY = "busy"
    """Too many requests: 429."""


class StripeServer:
    """One account behind one key."""

    def __init__(self, network: CardNetwork, secret: str, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.network = network
        self.host = host
        self.port = port
        self.secret = secret
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, Form, Mapping[str, str]]] = []
        self._answers: dict[str, tuple[str, int, Thing]] = {}
        self._runner: web.AppRunner | None = None

    def forget_keys(self) -> None:
        """What Stripe does with idempotency keys after a day or later."""
        self._answers.clear()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def open(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/c/pay/{id}", self._page),
                web.post("/c/pay/{id}", self._paid),
                web.route("*", "/v1/{path:.*}", self._serve),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def message(self, event: Thing, secret: str, now: float) -> tuple[bytes, str]:
        """A webhook's body and its signature."""
        body = json.dumps(event).encode()
        signed = hmac.new(secret.encode(), f"{int(now)}.".encode() + body, hashlib.sha256).hexdigest()
        return body, f"t={int(now)},v1={signed},v0={'0' * 64}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.requests.append((request.method, request.path, form, dict(request.headers)))
        if request.headers.get("Authorization") != f"Bearer {self.secret}":
            error = {"type": "invalid_request_error", "message": f"Invalid API Key provided: {self.secret[:8]}***"}
            return web.json_response({"error": error}, status=401)
        fault = self.faults.pop(0) if self.faults else Fault.FINE
        if fault is Fault.LOST:
            _hang_up(request)
        if fault is Fault.BUSY:
            return web.json_response({"error": {"type": "rate_limit"}}, status=429, headers={"Retry-After": "2"})
        status, answer = self._answer(request, form, fault)
        if fault is Fault.UNANSWERED:
            _hang_up(request)
        return web.json_response(_expanded(answer, request, form, self.network), status=status)

    def _answer(self, request: web.Request, form: Form, fault: Fault) -> tuple[int, Thing]:
        key = request.headers.get("Idempotency-Key")
        asked = f"{request.path} {sorted(form.items())}"
        if key is not None and key in self._answers:
            before, status, answer = self._answers[key]
            if before == asked:
                return status, answer
            error: Thing = {"type": "idempotency_error", "message": "Keys can only be used with the same parameters."}
            return 400, {"error": error}
        status, answer = 500, {"error": {"type": "api_error", "message": "It broke."}}
        if fault is not Fault.BROKEN:
            done = self._done(request.method, request.path, {**form, **request.query})
            status, answer = (status, answer) if fault is Fault.BROKEN_LATE else done
        # What was refused before anything was begun is not kept.
        if key is not None and status not in (400, 404):
            self._answers[key] = (asked, status, answer)
        return status, answer

    def _done(self, method: str, path: str, form: Form) -> tuple[int, Thing]:
        network, steps = self.network, path.removeprefix("/v1/").split("/")
        name = next((step for step in steps if "_" in step and step[-1].isdigit()), "")
        asked = f"{method} {'/'.join('*' if step == name else step for step in steps)}"
        doing: dict[str, Callable[[], Thing]] = {
            "GET account": lambda: {"id": "acct_sim", "business_profile": {"name": "The house"}},
            "GET balance": lambda: {"object": "balance", "livemode": False},
            "GET checkout/sessions/*": lambda: network.find(name, "cs_"),
            "GET checkout/sessions": lambda: network.listed("checkout.session", form),
            "GET payment_intents": lambda: network.listed("payment_intent", form),
            "GET payment_intents/*": lambda: network.find(name, "pi_"),
            "GET payment_methods/*": lambda: network.card(name),
            "POST checkout/sessions": lambda: network.make_session(form),
            "POST checkout/sessions/*/expire": lambda: network.expire(name),
            "POST customers": lambda: network.make_customer(form),
            "POST payment_intents": lambda: network.make_intent(form),
            "POST payment_intents/*/cancel": lambda: network.cancel(name),
            "POST payment_intents/*/confirm": lambda: network.confirm(name, form),
            "POST payment_methods/*/detach": lambda: network.detach(name),
            "POST refunds": lambda: network.refund(form),
        }
        if asked not in doing:
            return 404, Problem(404, "", f"Unrecognized request URL ({asked}).").body
        try:
            return 200, dict(doing[asked]())
        except Problem as problem:
            return problem.status, problem.body

    async def _page(self, request: web.Request) -> web.Response:
        session = self.network.things.get(request.match_info["id"], {})
        if session.get("status") != "open":
            return web.Response(text=OVER, content_type="text/html")
        text = f"{session.get('amount_total', 'Card')} {session.get('currency', '')}"
        return web.Response(text=PAGE.format(text=text), content_type="text/html")

    async def _paid(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        bank = str((await request.post()).get("bank", "ok"))
        session = self.network.find(name, "cs_")
        if session["mode"] == "setup":
            self.network.leave_card(name, bank)
        elif not self.network.pay(name, bank):
            return await self._page(request)
        raise web.HTTPSeeOther(str(session["success_url"]))


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise web.HTTPInternalServerError


def _expanded(answer: Thing, request: web.Request, form: Form, network: CardNetwork) -> Thing:
    """Put the things themselves where their ids are, where that was asked for."""
    named = [value for key, value in (*request.query.items(), *form.items()) if key.startswith("expand[")]
    answer = dict(answer)
    if isinstance(url := answer.get("url"), str) and url.startswith("/"):
        answer["url"] = f"http://{request.host}{url}"
    for path in named:
        inside: Thing = answer
        for name in path.split("."):
            thing = network.things.get(str(inside.get(name)))
            if thing is None:
                break
            inside[name] = inside = dict(thing)
    return answer
