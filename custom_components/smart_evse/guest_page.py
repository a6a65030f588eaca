"""A page for guests, who have no account: they type their code, agree to what it costs, and the charger begins.

It is there only where the owner says so. It tells nothing but the names of the chargers, and wrong codes wait longer
and longer.
"""

from dataclasses import dataclass, replace
from html import escape
from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util

from .configuration import Connector
from .const import CONF_GUEST_PAGE, DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.admit import Bearer
from .engine.access.model import Guest, Verdict
from .engine.admission import REFUSALS
from .engine.model import ReasonKey
from .pay_links import Opens, path_to
from .public_pages import Reader, async_reader, button, page, paragraph, table, way
from .shown_prices import ShownPrice, shown_price
from .site_tariffs import Payer

URL: Final = f"/api/{DOMAIN}/guest"

_LONGEST: Final = 40
"""No code is longer, typed with all the spaces anybody puts into it."""

_AGREED: Final = "agreed"

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
        return _asked(request, await async_reader(request), request.query.get("charger"))

    async def post(self, request: web.Request) -> web.Response:
        """Try the code: who is right and has agreed to the price may charge."""
        said, reader = await request.post(), await async_reader(request)
        charger, code = str(said.get("charger", "")), str(said.get("code", ""))[:_LONGEST]
        door = doors(request.app[KEY_HASS]).get(charger)
        if door is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        utc, access = dt_util.utcnow(), door.site.access
        try:
            guest = await access.codes.async_holder(charger, code, utc, place=f"page {charger}")
        except ServiceValidationError as err:
            wrong = reader.said(f"exceptions.{err.translation_key}.message", **(err.translation_placeholders or {}))
            return _asked(request, reader, charger, paragraph(wrong))
        bearer = Bearer(since=utc, guest=guest.id)
        if access.door.is_anothers(charger, bearer):
            taken = reader.said("exceptions.somebody_else_charges.message")
            return _asked(request, reader, charger, paragraph(taken))
        price = shown_price(door.site, Payer(driver=guest.id, connector=charger), reader)
        if price is not None and said.get(_AGREED) != price.mark and access.door.would(charger, bearer).granted:
            access.door.show_price(charger, bearer)
            return _priced(reader, price, charger, code)
        verdict = access.door.show(charger, bearer)
        door.site.async_apply()
        if not verdict.granted:
            return _asked(request, reader, charger, _refused(reader, door.site, guest, verdict))
        if price is None:
            return page(reader, reader.text("title"), [paragraph(reader.text("granted"))])
        await _speak(door.site, guest, reader.language)
        raise web.HTTPSeeOther(path_to(door.site, Opens.STAY, guest.id))


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


def _refused(reader: Reader, site: SiteCoordinator, guest: Guest, verdict: Verdict) -> str:
    """Say why somebody may not charge; what they charged before they see all the same."""
    told = paragraph(reader.said(f"common.reason_{REFUSALS.get(verdict, ReasonKey.ACCESS_WAITING)}"))
    return told + (way(reader.text("stay"), path_to(site, Opens.STAY, guest.id), "plain") if site.tariffs.all else "")


def _priced(reader: Reader, price: ShownPrice, charger: str, code: str) -> web.Response:
    """Tell what it costs, and ask whether they agree."""
    example = [] if price.example is None else [paragraph(reader.text("example", amount=price.example))]
    agreed = button(reader.text("agree"), URL, (("charger", charger), ("code", code), (_AGREED, price.mark)))
    vat = [paragraph(reader.text("with_vat"), "small")] if price.with_vat else []
    return page(reader, reader.text("price_title"), [table(price.rows), *example, *vat, agreed])


async def _speak(site: SiteCoordinator, guest: Guest, language: str) -> None:
    """Keep in which language a guest wants their bill."""
    driver = site.access.desk.people.drivers.get(guest.id)
    if driver is not None and driver.language != language:
        await site.access.desk.async_put(replace(driver, language=language))


def _asked(request: web.Request, reader: Reader, charger: str | None, told: str = "") -> web.Response:
    known = doors(request.app[KEY_HASS])
    offered = {charger: known[charger]} if charger in known else known
    if not offered:
        return web.Response(status=HTTPStatus.NOT_FOUND)
    status = f"<div role=status>{told}</div>" if told else ""
    return page(reader, reader.text("title"), [status, _form(reader, offered)], script=_SCRIPT)


def _form(reader: Reader, offered: dict[str, _Door]) -> str:
    names = "".join(
        f'<option value="{escape(key)}">{escape(door.connector.name)}</option>' for key, door in offered.items()
    )
    charger, code, go = (escape(reader.text(part)) for part in ("charger", "code", "go"))
    return (
        f'<form method=post action="{URL}"><label>{charger}<select name=charger>{names}</select></label>'
        f"<label>{code}<input id=code name=code inputmode=numeric autocomplete=one-time-code maxlength={_LONGEST}"
        f" required></label><button>{go}</button></form>"
    )
