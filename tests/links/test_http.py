"""The HTTP lines, over real sockets: what comes back, and the name of everything that goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import math

from aiohttp import ClientSession, web
from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.links.errors import (
    BadCredentials,
    Busy,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    WrongDevice,
)
from custom_components.smart_evse.links.http import LARGEST, Address, Fields, HttpLine

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """A web server that does what the test says."""

    def __init__(self) -> None:
        self.handler: Handler | None = None
        self.requests: list[web.Request] = []
        self.port = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        assert self.handler is not None
        return await self.handler(request)

    def says(self, body: bytes, status: int = 200) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers={"Location": "/elsewhere"})

        self.handler = handler


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.serve)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def line(server: Server, session: ClientSession) -> HttpLine:
    return HttpLine(session, Address("127.0.0.1", server.port), timeout=0.5)


async def test_asks_with_a_query(server: Server, line: HttpLine) -> None:
    server.says(b'{"a": 1}')
    answer = await line.ask("GET", "/api/status", query={"filter": "a,b"})
    assert answer.number("a") == 1
    assert server.requests[0].path_qs == "/api/status?filter=a,b"


async def test_a_post_without_a_body_says_so(server: Server, line: HttpLine) -> None:
    server.says(b"{}")
    await line.ask("POST", "/settings", query={"mode": "1"})
    assert server.requests[0].headers["Content-Length"] == "0"


async def test_name_and_password_go_along(server: Server, session: ClientSession) -> None:
    server.says(b"{}")
    address = Address("127.0.0.1", server.port, "admin", "pässword:x")
    await HttpLine(session, address, timeout=0.5).ask("GET", "/")
    assert server.requests[0].headers["Authorization"] == "Basic YWRtaW46cMOkc3N3b3JkOng="


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, WrongDevice),
        (302, WrongDevice),
        (400, Refused),
        (401, BadCredentials),
        (403, BadCredentials),
        (404, WrongDevice),
        (405, WrongDevice),
        (423, Refused),
        (429, Busy),
        (500, Silent),
        (502, Silent),
        (503, Busy),
    ],
)
async def test_a_status_has_a_meaning(server: Server, line: HttpLine, status: int, error: type[DeviceError]) -> None:
    server.says(b"{}", status)
    with pytest.raises(DeviceError) as caught:
        await line.ask("GET", "/status")
    assert type(caught.value) is error
    assert str(status) in str(caught.value)
    assert len(server.requests) == 1


async def test_a_make_has_meanings_of_its_own(server: Server, session: ClientSession) -> None:
    meanings = {404: (Refused, "switched off")}
    line = HttpLine(session, Address("127.0.0.1", server.port), timeout=0.5, meanings=meanings)
    server.says(b"{}", 404)
    with pytest.raises(Refused, match=r"^switched off$"):
        await line.ask("GET", "/")


async def test_another_code_may_be_an_answer(server: Server, line: HttpLine) -> None:
    server.says(b'{"a": 1}', 400)
    assert (await line.ask("GET", "/", accept=(400,))).number("a") == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Silent),
        (b"  ", Silent),
        (b'{"state": 2, "amp": ', Silent),
        (b'{"name": "\xff"}', Silent),
        (b'{"a":' * 20_000 + b"1", WrongDevice),
        (b'{"a":' * 5_000, Silent),
        (b"<html></html>", WrongDevice),
        (b"[1, 2]", WrongDevice),
        (b"17", WrongDevice),
        (b"null", WrongDevice),
        (b'{"a": "' + b"x" * LARGEST + b'"}', WrongDevice),
    ],
)
async def test_a_body_that_is_no_answer(server: Server, line: HttpLine, body: bytes, error: type[DeviceError]) -> None:
    server.says(body)
    with pytest.raises(DeviceError) as caught:
        await line.ask("GET", "/status")
    assert type(caught.value) is error


async def test_an_answer_that_takes_too_long(server: Server, line: HttpLine) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    server.handler = handler
    with pytest.raises(Silent):
        await line.ask("GET", "/")


async def test_an_answer_that_stops_halfway(server: Server, line: HttpLine) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"a": 1')
        assert request.transport is not None
        request.transport.close()
        return response

    server.handler = handler
    with pytest.raises(Silent):
        await line.ask("GET", "/")


async def test_nobody_listens(socket_enabled: None, unused_tcp_port: int, session: ClientSession) -> None:
    with pytest.raises(DeviceError) as caught:
        await HttpLine(session, Address("127.0.0.1", unused_tcp_port), timeout=0.5).ask("GET", "/")
    assert type(caught.value) is Unreachable


async def test_something_that_does_not_speak_http(socket_enabled: None, session: ClientSession) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x00\x01\x00\x00\x00\x03\xff\x84\x01 SSH-2.0\r\n\r\n")
        writer.close()

    other = await asyncio.start_server(talk, "127.0.0.1", 0)
    address = Address("127.0.0.1", other.sockets[0].getsockname()[1])
    with pytest.raises(WrongDevice):
        await HttpLine(session, address, timeout=0.5).ask("GET", "/")
    other.close()


async def test_hangs_up_at_once(socket_enabled: None, session: ClientSession) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    other = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    address = Address("127.0.0.1", other.sockets[0].getsockname()[1])
    with pytest.raises(Unreachable):
        await HttpLine(session, address, timeout=0.5).ask("GET", "/")
    other.close()


@pytest.mark.parametrize("host", ["", "no host", "http://x", "a" * 300, "charger/../x"])
async def test_a_host_that_cannot_be_one(socket_enabled: None, session: ClientSession, host: str) -> None:
    with pytest.raises(Unreachable):
        await HttpLine(session, Address(host), timeout=0.5).ask("GET", "/")


async def test_a_session_that_is_closed(server: Server) -> None:
    async with ClientSession() as session:
        line = HttpLine(session, Address("127.0.0.1", server.port), timeout=0.5)
    with pytest.raises(Unreachable):
        await line.ask("GET", "/")


async def test_being_cancelled_is_no_error_of_the_device(server: Server, line: HttpLine) -> None:
    reached = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        reached.set()
        await asyncio.Event().wait()
        return web.Response()

    server.handler = handler
    task = asyncio.create_task(line.ask("GET", "/"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


SAMPLE = Fields(
    {
        "number": 1.5,
        "whole": 16,
        "even": 16.0,
        "huge": 10**400,
        "nan": math.nan,
        "yes": True,
        "one": 1,
        "two": 2,
        "text": " go-e ",
        "empty": "",
        "null": None,
        "list": [1, 2.5, "x", True, None],
        "part": {"a": 1},
    }
)


def test_numbers_are_numbers() -> None:
    assert SAMPLE.number("number") == 1.5
    assert SAMPLE.number("whole") == 16
    for key in ("huge", "nan", "yes", "text", "null", "list", "part", "missing"):
        assert SAMPLE.number(key) is None


def test_whole_numbers_have_no_fraction() -> None:
    assert SAMPLE.whole("whole") == SAMPLE.whole("even") == 16
    assert SAMPLE.whole("number") is None


def test_texts_say_something() -> None:
    assert SAMPLE.text("text") == "go-e"
    for key in ("empty", "whole", "null", "missing"):
        assert SAMPLE.text(key) is None


def test_flags_are_spelled_in_two_ways() -> None:
    assert SAMPLE.flag("yes") is SAMPLE.flag("one") is True
    assert Fields({"no": 0}).flag("no") is False
    for key in ("two", "text", "null", "missing"):
        assert SAMPLE.flag(key) is None


def test_lists_keep_their_places() -> None:
    assert SAMPLE.numbers("list") == (1, 2.5, None, None, None)
    assert SAMPLE.numbers("text") == SAMPLE.numbers("missing") == ()


def test_a_part_that_is_missing_is_empty() -> None:
    assert SAMPLE.part("part").number("a") == 1
    assert "a" in SAMPLE.part("part")
    assert SAMPLE.part("text").number("a") is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_makes_a_reader_fail(value: object) -> None:
    fields = Fields({"key": value})
    for reader in (fields.number, fields.whole, fields.numbers, fields.text, fields.flag, fields.part, fields.raw):
        reader("key")
