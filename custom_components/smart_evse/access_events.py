"""Who was let in at a connector, and who was turned away."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .access import News, Turn
from .configuration import Connector
from .entity import ConnectorEntity, ConnectorRow
from .views import Views

_ATTR_DRIVER: Final = "driver"
_ATTR_REASON: Final = "reason"

ACCESS = ConnectorRow(key="access", needs_device=False)


class AccessEvent(ConnectorEntity, EventEntity):
    """What happened last at a connector that asks who is there: to whom (an id, no name and no number), and why."""

    entity_description: EventEntityDescription

    def __init__(self, views: Views, connector: Connector) -> None:
        super().__init__(views, connector, ACCESS)
        self._attr_event_types = [turn.value for turn in Turn]

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.access.door.listen(self._connector_id, self._happened))

    @callback
    def _happened(self, news: News) -> None:
        self._trigger_event(news.turn, {_ATTR_REASON: news.verdict.value, _ATTR_DRIVER: news.driver})
        self.async_write_ha_state()

    @override
    def _shown(self) -> None:
        return None
