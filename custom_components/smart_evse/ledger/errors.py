"""What goes wrong with a ledger. Each says what somebody can do about it, in words for a log."""


class LedgerError(Exception):
    """The family."""


class Unreadable(LedgerError):
    """The file or the server cannot be opened, or is damaged."""


class Refused(Unreadable):
    """What was asked for is wrong, not the ledger: whatever else waits need not wait for it."""


class NewerSchema(LedgerError):
    """A later version of the integration wrote it; this one keeps its hands off."""


class DriverMissing(LedgerError):
    """The library that speaks to PostgreSQL is not installed."""


class OnRecord(LedgerError):
    """Something else is on record under this id; it takes a correction to change it."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} is on record otherwise; correct it instead")
        self.subject = subject


class NotOnRecord(LedgerError):
    """Nothing of this id is on record."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} is not on record")
        self.subject = subject


class Unnumbered(LedgerError):
    """An invoice needs a number."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} is an invoice and needs a number")
        self.subject = subject


class Claimed(LedgerError):
    """Energy of a session is on another statement that holds; `other_driver`: as that of somebody else."""

    def __init__(self, statement: str, number: str | None, session: str, *, other_driver: bool = False) -> None:
        super().__init__(f"{session} is on statement {number or statement} already")
        self.statement = statement
        self.number = number
        self.session = session
        self.other_driver = other_driver


class CreditNoteNeeded(LedgerError):
    """An invoice that has a number is in somebody's books: only a credit note takes it back."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} has a number; it takes a credit note to cancel it")
        self.subject = subject


class PeriodClosed(LedgerError):
    """The period was closed before."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is closed; what comes later is a correction")
        self.name = name


class NotOver(LedgerError):
    """The period has not ended yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not over yet")
        self.name = name


class Broken(LedgerError):
    """A record is not what was sealed: it is not passed on."""

    def __init__(self, site: str, epoch: int, sequence: int) -> None:
        super().__init__(f"record {site}/{epoch}/{sequence} is not what was sealed")
        self.key = (site, epoch, sequence)


class Apart(LedgerError):
    """A file tells another record than is here under the same number: two ledgers went on from one backup."""

    def __init__(self, site: str, epoch: int, sequence: int) -> None:
        super().__init__(f"record {site}/{epoch}/{sequence} is another here")
        self.key = (site, epoch, sequence)


class NotALedger(LedgerError):
    """A file that was to be imported is none of ours, or not the whole of it."""
