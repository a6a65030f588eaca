"""What is to be seen of the statements of a site without asking: the last one, and what is open of each driver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .engine.statements.model import StatementKind, StatementState


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A statement without anybody's name in it. `called` is its number, or its span.

    `open` is what is still to be paid, below nothing what is owed back.
    """

    id: str
    called: str
    number: str | None
    kind: StatementKind
    preset: str
    state: StatementState
    driver: str | None
    since: datetime
    until: datetime
    currency: str
    total: Decimal
    received: Decimal
    open: Decimal
    corrects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFigures:
    """All statements by their id, the latest first."""

    all: Mapping[str, Stated] = field(default_factory=dict)

    @property
    def last(self) -> Stated | None:
        """The statement that was made last; what only takes back another one is none."""
        return next((each for each in self.all.values() if each.corrects is None), None)

    def open_of(self, driver: str | None, currency: str) -> Decimal:
        """Return what is open of a driver's invoices, of everybody's for `None`."""
        mine = (each for each in self.all.values() if driver in (None, each.driver) and each.currency == currency)
        return sum((each.open for each in mine if each.kind is StatementKind.INVOICE), Decimal(0))


def changes(before: Mapping[str, Stated], after: Mapping[str, Stated]) -> Iterable[tuple[str, Stated]]:
    """Yield what happened to statements: `created`, then `sent`, `paid`, `cancelled`, or else some money `moved`."""
    # The latest is first: what happened is told in its order.
    for key in reversed(tuple(after)):
        new, old = after[key], before.get(key)
        if old is None:
            yield "created", new
        state = StatementState.OPEN if old is None else old.state
        if new.state is not state and new.state is not StatementState.OPEN:
            yield new.state.value, new
        elif old is not None and (new.received, new.state) != (old.received, old.state):
            yield "moved", new
