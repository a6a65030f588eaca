"""The HTTP lines: a JSON object asked of a box in the house, and the names for what goes wrong.

The boxes are small computers on a wireless network. They answer late, they answer half, they
serve one client at a time, and behind an address that changed hands answers a printer. What comes
over the line is therefore read with mistrust: a value that is missing or of another kind is `None`,
and nothing but a `DeviceError` leaves this file.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import json
import math

from aiohttp import (
    ClientError,
    ClientOSError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    ServerDisconnectedError,
)
from yarl import URL

from .errors import BadCredentials, Busy, DeviceError, Refused, Silent, Unreachable, WrongDevice

type Meanings = Mapping[int, tuple[type[DeviceError], str]]
"""What a status code means on this make of device: the error, and its sentence."""

ANSWER_TIME = 4.0
"""How long a device may take to answer one request, in s. Most need well below one."""

LARGEST = 65536
"""More bytes than any of these boxes sends: a longer answer is a page for people."""

REACH = 0.6
"""The share of the time for one answer that may go into reaching the device at all."""

# The first kind that fits decides, so the special ones stand before the general ones.
_FAILURES: tuple[tuple[type[Exception], type[DeviceError]], ...] = (
    (ConnectionTimeoutError, Unreachable),
    (TimeoutError, Silent),
    (ServerDisconnectedError, Silent),
    (ClientPayloadError, Silent),
    (ClientOSError, Unreachable),
    # An answer that is not HTTP at all.
    (ClientResponseError, WrongDevice),
    (ClientError, Unreachable),
    (OSError, Unreachable),
    # A host name that cannot be one.
    (ValueError, Unreachable),
)

_STATUSES: Mapping[int, type[DeviceError]] = {
    401: BadCredentials,
    403: BadCredentials,
    404: WrongDevice,
    405: WrongDevice,
    429: Busy,
    503: Busy,
}
_STATUS_CLASSES: Mapping[int, type[DeviceError]] = {4: Refused, 5: Silent}


class Fields:
    """A JSON object: each reader returns `None` for what is missing or of another kind."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def raw(self, key: str) -> object:
        """Return the value as it came, to be shown or compared."""
        return self._values.get(key)

    def number(self, key: str) -> float | None:
        """Return a finite number; a truth value is none."""
        return _number(self._values.get(key))

    def whole(self, key: str) -> int | None:
        """Return a number without a fraction."""
        value = self.number(key)
        return int(value) if value is not None and value.is_integer() else None

    def numbers(self, key: str) -> tuple[float | None, ...]:
        """Return the numbers of a list, in place; empty when there is no list."""
        value = self._values.get(key)
        return tuple(map(_number, value)) if isinstance(value, list) else ()

    def text(self, key: str) -> str | None:
        """Return a text that says something."""
        value = self._values.get(key)
        return value.strip() or None if isinstance(value, str) else None

    def flag(self, key: str) -> bool | None:
        """Return a truth value, also where it is spelled 0 or 1."""
        value = self._values.get(key)
        if isinstance(value, bool):
            return value
        return {0: False, 1: True}.get(value) if isinstance(value, int) else None

    def part(self, key: str) -> Fields:
        """Return the object inside; an empty one when there is none."""
        value = self._values.get(key)
        return Fields(value) if isinstance(value, dict) else Fields({})

    def parts(self, key: str) -> tuple[Fields, ...]:
        """Return the objects of a list; none when there is no list."""
        value = self._values.get(key)
        return tuple(Fields(each) for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is, and the name and password it wants; an empty name stands for none."""

    host: str
    port: int = 80
    username: str = ""
    password: str = ""


class HttpLine:
    """One device behind one address. `timeout` is how long one answer may take, in s."""

    def __init__(
        self, session: ClientSession, address: Address, *, timeout: float, meanings: Meanings | None = None
    ) -> None:
        self._session = session
        self._host = address.host
        self._port = address.port
        self._timeout = ClientTimeout(total=timeout, sock_connect=timeout * REACH)
        self._headers = {"Accept": "application/json"}
        if address.username:
            # RFC 7617. aiohttp's own helper for it is on its way out.
            token = b64encode(f"{address.username}:{address.password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {token}"
        self._meanings: Meanings = meanings or {}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        accept: Collection[int] = (),
    ) -> Fields:
        """Send one request and return the JSON object that comes back.

        Any 2xx will do, and the codes of `accept` as well, for devices that send their answer
        under another. A request without a body says so (`Content-Length: 0`).
        """
        if self._session.closed:
            raise Unreachable(f"the line to {self._host} is closed")
        with self._errors():
            url = URL.build(scheme="http", host=self._host, port=self._port, path=path, query=dict(query or {}))
            async with self._session.request(
                method,
                url,
                json=body,
                headers=self._headers,
                timeout=self._timeout,
                # Whoever sends us elsewhere is not the device, and would get its password.
                allow_redirects=False,
            ) as response:
                if not 200 <= response.status < 300 and response.status not in accept:
                    raise self._meaning(response.status, path)
                content = await _content(response)
        return _object(content, self._host)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except tuple(kind for kind, _ in _FAILURES) as err:
            meaning = next(meaning for kind, meaning in _FAILURES if isinstance(err, kind))
            raise meaning(f"{self._host}: {err or type(err).__name__}") from err

    def _meaning(self, status: int, path: str) -> DeviceError:
        if status in self._meanings:
            kind, sentence = self._meanings[status]
            return kind(sentence)
        kind = _STATUSES.get(status) or _STATUS_CLASSES.get(status // 100, WrongDevice)
        return kind(f"{self._host} answers {status} to {path}")


async def _content(response: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > LARGEST:
            raise WrongDevice(f"{response.url.host} answers with a page instead of data")
    return bytes(content)


def _object(content: bytes, host: str) -> Fields:
    """Read a body. One that begins like an object and breaks off came from the right device."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError) as err:
        if not content.strip() or content.lstrip().startswith(b"{"):
            raise Silent(f"{host} breaks off in its answer") from err
        raise WrongDevice(f"{host} answers something else than data") from err
    if not isinstance(value, dict):
        raise WrongDevice(f"{host} answers with other data")
    return Fields(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
