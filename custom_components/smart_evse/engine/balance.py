"""Sharing what several connectors load together: everyone's minimum in turn, then the rest level by level."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .claims import Case, ceiling, discharge, phase_name, reason
from .model import Claim, ConnectorId, Rank, Reason, ReasonKey
from .rooms import Room
from .scene import Scene
from .turns import is_pressed, place, takes_nothing, wanted

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a connector would take if every room were endless, in A.

    `spare` is how long a car with a plan can still wait in s, `None` for one that has none.
    """

    case: Case
    amps: float
    spare: float | None = None

    @property
    def id(self) -> ConnectorId:
        """Whose demand it is."""
        return self.case.settings.id

    @property
    def least(self) -> float:
        """The least that makes sense to grant, in A."""
        return min(self.case.settings.minimum, self.amps)

    @property
    def can_wait(self) -> bool:
        """Whether its plan gives it time: it starts only on what nobody else has a use for."""
        return self.spare is not None and not is_pressed(self.spare)


def share(demands: Iterable[Demand], rooms: Iterable[Room], scene: Scene) -> dict[ConnectorId, tuple[Claim, ...]]:
    """Split every room among those who want to charge.

    First everyone's minimum: by priority, those who wait taking turns. Then all rise together, by weight, to
    what they are known to take, and then to what they wish, until a full room stops them. Cars with a plan rise
    one after another, who has least time first: a few that charge in full lose less on the way than many at
    their minimum. Those that can wait make room for everyone else, and once started they keep their minimum.
    The result is the same in whatever order the demands come.
    """
    wanting = (item for item in demands if item.amps > 0)
    ordered = sorted(wanting, key=lambda item: place(item.case, scene.now, item.spare))
    shares = _Shares(ordered, tuple(rooms))
    for item in ordered:
        if not item.can_wait or (item.case.running and not takes_nothing(item.case.memory.appetite)):
            shares.admit(item)
    planned = sorted((item for item in ordered if item.spare is not None), key=_least_time)
    for item in planned:
        if not item.can_wait:
            shares.fill({item.id: wanted(item.case, item.amps)})
    shares.fill({item.id: wanted(item.case, item.amps) for item in ordered if item.spare is None})
    for item in planned:
        if item.can_wait:
            shares.admit(item)
            shares.fill({item.id: wanted(item.case, item.amps)})
    shares.fill({item.id: item.amps for item in ordered})
    return {item.id: tuple(_rising(tuple(shares.claims(item)), item.case, scene)) for item in ordered}


def _least_time(item: Demand) -> tuple[int, bool, float, str]:
    settings = item.case.settings
    asleep = takes_nothing(item.case.memory.appetite)
    return -settings.priority, asleep, 0.0 if item.spare is None else item.spare, settings.id


def _rising(claims: tuple[Claim, ...], case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield a share, and that it rises in quarters while box and car still follow the limit before."""
    yield from claims
    before, room = case.memory.amps or 0.0, min((claim.amps for claim in claims), default=0.0)
    if not 0 < before < room or scene.now - case.memory.changed_at >= case.settings.settle:
        return
    quarter = 0.0 if scene.seconds is None else max(case.settings.step, (room - before) / 4)
    if before + quarter < room:
        yield ceiling(Rank.COMFORT, before + quarter, reason(ReasonKey.RISING))


class _Shares:
    """What was granted so far, and what it leaves of each room."""

    def __init__(self, demands: list[Demand], rooms: tuple[Room, ...]) -> None:
        self._rooms = rooms
        self._left = [room.amount for room in rooms]
        self._weights = {item.id: item.case.settings.weight for item in demands}
        self._granted: dict[ConnectorId, float] = {}
        self._loaded: dict[ConnectorId, list[int]] = {item.id: [] for item in demands}
        for index, room in enumerate(rooms):
            for key in room.loads:
                if key in self._loaded:
                    self._loaded[key].append(index)

    def admit(self, item: Demand) -> None:
        """Grant a connector its minimum, where every room that holds it back still has it."""
        if item.id in self._granted or any(
            self._room(index, item.id) + _EPSILON < item.least for index in self._held_by(item.id)
        ):
            return
        self._granted[item.id] = item.least
        for index in self._loaded[item.id]:
            self._left[index] -= item.least * self._rooms[index].loads[item.id]

    def fill(self, wishes: Mapping[ConnectorId, float]) -> None:
        """Let all who were admitted rise together, each at the pace of its weight, up to its wish."""
        rising = self._still_rising(wishes.keys() & self._granted.keys(), wishes)
        while rising:
            pace = self._pace(rising)
            wished = ((wishes[key] - self._granted[key]) / self._weights[key] for key in rising)
            left = (self._left[index] / pace[index] for key in rising for index in self._held_by(key))
            level = min((*wished, *left))
            for key in rising:
                self._granted[key] += level * self._weights[key]
            for index, speed in pace.items():
                self._left[index] -= level * speed
            rising = self._still_rising(rising, wishes)

    def claims(self, item: Demand) -> Iterator[Claim]:
        """Yield what each kind of room allows, the tightest of its kind; what nobody wanted is open to all."""
        granted = self._granted.get(item.id)
        tightest: dict[ReasonKey, tuple[float, Room]] = {}
        for index in self._held_by(item.id):
            room, left = self._rooms[index], self._room(index, item.id)
            if granted is None and left + _EPSILON >= item.least:
                continue
            known = tightest.get(room.reason.key)
            if known is None or (left, room.amount) < (known[0], known[1].amount):
                tightest[room.reason.key] = left, room
        for left, room in tightest.values():
            if granted is None:
                yield ceiling(room.rank, 0.0, self._why_none(item, room))
            else:
                yield ceiling(room.rank, granted + max(0.0, left), room.reason)

    @staticmethod
    def _why_none(item: Demand, room: Room) -> Reason:
        """Tell a room that is too small from one that others are in."""
        alone = room.amount / room.loads[item.id] + _EPSILON >= item.least
        return reason(ReasonKey.WAITING_TURN) if alone else room.reason

    def _still_rising(self, keys: set[ConnectorId], wishes: Mapping[ConnectorId, float]) -> set[ConnectorId]:
        return {
            key
            for key in keys
            if wishes[key] > self._granted[key] + _EPSILON
            and all(self._room(index, key) > _EPSILON for index in self._held_by(key))
        }

    def _held_by(self, key: ConnectorId) -> Iterator[int]:
        return (index for index in self._loaded[key] if key not in self._rooms[index].exempt)

    def _room(self, index: int, key: ConnectorId) -> float:
        """Return what a room still has for a connector, in that connector's amperes."""
        return self._left[index] / self._rooms[index].loads[key]

    def _pace(self, rising: set[ConnectorId]) -> dict[int, float]:
        pace: dict[int, float] = {}
        for key in rising:
            for index in self._loaded[key]:
                pace[index] = pace.get(index, 0.0) + self._rooms[index].loads[key] * self._weights[key]
        return pace


def export_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a feeding connector may add before a phase is full in the other direction."""
    currents, settings = scene.house.currents, scene.settings
    if case.settings.max_discharge <= 0 or currents is None:
        return
    limit = settings.fuse - settings.margin
    phase = min(case.phases, key=lambda index: currents[index])
    room = limit + currents[phase]
    yield discharge(Rank.FUSE, room, reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=room))
