"""Who is at each connector now, and whether they may charge.

It is kept over restarts, ends when the car is unplugged, and is looked at again at every beat: hours and quotas end
while a car charges.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from homeassistant.core import callback

from .access_store import AccessStore
from .engine.access.admit import Bearer, Place, account_of, admit, is_known, rule_of, show_card
from .engine.access.lockout import Attempts
from .engine.access.model import Admission, Card, Quota, Verdict
from .engine.access.people import card_number
from .engine.access.presence import Gone, Presence, Sight, stays
from .engine.access.quota import Used, since
from .engine.model import ConnectorId
from .engine.sessions.model import Rung
from .engine.sessions.moment import Identity
from .people import Desk, new_id


class Turn(StrEnum):
    """What happens to somebody at a connector."""

    GRANTED = "access_granted"
    REFUSED = "access_refused"
    PRICE_SHOWN = "price_shown"
    """Somebody would be let in, and was told what it costs before they agree."""
    ENDED = "access_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened to whom, and why. `driver` is an id, of a guest as well; `None` for who is not known."""

    turn: Turn
    verdict: Verdict
    driver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What each connector does with strangers, free where nothing is said, and in which zone hours are told."""

    admissions: Mapping[ConnectorId, Admission]
    zone: tzinfo


type Listener = Callable[[News], None]


class Access:
    """The doors of a site, one at each connector.

    `record` is handed a card that nobody knows at a connector where any card will do, `changed` is called when a
    verdict is another than before.
    """

    def __init__(
        self,
        store: AccessStore,
        desk: Desk,
        doors: Doors,
        *,
        record: Callable[[Card], None],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._admissions = doors.admissions
        self._zone = doors.zone
        self._record = record
        self._changed = changed
        self._early: dict[ConnectorId, tuple[str, Presence]] = {}
        self._listeners: dict[ConnectorId, list[Listener]] = {}

    @property
    def controlled(self) -> frozenset[ConnectorId]:
        """The connectors that not everybody may use."""
        return frozenset(key for key, admission in self._admissions.items() if admission is not Admission.FREE)

    def admission(self, connector: ConnectorId) -> Admission:
        """Return what a connector does with strangers."""
        return self._admissions.get(connector, Admission.FREE)

    def verdict(self, connector: ConnectorId) -> Verdict:
        """Return what holds for whoever is at a connector."""
        usual = Verdict.FREE if self.admission(connector) is Admission.FREE else Verdict.WAITING
        return self._store.kept.verdicts.get(connector, usual)

    def bearer(self, connector: ConnectorId) -> Bearer | None:
        """Return who showed up at a connector."""
        presence = self._store.kept.present.get(connector)
        return None if presence is None else presence.bearer

    def identity(self, connector: ConnectorId) -> Identity:
        """Return who is known to charge at a connector, for the session: nobody while they may not."""
        bearer, people = self.bearer(connector), self._desk.people
        if bearer is None or bearer.by_owner or not self.verdict(connector).granted:
            return Identity()
        card = None if bearer.card is None else people.card(bearer.card)
        return Identity(
            driver=self._account(bearer),
            vehicle=None if card is None else card.vehicle,
            card=bearer.card,
            tariff=rule_of(bearer, people).tariff,
            known_by=Rung.CARD,
        )

    @callback
    def listen(self, connector: ConnectorId, heard: Listener) -> Callable[[], None]:
        """Call `heard` with what happens at a connector; returns how to stop."""
        listeners = self._listeners.setdefault(connector, [])
        listeners.append(heard)
        return lambda: listeners.remove(heard)

    @callback
    def present(self, connector: ConnectorId, told: str, utc: datetime) -> None:
        """Take notice of a card that is held in front of a charger; `told` is what its reader says."""
        if not self._desk.is_open:
            # Whose it is will be known in a moment.
            self._early[connector] = (told, Presence(bearer=Bearer(since=utc)))
            return
        number = card_number(told, connector.partition(":")[0])
        if self._desk.is_learned(connector, number, utc):
            return
        bearer = show_card(number, self._desk.people, utc)
        if bearer.card is None and self.admission(connector) is Admission.ANY_CARD:
            card = Card(id=new_id(), number=number)
            self._record(card)
            bearer = replace(bearer, card=card.id)
        self.show(connector, bearer)

    @callback
    def forget_all_but(self, connectors: Container[ConnectorId]) -> None:
        """Forget who was at connectors that are no more."""
        for connector in [key for key in self._store.kept.present if key not in connectors]:
            self._leave(connector)
        for connector in [key for key in self._store.kept.gone if key not in connectors]:
            self._pulled(connector)

    @callback
    def catch_up(self) -> None:
        """Look at the cards that were presented before anybody could be looked up."""
        early, self._early = self._early, {}
        for connector, (told, presence) in early.items():
            self.present(connector, told, presence.bearer.since)

    @callback
    def show(self, connector: ConnectorId, bearer: Bearer) -> Verdict:
        """Let somebody try whether they may charge; who may takes the place of who was there."""
        verdict, before = self._judge(connector, bearer, bearer.since), self.bearer(connector)
        if verdict is Verdict.FREE and not is_known(bearer, self._desk.people):
            return verdict
        was_granted = before is not None and self.verdict(connector).granted
        if before is not None and was_granted and before == replace(bearer, since=before.since):
            return verdict
        if verdict.granted or not was_granted:
            self._leave(connector)
            self._store.kept.present[connector] = Presence(bearer=bearer)
            self._settle(connector, verdict)
        self._tell(connector, Turn.GRANTED if verdict.granted else Turn.REFUSED, verdict, bearer)
        return verdict

    def is_anothers(self, connector: ConnectorId, bearer: Bearer) -> bool:
        """Say whether somebody else may charge here: only a card at the charger or the owner takes their place.

        Whom the owner let in without a name may say who they are.
        """
        before = self.bearer(connector)
        if before is None or before.by_owner or not self.verdict(connector).granted:
            return False
        return self._account(before) != self._account(bearer)

    def would(self, connector: ConnectorId, bearer: Bearer) -> Verdict:
        """Return what somebody would be told, without letting them in."""
        return self._judge(connector, bearer, bearer.since)

    @callback
    def show_price(self, connector: ConnectorId, bearer: Bearer) -> None:
        """Tell that somebody was shown what it costs."""
        self._tell(connector, Turn.PRICE_SHOWN, self.would(connector, bearer), bearer)

    @callback
    def refuse(self, connector: ConnectorId, verdict: Verdict) -> None:
        """Tell that somebody was turned away who never got as far as being somebody."""
        self._tell(connector, Turn.REFUSED, verdict, None)

    @callback
    def end(self, connector: ConnectorId, utc: datetime) -> None:
        """Send away who is there: the next one has to show up again."""
        bearer = self.bearer(connector)
        self._leave(connector)
        self._settle(connector, self._judge(connector, None, utc))
        if bearer is not None:
            self._tell(connector, Turn.ENDED, self.verdict(connector), bearer)

    @callback
    def look(self, connector: ConnectorId, sight: Sight) -> None:
        """Follow a connector from beat to beat."""
        self._wait(connector, sight)
        before = self._store.kept.present.get(connector)
        after = None if before is None else stays(before, sight, self._begun(before, sight.utc))
        if after is None:
            if before is not None:
                self._leave(connector)
            if sight.plugged is False and connector in self._store.kept.gone:
                self._pulled(connector)
            self._settle(connector, self._judge(connector, None, sight.utc))
            return
        if after != before:
            self._store.kept.present[connector] = after
            self._store.keep(soon=False)
        if self._desk.is_open:
            # Until then nobody can be looked up, and what was said of them before the restart holds.
            self._judge_again(connector, after.bearer, sight.utc)

    def _wait(self, connector: ConnectorId, sight: Sight) -> None:
        """Forget the card of somebody who has left before anybody could be looked up: the next car is not theirs."""
        if (early := self._early.pop(connector, None)) is not None:
            told, presence = early
            if (after := stays(presence, sight, None)) is not None:
                self._early[connector] = told, after

    def used(self, account: str, quota: Quota, utc: datetime) -> Used:
        """Return what a driver or guest took of a quota: as the ledger has it, and wherever they are now."""
        begun, kept = since(quota.period, utc, self._zone), self._store.kept
        before = (one for gone in kept.gone.values() for one in gone.presences if one.since == begun)
        here = (one.used for one in (*kept.present.values(), *before) if self._account(one.bearer) == account)
        return sum(here, self._desk.used(account, begun))

    def attempts(self, place: str) -> Attempts:
        """Return the wrong codes that were typed at a place: a connector, or the page of one."""
        return self._store.kept.attempts.get(place, Attempts())

    def note(self, place: str, attempts: Attempts) -> None:
        """Keep how many wrong codes were typed."""
        self._store.kept.attempts[place] = attempts
        self._store.keep(soon=True)

    def _judge_again(self, connector: ConnectorId, bearer: Bearer, utc: datetime) -> None:
        before, verdict = self.verdict(connector), self._judge(connector, bearer, utc)
        self._settle(connector, verdict)
        if verdict.granted is not before.granted:
            self._tell(connector, Turn.GRANTED if verdict.granted else Turn.ENDED, verdict, bearer)

    def _judge(self, connector: ConnectorId, bearer: Bearer | None, utc: datetime) -> Verdict:
        place = Place(connector=connector, admission=self.admission(connector), utc=utc, zone=self._zone)
        used = Used() if bearer is None else self._used(bearer, utc)
        return admit(bearer, place, self._desk.people, used)

    def _used(self, bearer: Bearer, utc: datetime) -> Used:
        account, quota = self._account(bearer), rule_of(bearer, self._desk.people).quota
        return Used() if account is None or quota is None else self.used(account, quota, utc)

    def _begun(self, presence: Presence, utc: datetime) -> datetime | None:
        """Return when the period began that somebody's quota is counted over; the known one while nobody is known."""
        return self._since(presence.bearer, utc) if self._desk.is_open else presence.since

    def _since(self, bearer: Bearer, utc: datetime) -> datetime | None:
        quota = rule_of(bearer, self._desk.people).quota
        return None if quota is None else since(quota.period, utc, self._zone)

    def _account(self, bearer: Bearer) -> str | None:
        """Return the id under which somebody's energy is on record."""
        return account_of(bearer, self._desk.people)

    def _leave(self, connector: ConnectorId) -> None:
        kept = self._store.kept
        if (presence := kept.present.pop(connector, None)) is not None:
            kept.gone[connector] = kept.gone.get(connector, Gone()).and_then(presence)
        self._store.keep(soon=True)

    def _pulled(self, connector: ConnectorId) -> None:
        """Count what was taken from a connector that is free now: the ledger is about to have it."""
        for presence in self._store.kept.gone.pop(connector, Gone()).presences:
            if (account := self._account(presence.bearer)) is not None:
                self._desk.add(account, presence.since, presence.used)

    def _settle(self, connector: ConnectorId, verdict: Verdict) -> None:
        if verdict is not self._store.kept.verdicts.get(connector):
            self._store.kept.verdicts[connector] = verdict
            self._store.keep(soon=True)
            self._changed()

    def _tell(self, connector: ConnectorId, turn: Turn, verdict: Verdict, bearer: Bearer | None) -> None:
        news = News(turn=turn, verdict=verdict, driver=None if bearer is None else self._account(bearer))
        for heard in list(self._listeners.get(connector, ())):
            heard(news)
