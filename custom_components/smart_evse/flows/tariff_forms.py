"""The forms about a tariff: its prices, the terms that all tariffs have, and for whom it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import DateTimeSelector
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_CHARGERS, CONF_DRIVERS, CONF_VEHICLES
from ..engine.tariffs.model import Bound, Subscription, Tariff
from ..engine.tariffs.presets import Heading
from ..rules import ATTR_VALID_FROM, ATTR_VALID_UNTIL
from .fields import (
    ANSWER,
    BOUNDS,
    SUBSCRIPTION,
    TEXT,
    WHOM,
    YES_OR_NO,
    Answers,
    choice,
    fold,
    money,
    named,
    number,
)
from .probe import Unfit
from .tariff_kinds import KINDS, LEAST, MOST, Fields, in_form

VAT: Final = "vat"
VAT_INCLUDED: Final = "vat_included"
FEE: Final = "fee"
INCLUDED: Final = "included"
RIGHT: Final = "right"
AGAIN: Final = "again"

type Names = Mapping[str, str]

CHECK_FORM: Final = vol.Schema({vol.Required(ANSWER, default=RIGHT): choice("prices", (RIGHT, AGAIN))})


def kind_form(kind: str, currency: str, usual: float) -> vol.Schema:
    return vol.Schema({vol.Required(CONF_NAME): TEXT, **KINDS[kind].fields(currency, usual)})


def terms_form(currency: str, whom: Mapping[str, Names], *, told: bool, changes: bool) -> vol.Schema:
    """Return the form about what all tariffs have; what was `told` with the prices is not asked again.

    One that `changes` has to begin some time, and for whom it is stays.
    """
    fields: Fields = {}
    if not told:
        fields[vol.Optional(VAT)] = number(0, 100, "any", "%")
        fields[vol.Required(VAT_INCLUDED, default=True)] = YES_OR_NO
    fields[(vol.Required if changes else vol.Optional)(ATTR_VALID_FROM)] = DateTimeSelector()
    fields[vol.Optional(ATTR_VALID_UNTIL)] = DateTimeSelector()
    if not changes and (asked := whom_fields(whom)):
        fields |= fold(WHOM, asked)
    if not told:
        fields |= fold(BOUNDS, {vol.Optional(LEAST): money(currency), vol.Optional(MOST): money(currency)})
    fee = {vol.Optional(FEE): money(currency), vol.Optional(INCLUDED): number(0, 100_000, 1, "kWh")}
    return vol.Schema(fields | fold(SUBSCRIPTION, fee))


def whom_fields(whom: Mapping[str, Names]) -> Fields:
    """Ask for whom a tariff is, by what there is at the site."""
    return {vol.Optional(field): named(names, several=True) for field, names in whom.items() if names}


def whom_said(said: Answers) -> dict[str, list[str]]:
    """Return for whom a tariff is; what was left empty is everybody's."""
    return {field: list(said.get(field, ())) for field in (CONF_DRIVERS, CONF_VEHICLES, CONF_CHARGERS)}


def heading_of(name: str, currency: str, terms: Answers) -> Heading:
    """Return what the terms say; raises `Unfit` where they contradict themselves."""
    begin, end = instant(terms.get(ATTR_VALID_FROM)), instant(terms.get(ATTR_VALID_UNTIL))
    if begin is not None and end is not None and end <= begin:
        raise Unfit("ends_before_it_begins", ATTR_VALID_UNTIL)
    return Heading(
        id="",
        name=name,
        currency=currency,
        vat=in_form(terms, VAT),
        vat_included=terms.get(VAT_INCLUDED, True),
        valid_from=begin,
        valid_until=end,
        subscription=_subscription(terms),
    )


def bounded(tariff: Tariff, terms: Answers) -> Tariff:
    """Return a tariff with its least and most price of a session, which hold VAT where its prices do."""
    least, most = in_form(terms, LEAST), in_form(terms, MOST)
    if least is not None and most is not None and most < least:
        raise Unfit("least_above_most")
    return replace(tariff, least=_bound(tariff, least), most=_bound(tariff, most))


def read_again(read: Tariff, heading: Heading) -> Tariff:
    """Return a tariff that was read with what was asked about it beside. Its fee has the VAT of its first price."""
    fee, first = heading.subscription, read.elements[0].components[0] if read.elements else None
    return replace(
        read,
        id="",
        name=heading.name,
        subscription=None if fee is None else replace(fee, vat=None if first is None else first.vat),
        valid_from=heading.valid_from or read.valid_from,
        valid_until=heading.valid_until or read.valid_until,
    )


def instant(typed: str | None) -> datetime | None:
    """Return a time of the clock of the site in UTC."""
    at = None if typed is None else dt_util.parse_datetime(typed)
    return None if at is None else dt_util.as_utc(at)


def typed(at: datetime | None) -> str | None:
    """Return a time as a form has it."""
    return None if at is None else dt_util.as_local(at).strftime("%Y-%m-%d %H:%M:%S")


def _subscription(terms: Answers) -> Subscription | None:
    fee, included = in_form(terms, FEE), terms.get(INCLUDED, 0)
    if fee is None and not included:
        return None
    return Subscription(fee=fee or Decimal(0), included=round(included * 1000), vat=in_form(terms, VAT))


def _bound(tariff: Tariff, amount: Decimal | None) -> Bound:
    return Bound(with_vat=amount) if tariff.vat_included else Bound(before_vat=amount)
