"""Between whom a statement is, and whose numbers it takes."""

from dataclasses import dataclass, field, replace
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .engine.access.model import Driver
from .engine.statements.model import Party, Statement, StatementKind
from .engine.statements.presets import preset
from .errors import mistake
from .naming import meant
from .parties import Issuer, Recipient, driver_party, issuers, recipients, recipients_of
from .statement_ask import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who sends and who gets a statement. `numbered_by` is whose numbers it takes, `None` for a list."""

    issuer: Party
    recipient: Party
    by: Issuer | None = None
    to: Recipient | None = None
    numbered_by: str | None = field(default=None)

    @property
    def prefix(self) -> str:
        """What stands before each number."""
        return "" if self.by is None else self.by.number_prefix


def parties_of(entry: ConfigEntry[Any], ask: Ask, driver: Driver | None) -> Parties:
    """Return between whom it is; a mistake where somebody is missing who has to be named."""
    kind = preset(ask.preset).kind
    by = _named(issuers(entry), ask.issuer)
    to = _recipient(entry, ask)
    site = Party(name=entry.title)
    if kind is StatementKind.REIMBURSEMENT:
        if driver is None and by is None:
            raise mistake("statement_without_driver")
        if to is None:
            raise mistake("statement_without_recipient")
        own = site if driver is None else driver_party(driver)
        # Who claims back is the driver; an issuer that was named has the full address and the account.
        issuer = own if by is None else by.party
        number = ask.driver if by is None else by.id
        return Parties(issuer=issuer, recipient=to.party, by=by, to=to, numbered_by=number)
    if by is None:
        by = next(iter(issuers(entry)), None)
    if by is None and kind is StatementKind.INVOICE:
        raise mistake("statement_without_issuer")
    if to is None and driver is None and kind is StatementKind.INVOICE:
        raise mistake("statement_without_recipient")
    whom = driver_party(driver) if driver is not None else site
    return Parties(
        issuer=site if by is None else by.party,
        recipient=whom if to is None else to.party,
        by=by,
        to=to,
        numbered_by=by.id if by is not None and kind is StatementKind.INVOICE else None,
    )


def issuer_of(entry: ConfigEntry[Any], statement: Statement) -> Issuer | None:
    """Return who has sent a statement, as far as there still is one: by their id, by name where none was kept."""
    for each in issuers(entry):
        is_meant = each.party.name == statement.issuer.name
        if each.id == statement.issuer_id or (statement.issuer_id is None and is_meant):
            return each
    return None


def with_figures(ask: Ask, parties: Parties) -> Ask:
    """Return what is asked for with what the recipient has agreed on, where nothing else was said."""
    to = parties.to
    if to is None:
        return ask
    own = {fact.key for fact in ask.facts}
    return replace(
        ask,
        method=ask.method or (to.method if to.preset == ask.preset else None),
        region=ask.region or to.region,
        facts=(*ask.facts, *(fact for fact in to.facts if fact.key not in own)),
    )


def _recipient(entry: ConfigEntry[Any], ask: Ask) -> Recipient | None:
    named = _named(recipients(entry), ask.recipient)
    if named is not None or ask.driver is None:
        return named or _only(entry, ask)
    return next((each for each in recipients_of(entry, ask.driver) if each.preset == ask.preset), None)


def _only(entry: ConfigEntry[Any], ask: Ask) -> Recipient | None:
    """Return who gets the site's own statements of a preset, where there is just one."""
    found = [each for each in recipients(entry) if each.preset == ask.preset]
    return found[0] if len(found) == 1 else None


def _named[T: (Issuer, Recipient)](known: tuple[T, ...], told: str | None) -> T | None:
    if told is None:
        return None
    by_id = {each.id: each for each in known}
    return by_id[meant(told, {key: each.party.name for key, each in by_id.items()}, "unknown_party")]
