"""Whose data nobody needs any more."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from ..engine.statements.model import StatementKind, StatementState
from .chain import Kind, stamp
from .ledger import Ledger
from .schema import PARTY, STATEMENT, TOTAL
from .totals import month_of
from .writing import sites_of

_MONTH = len("2027-01")


def idle_drivers(ledger: Ledger, before: datetime) -> tuple[str, ...]:
    """Return the drivers of whom there is nothing since: `forget_driver` is for them.

    They have charged at no site of this ledger in the month of `before` or later, also as the second one of a session,
    and neither they nor a card of theirs was put on record or changed. No statement was made for them since, and none
    is still to be paid.
    """
    used = TOTAL.c.sessions + TOTAL.c.energy_in + TOTAL.c.energy_out > 0
    charged = (TOTAL.c.scope == "driver") & (TOTAL.c.driver == PARTY.c.id) & used
    since = (func.length(TOTAL.c.span) == _MONTH) & (TOTAL.c.span >= month_of(before, ledger.zone))
    cards = PARTY.alias()
    changed = exists().where((cards.c.driver == PARTY.c.id) | (cards.c.id == PARTY.c.id), cards.c.at >= stamp(before))
    drivers = select(PARTY.c.id).where(PARTY.c.kind == Kind.DRIVER, PARTY.c.gone.is_(None), ~changed)
    with ledger.database.read() as connection:
        # Sites are named: the key of the sums begins with them.
        here = TOTAL.c.site.in_(sites_of(connection))
        stated = exists().where(STATEMENT.c.site.in_(sites_of(connection)), STATEMENT.c.driver == PARTY.c.id)
        idle = drivers.where(~exists().where(here, charged, since), ~stated.where(_counts(before))).order_by(PARTY.c.id)
        return tuple(connection.execute(idle).scalars())


def _counts(before: datetime) -> ColumnElement[bool]:
    """Whether a statement is a reason to remember somebody: it is young, or money is still to come or to go."""
    table = STATEMENT.c
    unsettled = or_(table.state.in_((StatementState.OPEN, StatementState.SENT)), table.open < 0)
    owed = (table.kind != str(StatementKind.LIST)) & (table.open != 0) & unsettled
    return or_(table.made_on >= before.date().isoformat(), owed)
