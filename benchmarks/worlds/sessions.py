"""When real drivers plug in: named users of shared garages in Trondheim (Sørensen et al., CC BY 4.0).

A week of a user is laid on a world by weekday and wall clock. What the socket gave is what the driver wanted; nine
tenths of it reach the battery.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from .efficiency import BEST_AC, battery_power
from .model import Stay
from .recordings import SAMPLE, read_rows

SHIPPED: Final = SAMPLE / "sessions_trondheim_5users.csv.gz"
FILE: Final = "ev_sessions_no_trondheim_2018_2020.csv.gz"


ANY: Final = (1.0, 168.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A user, and how many hours a week of theirs is plugged to count as typical."""

    user: str
    hours: tuple[float, float] = ANY


PATTERNS: Final = {
    "evening": Pattern(user="AdO1-1", hours=(30.0, 50.0)),
    "long": Pattern(user="Bl2-3", hours=(80.0, 108.0)),
    "daily": Pattern(user="Bl2-2", hours=(25.0, 60.0)),
    "far": Pattern(user="SR2-3", hours=(30.0, 90.0)),
    "always": Pattern(user="AdA6-1", hours=(80.0, 150.0)),
}
"""`evening` is the median; `far` drives the most, `always` is plugged whenever at home."""

CAPACITY: Final = 60_000.0
_TARGET, _MOST, _LEAST_SOC = 0.8, 0.95, 0.1
_SHORTEST = 900
_REPLUGGED = timedelta(minutes=10)
_GETTING_READY = 300
"""What a start, a restart and a phase switch may take of a stay, in s."""

_MOST_AMPS_W = 11_040.0
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a user plugs in: the wall clock at the world's start, its length in s, the connector, the battery in Wh."""

    local: datetime
    seconds: int
    connector: int = 0
    capacity: float = CAPACITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One plug-in: wall clock, and Wh at the socket."""

    plugged: datetime
    unplugged: datetime
    energy: float

    @property
    def hours(self) -> float:
        """How long it lasted."""
        return (self.unplugged - self.plugged) / timedelta(hours=1)


@cache
def users(path: Path = SHIPPED) -> dict[str, tuple[Session, ...]]:
    """Return the sessions of each user, in order. A car that is back within ten minutes has not been away."""
    found: dict[str, list[Session]] = {}
    for row in sorted(read_rows(path), key=lambda row: row["plug_in"]):
        session = Session(
            plugged=datetime.fromisoformat(row["plug_in"]),
            unplugged=datetime.fromisoformat(row["plug_out"]),
            energy=float(row["energy_kwh"]) * 1000,
        )
        mine = found.setdefault(row["user_id"], [])
        if mine and session.plugged - mine[-1].unplugged < _REPLUGGED:
            mine[-1] = Session(
                plugged=mine[-1].plugged,
                unplugged=max(mine[-1].unplugged, session.unplugged),
                energy=mine[-1].energy + session.energy,
            )
        else:
            mine.append(session)
    return {user: tuple(sessions) for user, sessions in found.items()}


def weeks(sessions: Sequence[Session], hours: tuple[float, float], weekday: int) -> list[datetime]:
    """Return the begin of each week of a user (from that weekday on) that is plugged that long."""
    first = sessions[0].plugged.replace(hour=0, minute=0)
    first += timedelta(days=(weekday - first.weekday()) % 7)
    begins = [first + _WEEK * i for i in range((sessions[-1].plugged - first) // _WEEK)]
    return [begin for begin in begins if hours[0] <= sum(s.hours for s in _within(sessions, begin, _WEEK)) <= hours[1]]


def stays(
    sessions: Sequence[Session], place: Place, *, seed: int, hours: tuple[float, float] = ANY
) -> tuple[Stay, ...]:
    """Return a week of a user as stays; the seed says which week."""
    begins = weeks(sessions, hours, place.local.weekday())
    if not begins:
        raise ValueError(f"no week of this user is plugged for {hours[0]} to {hours[1]} h")
    begin = Random(seed).choice(begins) + timedelta(hours=place.local.hour, minutes=place.local.minute)
    found = (_stay(each, begin, place) for each in _within(sessions, begin, timedelta(seconds=place.seconds)))
    return tuple(stay for stay in found if stay is not None)


def pattern_stays(name: str, place: Place, *, seed: int) -> tuple[Stay, ...]:
    """Return a typical week of a named pattern as stays."""
    pattern = PATTERNS[name]
    return stays(users()[pattern.user], place, seed=seed, hours=pattern.hours)


def _within(sessions: Sequence[Session], begin: datetime, span: timedelta) -> list[Session]:
    return [session for session in sessions if begin <= session.plugged < begin + span]


def _stay(session: Session, begin: datetime, place: Place) -> Stay | None:
    """Return a session in seconds. What ends after the world ends with it, and wants what it can reach by then."""
    arrive = (session.plugged - begin) // timedelta(seconds=1)
    depart = min(place.seconds, (session.unplugged - begin) // timedelta(seconds=1))
    if depart - arrive < _SHORTEST:
        return None
    reach = float(battery_power(_MOST_AMPS_W, 3)) * (depart - arrive - _GETTING_READY) / 3600
    wanted = min(BEST_AC * session.energy, reach, (_MOST - _LEAST_SOC) * place.capacity)
    full = wanted / place.capacity
    return Stay(
        connector=place.connector,
        arrive=arrive,
        depart=depart,
        wanted=wanted,
        capacity=place.capacity,
        soc=min(max(_LEAST_SOC, _TARGET - full), _MOST - full),
    )
