"""Which statement is asked for, by whoever asks: an action, the monthly run, or a guest's way to pay."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .engine.statements.model import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked for. All of driver, vehicle, session, issuer and recipient are ids; `since` is included, aware UTC.

    Without driver and vehicle it is the whole site's. `id` makes it the same statement however often it is asked for.
    Where nobody is named, the issuer is the first there is (of a reimbursement the driver), and the recipient whoever
    gets such statements of the driver, else the driver. `provisional` accepts prices that are not known yet and leaves
    out what still runs, `incomplete` accepts what the preset needs and nobody told, `again` energy that is on another
    statement. `rest` leaves out sessions that are on another one already, `begun_before` those that began later.
    """

    preset: str
    since: datetime
    until: datetime
    id: str | None = None
    driver: str | None = None
    vehicle: str | None = None
    session: str | None = None
    method: str | None = None
    region: str | None = None
    issuer: str | None = None
    recipient: str | None = None
    language: str | None = None
    facts: tuple[Fact, ...] = ()
    business_miles: Decimal | None = None
    public_energy: int = 0
    due_on: date | None = None
    provisional: bool = False
    incomplete: bool = False
    again: bool = False
    rest: bool = False
    begun_before: datetime | None = None
