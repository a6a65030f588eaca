"""A page for guests, who have no account: they type their code, and the charger begins.

It is there only where the owner says so. It tells nothing but the names of the chargers, and wrong codes wait longer
and longer.
"""

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
import secrets
from typing import Final

from aiohttp import web
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .configuration import Connector
from .const import CONF_GUEST_PAGE, DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.model import Verdict
from .engine.admission import REFUSALS
from .engine.model import ReasonKey

URL: Final = f"/api/{DOMAIN}/guest"

_LANGUAGES: Final = ("en", "de", "nl", "fr", "sv")
_LONGEST: Final = 40
"""No code is longer, typed with all the spaces anybody puts into it."""

_STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}"
    "input,select,button{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin:.3rem 0 1rem}"
)

# The code is behind the # of a link: no server, no proxy and no log ever sees it there.
_SCRIPT: Final = 'document.getElementById("code").value=decodeURIComponent(location.hash.slice(1))'


@dataclass(frozen=True, slots=True)
class _Door:
    site: SiteCoordinator
    connector: Connector


class GuestPage(HomeAssistantView):
    """The page of all sites that have one."""

    url = URL
    name = f"api:{DOMAIN}:guest"
    requires_auth = False

    async def get(self, request: web.Request) -> web.Response:
        """Ask for the code; `charger` in the query chooses one, as on a sticker beside it."""
        return await _answer(request, await _texts(request), request.query.get("charger"))

    async def post(self, request: web.Request) -> web.Response:
        """Try the code."""
        said, texts = await request.post(), await _texts(request)
        charger, code = str(said.get("charger", "")), str(said.get("code", ""))
        door = doors(request.app[KEY_HASS]).get(charger)
        if door is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        try:
            verdict = await door.site.access.codes.async_try(
                charger, code[:_LONGEST], dt_util.utcnow(), place=f"page {charger}"
            )
        except ServiceValidationError as err:
            wrong = _text(texts, f"exceptions.{err.translation_key}.message")
            return await _answer(request, texts, charger, wrong.format(**(err.translation_placeholders or {})))
        door.site.async_apply()
        if not verdict.granted:
            return await _answer(request, texts, charger, _why_not(texts, verdict))
        return await _answer(request, texts, charger, _text(texts, "common.guest_page_granted"), done=True)


@callback
def doors(hass: HomeAssistant) -> dict[str, _Door]:
    """Return the connectors that the page opens, by id."""
    return {
        key: _Door(entry.runtime_data, entry.runtime_data.connectors[key])
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if entry.options.get(CONF_GUEST_PAGE)
        for key in sorted(entry.runtime_data.access.door.controlled)
        if key in entry.runtime_data.connectors
    }


@callback
def link(hass: HomeAssistant, code: str) -> str | None:
    """Return the link that opens the page with a code, `None` where there is no page or nobody knows its address."""
    if not doors(hass):
        return None
    try:
        return f"{get_url(hass, prefer_external=True)}{URL}#{code.replace(' ', '')}"
    except NoURLAvailableError:
        return None


async def _texts(request: web.Request) -> dict[str, str]:
    """Return the texts in the language of the browser, in English for those we do not have."""
    hass: HomeAssistant = request.app[KEY_HASS]
    wanted = (part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(","))
    language = next((each for each in wanted if each in _LANGUAGES), _LANGUAGES[0])
    common = await async_get_translations(hass, language, "common", [DOMAIN])
    return common | await async_get_translations(hass, language, "exceptions", [DOMAIN]) | {"": language}


def _text(texts: dict[str, str], key: str) -> str:
    return texts.get(f"component.{DOMAIN}.{key}", key)


def _why_not(texts: dict[str, str], verdict: Verdict) -> str:
    return _text(texts, f"common.reason_{REFUSALS.get(verdict, ReasonKey.ACCESS_WAITING)}")


async def _answer(
    request: web.Request, texts: dict[str, str], charger: str | None, told: str = "", *, done: bool = False
) -> web.Response:
    known, nonce = doors(request.app[KEY_HASS]), secrets.token_urlsafe(16)
    offered = {charger: known[charger]} if charger in known else known
    if not offered:
        return web.Response(status=HTTPStatus.NOT_FOUND)
    title = escape(_text(texts, "common.guest_page_title"))
    body = f"<p role=status>{escape(told)}</p>{'' if done else _form(texts, offered)}"
    page = (
        f'<!doctype html><html lang="{texts[""]}"><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{body}"
        f"{'' if done else f'<script nonce={nonce}>{_SCRIPT}</script>'}</html>"
    )
    rules = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; form-action 'self'"
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"{rules}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=page, content_type="text/html", headers=headers)


def _form(texts: dict[str, str], offered: dict[str, _Door]) -> str:
    names = "".join(
        f'<option value="{escape(key)}">{escape(door.connector.name)}</option>' for key, door in offered.items()
    )
    charger, code, go = (escape(_text(texts, f"common.guest_page_{part}")) for part in ("charger", "code", "go"))
    return (
        f'<form method=post action="{URL}"><label>{charger}<select name=charger>{names}</select></label>'
        f"<label>{code}<input id=code name=code inputmode=numeric autocomplete=one-time-code maxlength={_LONGEST}"
        f" required></label><button>{go}</button></form>"
    )
