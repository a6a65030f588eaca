"""What Stripe's reference of version 2025-10-29 knows as parameters, and what it answers to others."""

from collections.abc import Mapping
from typing import Final

type Form = Mapping[str, str]
"""Parameters as they come, flat: `metadata[statement]`."""

type Thing = dict[str, object]

SESSION: Final = frozenset(
    {
        "adaptive_pricing[enabled]",
        "cancel_url",
        "client_reference_id",
        "customer",
        "expires_at",
        "line_items[0][price_data][currency]",
        "line_items[0][price_data][product_data][name]",
        "line_items[0][price_data][unit_amount]",
        "line_items[0][quantity]",
        "locale",
        "mode",
        "payment_intent_data[description]",
        "payment_method_types[0]",
        "success_url",
    }
)
INTENT: Final = frozenset(
    {"amount", "currency", "customer", "description", "payment_method", "payment_method_types[0]"}
)
CONFIRM: Final = frozenset({"off_session"})
LIST: Final = frozenset({"created[gte]", "customer", "limit", "starting_after"})
REFUND: Final = frozenset({"amount", "payment_intent"})


class Problem(Exception):
    """What Stripe answers with an error."""

    def __init__(self, status: int, code: str, message: str, *, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.body: Thing = {"error": {"type": kind, "code": code, "message": message}}


def metadata_of(form: Form) -> Thing:
    prefix = "metadata["
    return {key[len(prefix) : -1]: value for key, value in form.items() if key.startswith(prefix)}


def known(form: Form, names: frozenset[str]) -> None:
    for key in form:
        if key not in names and not key.startswith(("metadata[", "payment_intent_data[metadata][", "expand[")):
            raise Problem(400, "parameter_unknown", f"Received unknown parameter: {key}")


def needed(form: Form, *names: str) -> None:
    for name in names:
        if not form.get(name):
            raise Problem(400, "parameter_missing", f"Missing required param: {name}.")


def coins_of(said: str) -> int:
    if not said.isdecimal() or int(said) < 1:
        raise Problem(400, "parameter_invalid_integer", f"Invalid integer: {said}")
    return int(said)
