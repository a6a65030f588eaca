"""What drivers pay at a site: its tariffs with all their versions, and which of them holds for whom.

A tariff is a subentry, and the subentry's id is the tariff's. Its data:
    versions   list of {"tariff": a `Tariff` as JSON, "kind": the form it was made with, "said": the answers in it};
               a change adds one, and what held until then ends where it begins
    drivers, vehicles, chargers   ids for whom it is; none listed means all
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.util import dt as dt_util

from .const import CONF_CHARGERS, CONF_DRIVERS, CONF_VEHICLES, CONF_VERSIONS, SUBENTRY_TARIFF
from .engine.access.people import People
from .engine.sessions.identify import settled
from .engine.sessions.model import Interval, Rung, SessionRecord
from .engine.sessions.moment import Identity
from .engine.sessions.opened import OpenSession
from .engine.sessions.parts import driver_of
from .engine.tariffs.assignment import Assignment, tariff_for, version_at
from .engine.tariffs.evaluate import price
from .engine.tariffs.model import Priced, Tariff
from .engine.tariffs.stretches import stretches_of
from .records import Json, made, plain

_LOGGER = logging.getLogger(__name__)

TARIFF: Final = "tariff"
KIND: Final = "kind"
SAID: Final = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who takes energy, with which car and where; ids, `None` for nobody that is known."""

    driver: str | None = None
    vehicle: str | None = None
    connector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a tariff. `kind` names the form that it was made with, `said` are the answers in it."""

    tariff: Tariff
    kind: str
    said: Mapping[str, Any]


class SiteTariffs:
    """The tariffs of one site. `people` says who is known."""

    def __init__(self, subentries: Mapping[str, ConfigSubentry], people: Callable[[], People]) -> None:
        mine = [each for each in subentries.values() if each.subentry_type == SUBENTRY_TARIFF]
        self.names = {each.subentry_id: each.title for each in mine}
        self._people = people
        known = [(each, version.tariff) for each in mine for version in versions_of(each)]
        self.all: Sequence[Tariff] = tuple(tariff for _, tariff in known)
        """Every version of every tariff."""
        self._assignments = tuple(_assignment(each.data, tariff) for each, tariff in known)

    def beside(self, others: Iterable[SiteTariffs]) -> SiteTariffs:
        """Return these tariffs with those of other sites: what was booked by one of theirs there is priced by it."""
        known = copy(self)
        for other in others:
            known.names = {**other.names, **known.names}
            known.all = (*known.all, *other.all)
        return known

    def version(self, key: str, at: datetime) -> Tariff | None:
        """Return what a tariff said at an instant, `None` where it did not hold."""
        return version_at(self.all, key, at)

    def holding(self, payer: Payer, at: datetime, own: str | None = None) -> Tariff | None:
        """Return the tariff that holds for somebody, `None` where there is none.

        `own` is what they were promised; it is looked up by the driver where it is not given.
        """
        promised = self._promised(payer.driver, own, at)
        key = tariff_for(
            self._assignments,
            at,
            driver=payer.driver,
            vehicle=payer.vehicle,
            connector=payer.connector,
            own=promised,
        )
        return None if key is None else self.version(key, at)

    def of_session(
        self, record: SessionRecord, intervals: Iterable[Interval], driver: str | None = None
    ) -> Tariff | None:
        """Return the tariff of a session, or of a driver's part of it: as it was booked, else as it holds by now.

        Versions are those of the session's beginning. Of several that were booked the last counts: whoever is known
        late pays as if they had been known from the start.
        """
        who = record.driver if driver is None else driver
        if record.known_by is not Rung.CORRECTED:
            mine = (each for each in intervals if driver_of(record, each) == who)
            keys = [each.tariff or record.tariff for each in sorted(mine, key=lambda each: each.start)]
            for key in (*reversed(keys), *([record.tariff] if who == record.driver else [])):
                if key is not None and (found := self.version(key, record.started)) is not None:
                    return found
        payer = Payer(driver=who, vehicle=record.vehicle, connector=record.connector)
        return self.holding(payer, record.started)

    def priced(
        self,
        record: SessionRecord,
        intervals: Sequence[Interval],
        *,
        driver: str | None = None,
        until: datetime | None = None,
    ) -> Priced | None:
        """Return what a session comes to by its tariff, or a driver's part of it; `None` where it has none."""
        tariff = self.of_session(record, intervals, driver)
        if tariff is None:
            return None
        stretches = stretches_of(record, intervals, until=until, driver=driver)
        return price(tariff, stretches, dt_util.get_default_time_zone())

    def worth(
        self, record: SessionRecord, intervals: Sequence[Interval], driver: str, since: datetime | None
    ) -> Decimal | None:
        """Return what a driver pays for what they took since then; `None` where no tariff says so."""
        priced = self.priced(record, intervals, driver=driver)
        if priced is None:
            return None
        lines = (line.gross for line in priced.lines if since is None or line.start >= since)
        bounded = priced.bounded[1] if since is None or record.started >= since else Decimal(0)
        return sum(lines, bounded)

    def booked(self, connector: str, identity: Identity, running: OpenSession | None, at: datetime) -> Identity:
        """Return who is at a connector with the tariff that a session is put on record with."""
        before = running if running is not None and running.active else None
        who = identity if before is None else settled(before.identity, identity)
        payer = Payer(driver=who.driver, vehicle=who.vehicle, connector=connector)
        own = identity.tariff if who.driver == identity.driver else None
        tariff = self.holding(payer, at if before is None else before.started, own)
        return replace(identity, tariff=None if tariff is None else tariff.id)

    def _promised(self, driver: str | None, own: str | None, at: datetime) -> str | None:
        known = self._people().drivers.get(driver or "")
        for key in (own, None if known is None else known.rule.tariff):
            if key is not None and self.version(key, at) is not None:
                return key
        return None


def versions_of(subentry: ConfigSubentry) -> Iterator[Version]:
    """Yield the versions of a tariff, the first first. One that cannot be read stops nothing: cars go on charging."""
    for told in subentry.data.get(CONF_VERSIONS, ()):
        try:
            tariff = replace(made(Tariff, told[TARIFF]), id=subentry.subentry_id, name=subentry.title)
            version = Version(tariff=tariff, kind=told[KIND], said=told[SAID])
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as err:
            _LOGGER.warning("A version of the tariff %s cannot be read: %r", subentry.title, err)
            continue
        yield version


def with_version(before: Iterable[Version], new: Version) -> list[Json]:
    """Return the versions of a tariff with another: it holds from its beginning on, whatever was to hold then."""
    begin = new.tariff.valid_from
    kept: list[Version] = []
    for version in before:
        if begin is None or (version.tariff.valid_from is not None and version.tariff.valid_from >= begin):
            continue
        end = version.tariff.valid_until
        until = begin if end is None else min(begin, end)
        kept.append(replace(version, tariff=replace(version.tariff, valid_until=until)))
    return [_told(version) for version in (*kept, new)]


def _told(version: Version) -> Json:
    return {TARIFF: plain(version.tariff), KIND: version.kind, SAID: dict(version.said)}


def _assignment(data: Mapping[str, Any], version: Tariff) -> Assignment:
    return Assignment(
        tariff=version.id,
        drivers=frozenset(data.get(CONF_DRIVERS, ())),
        vehicles=frozenset(data.get(CONF_VEHICLES, ())),
        connectors=frozenset(data.get(CONF_CHARGERS, ())),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
    )
