"""Energy is claimed once: what stands on one invoice stands on no other that holds, whosever it is by now.

Nor on one of another site: a statement may be over several.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, or_, select

from ..engine.statements.model import Statement, StatementState
from ..engine.statements.presets import claim_of
from .encoding import micros
from .errors import Claimed
from .schema import STATEMENT, STATEMENT_PART
from .writing import sites_of


def claimed_before(connection: Connection, statement: Statement, *, without: Collection[str] = ()) -> None:
    """Raise `Claimed`, if some energy is on another statement of the kind that is not cancelled."""
    for claimed in claims_on(connection, statement, without=without):
        raise claimed


def claims_on(connection: Connection, statement: Statement, *, without: Collection[str] = ()) -> Iterator[Claimed]:
    """Yield what of a statement is on another one of any site that is known there, but for those `without`."""
    claim = claim_of(statement.preset, statement.kind)
    if claim is None:
        return
    part, other = STATEMENT_PART.c, STATEMENT.c
    same = (other.site == part.site) & (other.id == part.statement)
    holding = select(part.statement, part.driver, other.number).join(STATEMENT, same)
    # Sites are named: the key of what is looked for begins with them.
    sites = [site for site in sites_of(connection) if site not in without]
    holding = holding.where(part.site.in_(sites), part.claim == claim, other.state != str(StatementState.CANCELLED))
    for one in statement.sessions:
        start, end = micros(one.started), micros(one.ended)
        meets = (part.start_at < end) & (part.end_at > start)
        found = connection.execute(
            holding.where(
                part.session == one.id,
                or_(meets, part.start_at == start),
            )
        ).first()
        if found is not None:
            yield Claimed(found.statement, found.number, one.id, other_driver=found.driver != one.driver_id)
