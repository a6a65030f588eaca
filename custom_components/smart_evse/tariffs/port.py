"""What a source of the days ahead looks like to us, and what it may ask of Home Assistant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from ..engine.forecast.series import Series


class Source(Protocol):
    """Something that tells what is to come: prices in currency per kWh, or mean powers in W."""

    @property
    def watched(self) -> frozenset[str]:
        """The entities whose reports are news of it."""

    async def fetch(self, now: datetime) -> Series:
        """Return what is published, empty where nothing is; raise a `DeviceError` and nothing else."""


class Actions(Protocol):
    """The actions of other integrations that answer with prices."""

    def origin(self, entity_id: str) -> tuple[str, str] | None:
        """Return the domain of the integration behind an entity, and the id of its config entry."""

    async def ask(self, domain: str, action: str, **values: object) -> Mapping[str, object]:
        """Return the response of an action; raise a `DeviceError` when there is none."""


class SolarForecasts(Protocol):
    """The integrations that forecast the sun for Home Assistant's energy dashboard."""

    async def wh_hours(self, entry_id: str) -> Mapping[str, float]:
        """Return the Wh from each time on, as that integration tells them; a `DeviceError` when it does not."""


class Statistics(Protocol):
    """The hourly statistics that the recorder keeps for years."""

    async def means(self, entity_ids: frozenset[str], start: datetime) -> Mapping[str, Series]:
        """Return the mean of each hour in W, of entities that measure a power."""

    async def changes(self, entity_ids: frozenset[str], start: datetime) -> Mapping[str, Series]:
        """Return by how much each register grew in each hour, as the mean power that this is, in W."""
