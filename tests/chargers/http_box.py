"""An HTTP box on a real socket: answers as its make does, until it is told to misbehave."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Literal

from aiohttp import web

CAPTURES = Path(__file__).parent.parent / "fixtures" / "chargers"

PRINTER = {"device": "Printer", "toner": {"black": 71}, "state": "idle"}
"""What the box turns out to be in disguise: it answers any path, with JSON of its own."""


def load_capture(name: str, page: str) -> dict[str, object]:
    """Read what a box said on one of its pages."""
    captured: dict[str, dict[str, object]] = json.loads((CAPTURES / f"{name}.json").read_text())
    return captured[page]


class HttpBox:
    """The server. Subclasses override `answer`, and keep what they say in `self`."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.status: int | None = None
        self.body: bytes | None = None
        self._mood: Literal["well", "silent", "disguised"] = "well"
        self._runner: web.AppRunner | None = None

    @property
    def writes(self) -> list[Mapping[str, str]]:
        """Tell what was written by a query, in order."""
        return [query for _, path, query in self.requests if query and "filter" not in query]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raise NotImplementedError

    # How it is with the box

    def fall_silent(self) -> None:
        self._mood = "silent"

    def babble(self) -> None:
        self.body = b"<!doctype html><title>Welcome</title>"

    def disguise(self) -> None:
        self._mood = "disguised"

    async def come_back(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def vanish(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def starve(self) -> None:
        """None of these boxes has a watchdog that a client could feed."""

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.query)))
        if self._mood == "silent":
            await asyncio.Event().wait()
        if self._mood == "disguised":
            return web.json_response(PRINTER)
        if self.body is not None:
            return web.Response(body=self.body, content_type="text/html", status=self.status or 200)
        if self.status is not None:
            return web.Response(text="no", status=self.status)
        return await self.answer(request)
