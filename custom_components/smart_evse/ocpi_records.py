"""The sessions of a statement as charge detail records of OCPI: those that are wholly on it, at what their tariff says.

A record says what a session costs by its tariff. Where the statement asks for something else (a flat price of a law, or
less since a monthly fee has paid for it) there is none: two amounts for one session are one too many.
"""

from collections.abc import Iterator
from typing import Final

from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator
from .engine.sessions.model import Interval, SessionRecord
from .engine.statements.coins import coin
from .engine.statements.model import Certification, Statement, StatementSession
from .engine.tariffs.cdr import Place, Record, Token, cdr_object
from .engine.tariffs.evaluate import price
from .engine.tariffs.model import Priced
from .engine.tariffs.ocpi_words import Json, NotInOcpi, Operator, Version
from .engine.tariffs.stretches import stretches_of
from .ledger import Ledger, SessionsBook
from .parties import issuers

_PARTY: Final = "EVS"
"""What a site is called that has no name in the roaming networks."""

_THREE_LETTERS: Final = {
    "AT": "AUT", "BE": "BEL", "CH": "CHE", "CZ": "CZE", "DE": "DEU", "DK": "DNK", "ES": "ESP", "FI": "FIN",
    "FR": "FRA", "GB": "GBR", "IE": "IRL", "IT": "ITA", "LU": "LUX", "NL": "NLD", "NO": "NOR", "PL": "POL",
    "PT": "PRT", "SE": "SWE", "US": "USA",
}  # fmt: skip

type Kept = tuple[SessionRecord, tuple[Interval, ...]]


async def charge_records(site: SiteCoordinator, statement: Statement) -> tuple[Json, ...]:
    """Return the records; what OCPI has no words for is left out."""
    told = [one for one in statement.sessions if not one.part]
    kept = await site.sessions.books.async_read(lambda ledger: _kept(ledger, told))
    return tuple(_records(site, statement, told, kept))


def _kept(ledger: Ledger, told: list[StatementSession]) -> dict[str, Kept]:
    book = SessionsBook(ledger)
    found = {one.id: book.session(one.id) for one in told}
    return {key: (record, book.intervals(key)) for key, record in found.items() if record is not None}


def _records(
    site: SiteCoordinator, statement: Statement, told: list[StatementSession], kept: dict[str, Kept]
) -> Iterator[Json]:
    zone = dt_util.get_default_time_zone()
    country = statement.issuer.country or site.hass.config.country or "NL"
    operator = Operator(country=country, party=_PARTY)
    for one in told:
        record, intervals = kept.get(one.id, (None, ()))
        tariff = None if record is None else site.tariffs.of_session(record, intervals, one.driver_id)
        if record is None or tariff is None:
            continue
        flowed = stretches_of(record, intervals)
        if not _is_stated(one, price(tariff, flowed, zone)):
            continue
        stated = _record(site, statement, one, operator)
        try:
            yield cdr_object(stated, tariff, flowed, zone, Version.V2_2_1)
        except NotInOcpi:
            continue


def _is_stated(one: StatementSession, priced: Priced) -> bool:
    """Say whether a statement asks for what a tariff says, but for the rounding of each line."""
    least = coin(priced.currency) * max(1, len(one.lines))
    return abs(priced.gross - one.gross) <= least or abs(priced.net - one.net) <= least


def _record(site: SiteCoordinator, statement: Statement, one: StatementSession, operator: Operator) -> Record:
    config = site.hass.config
    owner = next((each.party for each in issuers(site.config_entry)), statement.issuer)
    place = Place(
        id=site.config_entry.entry_id,
        address=", ".join(owner.address) or site.site_name,
        city=owner.city or site.site_name,
        country=_THREE_LETTERS.get(operator.country, operator.country),
        latitude=f"{config.latitude:.5f}",
        longitude=f"{config.longitude:.5f}",
        evse_uid=one.meter.charger,
        evse_id=f"{operator.country}*{operator.party}*E{one.meter.number or one.meter.charger}",
        connector_id="1",
        name=site.site_name,
        postal_code=owner.postcode,
    )
    who = one.driver_id or "unknown"
    return Record(
        id=f"{statement.id}/{one.id}"[-39:],
        session=one.id,
        operator=operator,
        place=place,
        token=Token(operator=operator, uid=who, contract_id=who, type="OTHER"),
        last_updated=one.ended,
        meter=one.meter.number,
        at_home=statement.kind == "reimbursement",
        invoice=statement.number,
        remark=None if one.meter.certification is Certification.NONE else one.meter.certification.value,
    )
