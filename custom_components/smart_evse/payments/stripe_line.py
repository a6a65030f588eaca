"""The line to Stripe: a form goes, an object comes back, and each thing that goes wrong gets its name.

A request that makes something has an idempotency key. Stripe then does it once, however often it arrives, and repeats
its first answer for at least 24 h; so what got no answer is sent again as it was. What it says of that: an answer 500
is repeated too, and 409 means that the same request is just being worked on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
import json

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from ..links.http import Fields
from .errors import Declined, KeyRefused, PaymentError, Refused, Unclear, UnderWay, Unknown, Unreachable

type Form = Mapping[str, Form | str | int]
"""Parameters; a list is a mapping of its places."""

type Wait = Callable[[float], Awaitable[None]]

API = "https://api.stripe.com"

# The shapes this was written for. An account's own default would change them behind our back.
VERSION = "2025-10-29.clover"

ANSWER_TIME = 30.0
"""How long one answer may take, in s. A bank is asked in between."""

TRIES = 3

LONGEST_WAIT = 20.0
"""The most that is waited between two tries, in s; whoever says later than that is asked later."""

LARGEST = 1_000_000


class StripeLine:
    """An account at Stripe. Nothing of it may be shown: it holds the secret key."""

    def __init__(self, session: ClientSession, secret: str, *, base_url: str = API, wait: Wait = asyncio.sleep) -> None:
        self._session = session
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret}", "Stripe-Version": VERSION}
        self._wait = wait

    async def get(self, path: str, *expand: str) -> Fields:
        """Read an object; what `expand` names comes with all its fields instead of its id."""
        query = "&".join(f"expand[]={name}" for name in expand)
        return await self._ask("GET", f"{path}?{query}" if query else path, None, self._headers)

    async def post(self, path: str, form: Form, *, once: str | None) -> Fields:
        """Change something; `once` is the idempotency key, `None` where once and twice are the same anyway."""
        headers = self._headers if once is None else {**self._headers, "Idempotency-Key": once}
        return await self._ask("POST", path, dict(_flat(form)), headers)

    async def _ask(self, method: str, path: str, form: dict[str, str] | None, headers: Mapping[str, str]) -> Fields:
        error: PaymentError = Unreachable("the line to Stripe is closed")
        if self._session.closed:
            raise error
        for number in range(TRIES):
            pause = 0.5 * 2**number
            try:
                status, answer, said = await self._once(method, path, form, headers)
            except (ClientError, TimeoutError, OSError, ValueError) as err:
                # Never the error's own text: it may tell what was sent.
                error = Unreachable(f"Stripe does not answer ({type(err).__name__})")
                error.__cause__ = err
            else:
                if status == 200:
                    return answer
                error = _meaning(status, answer.part("error"), changes=method == "POST")
                if said.get("Stripe-Should-Retry") == "false" or not _passing(status):
                    raise error
                pause = max(pause, _seconds(said.get("Retry-After")))
            if number + 1 < TRIES:
                if pause > LONGEST_WAIT:
                    break
                await self._wait(pause)
        raise error

    async def _once(
        self, method: str, path: str, form: dict[str, str] | None, headers: Mapping[str, str]
    ) -> tuple[int, Fields, Mapping[str, str]]:
        async with self._session.request(
            method,
            f"{self._base}{path}",
            data=form,
            headers=headers,
            timeout=ClientTimeout(total=ANSWER_TIME, sock_connect=ANSWER_TIME / 3),
            # Whoever sends us elsewhere is not Stripe, and would get the key.
            allow_redirects=False,
        ) as response:
            return response.status, await _object(response), response.headers


def _flat(form: Form, inside: str = "") -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        key = f"{inside}[{name}]" if inside else name
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        else:
            yield key, str(value)


async def _object(response: ClientResponse) -> Fields:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > LARGEST:
            raise ValueError("too long an answer")
    try:
        value: object = json.loads(content)
    except ValueError, RecursionError:
        if response.status == 200:
            raise
        # A proxy in between answers with a page.
        value = {}
    return Fields(value if isinstance(value, dict) else {})


def _passing(status: int) -> bool:
    return status in (409, 429) or status >= 500


def _seconds(said: str | None) -> float:
    return float(said) if said is not None and said.isdecimal() else 0.0


def _meaning(status: int, error: Fields, *, changes: bool) -> PaymentError:
    code = error.text("code")
    words = error.text("message") or code or f"status {status}"
    kind = error.text("type")
    if status in (401, 403):
        # Its message would repeat a part of the key.
        meaning: PaymentError = KeyRefused(f"Stripe refuses the key ({code or status})")
    elif status == 402 or kind == "card_error":
        meaning = Declined(error.text("decline_code") or code or "declined")
    elif status == 409 or kind == "idempotency_error":
        meaning = UnderWay(f"Stripe was asked for this before: {words}")
    elif status == 404:
        meaning = Unknown(words)
    elif status == 429:
        meaning = Unreachable("Stripe is asked too often")
    elif status >= 500:
        meaning = (Unclear if changes else Unreachable)(f"Stripe answers {status}")
    else:
        meaning = Refused(words)
    return meaning
