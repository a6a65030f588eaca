"""Who was let in at a connector, and who was turned away."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .access import News, Turn
from .configuration import Connector
from .entity import ConnectorEntity, ConnectorRow
from .public_pages import Reader, async_reader_of
from .shown_prices import shown_price
from .site_tariffs import Payer
from .views import Views

_ATTR_DRIVER: Final = "driver"
_ATTR_PRICE: Final = "price"
_ATTR_REASON: Final = "reason"

ACCESS = ConnectorRow(key="access", needs_device=False)

_WITH_PRICE: Final = frozenset({Turn.GRANTED, Turn.PRICE_SHOWN})


class AccessEvent(ConnectorEntity, EventEntity):
    """What happened last at a connector that asks who is there: to whom (an id, no name and no number), and why.

    Whoever may charge is told with what they pay, in one line, where it costs something.
    """

    entity_description: EventEntityDescription

    def __init__(self, views: Views, connector: Connector) -> None:
        super().__init__(views, connector, ACCESS)
        self._attr_event_types = [turn.value for turn in Turn]
        self._reader: Reader | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._reader = await async_reader_of(self.hass, self.hass.config.language)
        self.async_on_remove(self.coordinator.access.door.listen(self._connector_id, self._happened))

    @callback
    def _happened(self, news: News) -> None:
        told = {_ATTR_REASON: news.verdict.value, _ATTR_DRIVER: news.driver}
        if news.turn in _WITH_PRICE:
            told[_ATTR_PRICE] = self._price(news.driver)
        self._trigger_event(news.turn, told)
        self.async_write_ha_state()

    def _price(self, driver: str | None) -> str | None:
        payer = Payer(driver=driver, connector=self._connector_id)
        price = None if self._reader is None else shown_price(self.coordinator, payer, self._reader)
        return None if price is None else price.sentence

    @override
    def _shown(self) -> None:
        return None
