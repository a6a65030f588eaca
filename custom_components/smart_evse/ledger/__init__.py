"""Where sessions, people and numbers of documents are kept: SQL, and nothing of Home Assistant.

A `Ledger` is opened first; books are views of it: `SessionsBook(ledger)`, `PeopleBook(ledger)`. Everything waits for a
disk or a server, so none of it is for the event loop.
"""

from .accounts import Total
from .chain import Entry, Kind, Numbering, Record
from .epochs import Tip
from .errors import LedgerError
from .evidence import EvidenceBook
from .ledger import Ledger
from .people import PeopleBook, new_id
from .sessions import SessionFilter, SessionsBook
from .statements import StatementFilter, StatementsBook
from .verification import Finding, Flaw, Verification

__all__ = [
    "Entry",
    "EvidenceBook",
    "Finding",
    "Flaw",
    "Kind",
    "Ledger",
    "LedgerError",
    "Numbering",
    "PeopleBook",
    "Record",
    "SessionFilter",
    "SessionsBook",
    "StatementFilter",
    "StatementsBook",
    "Tip",
    "Total",
    "Verification",
    "new_id",
]
