"""Prices from entities that other integrations have of them, whatever their attributes are called.

Known shapes: Nord Pool and those that took after it (`raw_today`, `raw_tomorrow`), ENTSO-E (`prices_today`,
`prices_tomorrow`, `prices`), Zonneplan (`forecast` in ten-millionths), Octopus (`rates` of an event), Amber
(`forecasts`), aWATTar and EPEX Spot (`data`), OMIE (`today_hours`), PVPC (`price_07h`), Frank, Tibber, Energi Data
Service, and any list of rows that say from when and how much. An entity without a list may have an
integration that answers an action with one; otherwise it tells the price of now, and one that somebody sets
by hand holds until it is set again.
"""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta, tzinfo
import re
from typing import Final

from ..engine.forecast.series import Series, Span
from ..links.errors import DeviceError, Silent
from ..links.states import EntityPort, EntityState
from .lists import Reader, Words, figure
from .port import Actions
from .price_actions import ask
from .units import price_scale

PRICES: Final = Words(
    attributes=(
        "raw_today", "raw_tomorrow", "prices_today", "prices_tomorrow", "prices", "rates", "forecasts", "forecast",
        "data", "today_hours", "tomorrow_hours", "today", "tomorrow",
    ),
    values={
        "value_inc_vat": 1.0,
        "electricity_price": 1e-7,
        "price_per_kwh": 1.0,
        "per_kwh": 1.0,
        "price_ct_per_kwh": 0.01,
        "marketprice": 0.001,
        "EUR_per_kWh": 1.0,
        "NOK_per_kWh": 1.0,
        "SEK_per_kWh": 1.0,
        "DKK_per_kWh": 1.0,
        "price": None,
        "total": None,
        "value": None,
        "rate": None,
        "tariff": None,
        "cost": None,
    },
    others=True,
)  # fmt: skip
"""A scale of `None` is the unit's of the entity. Zonneplan counts in ten-millionths of a euro."""

_SET_BY_HAND = ("number.", "input_number.")
_LASTS = timedelta(days=3)
_HOUR = timedelta(hours=1)

_HOURLY = re.compile(r"price_(next_day_)?(\d\d)h")


class EntityPrices:
    """The prices that some entities tell together: of today, of tomorrow, or of both.

    `zone` is the site's, for times without one. `actions` are asked where an entity has no list.
    """

    def __init__(
        self, port: EntityPort, entity_ids: Collection[str], zone: tzinfo, actions: Actions | None = None
    ) -> None:
        self._port = port
        self._entity_ids = tuple(entity_ids)
        self._zone = zone
        self._actions = actions

    @property
    def watched(self) -> frozenset[str]:
        """The entities whose reports are news of the prices."""
        return frozenset(self._entity_ids)

    async def fetch(self, now: datetime) -> Series:
        """Return what they say; `Silent` when none of them says anything."""
        found: list[Span] = []
        for entity_id in self._entity_ids:
            found += (await self._of(entity_id, now)).spans
        if not found:
            raise Silent(f"no price in {', '.join(self._entity_ids)}")
        return Series.of(found)

    async def _of(self, entity_id: str, now: datetime) -> Series:
        state = self._port.get(entity_id)
        if state is None:
            return Series()
        told = Reader(words=PRICES, unit=_scale(state), zone=self._zone).read(state.attributes, now)
        if not told.spans:
            told = _by_the_hour(state, self._zone, now)
        if not told.spans and self._actions is not None:
            told = await self._asked(entity_id, now)
        return told if told.spans else _of_now(state, now)

    async def _asked(self, entity_id: str, now: datetime) -> Series:
        if self._actions is None or (origin := self._actions.origin(entity_id)) is None:
            return Series()
        try:
            return await ask(self._actions, *origin, self._zone, now)
        except DeviceError:
            # The entity itself still tells the price of now.
            return Series()


def _scale(state: EntityState) -> float:
    unit = state.unit
    if unit is None:
        told = state.attributes.get("unit")
        unit = told if isinstance(told, str) else None
    if unit is None and state.attributes.get("price_in_cents") is True:
        unit = "ct/kWh"
    return price_scale(unit)


def _of_now(state: EntityState, now: datetime) -> Series:
    value = figure(state.value)
    if value is None:
        return Series()
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = now + _LASTS if state.entity_id.startswith(_SET_BY_HAND) else hour + _HOUR
    return Series.of([Span(now, end, value * _scale(state))])


def _by_the_hour(state: EntityState, zone: tzinfo, now: datetime) -> Series:
    """Read a price for each hour of the clock, each in an attribute of its own."""
    today, spans = now.astimezone(zone).date(), []
    for name, content in state.attributes.items():
        match, value = _HOURLY.fullmatch(name), figure(content)
        if match is None or value is None:
            continue
        day = today + timedelta(days=1) if match[1] else today
        start = datetime.combine(day, time(int(match[2])), zone).astimezone(UTC)
        spans.append(Span(start, start + _HOUR, value * _scale(state)))
    return Series.of(spans)
