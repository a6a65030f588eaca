"""What is told of a connector at one moment: the input of the session's state machine."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
import math

from ..model import ConnectorId, ConnectorReading, Snapshot, VehicleState
from .model import Rung
from .sources import Mix, Shares

FASTEST = 50_000.0
"""No connector of a house moves energy faster, in W; who knows its charger says less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who charges what, as far as it is known: ids, and how driver and vehicle came to be known."""

    driver: str | None = None
    vehicle: str | None = None
    card: str | None = None
    tariff: str | None = None
    known_by: Rung = Rung.UNKNOWN
    vehicle_by: Rung = Rung.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One reading of a connector, and what held while it was taken.

    `at` is the wall clock in UTC, `now` the monotonic clock in s, both of the same instant; `run` names the process
    that looked at them, because the monotonic clocks of two processes cannot be compared. `energy_in` and
    `energy_out` are lifetime registers in Wh, `power` is in W, positive when the car takes. `most` is what the
    connector can move in W.

    `shares` says where the power comes from, `mix` what is in the home battery. Prices are in `currency` per kWh;
    no currency means that the site has none. `co2` is the grid's intensity in g/kWh, `demand` the share
    (0 to 1) that is imported of what the main fuse lets through. `vehicle_energy` is the
    car's own counter in Wh, whenever it began. `odometer` is in km. `charger_session` is what the charger calls
    the session or transaction.
    """

    connector: ConnectorId
    at: datetime
    now: float
    run: str
    state: VehicleState | None = None
    power: float | None = None
    energy_in: float | None = None
    energy_out: float | None = None
    most: float = FASTEST
    shares: Shares | None = None
    mix: Mix | None = None
    import_price: Decimal | None = None
    export_price: Decimal | None = None
    currency: str | None = None
    co2: float | None = None
    demand: float | None = None
    vehicle_energy: float | None = None
    soc: float | None = None
    odometer: float | None = None
    identity: Identity = Identity()
    charger_session: str | None = None


def moment_of(connector: ConnectorId, reading: ConnectorReading, snapshot: Snapshot, *, run: str) -> Moment:
    """Return what a reading alone tells at the instant of a snapshot, without prices, sources and people."""
    return Moment(
        connector=connector,
        at=snapshot.utc,
        now=snapshot.now,
        run=run,
        state=reading.state,
        power=reading.power,
        energy_in=reading.energy_in,
        energy_out=reading.energy_out,
        soc=reading.soc,
        charger_session=reading.stay,
    )


def sound(moment: Moment) -> Moment:
    """Return a moment without figures that are none: floats in registers have a value for "not known"."""
    return replace(
        moment,
        power=_finite(moment.power),
        energy_in=_finite(moment.energy_in),
        energy_out=_finite(moment.energy_out),
        co2=_finite(moment.co2),
        demand=_finite(moment.demand),
        vehicle_energy=_finite(moment.vehicle_energy),
        soc=_finite(moment.soc),
        odometer=_finite(moment.odometer),
    )


def _finite(figure: float | None) -> float | None:
    return figure if figure is not None and math.isfinite(figure) else None
