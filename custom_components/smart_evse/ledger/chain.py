"""The record and its seal: what is hashed, and how one record holds the one before it.

A record's hash is the SHA-256 over its head and its body, as text in UTF-8: the head is the JSON list of site, epoch,
sequence, kind, time, subject and the hash of the record before; the body follows after a line break, exactly as it is
stored. Nothing is parsed and written again to verify it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
import hashlib
import json
import secrets
from typing import Any

type Json = dict[str, Any]

GENESIS = "0" * 64
"""What stands before the first record of a site."""


class Kind(StrEnum):
    """What a record tells. Others may come; a kind that nobody knows is kept and projected nowhere."""

    EPOCH = "epoch"
    SESSION = "session"
    CORRECTION = "correction"
    DRIVER = "driver"
    CARD = "card"
    GUEST = "guest"
    REMOVED = "removed"
    FORGOTTEN = "forgotten"
    PERIOD = "period"
    DOCUMENT = "document"
    SIGNED = "signed"
    METER_KEY = "meter_key"
    STATEMENT = "statement"
    STATEMENT_PERSON = "statement_person"
    STATEMENT_EVENT = "statement_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """Whose numbers, and of which year: a document gets the next one of them, `first` where none was given yet.

    Is `first` above the next one, the numbers go on from there: what lies between was given elsewhere.
    """

    issuer: str
    year: int
    first: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody wants on record. `at` is aware UTC, `subject` the id of what it speaks of.

    `personal` is what may have to be forgotten one day: it is kept apart and the record only holds its commitment.
    `owner` is the driver whose leaving takes it away. With `numbering` the body gets the next `number`.
    """

    kind: str
    subject: str
    body: Mapping[str, Any]
    at: datetime
    personal: Mapping[str, Any] | None = None
    owner: str | None = None
    numbering: Numbering | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A line of the ledger, as it is stored: times and bodies are the text that was hashed."""

    site: str
    epoch: int
    sequence: int
    kind: str
    at: str
    subject: str
    body: str
    previous: str
    hash: str

    @property
    def key(self) -> tuple[str, int, int]:
        """What names it: site, epoch and sequence."""
        return self.site, self.epoch, self.sequence

    def read(self) -> Json:
        """Return the body as JSON."""
        content: Json = json.loads(self.body)
        return content


def canonical(content: object) -> str:
    """Return JSON in the one form that we write: keys in order, no spaces, no NaN."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def stamp(moment: datetime) -> str:
    """Return a time as records have it: UTC, ISO 8601, always with microseconds, so that text sorts like time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest_of(record: Record) -> str:
    """Return what the record's hash has to be."""
    head = (record.site, record.epoch, record.sequence, record.kind, record.at, record.subject, record.previous)
    return hashlib.sha256(f"{canonical(head)}\n{record.body}".encode()).hexdigest()


def commitment(salt: str, personal: str) -> str:
    """Return what a record says of a personal body: without the salt nobody can guess a name back from it."""
    return hashlib.sha256(f"{salt}\n{personal}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)
