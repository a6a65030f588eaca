"""What goes wrong with a ledger. Each says what somebody can do about it, in words for a log."""


class LedgerError(Exception):
    """The family."""


class Unreadable(LedgerError):
    """The file or the server cannot be opened, or is damaged."""


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


class PeriodClosed(LedgerError):
    """The period was closed before."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is closed; what comes later is a correction")
        self.name = name


class Conflicting(LedgerError):
    """The same key holds another record elsewhere: two ledgers went on from one backup."""

    def __init__(self, site: str, epoch: int, sequence: int) -> None:
        super().__init__(f"record {site}/{epoch}/{sequence} is another one elsewhere")
        self.key = (site, epoch, sequence)
