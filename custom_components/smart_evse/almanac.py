"""What Home Assistant knows of the days ahead and behind: forecasts, prices that are asked for, statistics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.integration_platform import async_process_integration_platforms
from homeassistant.helpers.recorder import get_instance
import voluptuous as vol

from .engine.forecast.series import Series, Span
from .links.errors import Silent, Unreachable
from .tariffs.port import Actions, SolarForecasts, Statistics

if TYPE_CHECKING:
    from homeassistant.components.recorder.statistics import StatisticsRow

_RECORDER = "recorder"

_PATIENCE = 30.0
"""How long an action or a forecast may take, in s: most ask a cloud."""

_HOUR = timedelta(hours=1)

type _Forecast = Callable[[HomeAssistant, str], Awaitable[Mapping[str, Any] | None]]


class HassActions(Actions):
    """Actions of other integrations that answer."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @override
    def origin(self, entity_id: str) -> tuple[str, str] | None:
        entity = er.async_get(self._hass).async_get(entity_id)
        return None if entity is None or entity.config_entry_id is None else (entity.platform, entity.config_entry_id)

    @override
    async def ask(self, domain: str, action: str, **values: object) -> Mapping[str, object]:
        if not self._hass.services.has_service(domain, action):
            raise Unreachable(f"{domain}.{action} is not there")
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._hass.services.async_call(
                    domain, action, dict(values), blocking=True, return_response=True
                )
        except (TimeoutError, HomeAssistantError, vol.Invalid) as err:
            raise Unreachable(f"{domain}.{action}: {err or 'no answer'}") from err
        except Exception as err:
            # Whatever another integration lets slip through: it has not answered.
            raise Unreachable(f"{domain}.{action}: {err!r}") from err
        return answer or {}


class HassSolarForecasts(SolarForecasts):
    """The integrations whose energy platform forecasts the sun."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._platforms: dict[str, _Forecast] | None = None

    @override
    async def wh_hours(self, entry_id: str) -> Mapping[str, float]:
        entry = self._hass.config_entries.async_get_entry(entry_id)
        forecast = None if entry is None else (await self._known()).get(entry.domain)
        if forecast is None:
            raise Unreachable(f"there is no forecast of the sun behind {entry_id}")
        try:
            async with asyncio.timeout(_PATIENCE):
                told = await forecast(self._hass, entry_id)
        except Exception as err:
            # An integration that is just being set up or has lost its cloud lets anything through.
            raise Unreachable(f"no forecast of the sun: {err!r}") from err
        if told is None:
            raise Silent("no forecast of the sun yet")
        wh_hours: Mapping[str, float] = told.get("wh_hours", {})
        return wh_hours

    async def domains(self) -> frozenset[str]:
        """Return the integrations that have forecasts of the sun."""
        return frozenset(await self._known())

    async def _known(self) -> dict[str, _Forecast]:
        """Return the platforms of every integration; one that is set up later adds its own."""
        if self._platforms is None:
            known: dict[str, _Forecast] = {}

            @callback
            def take(_hass: HomeAssistant, domain: str, platform: Any) -> None:  # noqa: ANN401 - a module of somebody else
                if (forecast := getattr(platform, "async_get_solar_forecast", None)) is not None:
                    known[domain] = forecast

            self._platforms = known
            await async_process_integration_platforms(self._hass, "energy", take, wait_for_platforms=True)
        return self._platforms


class HassStatistics(Statistics):
    """The recorder's hourly statistics; without a recorder there are none."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @override
    async def means(self, entity_ids: frozenset[str], start: datetime) -> Mapping[str, Series]:
        return await self._read(entity_ids, start, "mean", {"power": "W"})

    @override
    async def changes(self, entity_ids: frozenset[str], start: datetime) -> Mapping[str, Series]:
        return await self._read(entity_ids, start, "change", {"energy": "Wh"})

    async def _read(
        self,
        entity_ids: frozenset[str],
        start: datetime,
        kind: Literal["change", "mean"],
        units: dict[str, str],
    ) -> Mapping[str, Series]:
        if not entity_ids or _RECORDER not in self._hass.config.components:
            return {}
        # Whoever runs without a recorder has no database library either.
        from homeassistant.components.recorder.statistics import statistics_during_period  # noqa: PLC0415

        rows = await get_instance(self._hass).async_add_executor_job(
            statistics_during_period, self._hass, start.astimezone(UTC), None, set(entity_ids), "hour", units, {kind}
        )
        return {key: Series.of(_spans(known, kind)) for key, known in rows.items()}


def _spans(rows: list[StatisticsRow], kind: Literal["change", "mean"]) -> list[Span]:
    spans = []
    for row in rows:
        value = row.get(kind)
        if value is not None:
            start = datetime.fromtimestamp(row["start"], UTC)
            spans.append(Span(start, start + _HOUR, value))
    return spans
