"""A month of sessions to look back on: two cars of a recorded building, at the demo's house.

When a car came, when it left and what it took is recorded. When within its stay it charged is modelled, as its owner
would have it: what the sun leaves over first, then the cheapest quarters. See `simulator/data/README.md`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from importlib.resources import files
from typing import Final

from ..market import QUARTER, day_ahead
from ..recording import Recording
from ..sun import SKIES, ModelledSun

SESSIONS: Final = "sessions_2019-11_two_cars.csv"

CARS: Final[Mapping[str, str]] = {"AdO1-4": "keba", "AdO1-3": "alfen"}
"""At which charger of the demo each of the recorded residents charges."""

_POWER: Final = 11_000.0
"""What a car takes at most, in W."""

_KWP: Final = 9.0
_SPRING: Final = datetime.fromisoformat("2007-05-14 00:00")
"""The sky is that of the demo's day, not that of the days in which it is looked back on."""

_TAX, _VAT, _FEED_IN = Decimal("0.11"), Decimal("1.21"), Decimal("0.05")
_WEEK: Final = timedelta(weeks=1)
_MINUTES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One recorded stay, moved to the demo's days: times in UTC, energy in Wh."""

    charger: str
    came: datetime
    left: datetime
    energy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What a car took within a quarter of an hour, or the part of it that it was there: Wh, and prices of a kWh."""

    start: datetime
    end: datetime
    from_sun: int
    from_grid: int
    import_price: Decimal
    export_price: Decimal = _FEED_IN

    @property
    def energy(self) -> int:
        return self.from_sun + self.from_grid


def stays(now: datetime, zone: tzinfo) -> list[Stay]:
    """Return the recorded stays, the last of them over by yesterday, in the order in which they ended."""
    rows = list(csv.DictReader((files("simulator") / "data" / SESSIONS).read_text().splitlines()))
    last = max(datetime.fromisoformat(row["plug_out"]) for row in rows)
    today = datetime.combine(now.astimezone(zone).date(), datetime.min.time())
    moved = (today - last) // _WEEK * _WEEK
    known = (
        Stay(
            charger=CARS[row["user_id"]],
            came=_utc(datetime.fromisoformat(row["plug_in"]) + moved, zone),
            left=_utc(datetime.fromisoformat(row["plug_out"]) + moved, zone),
            energy=round(float(row["energy_kwh"]) * 1000),
        )
        for row in rows
    )
    return sorted(known, key=lambda stay: stay.left)


@dataclass(slots=True)
class Weeks:
    """The house, the sun and the market of the weeks that are looked back on."""

    zone: tzinfo
    seed: int = 1
    recording: Recording = field(default_factory=Recording.read)
    sun: ModelledSun = field(default_factory=lambda: ModelledSun(sky=SKIES["changeable"]))
    _taken: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))
    _prices: dict[datetime, Decimal] = field(default_factory=dict)

    def charge(self, stay: Stay) -> list[Charged]:
        """Lay a stay's energy into its quarters, by the car's power: what the sun leaves over, then the cheapest."""
        pieces = list(_quarters(stay.came, stay.left))
        room = {start: round(_POWER * (end - start) / timedelta(hours=1)) for start, end in pieces}
        taken = dict.fromkeys(room, 0)
        left = stay.energy
        sunny = {start: min(room[start], self._over(start, end)) for start, end in pieces}
        for start, _ in pieces:
            taken[start] = min(left, sunny[start])
            left -= taken[start]
        suns = dict(taken)
        for start, _ in sorted(pieces, key=lambda piece: self.price(piece[0])):
            more = min(left, room[start] - taken[start])
            taken[start] += more
            left -= more
        # What a meter read to the tenth of a kWh does not fit into minutes to the Wh.
        taken[pieces[-1][0]] += left
        for start, _ in pieces:
            self._taken[_quarter(start)] += suns[start]
        return [
            Charged(
                start=start,
                end=end,
                from_sun=suns[start],
                from_grid=taken[start] - suns[start],
                import_price=self.price(start),
            )
            for start, end in pieces
        ]

    def price(self, at: datetime) -> Decimal:
        """Return what a kWh from the grid cost, taxes included."""
        quarter = _quarter(at)
        if quarter not in self._prices:
            for start, market in day_ahead(quarter.astimezone(self.zone).date(), self.zone, self.seed):
                price = (Decimal(str(market)) + _TAX) * _VAT
                self._prices[start] = price.quantize(Decimal("0.00001"))
        return self._prices[quarter]

    def _over(self, start: datetime, end: datetime) -> int:
        """Return what the sun leaves over in a quarter, less what another car had of it, in Wh."""
        minutes = [start + timedelta(minutes=minute) for minute in range(0, 15, _MINUTES)]
        mean = sum(max(0.0, self._surplus(at)) for at in minutes) / len(minutes)
        return max(0, round(mean * ((end - start) / timedelta(hours=1))) - self._taken[_quarter(start)])

    def _surplus(self, at: datetime) -> float:
        local = at.astimezone(self.zone).replace(tzinfo=None)
        spring = local.replace(year=_SPRING.year, month=_SPRING.month, day=_SPRING.day)
        # The recording has a Saturday, a Sunday and two workdays.
        day = {5: 0, 6: 1}.get(local.weekday(), 2 + local.day % 2)
        load = self.recording.load_at(spring.replace(day=self.recording.start.day + day), self.seed)
        clouds = spring.replace(day=1) + timedelta(days=local.toordinal() % 28)
        return self.sun.per_kwp(clouds) * _KWP - sum(load)


def _quarters(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the quarters on the clock that a stay has a part in, and that part."""
    while begin < end:
        then = min(end, _quarter(begin) + QUARTER)
        yield begin, then
        begin = then


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _utc(local: datetime, zone: tzinfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)
