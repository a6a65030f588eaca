"""Statements between what is sealed and what may have to be forgotten.

What a record holds of a statement has no name in it. Names, addresses, plates and cards are kept apart, those of each
driver by themselves: whoever leaves takes theirs along, and the amounts stay. Read again, a statement is what it was.
"""

from collections.abc import Iterable, Mapping
import json

from sqlalchemy import Connection, select

from ..engine.statements.model import Party, Statement, StatementKind
from ..records import made, plain
from .chain import Json, Kind, Record
from .schema import PERSON

_OF_SESSION = ("driver", "plate", "card", "vehicle")
_PARTIES = ("issuer", "recipient")
_DRIVERS_PARTY = {StatementKind.INVOICE: "recipient", StatementKind.REIMBURSEMENT: "issuer"}
_NOBODY = plain(Party(name=""))

type Groups = dict[str | None, Json]
"""What is personal of a statement by the driver whose leaving takes it away, `None` for what nobody's does."""


def parted(statement: Statement) -> tuple[Json, Groups]:
    """Return what is sealed of a statement, and what is personal of it."""
    body = plain(statement)
    groups: Groups = {statement.driver: {}}
    mine = _DRIVERS_PARTY.get(statement.kind)
    for name in _PARTIES:
        owner = statement.driver if name == mine else None
        groups.setdefault(owner, {})[name] = body[name]
        body[name] = _NOBODY
    for place, session in enumerate(body["sessions"]):
        told = {name: value for name in _OF_SESSION if (value := session[name]) is not None}
        session.update(dict.fromkeys(_OF_SESSION))
        if told:
            groups.setdefault(session["driver_id"], {}).setdefault("sessions", {})[str(place)] = told
    return body, groups


def joined(body: Mapping[str, object], groups: Iterable[Json]) -> Statement:
    """Return a statement with what is still known of whom it concerns."""
    whole = json.loads(json.dumps(body))
    for group in groups:
        whole |= {name: group[name] for name in _PARTIES if name in group}
        for place, told in group.get("sessions", {}).items():
            whole["sessions"][int(place)] |= told
    return made(Statement, whole)


def statement_of(connection: Connection, records: Iterable[Record]) -> Statement | None:
    """Return what the records of a statement say it is; `None` if none of them does."""
    told = tuple(records)
    found = statement_body(told)
    if found is None:
        return None
    digests = [digest for record in told if (digest := record.read().get("personal")) is not None]
    kept = connection.execute(select(PERSON.c.body).where(PERSON.c.digest.in_(digests))).scalars()
    return joined(found, [json.loads(text) for text in kept])


def statement_body(records: Iterable[Record]) -> Json | None:
    """Return the first statement that is told, without what is personal, with the number that it got."""
    for record in records:
        if record.kind == Kind.STATEMENT:
            body = record.read()
            number = None if "number" not in body else f"{body['prefix']}{body['year']}-{body['number']:04}"
            whole: Json = body["statement"] | {"number": number}
            return whole
    return None
