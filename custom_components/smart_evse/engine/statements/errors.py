"""Why a statement is not made, or does not change. Each names what is in the way."""

from collections.abc import Iterable
from datetime import date


class StatementError(Exception):
    """The family."""


class UnknownPreset(StatementError):
    """There is no preset, or no way to value energy, of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no {name}")
        self.name = name


class Incomplete(StatementError):
    """What the preset has to say is not known: `fields` as `needs.missing` names them."""

    def __init__(self, fields: Iterable[str]) -> None:
        self.fields = tuple(fields)
        super().__init__(f"not known: {', '.join(self.fields)}")


class FigureMissing(StatementError):
    """Neither the built-in table nor the owner says what a figure is on a day.

    `source` is where those of other days are written, `None` for what only the owner knows.
    """

    def __init__(self, key: str, day: date, source: str | None = None) -> None:
        super().__init__(f"there is no {key} for {day.isoformat()}" + (f"; look into {source}" if source else ""))
        self.key = key
        self.day = day
        self.source = source


class FigureChanges(StatementError):
    """A figure changes within the span, and nothing says how much belongs to either: make a statement for each."""

    def __init__(self, key: str, day: date) -> None:
        super().__init__(f"{key} changes on {day.isoformat()}; end the statement before it")
        self.key = key
        self.day = day


class MethodBound(StatementError):
    """Another way to value energy was chosen for the calendar year, which binds."""

    def __init__(self, year: int, method: str, statement: str) -> None:
        super().__init__(f"{method} was chosen for {year} with statement {statement}")
        self.year = year
        self.method = method
        self.statement = statement


class NotFinal(StatementError):
    """A price of some energy is not known yet: `sessions` are those that wait for one."""

    def __init__(self, sessions: Iterable[str]) -> None:
        self.sessions = tuple(sessions)
        super().__init__(f"no price is known yet for all of {', '.join(self.sessions)}")


class OtherCurrency(StatementError):
    """A session is priced in another currency."""

    def __init__(self, session: str, currency: str) -> None:
        super().__init__(f"{session} is priced in {currency}")
        self.session = session
        self.currency = currency


class NothingToState(StatementError):
    """Nothing was charged in the span."""


class IllegalStep(StatementError):
    """A statement in this state does not take this event."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a statement that is {state} takes no {event}")
        self.state = state
        self.event = event
