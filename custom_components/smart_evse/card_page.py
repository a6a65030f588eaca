"""Where a driver leaves a payment card with the provider, and takes it back.

The card itself is typed on the provider's page. Its references are kept here, in what is personal of the driver.
"""

from dataclasses import replace
from http import HTTPStatus

from aiohttp import web
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.model import Driver
from .pay_links import Opens, link_to, opened
from .pay_page import Pace
from .payments import PaymentError
from .public_pages import Reader, async_reader, button, check, page, paragraph, section
from .till import Till
from .tills import card_request

_BACK = "back"
_CHECKING = 4
_DO = "do"
_AGREED = "agreed"
_WITH_CONSENT = frozenset({"leave", "charge"})


class CardPage(HomeAssistantView):
    """One page for each driver, by a link that nobody guesses."""

    url = f"/api/{DOMAIN}/{Opens.CARD}/{{token}}"
    name = f"api:{DOMAIN}:card"
    requires_auth = False

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Show whether a card is on file."""
        if (found := _found(request, token)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        site, driver, till = found
        back = _BACK in request.query
        if back and driver.card_on_file is None and self._pace.allows(driver.id, site.hass.loop.time()):
            await till.async_look_for_cards(driver.id)
            driver = site.access.desk.people.drivers.get(driver.id, driver)
        waits = back and driver.card_on_file is None and driver.id in site.tills.book.wishes
        return _shown(request, await async_reader(request), till, driver, waits=waits)

    async def post(self, request: web.Request, token: str) -> web.Response:
        """Lead to the provider's page, or change what is agreed."""
        if (found := _found(request, token)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        site, driver, till = found
        said, reader = await request.post(), await async_reader(request)
        if not self._pace.allows(driver.id, site.hass.loop.time()):
            return _shown(request, reader, till, driver, told="too_often", status=HTTPStatus.TOO_MANY_REQUESTS)
        if said.get(_DO) in _WITH_CONSENT and not said.get(_AGREED):
            raise web.HTTPSeeOther(request.path)
        try:
            if said.get(_DO) == "leave" and (url := await self._leave(request, site, driver, till, reader)) is not None:
                raise web.HTTPSeeOther(url)
            await self._change(str(said.get(_DO)), site, driver)
        except PaymentError:
            return _shown(request, reader, till, driver, told="provider_silent")
        raise web.HTTPSeeOther(request.path)

    async def _leave(
        self, request: web.Request, site: SiteCoordinator, driver: Driver, till: Till, reader: Reader
    ) -> str | None:
        here = link_to(site, Opens.CARD, driver.id) or f"{request.url.origin()}{request.path}"
        entry = site.config_entry.entry_id
        asked = card_request(entry, driver, language=reader.language, return_url=f"{here}?{_BACK}=1")
        return (await till.async_ask_for_card(asked, charges=True)).url

    async def _change(self, what: str, site: SiteCoordinator, driver: Driver) -> None:
        match what:
            case "forget":
                await site.tills.async_forget_card(driver)
            case "stop":
                await site.access.desk.async_put(replace(driver, charged_from=None))
            case "charge" if driver.charged_from is None:
                await site.access.desk.async_put(replace(driver, charged_from=dt_util.utcnow()))


def _found(request: web.Request, token: str) -> tuple[SiteCoordinator, Driver, Till] | None:
    of = opened(request.app[KEY_HASS], Opens.CARD, token)
    driver = None if of is None else of.site.access.desk.people.drivers.get(of.subject)
    if of is None or driver is None or driver.id in of.site.access.desk.people.guests:
        return None
    known = of.site.tills.of_driver(driver)
    till = of.site.tills.first if known is None else known[0]
    return None if till is None else (of.site, driver, till)


def _shown(  # noqa: PLR0913 (what a page is made of)
    request: web.Request,
    reader: Reader,
    till: Till,
    driver: Driver,
    *,
    told: str = "",
    waits: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    here, card, issuer = request.path, driver.card_on_file, till.issuer.party.name
    parts = [paragraph(reader.text(told))] if told else []
    if waits:
        parts.append(paragraph(reader.text("checking")))
    elif card is None:
        agreed = check(reader.text("card_agree", issuer=issuer), _AGREED)
        parts += [
            paragraph(reader.text("card_none", issuer=issuer)),
            button(reader.text("card_leave"), here, ((_DO, "leave"),), inside=agreed),
            paragraph(reader.text("card_kept"), "small"),
        ]
    else:
        charged = driver.charged_from is not None
        since = reader.signs.date(dt_util.as_local(card.since).date())
        kept = paragraph(f"✓ {reader.text('card_on_file', since=since, issuer=issuer)}", "good")
        parts.append(section([kept, paragraph(reader.text("card_charged" if charged else "card_not_charged"))]))
        if charged:
            parts.append(button(reader.text("card_stop"), here, ((_DO, "stop"),), "plain"))
        else:
            agreed = check(reader.text("card_agree", issuer=issuer), _AGREED)
            parts.append(button(reader.text("card_charge"), here, ((_DO, "charge"),), inside=agreed))
        parts.append(button(reader.text("card_forget"), here, ((_DO, "forget"),), "plain"))
    return page(
        reader, reader.text("card_title"), parts, again=_CHECKING if waits else None, status=status, leaves=True
    )
