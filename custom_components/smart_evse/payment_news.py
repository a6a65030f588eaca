"""What becomes of payments, told: on Home Assistant's bus, and to the owner where somebody has to do something."""

from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import callback
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .payments import NewsKind
from .statement_desk import async_book
from .tills import Heard

EVENT: Final = f"{DOMAIN}_payment"
"""What is fired with all news: driver and statement by their ids, no name, no link."""

_CALLS_FOR_SOMEBODY: Final = frozenset({NewsKind.DECLINED, NewsKind.PAID_AGAIN})


@callback
def async_start_tills(site: SiteCoordinator) -> None:
    """Begin to follow the payments of a site, and to tell of them."""

    @callback
    def heard(what: Heard) -> None:
        _fire(site, what)
        if what.news.kind in _CALLS_FOR_SOMEBODY and what.found is not None:
            entry = site.config_entry
            entry.async_create_background_task(site.hass, _notify(site, what), f"{DOMAIN} {entry.title} payment news")

    site.config_entry.async_on_unload(site.tills.async_listen(heard))
    site.config_entry.async_on_unload(site.sessions.books.async_listen(site.tills.wake))
    site.tills.start(lambda event: async_book(site, event))


@callback
def _fire(site: SiteCoordinator, what: Heard) -> None:
    payment, statement = what.news.payment, None if what.found is None else what.found.statement
    site.hass.bus.async_fire(
        EVENT,
        {
            "type": what.news.kind.value,
            "site": site.config_entry.entry_id,
            "statement": what.news.statement,
            "number": None if statement is None else statement.number,
            "driver": None if statement is None else statement.driver,
            "provider": payment.provider,
            "payment": payment.id,
            "amount": float(payment.amount),
            "refunded": float(payment.refunded),
            "currency": payment.currency,
            "reason": payment.reason,
        },
    )


async def _notify(site: SiteCoordinator, what: Heard) -> None:
    if what.found is None:
        return
    hass, kind, statement = site.hass, what.news.kind, what.found.statement
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    told = texts.get(f"component.{DOMAIN}.common.payment_{kind}", kind)
    amount = f"{what.news.payment.amount} {what.news.payment.currency}"
    persistent_notification.async_create(
        hass,
        told.format(number=statement.number or statement.id, amount=amount),
        title=site.site_name,
        notification_id=f"{DOMAIN}_payment_{what.news.key}",
    )
