"""Makes a statement of what is in the ledger: Home Assistant is asked first, what waits for a disk is for a thread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import uuid
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util

from .all_sites import Search
from .charged_sessions import Around, Kept, Taken, charged_sessions, kept_between, taken, together
from .coordinator import SiteCoordinator
from .engine.access.model import Driver
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.opened import OpenSession
from .engine.sessions.parts import drivers_of
from .engine.statements.charged import ChargedSession, Extra, Valuation, Wanted
from .engine.statements.errors import NotFinal
from .engine.statements.make import make
from .engine.statements.model import Statement, StatementKind, StatementState
from .engine.statements.parts import intervals_of, parts
from .engine.statements.presets import Method, Preset, Way, preset
from .engine.statements.span import month
from .errors import mistake
from .ledger import Ledger, SessionsBook, StatementFilter, StatementsBook
from .ledger.claims import claimed_before, claims_on
from .ledger.errors import Claimed, NotOnRecord
from .ledger.numbers import next_number
from .ledger.statements import StatementOnRecord, StatementSummary
from .parties import meter_of, numbering_of
from .people_telling import shown_number
from .session_desk import names_of
from .statement_ask import Ask
from .statement_parties import Parties, parties_of, with_figures
from .subscriptions import FEE, fees, months_within, subscribed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A statement that may be put on record. `running` are the sessions that it leaves out since they go on.

    `claimed` names the statement that some of its energy is on already.
    """

    statement: Statement
    running: tuple[str, ...] = ()
    claimed: str | None = None


def found_in(books: StatementsBook, statement: str) -> StatementOnRecord:
    """Return a statement on record; `NotOnRecord` if there is none."""
    found = books.statement(statement)
    if found is None:
        raise NotOnRecord(statement)
    return found


