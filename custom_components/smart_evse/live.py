"""What may be set from the dashboard and by actions, while everything runs."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .configuration import Connector, Live, live_settings
from .engine.model import ConnectorId, Mode, Override
from .engine.settings import GridOrder, OrderKind
from .engine.vehicle.departures import Trip, Weekly
from .engine.vehicle.distance import Amount, Unit
from .engine.vehicle.stay import OVERDUE
from .store import SiteStore

ORDERED_BY_HAND = "action"
"""The id of a limit that an action sets: one at a time for each kind."""


def wanted_fields(target: Amount | None) -> dict[str, float | None]:
    """Return the fields of `Chosen` that hold a target."""
    fields: dict[str, float | None] = {"target_soc": None, "target_energy": None, "target_distance": None}
    if target is not None and target.unit is Unit.PERCENT:
        fields["target_soc"] = target.value
    elif target is not None and target.unit is Unit.KILOMETRES:
        fields["target_distance"] = target.value
    elif target is not None:
        fields["target_energy"] = target.value * 1000
    return fields


class LiveSite:
    """The live settings of one site. Whatever changes is acted on at once and planned anew."""

    store: SiteStore

    @property
    @abstractmethod
    def connectors(self) -> Mapping[ConnectorId, Connector]:
        """Every outlet of every charger of the site."""

    @abstractmethod
    @callback
    def async_apply(self) -> None:
        """Act on what was set."""

    def live(self, connector: ConnectorId) -> Live:
        """Return what is set from the dashboard, as it holds."""
        return live_settings(self.connectors[connector], self.store.chosen(connector))

    async def async_set_live(self, connector: ConnectorId, **changes: Any) -> None:  # noqa: ANN401 - the names and types are those of `Chosen`
        """Change live settings, and act on them at once."""
        self.store.choose(connector, replace(self.store.chosen(connector), **changes))
        self.async_apply()

    async def async_set_mode(self, connector: ConnectorId, mode: Mode) -> None:
        """Choose a mode; it ends an override, which was a word against the mode before."""
        await self.async_set_live(connector, mode=mode, override=None)

    async def async_set_override(self, connector: ConnectorId, override: Override) -> None:
        """Put a driver's word above the mode, until it expires or the car is unplugged."""
        await self.async_set_live(connector, override=override)

    async def async_clear_override(self, connector: ConnectorId) -> None:
        """Return to the mode."""
        await self.async_set_live(connector, override=None)

    async def async_set_target(self, connector: ConnectorId, target: Amount | None) -> None:
        """Say what the car should hold when it leaves: %, km, or kWh to bring in; `None` for the usual 80 %."""
        await self.async_set_live(connector, **wanted_fields(target))

    async def async_set_departure(
        self,
        connector: ConnectorId,
        leaves: datetime | None,
        *,
        returns: datetime | None = None,
        target: Amount | None = None,
    ) -> None:
        """Say when the car leaves this once (an aware time), `None` to take that back."""
        trip = None if leaves is None else Trip(leaves=leaves, returns=returns, target=target)
        await self.async_set_live(connector, trip=trip)

    async def async_set_departures(self, connector: ConnectorId, weekly: Iterable[Weekly]) -> None:
        """Say when the car leaves every week."""
        await self.async_set_live(connector, departures=tuple(weekly))

    async def async_skip_departure(self, connector: ConnectorId, day: date, *, skip: bool = True) -> None:
        """Leave out the weekly departures of a local date, or take that back."""
        today = dt_util.now().date()
        kept = {known for known in self.store.chosen(connector).skipped if known >= today} - {day}
        await self.async_set_live(connector, skipped=tuple(sorted(kept | {day} if skip else kept)))

    async def async_set_reserve(self, connector: ConnectorId, soc: float | None) -> None:
        """Say what giving leaves in the car in %, `None` for what was configured."""
        await self.async_set_live(connector, reserve_soc=soc)

    async def async_set_grid_limit(
        self,
        watts: float | None,
        *,
        until: datetime | None = None,
        start: datetime | None = None,
        kind: OrderKind = OrderKind.GRID_OPERATOR,
    ) -> GridOrder:
        """Limit what the controllable loads may import together.

        `watts` `None` is what the grid operator's rule guarantees. `until` `None` holds until it is taken back. It
        takes the place of the one that was set before for the same kind.
        """
        order = GridOrder(id=f"{ORDERED_BY_HAND}_{kind}", kind=kind, watts=watts, start=start, end=until)
        others = (known for known in self.store.kept.site.orders if known.id != order.id)
        self.store.choose_for_site(replace(self.store.kept.site, orders=(*others, order)))
        self.async_apply()
        return order

    async def async_clear_grid_limit(self, kind: OrderKind | None = None) -> None:
        """Take back the limits that were set, or the one of a kind."""
        left = tuple(order for order in self.store.kept.site.orders if kind is not None and order.kind is not kind)
        self.store.choose_for_site(replace(self.store.kept.site, orders=left))
        self.async_apply()

    async def async_set_peak(self, *, may_set_new: bool | None = None, accepted: float | None = None) -> None:
        """Say whether the month's import may reach a new peak, or up to which one in W nobody minds."""
        site = self.store.kept.site
        self.store.choose_for_site(
            replace(
                site,
                may_set_new_peak=site.may_set_new_peak if may_set_new is None else may_set_new,
                accepted_peak=site.accepted_peak if accepted is None else accepted,
            )
        )
        self.async_apply()

    def forget_stay(self, connector: ConnectorId) -> None:
        """Forget what was meant for the car that left."""
        chosen = self.store.chosen(connector)
        mode = chosen.mode_after_unplug or chosen.mode
        trip = chosen.trip if chosen.trip is None or chosen.trip.leaves > dt_util.utcnow() + OVERDUE else None
        self.store.choose(connector, replace(chosen, override=None, stop_after=None, mode=mode, trip=trip))

    def end_orders(self, utc: datetime) -> bool:
        """Forget the limits whose time is over; says whether there were any."""
        site = self.store.kept.site
        left = tuple(order for order in site.orders if order.end is None or order.end > utc)
        if left == site.orders:
            return False
        self.store.choose_for_site(replace(site, orders=left))
        return True
