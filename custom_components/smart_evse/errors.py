"""The one place where an error of ours becomes a Home Assistant error: of a device, of a statement, of a document."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .documents.invoice_fields import FieldsMissing
from .engine.statements import errors as statements
from .ledger import errors as ledger
from .links.errors import (
    BadCredentials,
    Busy,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    Unusable,
    WrongDevice,
    WrongUnit,
)
from .payments import errors as payments
from .payments.errors import PaymentError, Unreadable
from .statement_words import field_words, figure_words, rate_words

# The first kind that fits decides, so the special ones stand before the general ones.
_KEYS: tuple[tuple[type[DeviceError], str], ...] = (
    (WrongUnit, "wrong_unit"),
    (WrongDevice, "wrong_device"),
    (Silent, "silent"),
    (Unreachable, "unreachable"),
    (Busy, "busy"),
    (BadCredentials, "bad_credentials"),
    (Refused, "refused"),
    (Unusable, "unusable"),
)

_PAYMENT_KEYS: tuple[tuple[type[PaymentError], str], ...] = (
    (payments.Unreachable, "payment_unreachable"),
    (payments.KeyRefused, "payment_key_refused"),
    (payments.Declined, "payment_declined"),
    (payments.UnderWay, "payment_under_way"),
)


def error_key(err: DeviceError) -> str:
    """Return the translation key of a device's error."""
    return next((key for kind, key in _KEYS if isinstance(err, kind)), "unknown")


def home_assistant_error(err: DeviceError, device: str) -> HomeAssistantError:
    """Return a device's error in Home Assistant's words; `device` is what its owner calls it."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=error_key(err),
        translation_placeholders={"charger": device, "detail": str(err)},
    )


def payment_error(err: PaymentError) -> HomeAssistantError:
    """Return what is wrong with a payment in Home Assistant's words."""
    key = next((key for kind, key in _PAYMENT_KEYS if isinstance(err, kind)), "payment_refused")
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders={"detail": str(err)}
    )


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for something that a person should ask differently."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


type _Told = Callable[[HomeAssistant, Any], Mapping[str, str]]

_STATEMENTS: tuple[tuple[type[Exception], str, _Told], ...] = (
    (statements.UnknownPreset, "statement_unknown_preset", lambda _, err: {"name": err.name}),
    (statements.Incomplete, "statement_incomplete", lambda hass, err: {"fields": field_words(hass, err.fields)}),
    (
        statements.FigureChanges,
        "statement_figure_changes",
        lambda hass, err: {"figure": figure_words(hass, err.key), "day": err.day.isoformat()},
    ),
    (
        statements.MethodBound,
        "statement_method_bound",
        lambda _, err: {"year": str(err.year), "method": err.method, "statement": err.statement},
    ),
    (statements.NotFinal, "statement_not_final", lambda _, err: {"sessions": str(len(err.sessions))}),
    (
        statements.OtherCurrency,
        "statement_other_currency",
        lambda _, err: {"session": err.session, "currency": err.currency},
    ),
    (statements.NothingToState, "statement_empty", lambda *_: {}),
    (statements.IllegalStep, "statement_illegal_step", lambda _, err: {"state": err.state, "event": err.event}),
    (
        ledger.Claimed,
        "statement_claimed",
        lambda _, err: {"statement": err.number or err.statement, "session": err.session},
    ),
    (ledger.CreditNoteNeeded, "statement_credit_note_needed", lambda _, err: {"statement": err.subject}),
    (ledger.NotOnRecord, "unknown_statement", lambda _, err: {"statement": err.subject}),
    (ledger.OnRecord, "statement_on_record", lambda _, err: {"statement": err.subject}),
    (ledger.Unnumbered, "statement_without_issuer", lambda *_: {}),
    (FieldsMissing, "no_e_invoice", lambda hass, err: {"fields": field_words(hass, err.fields)}),
    (Unreadable, "bank_file_unreadable", lambda _, err: {"error": str(err)}),
)


@contextmanager
def said_wrong(hass: HomeAssistant) -> Iterator[None]:
    """Say what stands in the way of a statement or a document in Home Assistant's words."""
    try:
        yield
    except statements.FigureMissing as err:
        raise _figure_missing(hass, err) from err
    except tuple(kind for kind, _, _ in _STATEMENTS) as err:
        key, told = next((key, told) for kind, key, told in _STATEMENTS if isinstance(err, kind))
        raise mistake(key, **told(hass, err)) from err


def _figure_missing(hass: HomeAssistant, err: statements.FigureMissing) -> ServiceValidationError:
    """Name the figure, and of one that an office tells where it is written and which field is for it."""
    figure, day = figure_words(hass, err.key), err.day.isoformat()
    if err.source is None:
        return mistake("statement_figure_missing", figure=figure, day=day)
    fields = rate_words(hass, err.key)
    return mistake("statement_rate_missing", figure=figure, day=day, source=err.source, name=err.key, **fields)
