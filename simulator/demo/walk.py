"""Walking through a flow of questions as its owner would: each form gets what is known of its fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .client import Client, Json, Refused

SETUP: Final = "config/config_entries/flow"
OPTIONS: Final = "config/config_entries/options/flow"
EQUIPMENT: Final = "config/config_entries/subentries/flow"

_LONGEST: Final = 30

_PASSING: Final = frozenset({"silent", "unreachable", "busy"})
"""What a device may be while the machine is busy: its owner would press the button once more."""

_TRIES: Final = 3


async def walk(
    client: Client, path: str, start: Json, known: Mapping[str, Json], everywhere: Json | None = None
) -> Any:  # noqa: ANN401
    """Answer every question from `known`, by the name of its step, and from what is known `everywhere`.

    Only those fields are answered that a form has; what nobody knows stays as it is suggested. Returns what was made.
    """
    step, tried = await client.post(path, start), 1
    for _ in range(_LONGEST):
        if step["type"] == "create_entry":
            return step.get("result")
        if step["type"] == "abort" and step["reason"].endswith("_successful"):
            return None
        errors = set((step.get("errors") or {}).values())
        tried = tried + 1 if errors else 1
        if step["type"] not in ("form", "menu") or errors - _PASSING or tried > _TRIES:
            raise Refused(f"step {step.get('step_id')}: {step.get('errors') or step.get('reason')}")
        step = await client.post(
            f"{path}/{step['flow_id']}", answer(step, known.get(step["step_id"], {}), everywhere or {})
        )
    raise Refused("the questions never end")


def answer(step: Json, known: Json, everywhere: Json) -> dict[str, object]:
    """Say what is answered to one step; `Refused` where nobody knows."""
    if step["type"] == "menu":
        if "next_step_id" not in known:
            raise Refused(f"nobody knows where to go from the menu {step['step_id']}")
        return dict(known)
    return filled(step["data_schema"] or (), {**everywhere, **known}, step["step_id"])


def filled(fields: Sequence[Json], known: Json, name: str) -> dict[str, object]:
    """Fill in a form, folded sections included: with what is known, else with what is suggested."""
    answers: dict[str, object] = {}
    for field in fields:
        key, inner = field["name"], field.get("schema")
        if field.get("type") == "expandable" or inner is not None:
            answers[key] = filled(inner or (), known, name)
        elif key in known:
            answers[key] = known[key]
        elif (suggested := _suggested(field)) is not None:
            answers[key] = suggested
        elif field.get("required"):
            raise Refused(f"nobody knows what to answer to {key} of the step {name}")
    return answers


def _suggested(field: Json) -> object:
    description = field.get("description") or {}
    return description.get("suggested_value", field.get("default"))
