"""Talking to Home Assistant as a browser does: over HTTP and its WebSocket."""

import asyncio
from collections.abc import Mapping
import contextlib
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse

USER: Final = "demo"
PASSWORD: Final = "demo"  # noqa: S105 (it is on 127.0.0.1, and printed on the screen)

type Json = Mapping[str, Any]


class Refused(Exception):
    """Home Assistant answers that it will not."""


class Client:
    """Somebody who is logged in."""

    def __init__(self, session: ClientSession, url: str, token: str, socket: ClientWebSocketResponse) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._socket = socket
        self._asked = 0
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def onboard(cls, session: ClientSession, url: str) -> Client:
        """Make the demo's user, on a Home Assistant that nobody has used yet."""
        client_id = f"{url}/"
        user = {"client_id": client_id, "name": "Demo", "username": USER, "password": PASSWORD, "language": "en"}
        code = (await _call(session, "POST", f"{url}/api/onboarding/users", json=user))["auth_code"]
        grant = {"client_id": client_id, "grant_type": "authorization_code", "code": code}
        token: str = (await _call(session, "POST", f"{url}/auth/token", data=grant))["access_token"]
        socket = await session.ws_connect(f"{url}/api/websocket", max_msg_size=0, heartbeat=30)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            raise Refused(answer)
        return cls(session, url, token, socket)

    async def close(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.close()

    async def get(self, path: str) -> Any:  # noqa: ANN401 (whatever Home Assistant answers)
        return await _call(self._session, "GET", f"{self._url}/api/{path}", headers=self._headers)

    async def post(self, path: str, body: Json) -> Any:  # noqa: ANN401
        return await _call(self._session, "POST", f"{self._url}/api/{path}", json=body, headers=self._headers)

    async def command(self, kind: str, **fields: object) -> Any:  # noqa: ANN401
        """Send one command over the WebSocket and wait for its result."""
        async with self._one_at_a_time:
            self._asked += 1
            await self._socket.send_json({"id": self._asked, "type": kind, **fields})
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == self._asked:
                    break
        if not answer["success"]:
            raise Refused(f"{kind}: {answer['error']}")
        return answer["result"]

    async def act(self, domain: str, action: str, target: str, *, answers: bool = False, **data: object) -> Any:  # noqa: ANN401
        """Call an action on an entity; with `answers`, return its response."""
        told = await self.command(
            "call_service",
            domain=domain,
            service=action,
            service_data=data,
            target={"entity_id": target},
            return_response=answers,
        )
        return told["response"] if answers else None

    async def ask(self, domain: str, action: str, **data: object) -> Any:  # noqa: ANN401
        """Call an action that answers and has no target; return its response."""
        told = await self.command(
            "call_service", domain=domain, service=action, service_data=data, return_response=True
        )
        return told["response"]

    async def download(self, link: str) -> bytes:
        """Follow a link as somebody does who is not logged in."""
        async with self._session.get(f"{self._url}{link}") as answer:
            if answer.status != 200:
                raise Refused(f"{link.partition('?')[0]}: {answer.status}")
            return await answer.read()


async def _call(session: ClientSession, method: str, url: str, **words: Any) -> Any:  # noqa: ANN401
    async with session.request(method, url, **words) as answer:
        if answer.status >= 300:
            raise Refused(f"{method} {url}: {answer.status} {await answer.text()}")
        return await answer.json()
