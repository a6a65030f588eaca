"""What a kWh cost and earned, as it is put on record: as published and by contract, never as expected."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from .const import CONF_EXPORT_KIND, CONF_PRICE_KIND
from .engine.forecast.prices import Contract
from .engine.forecast.series import Series
from .engine.sessions.pricing import PriceSpan
from .engine.sessions.quarters import quarter_after
from .learned import Learned
from .site_options import Data, PriceKind, buying, selling
from .tariffs.fixed import contract

_PUBLISHED = Decimal("0.00001")
"""Markets publish a MWh to the cent: more digits of a kWh's price only come from counting in binary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The price of a kWh from the grid and into it, in the site's currency; `None` where it is not known.

    `awaited` says that the market will tell one that is not known yet.
    """

    bought: Decimal | None = None
    sold: Decimal | None = None
    awaited: bool = False


class BookedPrices:
    """The prices of one site. `learned` tells what was published, as long as it is kept."""

    def __init__(self, options: Data, learned: Callable[[], Learned], zone: tzinfo) -> None:
        self._learned = learned
        self._zone = zone
        kind = PriceKind(options.get(CONF_PRICE_KIND, PriceKind.NONE))
        export = PriceKind(options.get(CONF_EXPORT_KIND, PriceKind.NONE))
        self._buy = None if kind is PriceKind.NONE else buying(options)
        self._sell = None if export is PriceKind.NONE else selling(options)
        if self._sell is None and self._buy is not None:
            # What nobody pays for is not foregone either.
            self._sell = contract(market=False)
        self._own_market = export is PriceKind.ENTITIES

    @property
    def known(self) -> bool:
        """Whether the owner said what a kWh costs or earns at all."""
        return self._buy is not None or self._sell is not None

    def at(self, moment: datetime) -> Booked:
        """Return the prices in force at an instant."""
        site = self._learned()
        bought = self._price(self._buy, site.prices, moment)
        sold = self._price(self._sell, site.export_prices if self._own_market else site.prices, moment)
        lacking = (self._buy is not None and bought is None) or (self._sell is not None and sold is None)
        return Booked(bought=bought, sold=sold, awaited=lacking)

    def between(self, start: datetime, end: datetime) -> Iterator[PriceSpan]:
        """Yield the prices of each quarter of an hour of a time."""
        at = start
        while at < end:
            until = min(quarter_after(at), end)
            booked = self.at(at)
            yield PriceSpan(start=at, end=until, bought=booked.bought, sold=booked.sold)
            at = until

    def _price(self, contract: Contract | None, market: Series, moment: datetime) -> Decimal | None:
        if contract is None:
            return None
        spot = market.at(moment) if contract.market else None
        if contract.market and spot is None:
            return None
        return exactly(contract, spot, moment.astimezone(self._zone))


def exactly(contract: Contract, spot: float | None, local: datetime) -> Decimal:
    """Return a contract's price at a wall time, every digit as it was published or agreed on."""
    band = next((band.add for band in contract.bands if band.holds(local)), 0.0)
    market = Decimal(0) if spot is None or not contract.market else Decimal(spot).quantize(_PUBLISHED)
    price = (market * _told(contract.factor) + _told(contract.add) + _told(band)) * (1 + _told(contract.vat))
    return price.normalize() + 0


def _told(value: float) -> Decimal:
    """Return a number as somebody typed it."""
    return Decimal(str(round(value, 9)))
