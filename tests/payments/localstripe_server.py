"""localstripe, an imitation of Stripe by others, as a process of its own, with a desk in front of it.

It knows PaymentIntents, refunds, customers and signed webhooks, but neither Checkout nor idempotency keys, nor a list
of the PaymentIntents since a time, nor two harmless parameters of ours. The desk leaves those out, has no pages, and
keeps the first answer under each key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import subprocess
import sys

from aiohttp import ClientSession, web

LEFT_OUT = frozenset({"description", "off_session"})


# Its own command wants to be told a port; this takes a free one and says which.
PROGRAM = """
import socket
from aiohttp import web
from localstripe.server import app
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
web.run_app(app, sock=listening, print=None)
"""


@contextmanager
def running_localstripe() -> Iterator[str]:
    """Start it and tell where it is; stop it afterwards."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


class Desk:
    """What stands between us and localstripe."""

    unknown = "/v1/checkout/sessions"
    """What it has no list of."""

    def __init__(self, behind: str, session: ClientSession) -> None:
        self._behind = behind
        self._session = session
        self._answers: dict[str, tuple[int, bytes]] = {}
        self.url = ""
        self.swallowed = 0
        """How many of the next answers are lost on the way."""

    async def open(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        form = {key: value for key, value in (await request.post()).items() if key not in LEFT_OUT}
        key = request.headers.get("Idempotency-Key")
        if key is None or key not in self._answers:
            answer = await self._ask(request, form)
            if key is not None:
                self._answers[key] = answer
        else:
            answer = self._answers[key]
        if self.swallowed:
            self.swallowed -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer[0], body=answer[1], content_type="application/json")

    async def _ask(self, request: web.Request, form: dict[str, object]) -> tuple[int, bytes]:
        headers = {"Authorization": request.headers["Authorization"]}
        if (request.method, request.path) == ("GET", self.unknown):
            return 200, b'{"object": "list", "data": [], "has_more": false}'
        # It lists PaymentIntents of everybody only.
        listed = request.method == "GET" and request.path == "/v1/payment_intents"
        url = f"{self._behind}{request.path if listed else request.path_qs}"
        async with self._session.request(request.method, url, data=form or None, headers=headers) as response:
            return response.status, await response.read()
