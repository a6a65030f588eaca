"""A whole ledger as lines of JSON, and back: to move to another machine, to keep elsewhere, to hand to an auditor.

The first line says what it is, each further one is a record with what is personal of it, the last one says how many
there were and their common hash, so that half a file is not taken for a whole one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
import hashlib
from itertools import batched, groupby
import json

from sqlalchemy import Connection

from .chain import Json, Record, canonical, commitment
from .database import Database
from .errors import Apart, Broken, NotALedger
from .receiving import Person, Received, people_of, personal_of, receive
from .verification import records_of
from .writing import sites_of

FORMAT = "smart_evse ledger"
VERSION = 1
_MANY = 500
_PERSON = frozenset({"digest", "subject", "owner", "salt", "body"})


def exported(database: Database, *, sites: Iterable[str] | None = None, people: bool = True) -> Iterator[str]:
    """Yield the lines of a ledger, each with its line break: all sites or some, with or without what is personal."""
    with database.read() as connection:
        chosen = sites_of(connection) if sites is None else tuple(sites)
        yield canonical({"format": FORMAT, "version": VERSION, "sites": chosen}) + "\n"
        count, digest = 0, hashlib.sha256()
        for record, person in _all(connection, chosen, people=people):
            line = canonical({"record": asdict(record)} | ({"person": person} if person else {})) + "\n"
            digest.update(line.encode())
            count += 1
            yield line
        yield canonical({"records": count, "sha256": digest.hexdigest()}) + "\n"


def imported(database: Database, lines: Iterable[str]) -> Received:
    """Take in what `exported` wrote, all of it or nothing; what is there already stays, and is counted as seen.

    `NotALedger` if it is something else or not the whole of it, `Broken` for a record that is not what was sealed,
    `Apart` for one that is another here.
    """
    with database.write() as connection:
        received = Received()
        for _, told in groupby(_read(lines), key=lambda pair: pair[0].site):
            for some in batched(told, _MANY, strict=False):
                people = {str(person["digest"]): person for _, person in some if person is not None}
                received += receive(connection, [record for record, _ in some], people)
                for other in received.conflicts:
                    raise Apart(other.site, other.epoch, other.sequence)
        return received


def _all(connection: Connection, sites: Iterable[str], *, people: bool) -> Iterator[tuple[Record, Person | None]]:
    for site in sites:
        for some in batched(records_of(connection, site), _MANY, strict=False):
            kept = people_of(connection, some) if people else {}
            for record in some:
                yield record, kept.get(personal_of(record) or "")


def _read(lines: Iterable[str]) -> Iterator[tuple[Record, Person | None]]:
    """Yield what the lines tell, and look at the end whether that was all."""
    count, digest, ended = 0, hashlib.sha256(), False
    for number, line in enumerate(lines):
        content = _json(line)
        if number == 0:
            if content.get("format") != FORMAT or content.get("version") != VERSION:
                raise NotALedger("this is no ledger of ours, or of a later version")
        elif "record" in content and not ended:
            digest.update(line.encode())
            count += 1
            yield _record(content["record"]), _person(content)
        else:
            ended = not ended and content == {"records": count, "sha256": digest.hexdigest()}
            if not ended:
                break
    if not ended:
        raise NotALedger("this is not the whole of a ledger, or not as it was written")


def _json(line: str) -> Json:
    try:
        content = json.loads(line)
    except ValueError as error:
        raise NotALedger("a line is no JSON") from error
    return content if isinstance(content, dict) else {}


def _record(told: Json) -> Record:
    try:
        return Record(**told)
    except TypeError as error:
        raise NotALedger("a line is no record") from error


def _person(content: Json) -> Person | None:
    """Return what is personal of a record; `Broken` if it is not what the record is committed to."""
    person: Person | None = content.get("person")
    if person is None:
        return None
    record = _record(content["record"])
    if not isinstance(person, dict) or person.keys() != _PERSON:
        raise NotALedger("a line is no record")
    if (
        personal_of(record) != person["digest"]
        or commitment(f"{person['salt']}", f"{person['body']}") != person["digest"]
    ):
        raise Broken(*record.key)
    return person
