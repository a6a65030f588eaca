"""Statements as JSON, for the answers of actions. Times are local, energies kWh; ids are what other actions take."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from homeassistant.util.json import JsonObjectType

from .documents.account import kilowatt_hours
from .documents.vat_category import outside
from .engine.statements.model import Line, Party, Statement, StatementSession
from .engine.statements.needs import advised, needed
from .engine.statements.per_driver import per_driver
from .engine.statements.states import Standing, StatementEvent
from .ledger.statements import StatementOnRecord, StatementSummary
from .statement_span import name_of_span


def told_summary(one: StatementSummary, names: Mapping[str, str], zone: ZoneInfo) -> JsonObjectType:
    """Return a statement as a list shows it."""
    return {
        "statement": one.id,
        "number": one.number,
        "kind": one.kind.value,
        "preset": one.preset,
        "method": one.method,
        "state": one.state.value,
        "driver_id": one.driver,
        "driver": None if one.driver is None else names.get(one.driver),
        "vehicle_id": one.vehicle,
        "period": name_of_span(one.since, one.until, zone),
        "since": _local(one.since, zone),
        "until": _local(one.until, zone),
        "made_on": one.made_on.isoformat(),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "energy": float(kilowatt_hours(one.energy)),
        "net": float(one.net),
        "total": float(one.total),
        "received": float(one.received),
        "open": float(one.open),
        "currency": one.currency,
        "corrects": one.corrects,
        "credit_note": one.credit_note,
    }


def told_statement(statement: Statement, *, own: bool = False) -> JsonObjectType:
    """Return a statement with its sessions; `own` also tells what the energy is worth to the site."""
    zone = ZoneInfo(statement.zone)
    return {
        "statement": statement.id,
        "number": statement.number,
        "kind": statement.kind.value,
        "preset": statement.preset,
        "method": statement.method,
        "driver_id": statement.driver,
        "vehicle_id": statement.vehicle,
        "period": name_of_span(statement.since, statement.until, zone),
        "since": _local(statement.since, zone),
        "until": _local(statement.until, zone),
        "made_on": statement.made_on.isoformat(),
        "due_on": None if statement.due_on is None else statement.due_on.isoformat(),
        "language": statement.language,
        "currency": statement.currency,
        "issuer": _party(statement.issuer),
        "recipient": _party(statement.recipient),
        "reference": statement.reference,
        "corrects": statement.corrects,
        "energy": float(kilowatt_hours(statement.energy)),
        "net": float(statement.net),
        "total": float(statement.total),
        "sessions": [_session(one, zone, own=own) for one in statement.sessions],
        "lines": [_line(line) for line in statement.lines],
        "vat": [
            {
                "rate": None if outside(row) else float(row.rate),
                "net": float(row.net),
                "vat": float(row.vat),
                "gross": float(row.gross),
                "exemption": row.exemption,
            }
            for row in statement.vat
        ],
        "drivers": [
            {
                "driver_id": share.driver,
                "driver": share.name,
                "energy": float(kilowatt_hours(share.energy)),
                "net": float(share.net),
                "gross": float(share.gross),
            }
            for share in per_driver(statement)
        ],
        "figures": [
            {"key": fact.key, "value": float(fact.value), "unit": fact.unit, "source": fact.source}
            for fact in statement.facts
        ],
        "notes": list(statement.notes),
        "waiting": list(statement.left_out),
        "missing": list(needed(statement)),
        "advised": list(advised(statement)),
    }


def told_standing(standing: Standing, zone: ZoneInfo) -> JsonObjectType:
    """Return how a statement stands, and what happened to it."""
    return {
        "state": standing.state.value,
        "received": float(standing.received),
        "refunded": float(standing.refunded),
        "open": float(standing.open),
        "credit_note": standing.credit_note,
        "events": [_event(event, zone) for event in standing.events],
    }


def told_on_record(found: StatementOnRecord, *, own: bool = False) -> JsonObjectType:
    """Return a statement on record and how it stands."""
    told = told_statement(found.statement, own=own)
    return told | told_standing(found.standing, ZoneInfo(found.statement.zone))


def _event(event: StatementEvent, zone: ZoneInfo) -> JsonObjectType:
    return {
        "kind": event.kind.value,
        "at": _local(event.at, zone),
        "amount": None if event.amount is None else float(event.amount),
        "provider": event.provider,
        "reference": event.reference,
        "by": event.by,
    }


def _session(one: StatementSession, zone: ZoneInfo, *, own: bool) -> JsonObjectType:
    return {
        "session": one.id,
        "started": _local(one.started, zone),
        "ended": _local(one.ended, zone),
        "energy": float(kilowatt_hours(one.energy)),
        "from_sun": float(kilowatt_hours(one.from_sun)),
        "charger": one.meter.charger,
        "meter": one.meter.number,
        "certification": one.meter.certification.value,
        "register_start": one.register_start,
        "register_stop": one.register_stop,
        "vehicle": one.vehicle,
        "plate": one.plate,
        "driver": one.driver,
        "driver_id": one.driver_id,
        "card": one.card,
        "estimated": one.estimated,
        "part": one.part,
        "provisional": one.provisional,
        "evidence": None if one.evidence is None else one.evidence.value,
        "net": float(one.net),
        "gross": float(one.gross),
        "lines": [_line(line) for line in one.lines],
        "other_values": {key: float(amount) for key, amount in one.other_values} if own else {},
    }


def _line(line: Line) -> JsonObjectType:
    return {
        "what": str(line.what),
        "source": None if line.source is None else line.source.value,
        "quantity": float(line.quantity),
        "unit": line.unit,
        "price": float(line.price),
        "vat": None if line.vat is None else float(line.vat),
        "net": float(line.net),
        "gross": float(line.gross),
    }


def _party(party: Party) -> JsonObjectType:
    return {
        "name": party.name,
        "address": list(party.address),
        "postcode": party.postcode,
        "city": party.city,
        "country": party.country,
        "vat_number": party.vat_number,
        "account": party.account,
        "reference": party.reference,
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
