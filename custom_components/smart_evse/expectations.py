"""What is to be expected of a site: prices, sun and the house's use, from whoever tells and from what was learned."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from .engine.forecast.habits import WallClock
from .engine.forecast.horizon import Outlook, horizon_of
from .engine.forecast.intraday import LOAD_FADING, SUN_FADING, expect
from .engine.forecast.load import learn_load, load_series
from .engine.forecast.prices import Contract, learn_prices
from .engine.forecast.score import follow
from .engine.forecast.series import Series
from .engine.forecast.sun import learn_sun, sun_series
from .engine.model import Decision, Snapshot
from .learned import Learned, LearnedStore, joined
from .links.errors import DeviceError
from .means import Means, with_span
from .tariffs.history import RecordedHistory
from .tariffs.port import Source
from .tariffs.sums import total

_EVERY = timedelta(minutes=15)
"""How often a source is asked that has not said anything new by itself."""

_REACH_BACK = timedelta(hours=12)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who tells of what: the contracts for buying and selling, and the sources that they and the sun need."""

    buy: Contract
    sell: Contract
    prices: Source | None = None
    export_prices: Source | None = None
    sun: tuple[Source, ...] = ()

    @property
    def prices_of(self) -> str:
        """Tell one choice of price sources from another."""
        known = (() if source is None else sorted(source.watched) for source in (self.prices, self.export_prices))
        return "; ".join(", ".join(entities) for entities in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the plan goes by: the price of a kWh from the grid in each slot, the sun of the next hour in Wh.

    `buys` and `sells` say that the owner told where the price of a kWh comes from, in or out. Errors are the mean
    ones of forecasts half a day ahead, as a share of what came; `None` before any was scored.
    """

    buys: bool = False
    sells: bool = False

    prices: Series = field(default_factory=Series)
    sun: float | None = None
    sun_error: float | None = None
    house_error: float | None = None


@dataclass(slots=True)
class Feed:
    """One source, and what it last said; what has been published stays so when the source falls silent."""

    source: Source
    told: Series
    fetched: datetime | None = None
    trouble: str | None = None

    async def refresh(self, now: datetime) -> None:
        """Ask the source if it is time."""
        if self.fetched is not None and now - self.fetched < _EVERY:
            return
        self.fetched = now
        try:
            self.told, self.trouble = await self.source.fetch(now), None
        except DeviceError as err:
            self.trouble = str(err)

    def hurry(self, entity_id: str) -> bool:
        """Take notice of news of an entity; says whether it is one of this source."""
        if entity_id not in self.source.watched:
            return False
        self.fetched = None
        return True


class Expectations:
    """Keeps what is expected up to date. It asks nobody while a beat waits."""

    def __init__(
        self,
        learned: LearnedStore,
        zone: tzinfo,
        sources: Sources,
    ) -> None:
        self._learned = learned
        self.clock = WallClock(zone)
        self._buy, self._sell = sources.buy, sources.sell
        self._prices = None if sources.prices is None else Feed(sources.prices, Series())
        self._export = None if sources.export_prices is None else Feed(sources.export_prices, Series())
        self._suns = tuple(Feed(source, Series()) for source in sources.sun)
        if learned.site.source != sources.prices_of:
            # What another market was like says nothing of this one.
            learned.learn(replace(learned.site, source=sources.prices_of, prices=Series(), export_prices=Series()))
        self._recorded_house, self._recorded_sun = Series(), Series()
        self._house, self._sun = Means(), Means()

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Every source by what it is of."""
        known = {"price": self._prices, "export_price": self._export}
        suns = {f"sun_{index}": feed for index, feed in enumerate(self._suns)}
        return {key: feed for key, feed in {**known, **suns}.items() if feed is not None}

    @property
    def watched(self) -> frozenset[str]:
        """The entities whose reports are news."""
        return frozenset[str]().union(*(feed.source.watched for feed in self.feeds.values()))

    @property
    def sun_doubt(self) -> float:
        """How far the sun's forecast may be off, as a share of it."""
        return self._learned.site.sun_score.doubt

    def hurry(self, entity_id: str) -> None:
        """Take notice of news of an entity."""
        for feed in self.feeds.values():
            feed.hurry(entity_id)

    async def refresh(self, now: datetime) -> None:
        """Ask the sources that have something new, and keep the prices they published."""
        await asyncio.gather(*(feed.refresh(now) for feed in self.feeds.values()))
        site = self._learned.site
        news = replace(
            site,
            prices=site.prices if self._prices is None else joined(site.prices, self._prices.told, now),
            export_prices=site.export_prices
            if self._export is None
            else joined(site.export_prices, self._export.told, now),
        )
        if news != site:
            self._learned.learn(news)

    async def recall(self, history: RecordedHistory, now: datetime) -> None:
        """Look into the recorder's statistics: that takes a while, and is done once an hour."""
        self._recorded_house, self._recorded_sun = await history.house(now), await history.sun(now)

    def settle(self, now: datetime) -> None:
        """Compare what was promised with what came, once an hour."""
        site, until = self._learned.site, now + 36 * _HOUR
        sun, house = self._sun_told(now, until), self._house_told(now, until)
        self._learned.learn(
            replace(
                site,
                sun_score=follow(site.sun_score, sun, site.sun, now),
                house_score=follow(site.house_score, house, site.house, now),
            )
        )

    def saw(self, snapshot: Snapshot, decision: Decision) -> None:
        """Add up what sun and house really do."""
        solar = snapshot.solar
        sun = self._sun.add(None if solar is None else solar.power, snapshot.utc)
        house = self._house.add(decision.site.house, snapshot.utc)
        site = self._learned.site
        if sun is not None:
            site = replace(site, sun=with_span(site.sun, sun))
        if house is not None:
            site = replace(site, house=with_span(site.house, house))
        if sun is not None or house is not None:
            self._learned.learn(site)

    def outlook(self, now: datetime) -> Outlook:
        """Return all that is expected from now on."""
        site = self._learned.site
        base = Outlook(
            clock=self.clock,
            buy=self._buy,
            sell=self._sell,
            market=site.prices,
            usual=learn_prices(site.prices, now, self.clock),
        )
        if self._export is not None:
            usual_export = learn_prices(site.export_prices, now, self.clock)
            base = replace(base, market_export=site.export_prices, usual_export=usual_export)
        until = horizon_of(now, base)
        return replace(base, sun=self._sun_expected(now, until, site), house=self._house_expected(now, until, site))

    def _sun_expected(self, now: datetime, until: datetime, site: Learned) -> Series:
        return expect(self._sun_told(now, until), site.sun_score, site.sun, now, SUN_FADING)

    def _house_expected(self, now: datetime, until: datetime, site: Learned) -> Series:
        return expect(self._house_told(now, until), site.house_score, site.house, now, LOAD_FADING)

    def _sun_told(self, now: datetime, until: datetime) -> Series:
        """Return what others forecast, and beyond that or without them what the site's own sun did."""
        told = total(feed.told for feed in self._suns).sloped() if self._suns else Series()
        profile = learn_sun(joined(self._recorded_sun, self._learned.site.sun, now), now)
        if profile is None:
            return told
        if told.end is None or told.end <= now:
            return sun_series(profile, now - _REACH_BACK, until)
        beyond = sun_series(profile, told.end, until).between(told.end, until)
        return Series((*told.spans, *beyond.spans))

    def _house_told(self, now: datetime, until: datetime) -> Series:
        history = joined(self._recorded_house, self._learned.site.house, now)
        return load_series(learn_load(history, now, self.clock), now - _REACH_BACK, until, self.clock)
