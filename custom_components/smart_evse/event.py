"""Cards that are held in front of a charger, who is let in, and sessions that begin and end."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .access_events import ACCESS, AccessEvent
from .card_readers import mask
from .configuration import Connector
from .const import DOMAIN
from .coordinator import SmartEvseConfigEntry
from .entity import ConnectorEntity, ConnectorRow
from .session_events import SESSION, SessionEvent
from .views import Views

# Everything is pushed: there is nothing to update, in parallel or otherwise.
PARALLEL_UPDATES = 0

_CARD_PRESENTED = "card_presented"
_ATTR_CARD = "card"

LAST_CARD = ConnectorRow(key="last_card")


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sessions of each connector, who is let in where that is asked, and the last card once there was one.

    Whether a box reads cards is not known before one was held in front of it.
    """
    coordinator = entry.runtime_data
    views = Views(coordinator)
    registry = er.async_get(hass)
    waiting: dict[str, CALLBACK_TYPE] = {}

    @callback
    def add(connector: Connector, first: str | None = None) -> None:
        async_add_entities([LastCard(views, connector, first)], config_subentry_id=connector.subentry_id)

    def wait(connector: Connector) -> CALLBACK_TYPE:
        @callback
        def presented(card: str) -> None:
            if (unsubscribe := waiting.pop(connector.id, None)) is not None:
                unsubscribe()
                add(connector, card)

        return coordinator.access.readers.listen(connector.id, presented)

    @callback
    def stop_waiting() -> None:
        for unsubscribe in waiting.values():
            unsubscribe()
        waiting.clear()

    def is_known(connector: Connector, row: ConnectorRow) -> bool:
        return registry.async_get_entity_id(Platform.EVENT, DOMAIN, f"{connector.id}_{row.key}") is not None

    for connector in coordinator.connectors.values():
        async_add_entities([SessionEvent(views, connector, SESSION)], config_subentry_id=connector.subentry_id)
        if connector.id in coordinator.access.door.controlled or is_known(connector, ACCESS):
            async_add_entities([AccessEvent(views, connector)], config_subentry_id=connector.subentry_id)
        if is_known(connector, LAST_CARD):
            add(connector)
        else:
            waiting[connector.id] = wait(connector)
    entry.async_on_unload(stop_waiting)


class LastCard(ConnectorEntity, EventEntity):
    """The card that was last held in front of a charger, its number masked."""

    entity_description: EventEntityDescription

    def __init__(self, views: Views, connector: Connector, first: str | None) -> None:
        super().__init__(views, connector, LAST_CARD)
        self._attr_event_types = [_CARD_PRESENTED]
        self._first = first

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.access.readers.listen(self._connector_id, self._presented))
        if self._first is not None:
            self._trigger_event(_CARD_PRESENTED, {_ATTR_CARD: mask(self._first)})

    @callback
    def _presented(self, card: str) -> None:
        self._trigger_event(_CARD_PRESENTED, {_ATTR_CARD: mask(card)})
        self.async_write_ha_state()

    @override
    def _shown(self) -> None:
        return None
