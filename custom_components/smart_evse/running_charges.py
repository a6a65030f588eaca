"""What drivers pay now: for the next kWh at each connector, and for the session that runs there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .bookkeeping import Bookkeeper, LedgerClosed
from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.ending import ended
from .engine.sessions.model import Interval
from .engine.sessions.opened import OpenSession
from .engine.tariffs.model import Dimension, Priced, Tariff
from .engine.tariffs.preview import Wish, preview
from .journal import Journal
from .moments import Moments
from .site_tariffs import Payer, SiteTariffs

if TYPE_CHECKING:
    from .ledger import Ledger

_LOGGER = logging.getLogger(__name__)

_SOME_ENERGY: Final = 100
"""What is priced to tell the price of a kWh, in Wh: little enough to be over before a price changes."""

_USUAL_POWER: Final = 11_000
"""How fast that is taken where no car charges, in W: tariffs may tell slow from fast."""

_OFTEN: Final = 10
"""A session is priced anew this often, in s."""

type _Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a tariff asks at a connector, VAT included.

    `price` is that of the next kWh, `None` where it is not known. `amount` is what the session has come to, `None`
    where none runs; `unpriced` is the Wh of it whose price is not known yet.
    """

    tariff: Tariff
    price: Decimal | None = None
    amount: Decimal | None = None
    unpriced: int = 0
    since: datetime | None = None


