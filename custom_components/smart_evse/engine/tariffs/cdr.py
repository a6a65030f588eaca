"""A priced session as a charge detail record of OCPI 2.2.1 and 2.3.0.

Amounts and volumes have four digits behind the point, as OCPI's numbers do; nobody pays by them before a statement has
rounded them. A time in which the car had to wait is neither charging nor parking time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby

from .amounts import exact
from .evaluate import price
from .model import Dimension, Priced, PricedLine, Stretch, Tariff
from .ocpi_out import stamp, tariff_object
from .ocpi_words import Json, NotInOcpi, Operator, Version
from .pieces import Piece, pieces, seconds

_FOUR_DIGITS = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it was: `country` has three letters here (ISO 3166-1 alpha-3), coordinates are decimal degrees as text."""

    id: str
    address: str
    city: str
    country: str
    latitude: str
    longitude: str
    evse_uid: str
    evse_id: str
    connector_id: str
    name: str | None = None
    postal_code: str | None = None
    standard: str = "IEC_62196_T2"
    format: str = "CABLE"
    power_type: str = "AC_3_PHASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """By what the driver was known."""

    operator: Operator
    uid: str
    contract_id: str
    type: str = "RFID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a meter has signed: `values` are nature (Start, End …), plain and signed data."""

    encoding: str
    values: tuple[tuple[str, str, str], ...]
    public_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a record says beside the session. `credits` is the id of the record that this one takes back."""

    id: str
    session: str
    operator: Operator
    place: Place
    token: Token
    last_updated: datetime
    authorised_by: str = "WHITELIST"
    meter: str | None = None
    at_home: bool = False
    credits: str | None = None
    invoice: str | None = None
    remark: str | None = None
    signed: Signed | None = None


def cdr_object(
    record: Record, tariff: Tariff, stretches: Sequence[Stretch], zone: tzinfo, version: Version
) -> dict[str, Json]:
    """Return the record of a whole session by its tariff; a tariff that OCPI cannot tell is only named by its id.

    Raises `NotInOcpi` where there is no session yet, or one whose prices are not all known.
    """
    session, priced = list(pieces(tariff, stretches, zone)), price(tariff, stretches, zone)
    if not session or priced.unpriced:
        raise NotInOcpi("unpriced" if session else "session")
    sign = 1 if record.credits is None else -1
    content: dict[str, Json] = {
        "country_code": record.operator.country,
        "party_id": record.operator.party,
        "id": record.id,
        "start_date_time": stamp(session[0].start),
        "end_date_time": stamp(session[-1].end),
        "session_id": record.session,
        "cdr_token": _token(record.token),
        "auth_method": record.authorised_by,
        "cdr_location": _place(record.place),
        "meter_id": record.meter,
        "currency": priced.currency,
        "tariffs": _tariffs(tariff, record, version),
        "charging_periods": list(_periods(session, tariff.id)),
        "signed_data": None if record.signed is None else _signed(record.signed),
        "total_cost": _cost(priced.lines, version, priced.bounded, sign),
        **_totals(priced, session, version),
        "remark": record.remark,
        "invoice_reference_id": record.invoice,
        "credit": True if record.credits is not None else None,
        "credit_reference_id": record.credits,
        "home_charging_compensation": True if record.at_home else None,
        "last_updated": stamp(record.last_updated),
    }
    return {field: value for field, value in content.items() if value is not None}


def _totals(priced: Priced, session: Sequence[Piece], version: Version) -> dict[str, Json]:
    """Return the totals by dimension; where there is a price for one, with what it cost."""
    idle = [piece for piece in session if not piece.stretch.charging and not piece.stretch.waiting]
    costs: dict[str, Json] = {}
    for dimension, field in (
        (Dimension.FLAT, "total_fixed_cost"),
        (Dimension.ENERGY, "total_energy_cost"),
        (Dimension.TIME, "total_time_cost"),
        (Dimension.IDLE, "total_parking_cost"),
    ):
        lines = [line for line in priced.lines if line.dimension is dimension]
        if lines:
            costs[field] = _cost(lines, version)
    return {
        "total_energy": _number(sum((_energy(piece) for piece in session), Fraction(0))),
        "total_time": _number(seconds(session[0].start, session[-1].end) / 3600),
        "total_parking_time": _number(sum((_hours(piece) for piece in idle), Fraction(0))) if idle else None,
        **costs,
    }


def _periods(session: Iterable[Piece], tariff: str) -> Iterator[Json]:
    """Yield a period for each piece; what begins at the same instant is one."""
    for start, of_period in groupby(session, key=lambda piece: piece.start):
        together = list(of_period)
        volumes: dict[str, Fraction] = {"ENERGY": sum((_energy(piece) for piece in together), Fraction(0))}
        for piece in together:
            if not piece.stretch.waiting:
                kind = "TIME" if piece.stretch.charging else "PARKING_TIME"
                volumes[kind] = volumes.get(kind, Fraction(0)) + _hours(piece)
        dimensions: list[Json] = [{"type": kind, "volume": _number(volume)} for kind, volume in volumes.items()]
        yield {"start_date_time": stamp(start), "dimensions": dimensions, "tariff_id": tariff}


def _cost(
    lines: Sequence[PricedLine],
    version: Version,
    bounded: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0)),
    sign: int = 1,
) -> dict[str, Json]:
    """Return an amount of money: without and with VAT (2.2.1), or without it and each rate's (2.3.0)."""
    net = sign * (sum((line.net for line in lines), Decimal(0)) + bounded[0])
    gross = sign * (sum((line.gross for line in lines), Decimal(0)) + bounded[1])
    if version is Version.V2_2_1:
        return {"excl_vat": _four(net), "incl_vat": _four(gross)}
    taxes: list[Json] = []
    for rate in sorted({line.vat for line in lines if line.vat is not None}):
        tax = sum((line.gross - line.net for line in lines if line.vat == rate), Decimal(0))
        taxes.append({"name": "VAT", "percentage": rate, "amount": _four(sign * tax)})
    if bounded[1] != bounded[0]:
        taxes.append({"name": "VAT", "amount": _four(sign * (bounded[1] - bounded[0]))})
    return {"before_taxes": _four(net), "taxes": taxes}


