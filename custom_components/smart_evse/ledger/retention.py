"""Whose data nobody needs any more."""

from datetime import datetime

from sqlalchemy import func, select

from .chain import Kind, stamp
from .encoding import micros
from .ledger import Ledger
from .schema import PARTY, SESSION


def idle_drivers(ledger: Ledger, before: datetime) -> tuple[str, ...]:
    """Return the drivers who have neither charged anywhere nor been changed since: `forget_driver` is for them."""
    last = select(func.max(SESSION.c.started)).where(SESSION.c.driver == PARTY.c.id).scalar_subquery()
    drivers = select(PARTY.c.id).where(PARTY.c.kind == Kind.DRIVER, PARTY.c.gone.is_(None))
    idle = drivers.where(PARTY.c.at < stamp(before), func.coalesce(last, 0) < micros(before))
    with ledger.database.read() as connection:
        return tuple(connection.execute(idle.order_by(PARTY.c.id)).scalars())
