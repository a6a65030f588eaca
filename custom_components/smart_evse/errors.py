"""The one place where an error of ours becomes a Home Assistant error: of a device, of a statement, of a document."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

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


_STATEMENTS: tuple[tuple[type[Exception], str, Callable[[Any], Mapping[str, str]]], ...] = (
    (statements.UnknownPreset, "statement_unknown_preset", lambda err: {"name": err.name}),
    (statements.Incomplete, "statement_incomplete", lambda err: {"fields": ", ".join(err.fields)}),
    (statements.FigureMissing, "statement_figure_missing", lambda err: {"figure": err.key, "day": err.day.isoformat()}),
    (statements.FigureChanges, "statement_figure_changes", lambda err: {"figure": err.key, "day": err.day.isoformat()}),
    (
        statements.MethodBound,
        "statement_method_bound",
        lambda err: {"year": str(err.year), "method": err.method, "statement": err.statement},
    ),
    (statements.NotFinal, "statement_not_final", lambda err: {"sessions": str(len(err.sessions))}),
    (
        statements.OtherCurrency,
        "statement_other_currency",
        lambda err: {"session": err.session, "currency": err.currency},
    ),
    (statements.NothingToState, "statement_empty", lambda _: {}),
    (statements.IllegalStep, "statement_illegal_step", lambda err: {"state": err.state, "event": err.event}),
    (
        ledger.Claimed,
        "statement_claimed",
        lambda err: {"statement": err.number or err.statement, "session": err.session},
    ),
    (ledger.CreditNoteNeeded, "statement_credit_note_needed", lambda err: {"statement": err.subject}),
    (ledger.NotOnRecord, "unknown_statement", lambda err: {"statement": err.subject}),
    (ledger.OnRecord, "statement_on_record", lambda err: {"statement": err.subject}),
    (ledger.Unnumbered, "statement_without_issuer", lambda _: {}),
    (FieldsMissing, "no_e_invoice", lambda err: {"fields": ", ".join(err.fields)}),
    (Unreadable, "bank_file_unreadable", lambda err: {"error": str(err)}),
)


@contextmanager
def said_wrong() -> Iterator[None]:
    """Say what stands in the way of a statement or a document in Home Assistant's words."""
    try:
        yield
    except tuple(kind for kind, _, _ in _STATEMENTS) as err:
        key, told = next((key, told) for kind, key, told in _STATEMENTS if isinstance(err, kind))
        raise mistake(key, **told(err)) from err
