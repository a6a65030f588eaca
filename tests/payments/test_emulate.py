"""Checkout against another imitation of Stripe by others: its page, its ends, its signed messages.

`emulate` comes from npm and brings a Node.js of its own (`scripts/lib/emulate.sh`). Its Checkout takes the id of a
price instead of what is paid, and does not say the amount; the desk in front makes the price, and adds what it was
asked for to the answers.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import signal
import subprocess

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.payments.cashier import Cashier
from custom_components.smart_evse.payments.errors import Forged
from custom_components.smart_evse.payments.following import News
from custom_components.smart_evse.payments.port import Hint, PaymentState
from custom_components.smart_evse.payments.stripe import Stripe
from custom_components.smart_evse.payments.stripe_line import StripeLine
from custom_components.smart_evse.payments.stripe_webhook import read_stripe_message
from tests.payments.localstripe_server import Desk
from tests.payments.till import SECRET, WEBHOOK_SECRET, Clock, PaperBook, bill

EMULATE = Path(__file__).resolve().parents[2] / "scripts" / "lib" / "emulate.sh"

ITEM = "line_items[0][price_data]"


class PricingDesk(Desk):
    """Makes a price of what is paid, and remembers it."""

    def __init__(self, behind: str, session: ClientSession) -> None:
        super().__init__(behind, session)
        self._sums: dict[str, tuple[int, str]] = {}

    async def _ask(self, request: web.Request, form: dict[str, object]) -> tuple[int, bytes]:
        asked = None
        if f"{ITEM}[unit_amount]" in form:
            asked = (int(str(form[f"{ITEM}[unit_amount]"])), str(form[f"{ITEM}[currency]"]))
            product = await self._make("products", {"name": form[f"{ITEM}[product_data][name]"]})
            price = await self._make("prices", {"product": product, "unit_amount": asked[0], "currency": asked[1]})
            form = {key: value for key, value in form.items() if not key.startswith(ITEM)}
            form["line_items[0][price]"] = price
        status, body = await super()._ask(request, form)
        answer = json.loads(body)
        if status == 200 and answer.get("object") == "checkout.session":
            amount, currency = self._sums.setdefault(answer["id"], asked or (0, ""))
            answer |= {"amount_total": amount, "currency": currency}
        return status, json.dumps(answer).encode()

    async def _make(self, what: str, form: dict[str, object]) -> str:
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with self._session.post(f"{self._behind}/v1/{what}", data=form, headers=headers) as response:
            return str((await response.json())["id"])


@dataclass
class Emulated:
    """The imitation, and what it has called to say."""

    desk: PricingDesk
    messages: asyncio.Queue[tuple[bytes, str]]


@pytest.fixture(scope="session")
def installed() -> None:
    """Install it, before anything waits for it."""
    if subprocess.run([EMULATE], check=False).returncode:
        pytest.skip("emulate cannot be installed here")


@pytest.fixture
async def emulated(
    installed: None, socket_enabled: None, session: ClientSession, tmp_path: Path
) -> AsyncIterator[Emulated]:
    messages: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        messages.put_nowait((await request.read(), request.headers["Stripe-Signature"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    free = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    hook = {
        "url": f"http://127.0.0.1:{runner.addresses[0][1]}/",
        "events": ["checkout.session.completed", "checkout.session.expired"],
        "secret": WEBHOOK_SECRET,
    }
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"stripe": {"webhooks": [hook]}}))
    process = await asyncio.create_subprocess_exec(
        EMULATE,
        *("start", "--service", "stripe", "--port", str(port), "--seed", str(seed)),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    while str(port) not in (await process.stdout.readline()).decode():
        assert process.returncode is None
    desk = PricingDesk(f"http://127.0.0.1:{port}", session)
    await desk.open()
    yield Emulated(desk, messages)
    await desk.close()
    os.killpg(process.pid, signal.SIGTERM)
    await process.wait()
    await runner.cleanup()


async def heard(emulated: Emulated) -> Hint:
    body, signature = await emulated.messages.get()
    now = datetime.now(UTC)
    with pytest.raises(Forged):
        read_stripe_message(body + b" ", signature, WEBHOOK_SECRET, now)
    return read_stripe_message(body, signature, WEBHOOK_SECRET, now)


async def test_a_page_is_opened_paid_and_told(emulated: Emulated, session: ClientSession) -> None:
    news: list[News] = []

    async def tell(each: News) -> None:
        news.append(each)

    stripe = Stripe(StripeLine(session, SECRET, base_url=emulated.desk.url))
    cashier = Cashier(stripe, PaperBook(), tell, Clock())
    first = await cashier.link(bill())
    assert first.url is not None
    async with session.get(first.url) as page:
        assert "12.34" in await page.text()

    second = await cashier.link(bill(amount="20"))
    assert second.url is not None
    assert (await heard(emulated)).payments == {first.id}
    assert (await stripe.look(first.id)).state is PaymentState.EXPIRED

    async with session.post(f"{second.url}/complete", allow_redirects=False) as paid:
        assert paid.headers["Location"] == bill().return_url
    async with session.post(f"{first.url}/complete", allow_redirects=False) as too_late:
        assert too_late.headers["Location"] != bill().return_url
    assert await cashier.hear(await heard(emulated))
    assert [(each.kind, each.payment.id) for each in news] == [("paid", second.id)]
    assert (await cashier.link(bill())).id == second.id
