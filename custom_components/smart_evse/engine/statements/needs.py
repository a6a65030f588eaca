"""What a preset asks for and nobody told, by the names that forms have for it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .charged import Wanted
from .errors import Incomplete, MethodBound, OtherCurrency
from .model import Party, Statement
from .presets import Method, Preset, Way, preset


class Earlier(Protocol):
    """What has to be known of a statement that was made before."""

    @property
    def id(self) -> str: ...
    @property
    def preset(self) -> str: ...
    @property
    def driver(self) -> str | None: ...
    @property
    def method(self) -> str | None: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


def asked(key: str, method: str | None = None) -> tuple[str, ...]:
    """Return what a form has to ask for beside the parties: figures of the owner, the region, the miles."""
    return tuple(_asked(preset(key).method(method)))


def needed(statement: Statement) -> tuple[str, ...]:
    """Return what the preset needs and the statement has not."""
    return tuple(field for field in preset(statement.preset).needs if not _told(statement, field))


def advised(statement: Statement) -> tuple[str, ...]:
    """Return what would better be there: for a warning, nothing is held up by it."""
    return tuple(field for field in preset(statement.preset).advised if not _told(statement, field))


def check(wanted: Wanted, chosen: Preset, method: Method, earlier: Iterable[Earlier]) -> None:
    """Raise what stands in the way before anything is reckoned."""
    own = {fact.key for fact in wanted.facts}
    known = own | {
        name
        for name, told in (("region", wanted.region), ("business_miles", wanted.business_miles))
        if told is not None
    }
    if lacking := [name for name in _asked(method) if name not in known]:
        raise Incomplete(f"wanted.{name}" for name in lacking)
    if chosen.currency not in (None, wanted.currency) and method.figure and method.figure not in method.facts:
        raise OtherCurrency(wanted.id, chosen.currency or "")
    if chosen.binds_year:
        _bound(wanted, method, earlier)


def _asked(method: Method) -> Iterator[str]:
    yield from method.facts
    if "{region}" in (method.figure or ""):
        yield "region"
    if method.way is Way.MILES:
        yield "business_miles"


def _bound(wanted: Wanted, method: Method, earlier: Iterable[Earlier]) -> None:
    mine = _years(wanted.since, wanted.until, wanted.zone)
    for one in earlier:
        if (one.preset, one.driver) != (wanted.preset, wanted.driver) or one.method in (None, method.key):
            continue
        for year in sorted(mine & _years(one.since, one.until, wanted.zone)):
            raise MethodBound(year, one.method or "", one.id)


def _years(since: datetime, until: datetime, zone: str) -> set[int]:
    place, last = ZoneInfo(zone), until - timedelta.resolution
    return set(range(since.astimezone(place).year, last.astimezone(place).year + 1))


def _told(statement: Statement, field: str) -> bool:
    whose, _, name = field.partition(".")
    match whose:
        case "issuer" | "recipient":
            return _of(statement.issuer if whose == "issuer" else statement.recipient, name)
        case "session" if name == "vat":
            lines = [line for one in statement.sessions for line in one.lines]
            return all(line.vat is not None for line in lines)
        case "session":
            return all(getattr(one, name) is not None for one in statement.sessions)
        case "meter" if name == "certification":
            return all(one.meter.certification != "none" for one in statement.sessions)
        case "meter":
            return all(getattr(one.meter, name) is not None for one in statement.sessions)
    return getattr(statement, name) is not None


def _of(party: Party, name: str) -> bool:
    if name == "tax_id":
        return bool(party.vat_number or party.tax_number or party.company_number)
    return bool(getattr(party, name))
