"""Where a driver leaves a payment card with the provider, and takes it back.

The card itself is typed on the provider's page. Its references are kept here, in what is personal of the driver.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.model import Driver
from .link_page import BACK, CHECKING, LinkPage
from .pay_links import Opened, Opens
from .payments import PaymentError
from .public_pages import Reader, async_reader, button, check, page, paragraph, section
from .till import Till
from .tills import card_request

_DO = "do"
_AGREED = "agreed"
_WITH_CONSENT = frozenset({"leave", "charge"})


@dataclass(frozen=True, slots=True)
class _Holder:
    """Whose page it is, and who would charge their card."""

    of: Opened
    driver: Driver
    till: Till


class CardPage(LinkPage):
    """One page for each driver."""

    url = f"/api/{DOMAIN}/{Opens.CARD}/{{token}}"
    name = f"api:{DOMAIN}:card"
    opens = Opens.CARD

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Show whether a card is on file."""
        whose = self._whose(request, token)
        site, driver, back = whose.of.site, whose.driver, BACK in request.query
        if back and driver.card_on_file is None and self.allows(site, driver.id):
            await whose.till.async_look_for_cards(driver.id)
            driver = site.access.desk.people.drivers.get(driver.id, driver)
        waits = back and driver.card_on_file is None and driver.id in site.tills.book.wishes
        return _shown(request, await async_reader(request), whose.till, driver, waits=waits)

    async def post(self, request: web.Request, token: str) -> web.Response:
        """Lead to the provider's page, or change what is agreed."""
        whose = self._whose(request, token)
        driver, till = whose.driver, whose.till
        said, reader = await request.post(), await async_reader(request)
        if not self.allows(whose.of.site, driver.id):
            return _shown(request, reader, till, driver, told="too_often", status=HTTPStatus.TOO_MANY_REQUESTS)
        if said.get(_DO) in _WITH_CONSENT and not said.get(_AGREED):
            raise web.HTTPSeeOther(request.path)
        try:
            if said.get(_DO) == "leave" and (url := await self._leave(request, whose, reader)) is not None:
                raise web.HTTPSeeOther(url)
            await self._change(str(said.get(_DO)), whose.of.site, driver)
        except PaymentError:
            return _shown(request, reader, till, driver, told="provider_silent")
        raise web.HTTPSeeOther(request.path)

    def _whose(self, request: web.Request, token: str) -> _Holder:
        """Return whose page a link opens; nothing is found where they are nobody, or nobody could charge a card."""
        of = self.opened(request, token)
        people = of.site.access.desk.people
        driver = people.drivers.get(of.subject)
        if driver is None or driver.id in people.guests:
            raise web.HTTPNotFound
        known = of.site.tills.of_driver(driver)
        till = of.site.tills.first if known is None else known[0]
        if till is None:
            raise web.HTTPNotFound
        return _Holder(of, driver, till)

    async def _leave(self, request: web.Request, whose: _Holder, reader: Reader) -> str | None:
        entry, back = whose.of.site.config_entry.entry_id, f"{self.here(request, whose.of)}?{BACK}=1"
        asked = card_request(entry, whose.driver, language=reader.language, return_url=back)
        return (await whose.till.async_ask_for_card(asked, charges=True)).url

    async def _change(self, what: str, site: SiteCoordinator, driver: Driver) -> None:
        match what:
            case "forget":
                await site.tills.async_forget_card(driver)
            case "stop":
                await site.access.desk.async_put(replace(driver, charged_from=None))
            case "charge" if driver.charged_from is None:
                await site.access.desk.async_put(replace(driver, charged_from=dt_util.utcnow()))


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
    return page(reader, reader.text("card_title"), parts, again=CHECKING if waits else None, status=status, leaves=True)
