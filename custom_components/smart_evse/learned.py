"""What a site has learned of its days and its cars, in a file of its own: it is written rarely, and may be lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .engine.forecast.score import Score
from .engine.forecast.series import Series, Span
from .engine.model import ConnectorId
from .engine.vehicle.arrivals import Stayed
from .engine.vehicle.charge import Charge
from .engine.vehicle.taper import Taper
from .punctual import PunctualStore
from .records import Json, made_or, plain

_VERSION = 1
_RARELY = 600.0
"""A power cut loses no more than this of what was learned, in s."""

_DAYS = timedelta(days=28)
"""How far back prices, sun and load are learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedCar:
    """What was learned of the car that charges at a connector."""

    charge: Charge = field(default_factory=Charge)
    taper: Taper = field(default_factory=Taper)
    history: tuple[Stayed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Market prices that were published, hourly means of sun and house in W, and how far forecasts were off.

    `source` names where the prices come from. `sun` and `house` are what our own beats saw, by the hour; the last
    hours of it are finer.
    """

    source: str = ""
    prices: Series = field(default_factory=Series)
    export_prices: Series = field(default_factory=Series)
    sun: Series = field(default_factory=Series)
    house: Series = field(default_factory=Series)
    sun_score: Score = field(default_factory=Score)
    house_score: Score = field(default_factory=Score)


class LearnedStore:
    """One site's file of what it learned."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}.learned")
        self.site = Learned()
        self.cars: dict[ConnectorId, LearnedCar] = {}

    async def async_load(self) -> None:
        """Read the file; what cannot be read is learned again."""
        data = await self._store.async_load() or {}
        site = data.get("site", {})
        self.site = Learned(
            source=site.get("source", ""),
            prices=_series(site.get("prices")),
            export_prices=_series(site.get("export_prices")),
            sun=_series(site.get("sun")),
            house=_series(site.get("house")),
            sun_score=made_or(Score, site.get("sun_score"), Score()),
            house_score=made_or(Score, site.get("house_score"), Score()),
        )
        self.cars = {key: made_or(LearnedCar, value, LearnedCar()) for key, value in data.get("cars", {}).items()}

    def learn(self, site: Learned) -> None:
        """Note what was learned of the site."""
        self.site = site
        self._store.save_within(self._as_json, _RARELY)

    def learn_car(self, connector: ConnectorId, car: LearnedCar) -> None:
        """Note what was learned of a car."""
        if car != self.cars.get(connector):
            self.cars[connector] = car
            self._store.save_within(self._as_json, _RARELY)

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _as_json(self) -> Json:
        site = self.site
        return {
            "site": {
                "source": site.source,
                "prices": _points(site.prices),
                "export_prices": _points(site.export_prices),
                "sun": _points(site.sun),
                "house": _points(site.house),
                "sun_score": plain(site.sun_score),
                "house_score": plain(site.house_score),
            },
            "cars": {key: plain(value) for key, value in self.cars.items()},
        }


def joined(known: Series, news: Series, now: datetime) -> Series:
    """Add what is new to what is known, over which it holds; what is too old goes."""
    oldest, end = now - _DAYS, datetime.max.replace(tzinfo=UTC)
    if news.start is None or news.end is None:
        return known.between(oldest, end)
    before, after = known.between(oldest, news.start), known.between(news.end, end)
    return Series.of([*before.spans, *news.spans, *after.spans]).between(oldest, end)


def _points(series: Series) -> list[list[float]]:
    """Write a series small: start in s since 1970, length in s, value."""
    return [
        [span.start.timestamp(), (span.end - span.start).total_seconds(), round(span.value, 5)] for span in series.spans
    ]


def _series(points: object) -> Series:
    try:
        spans = []
        for start, seconds, value in points if isinstance(points, list) else ():
            at = datetime.fromtimestamp(start, UTC)
            spans.append(Span(at, at + timedelta(seconds=seconds), float(value)))
        return Series.of(spans)
    except TypeError, ValueError:
        return Series()
