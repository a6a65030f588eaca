"""The slots of a plan: everything expected of the site, from now to as far as it is worth planning."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ..plan.model import Slot
from .habits import Profile, WallClock
from .load import USUAL_LOAD
from .prices import Contract, Price, known_until, price_steps
from .series import Series, Step, steps_of

SHORTEST = timedelta(hours=36)
"""How far ahead a plan looks at least: over the next two nights from any noon."""

FLAT_IMPORT = 0.30
FLAT_EXPORT = 0.06
"""What a kWh is taken to cost and earn where no price is known at all: any two that make the sun worth using."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of a site. Powers in W, market prices in currency per kWh.

    `market` are the published prices and `usual` what they are usually like; `market_export` where
    feeding in follows another market. `sun` is empty where none is expected. `import_limit` and
    `export_limit` are the most the connection may carry in W, where that is limited for a time.
    """

    clock: WallClock
    buy: Contract = field(default_factory=Contract)
    sell: Contract = field(default_factory=lambda: Contract(market=False))
    market: Series = field(default_factory=Series)
    usual: Profile = field(default_factory=Profile)
    market_export: Series | None = None
    usual_export: Profile | None = None
    sun: Series = field(default_factory=Series)
    house: Series = field(default_factory=Series)
    import_limit: Series = field(default_factory=Series)
    export_limit: Series = field(default_factory=Series)

    @property
    def published_until(self) -> datetime | None:
        """The instant after which the import price is a guess; `None` where it never is."""
        return known_until(self.buy, self.market)


def horizon_of(now: datetime, outlook: Outlook) -> datetime:
    """How far to plan: at least 36 h, or to the end of the published prices."""
    return max(now.astimezone(UTC) + SHORTEST, outlook.published_until or now)


def build_slots(now: datetime, minutes: int, outlook: Outlook) -> tuple[Slot, ...]:
    """Build the plan's slots of `minutes`, the first one being what is left of the running one."""
    steps = steps_of(now, minutes, horizon_of(now, outlook))
    buy = _filled(price_steps(outlook.buy, outlook.market, outlook.usual, steps, outlook.clock), FLAT_IMPORT)
    sell = _filled(
        price_steps(
            outlook.sell,
            outlook.market if outlook.market_export is None else outlook.market_export,
            outlook.usual if outlook.usual_export is None else outlook.usual_export,
            steps,
            outlook.clock,
        ),
        FLAT_EXPORT,
    )
    return tuple(
        Slot(
            start=start,
            hours=(end - start) / timedelta(hours=1),
            import_price=import_price,
            export_price=export_price,
            sun=max(0.0, sun or 0.0),
            house=USUAL_LOAD if house is None else house,
            import_limit=import_limit,
            export_limit=export_limit,
        )
        for (start, end), import_price, export_price, sun, house, import_limit, export_limit in zip(
            steps,
            buy,
            sell,
            outlook.sun.means(steps, coverage=0.0),
            outlook.house.means(steps, coverage=0.0),
            _least(outlook.import_limit, steps),
            _least(outlook.export_limit, steps),
            strict=True,
        )
    )


def _filled(prices: tuple[Price | None, ...], flat: float) -> list[float]:
    """Give slots without a price the mean of the others: unknown hours are neither dear nor cheap."""
    known = [price.value for price in prices if price is not None]
    mean = sum(known) / len(known) if known else flat
    return [mean if price is None else price.value for price in prices]


def _least(limits: Series, steps: tuple[Step, ...]) -> list[float | None]:
    """The lowest limit that holds at any time within each step."""
    if not limits.spans:
        return [None] * len(steps)
    return [min((span.value for span in limits.between(start, end).spans), default=None) for start, end in steps]