class RunningCharges:
    """Prices what goes on at one site, by the site's `prices`. Nothing of it waits for a disk, or stops a beat."""

    def __init__(  # noqa: PLR0913, PLR0917 (a site's tariffs, its prices, its sessions, and where they are kept)
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        tariffs: SiteTariffs,
        moments: Moments,
        books: Bookkeeper,
        journal: Journal,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._tariffs = tariffs
        self.prices = moments.prices
        self._moments = moments
        self._books = books
        self._journal = journal
        self._closed: dict[ConnectorId, tuple[_Mark, tuple[Interval, ...]]] = {}
        self._looking: set[_Mark] = set()
        self._told: dict[ConnectorId, tuple[_Mark, Charge | None]] = {}
        self._prices: dict[Payer, tuple[float, Decimal | None]] = {}
        self._stumbled = False

    @callback
    def at(self, connector: ConnectorId) -> Charge | None:
        """Return what whoever is at a connector pays, or who came now would; `None` where no tariff holds."""
        if not self._tariffs.all:
            return None
        utc = dt_util.utcnow()
        state = self._journal.states.get(connector)
        running = state if state is not None and state.active else None
        known = self._intervals(running)
        mark = (utc.timestamp() // _OFTEN, None if running is None else (running.id, running.identity), known)
        before = self._told.get(connector)
        if before is None or before[0] != mark:
            self._told[connector] = before = (mark, self._careful(lambda: self._charge(connector, running, known, utc)))
        return before[1]

    @property
    def demand(self) -> Decimal | None:
        """The share (0 to 1) that is taken of what the main fuse lets through, `None` while the meter is silent."""
        taken = self._moments.demand
        return None if taken is None else Decimal(str(taken))

    @callback
    def price_of(self, payer: Payer) -> Decimal | None:
        """Return what a kWh costs somebody now, `None` where no tariff holds or its price is not known."""
        utc = dt_util.utcnow()
        mark = utc.timestamp() // _OFTEN
        before = self._prices.get(payer)
        if before is None or before[0] != mark:
            tariff = self._tariffs.holding(payer, utc)
            price = None if tariff is None else self._careful(lambda: self._price(tariff, None, utc))
            self._prices[payer] = before = (mark, price)
        return before[1]

    @callback
    def preview(self, tariff: Tariff, energy: int) -> Priced | None:
        """Return what some energy (Wh) would cost by a tariff from now on, none of it from the sun."""
        utc = dt_util.utcnow()
        spans = tuple(self.prices.between(utc, utc + timedelta(hours=energy / _USUAL_POWER + 1)))
        wish = Wish(energy=energy, power=_USUAL_POWER, demand=self.demand)
        return self._careful(lambda: preview(tariff, wish, utc, dt_util.get_default_time_zone(), spans))

    def _charge(
        self, connector: ConnectorId, running: OpenSession | None, known: tuple[Interval, ...] | None, utc: datetime
    ) -> Charge | None:
        if running is None:
            tariff = self._tariffs.holding(Payer(connector=connector), utc)
            return None if tariff is None else Charge(tariff=tariff, price=self._price(tariff, None, utc))
        end = ended(running, utc)
        intervals = (*(known or ()), *end.intervals)
        tariff = self._tariffs.of_session(end.record, intervals)
        if tariff is None:
            return None
        # Until it is known what went before, the amount is not.
        priced = None if known is None else self._tariffs.priced(end.record, intervals, driver=end.record.driver)
        return Charge(
            tariff=tariff,
            price=self._price(tariff, running, utc),
            amount=None if priced is None else priced.gross,
            unpriced=0 if priced is None else priced.unpriced,
            since=running.started,
        )

    def _price(self, tariff: Tariff, running: OpenSession | None, utc: datetime) -> Decimal | None:
        """Return the price of the next kWh, by where the last of this quarter came from."""
        weights = None if running is None else running.interval.weights
        from_sun = Decimal(0) if weights is None or not weights.total else _share(weights.sun / weights.total)
        power = _USUAL_POWER if running is None or running.power <= 0 else max(1, round(running.power))
        spans = tuple(self.prices.between(utc, utc + timedelta(hours=1)))
        wish = Wish(energy=_SOME_ENERGY, power=power, from_sun=from_sun, demand=self.demand)
        return energy_price(preview(tariff, wish, utc, dt_util.get_default_time_zone(), spans))

    @callback
    def _intervals(self, running: OpenSession | None) -> tuple[Interval, ...] | None:
        """Return what is finished of a session, `None` while that is being looked up."""
        if running is None:
            return ()
        mark = (running.id, running.interval.start)
        found = self._closed.get(running.connector)
        if found is not None and found[0] == mark:
            return found[1]
        known: tuple[Interval, ...] | None = () if running.interval.start == running.started else None
        if found is not None and found[0][0] == running.id:
            # What was just finished waits to be written, in this very beat.
            known = _together(found[1], self._waiting(running.id))
        if known is not None:
            self._closed[running.connector] = (mark, known)
        if known != () and mark not in self._looking:
            self._looking.add(mark)
            name = f"{DOMAIN} {self._entry.title} running charge"
            self._entry.async_create_background_task(self._hass, self._look_up(running.connector, mark), name)
        return known

    async def _look_up(self, connector: ConnectorId, mark: _Mark) -> None:
        session = str(mark[0])
        waiting = self._waiting(session)
        try:
            on_record = await self._books.async_read(lambda ledger: _intervals_of(ledger, session))
        except LedgerClosed:
            return
        finally:
            self._looking.discard(mark)
        self._closed[connector] = (mark, _together(waiting, on_record))

    def _waiting(self, session: str) -> tuple[Interval, ...]:
        return tuple(each for page in self._journal.waiting if page.session == session for each in page.intervals)

    def _careful[T](self, work: Callable[[], T]) -> T | None:
        """Let nothing that goes wrong with money stop the beat; say it once."""
        try:
            return work()
        except Exception:
            if not self._stumbled:
                _LOGGER.exception("What drivers pay now cannot be told")
            self._stumbled = True
            return None


def energy_price(priced: Priced) -> Decimal | None:
    """Return the mean price of a kWh, VAT included; `None` where a price is not known."""
    energy = [line for line in priced.lines if line.dimension is Dimension.ENERGY]
    quantity = sum((line.quantity for line in energy), Decimal(0))
    if priced.unpriced:
        return None
    return sum((line.gross for line in energy), Decimal(0)) / quantity if quantity else Decimal(0)


def amounts_by_dimension(priced: Priced) -> Mapping[Dimension, Decimal]:
    """Return what each dimension comes to, VAT included, in the order in which it appeared."""
    found: dict[Dimension, Decimal] = {}
    for line in priced.lines:
        found[line.dimension] = found.get(line.dimension, Decimal(0)) + line.gross
    return found


def _together(*several: tuple[Interval, ...]) -> tuple[Interval, ...]:
    whole = {each.start: each for intervals in several for each in intervals}
    return tuple(whole[start] for start in sorted(whole))


def _intervals_of(ledger: Ledger, session: str) -> tuple[Interval, ...]:
    from .ledger import SessionsBook  # noqa: PLC0415 - in a thread: a database library takes a while

    return SessionsBook(ledger).intervals(session)


def _share(value: float) -> Decimal:
    return Decimal(round(min(1.0, max(0.0, value)), 4)).quantize(Decimal("0.0001"))
