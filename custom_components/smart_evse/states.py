"""Home Assistant's own entities, as the drivers that work through them see them."""

import asyncio
from collections.abc import Callable, Collection
from typing import override

from homeassistant.const import ATTR_ENTITY_ID, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import Event, EventStateChangedData, EventStateReportedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceNotFound, ServiceValidationError
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .links.errors import Refused, Silent, Unreachable
from .links.states import EntityPort, EntityState

ACTION_TIME = 10.0
"""How long an action may take, in s: some integrations ask a cloud."""


class HassStates(EntityPort):
    """The states and actions of a running Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @override
    def get(self, entity_id: str) -> EntityState | None:
        if (state := self._hass.states.get(entity_id)) is None:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return EntityState(
            entity_id=entity_id,
            value=state.state,
            # The wall clock may have been set back since.
            ago=max(0.0, (dt_util.utcnow() - state.last_reported).total_seconds()),
            serial=state.last_reported_timestamp,
            unit=unit if isinstance(unit, str) else None,
            attributes=state.attributes,
        )

    @override
    def listen(self, entity_ids: Collection[str], heard: Callable[[str], None]) -> Callable[[], None]:
        @callback
        def on_event(event: Event[EventStateChangedData] | Event[EventStateReportedData]) -> None:
            heard(event.data["entity_id"])

        endings = (
            async_track_state_change_event(self._hass, entity_ids, on_event),
            async_track_state_report_event(self._hass, entity_ids, on_event),
        )

        def end() -> None:
            for ending in endings:
                ending()

        return end

    @override
    async def act(self, domain: str, action: str, entity_id: str, **values: object) -> None:
        data = {ATTR_ENTITY_ID: entity_id, **values}
        try:
            async with asyncio.timeout(ACTION_TIME):
                await self._hass.services.async_call(domain, action, data, blocking=True)
        except TimeoutError as err:
            raise Silent(f"{domain}.{action} of {entity_id} takes too long") from err
        except ServiceNotFound as err:
            raise Unreachable(f"{domain}.{action} is not there") from err
        except (ServiceValidationError, vol.Invalid) as err:
            raise Refused(f"{entity_id}: {err}") from err
        except HomeAssistantError as err:
            raise Unreachable(f"{entity_id}: {err}") from err
        except Exception as err:
            # Whatever another integration lets slip through: its device did not do it.
            raise Unreachable(f"{entity_id}: {err!r}") from err