def _tariffs(tariff: Tariff, record: Record, version: Version) -> Json:
    told = replace(tariff, subscription=None)
    try:
        return [tariff_object(told, version, record.operator, record.last_updated)]
    except NotInOcpi:
        return None


def _token(token: Token) -> Json:
    return {
        "country_code": token.operator.country,
        "party_id": token.operator.party,
        "uid": token.uid,
        "type": token.type,
        "contract_id": token.contract_id,
    }


def _place(place: Place) -> Json:
    content: dict[str, Json] = {
        "id": place.id,
        "name": place.name,
        "address": place.address,
        "city": place.city,
        "postal_code": place.postal_code,
        "country": place.country,
        "coordinates": {"latitude": place.latitude, "longitude": place.longitude},
        "evse_uid": place.evse_uid,
        "evse_id": place.evse_id,
        "connector_id": place.connector_id,
        "connector_standard": place.standard,
        "connector_format": place.format,
        "connector_power_type": place.power_type,
    }
    return {field: value for field, value in content.items() if value is not None}


def _signed(signed: Signed) -> Json:
    content: dict[str, Json] = {"encoding_method": signed.encoding}
    if signed.public_key is not None:
        content["public_key"] = signed.public_key
    content["signed_values"] = [
        {"nature": nature, "plain_data": plain, "signed_data": data} for nature, plain, data in signed.values
    ]
    return content


def _energy(piece: Piece) -> Fraction:
    return piece.stretch.energy * piece.share / 1000


def _hours(piece: Piece) -> Fraction:
    return seconds(piece.stretch.start, piece.stretch.end) * piece.share / 3600


def _number(value: Fraction) -> Decimal:
    return _four(exact(value))


def _four(amount: Decimal) -> Decimal:
    return amount.quantize(_FOUR_DIGITS, ROUND_HALF_UP)
