"""How full a car is: what it says itself, and what has gone in since.

Cars tell late, in whole percents, and some chargers say 0 when the car sleeps or 1 for one sample. What a
car says is believed at once where the energy since bears it out, and otherwise once it has said so
for a while. From what it says before and after much energy its losses are learned.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..plan.curve import Curve
from ..sessions.opened import OpenSession

_SLACK = 3.0
"""How far a reading may be from what the energy says, in %: it is rounded, and losses are guessed."""

_DRIFT = 0.25
"""And by how much more for what was added since, as a share of it."""

_CONFIRMED = timedelta(minutes=5)
_SLEEPING = 1.0
"""At or below this, in %, a reading is more likely a sleeping car's than an empty one's."""

_LEARN_FROM = 10.0
"""The least rise in % that tells of losses: two roundings weigh a tenth of it."""

_SCALE = (0.7, 1.15)
_LEARN_RATE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What is known of a car's charge, kept as long as the car.

    `soc` in % is what it last said and was believed, at `at`; `since` the net Wh that have gone into the
    battery from then on, by the usual losses. `scale` is what it reaches of them (1: the usual).
    `doubted` is a reading not believed yet, since `doubted_at`. `start_soc` and `start_energy` are
    where the losses are learned from, and `session`, `taken` and `given` what has been counted already.
    """

    soc: float | None = None
    at: datetime | None = None
    since: float = 0.0
    scale: float = 1.0
    doubted: float | None = None
    doubted_at: datetime | None = None
    start_soc: float | None = None
    start_energy: float = 0.0
    session: datetime | None = None
    stayed: float = 0.0
    taken: float = 0.0
    given: float = 0.0

    def percent(self, capacity: float | None) -> float | None:
        """The charge in % now, `None` when it was never known or must be guessed without a `capacity` in Wh."""
        if self.soc is None or (capacity is None and self.since):
            return None
        return self.soc if not capacity else min(max(self.soc + self.since * self.scale / capacity * 100, 0.0), 100.0)

    def energy(self, capacity: float | None) -> float | None:
        """The Wh in the battery now, `None` where not known."""
        percent = self.percent(capacity)
        return None if percent is None or capacity is None else percent / 100 * capacity

    @property
    def brought(self) -> float:
        """The net Wh brought into the battery since the car was plugged in."""
        return self.stayed * self.scale


def count(charge: Charge, session: OpenSession, curve: Curve) -> Charge:
    """Add what went through the connector since the last time; a session that goes on loses nothing in a restart.

    `curve` is the usual one of box and car: what reaches the battery at the session's power.
    """
    same = session.started == charge.session
    taken = session.energy - (charge.taken if same else 0.0)
    given = session.energy_out - (charge.given if same else 0.0)
    share = _share(curve, abs(session.power))
    added = taken * share - given / share
    return replace(
        charge,
        since=charge.since + added,
        stayed=(charge.stayed if same else 0.0) + added,
        start_energy=charge.start_energy + added if same else 0.0,
        start_soc=charge.start_soc if same and given <= 0 else None,
        session=session.started,
        taken=session.energy,
        given=session.energy_out,
    )


def tell(charge: Charge, soc: float | None, at: datetime, capacity: float | None) -> Charge:
    """Hear what the car says at `at`: its charge in %, `None` when it says nothing.

    A value it has said before is no news, however often a cloud repeats it.
    """
    if soc is None or not 0 <= soc <= 100 or (charge.at is not None and at <= charge.at):
        return charge
    if soc == charge.soc:
        return replace(charge, doubted=None, doubted_at=None)
    if _borne_out(charge, soc, capacity):
        return _believe(charge, soc, at, capacity)
    if charge.doubted_at is None or charge.doubted is None or abs(charge.doubted - soc) > _SLACK:
        return replace(charge, doubted=soc, doubted_at=at)
    if soc > 0 and at - charge.doubted_at >= _CONFIRMED:
        return replace(_believe(charge, soc, at, None), start_soc=soc, start_energy=0.0)
    return charge


def _borne_out(charge: Charge, soc: float, capacity: float | None) -> bool:
    if charge.soc is None:
        return soc > _SLEEPING
    expected = charge.percent(capacity)
    if expected is None:
        return abs(soc - charge.soc) <= _SLACK
    return abs(soc - expected) <= _SLACK + _DRIFT * abs(expected - charge.soc)


def _believe(charge: Charge, soc: float, at: datetime, capacity: float | None) -> Charge:
    charge = replace(charge, soc=soc, at=at, since=0.0, doubted=None, doubted_at=None)
    if charge.start_soc is None:
        return replace(charge, start_soc=soc, start_energy=0.0)
    rise = soc - charge.start_soc
    if capacity is None or rise < _LEARN_FROM or charge.start_energy <= 0:
        return charge
    found = rise / 100 * capacity / charge.start_energy
    scale = charge.scale + _LEARN_RATE * (min(max(found, _SCALE[0]), _SCALE[1]) - charge.scale)
    return replace(charge, scale=scale, start_soc=soc, start_energy=0.0)


def _share(curve: Curve, power: float) -> float:
    """The efficiency at a power, at full power where the car takes nothing just now."""
    at = min(max(power, curve.least), curve.most) if power > 0 else curve.most
    return curve.at(at) / at if at > 0 and curve.at(at) > 0 else 1.0
