"""Where a provider calls to say that a payment has changed: checked, and then only a reason to look.

Nobody needs it: everything works by looking. Where Home Assistant can be reached from outside, it is faster.
"""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .payments.errors import Forged, PaymentError
from .payments.port import Hint
from .till import Till

URL: Final = f"/api/{DOMAIN}/payments"

_LARGEST: Final = 262_144
"""No message of a provider is longer, in bytes."""

_PATIENCE: Final = 8.0
"""How long whoever calls waits for an answer at most, in s: what takes longer is looked at all the same."""


@callback
def hook_url(hass: HomeAssistant, entry_id: str) -> str | None:
    """Return the address that an owner tells a provider, `None` where nobody reaches Home Assistant from outside."""
    try:
        return f"{get_url(hass, allow_internal=False)}{URL}/{entry_id}"
    except NoURLAvailableError:
        return None


class PaymentHook(HomeAssistantView):
    """Takes what the providers of a site's issuers call to say."""

    url = f"{URL}/{{entry_id}}"
    name = f"api:{DOMAIN}:payments"
    requires_auth = False

    async def post(self, request: web.Request, entry_id: str) -> web.Response:
        """Answer 400 to who is not the provider, and 503 where the provider cannot be asked: then it calls again."""
        hass = request.app[KEY_HASS]
        entry = hass.config_entries.async_get_entry(entry_id)
        loaded = entry is not None and entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if entry is None or not loaded:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        body = await _body(request)
        if body is None:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        site: SiteCoordinator = entry.runtime_data
        heard = _whose(site, request, body)
        if heard is None:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        return web.Response(status=await _looked(hass, entry, *heard))


async def _body(request: web.Request) -> bytes | None:
    """Return all of a message, in however many pieces it comes; `None` if it is too long."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > _LARGEST:
            return None
    return bytes(body)


def _whose(site: SiteCoordinator, request: web.Request, body: bytes) -> tuple[Till, Hint] | None:
    """Return whose account it is about: the secret that signed it tells."""
    for till in site.tills.all.values():
        if till.issuer.webhook_secret:
            try:
                return till, till.read(body, request.headers.get(till.signature_header, ""))
            except Forged:
                continue
    return None


async def _looked(hass: HomeAssistant, entry: ConfigEntry[SiteCoordinator], till: Till, hint: Hint) -> HTTPStatus:
    # Whoever hangs up meanwhile stops nothing.
    looking = entry.async_create_background_task(hass, _look(till, hint), f"{DOMAIN} {entry.title} payment hook")
    done, _ = await asyncio.wait([looking], timeout=_PATIENCE)
    return HTTPStatus.OK if done and looking.result() else HTTPStatus.SERVICE_UNAVAILABLE


async def _look(till: Till, hint: Hint) -> bool:
    try:
        await till.async_hear(hint)
    except PaymentError:
        return False
    return True