class Maker:
    """Makes what is asked for. `elsewhere` is what was `taken` at other sites that it is about, too."""

    def __init__(
        self, site: SiteCoordinator, ask: Ask, drivers: Sequence[Driver], search: Search | None = None
    ) -> None:
        known = drivers if search is None else (*drivers, *search.people)
        driver = next((each for each in known if each.id == ask.driver), None)
        self._parties: Parties = parties_of(site.config_entry, ask, driver)
        self._ask = with_figures(ask, self._parties)
        self._preset: Preset = preset(ask.preset)
        others = () if search is None else search.others.sites
        sites = (site, *others)
        self.elsewhere: list[Taken] = []
        self._tariffs = site.tariffs.beside(one.tariffs for one in others)
        usual = _usual_method(self._preset, has_tariffs=bool(site.tariffs.all))
        self._method = self._preset.method(self._ask.method or usual)
        cards = site.access.desk.people.cards.values()
        self._around = Around(
            names=search.asked.names if search and search.people else names_of(site, drivers),
            meters={key: meter_of(connector) for one in sites for key, connector in one.connectors.items()},
            tariffs=self._tariffs,
            currency=site.hass.config.currency,
            cards={card.id: card.label or shown_number(card) for card in cards},
        )
        own = None if driver is None else driver.language
        self._language = ask.language or own or site.hass.config.language
        self._zone = ZoneInfo(site.hass.config.time_zone)
        self._now, self._today = dt_util.utcnow(), dt_util.now().date()
        whose = self._parties.numbered_by
        self._numbering = None if whose is None else numbering_of(site.config_entry, whose, self._today.year)
        self._subscribers = [ask.driver] if ask.driver else [each.id for each in drivers if each.active]
        self._active = tuple(
            (one.config_entry.entry_id, state)
            for one in sites
            for state in one.sessions.states.values()
            if state.active and state.started < ask.until
        )

    def _running(self, ledger: Ledger) -> tuple[str, ...]:
        """Return the sessions that run and have, or may have, something in the span."""
        books = {site: SessionsBook(Ledger(ledger.database, site, ledger.zone)) for site, _ in self._active}
        return tuple(state.id for site, state in self._active if self._is_meant(state, books[site].intervals(state.id)))

    def _is_meant(self, state: OpenSession, kept: Sequence[Interval]) -> bool:
        ask = self._ask
        if ask.session not in (None, state.id):
            return False
        # Whoever is there now may have come after the one who is asked about, or is not known yet.
        drivers = {state.identity.driver, *(each.driver for each in kept if each.driver is not None)}
        if ask.driver is not None and drivers.isdisjoint({None, ask.driver}):
            return False
        inside = any(each.energy_in and each.start < ask.until and each.end > ask.since for each in kept)
        return inside or (state.interval.start < ask.until and state.energy > 0)

    def draft(self, ledger: Ledger) -> Draft:
        """Return the statement without putting it on record."""
        statement, claimed = self._made(ledger), None
        try:
            with ledger.database.read() as connection:
                claimed_before(connection, statement)
        except Claimed as err:
            claimed = err.number or err.statement
        return Draft(statement=statement, running=self._running(ledger), claimed=claimed)

    def issue(self, ledger: Ledger) -> StatementOnRecord:
        """Put the statement on record; with an id that is there already, return that one."""
        books, ask, parties = StatementsBook(ledger), self._ask, self._parties
        if ask.id is not None and (known := books.statement(ask.id)) is not None:
            return known
        if ask.until > self._now:
            raise mistake("statement_not_over")
        if not ask.provisional and (running := self._running(ledger)):
            raise mistake("statement_still_runs", sessions=str(len(running)))
        statement = self._made(ledger)
        numbering = None if statement.kind is StatementKind.LIST else self._numbering
        if numbering is not None and parties.by is not None:
            with ledger.database.read() as connection:
                number = f"{parties.prefix}{numbering.year}-{next_number(connection, numbering):04}"
            statement = replace(statement, reference=parties.by.reference(number))
        books.issue(statement, numbering, prefix=parties.prefix, again=ask.again, at=self._now)
        return found_in(books, statement.id)

    def _made(self, ledger: Ledger) -> Statement:
        ask, books = self._ask, StatementsBook(ledger)
        found = together((self.taken(ledger), *self.elsewhere))
        told = [each for each in found.kept if self._is_asked(each[0])]
        sessions = [*charged_sessions(found, told, self._around, subscribed(found.kept, self._tariffs, self._zone))]
        without = [each for each in sessions if self._by_tariff and self._lacks_tariff(each)]
        if without and not ask.provisional:
            raise mistake("statement_without_tariff", sessions=str(len(without)))
        earlier = self._earlier(books)
        wanted = self._wanted(told, books, earlier)
        try:
            statement = make(wanted, sessions, earlier)
        except NotFinal as err:
            if without:
                raise mistake("statement_without_tariff", sessions=str(len(without))) from err
            raise
        if ask.rest and (stated := self._stated_before(ledger, statement)):
            statement = make(wanted, [each for each in sessions if each.record.id not in stated], earlier)
        return statement

    def _is_asked(self, record: SessionRecord) -> bool:
        ask = self._ask
        late = ask.begun_before is not None and record.started >= ask.begun_before
        return ask.session in (None, record.id) and not late

    def _stated_before(self, ledger: Ledger, statement: Statement) -> frozenset[str]:
        """Return the sessions that are on another statement of theirs; what is on somebody else's is for the owner."""
        with ledger.database.read() as connection:
            claims = claims_on(connection, statement)
            return frozenset(each.session for each in claims if not each.other_driver)

    @property
    def _by_tariff(self) -> bool:
        return _is_tariff(self._method)

    def _lacks_tariff(self, session: ChargedSession) -> bool:
        """Say whether nobody pays for a session, or the one who is asked about does not pay for their part of it."""
        record, ask = session.record, self._ask
        found = parts(record, intervals_of(record, session.intervals), ask.since, ask.until, ask.driver)
        values = [each for each in session.values if each.valuation is Valuation.TARIFF]
        priced = any(ask.driver is None or each.driver in (None, ask.driver) for each in values)
        return not priced and any(part.energy for part in found)

    def _touches(self, record: SessionRecord) -> bool:
        return record.ended is not None and record.ended > self._ask.since and record.started < self._ask.until

    def taken(self, ledger: Ledger) -> Taken:
        """Return the sessions of a site; of subscribers those of whole months, since a month is paid for.

        What a session over the border of a month has of the fee depends on all that was taken in both.
        """
        ask = self._ask
        if all(tariff.subscription is None for tariff in self._tariffs.all):
            return taken(ledger, kept_between(ledger, ask.since, ask.until, driver=ask.driver, vehicle=ask.vehicle))
        since, until = self._whole_months(ask.since, ask.until)
        kept = kept_between(ledger, since, until, driver=ask.driver)
        begun = min((record.started for record, _ in kept), default=since)
        ended = max((record.ended for record, _ in kept if record.ended is not None), default=until)
        if begun < since or ended > until:
            kept = kept_between(ledger, *self._whole_months(min(begun, since), max(ended, until)), driver=ask.driver)
        return taken(ledger, kept)

    def _whole_months(self, since: datetime, until: datetime) -> tuple[datetime, datetime]:
        first, last = since.astimezone(self._zone), (until - timedelta.resolution).astimezone(self._zone)
        return month(first.year, first.month, self._zone)[0], month(last.year, last.month, self._zone)[1]

    def _earlier(self, books: StatementsBook) -> tuple[StatementSummary, ...]:
        """Return what was stated before for the same purpose and holds."""
        found = books.statements(StatementFilter(kind=self._preset.kind))
        return tuple(one for one in found if one.state is not StatementState.CANCELLED and one.corrects is None)

    def _wanted(self, kept: Sequence[Kept], books: StatementsBook, earlier: Sequence[StatementSummary]) -> Wanted:
        ask, parties = self._ask, self._parties
        due = ask.due_on
        if due is None and parties.by is not None and self._preset.kind is StatementKind.INVOICE:
            due = self._today + timedelta(days=parties.by.payment_days)
        inside = [each for each in kept if self._touches(each[0])]
        tariffs = [self._tariffs.of_session(*each, driver) for each in inside for driver in drivers_of(*each)]
        return Wanted(
            id=ask.id or uuid.uuid4().hex,
            preset=ask.preset,
            issuer=parties.issuer,
            issuer_id=None if parties.by is None else parties.by.id,
            recipient=parties.recipient,
            since=ask.since,
            until=ask.until,
            zone=self._zone.key,
            currency=self._around.currency,
            made_on=self._today,
            language=self._language,
            method=self._method.key,
            region=ask.region,
            driver=ask.driver,
            vehicle=ask.vehicle,
            prices_with_vat=all(tariff.vat_included for tariff in tariffs if tariff is not None),
            exemption=None if parties.by is None else parties.by.exemption,
            facts=ask.facts,
            extras=tuple(self._fees(books, earlier)),
            due_on=due,
            business_miles=ask.business_miles,
            public_energy=ask.public_energy,
            provisional=ask.provisional,
            incomplete=ask.incomplete,
        )

    def _fees(self, books: StatementsBook, earlier: Sequence[StatementSummary]) -> Iterator[Extra]:
        """Yield the monthly fees that nobody has asked for yet."""
        ask = self._ask
        if not self._by_tariff or ask.vehicle is not None or ask.session is not None:
            return
        charged: set[tuple[str | None, datetime]] = set()
        for one in earlier:
            if one.since >= ask.until or one.until <= ask.since or self._preset.kind is StatementKind.LIST:
                continue
            for line in found_in(books, one.id).statement.lines:
                if line.what == FEE:
                    charged |= {(line.driver, begin) for begin, _ in months_within(one.since, one.until, self._zone)}
        months = tuple(months_within(ask.since, ask.until, self._zone))
        yield from fees(self._tariffs, self._subscribers, months, frozenset(charged))


def _usual_method(chosen: Preset, *, has_tariffs: bool) -> str | None:
    """Return the method that is taken where nobody chose one: without any tariff one that needs none."""
    if has_tariffs or not _is_tariff(chosen.methods[0]):
        return None
    free = (one for one in chosen.methods if one.way is Way.VALUE and not _is_tariff(one))
    return next((one.key for one in free), None)


def _is_tariff(method: Method) -> bool:
    return method.way is Way.VALUE and method.valuation is Valuation.TARIFF
