"""The engine gives each reason the figures that its sentence is promised."""

import ast
from collections.abc import Iterator
import json

import pytest

from custom_components.smart_evse.engine.model import ReasonKey
from custom_components.smart_evse.engine.plan.model import PlanReason
from custom_components.smart_evse.engine.reasons import REASON_PLACEHOLDERS
from tests.checks.tree import INTEGRATION, sources


def given() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield where in the engine a reason is made, its key and the names of its figures."""
    for path, tree in sources().items():
        if not path.is_relative_to(INTEGRATION / "engine"):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            key = node.args[0]
            # A key that is chosen at run time is held by the tests of the rule that chooses it.
            if not isinstance(key, ast.Attribute) or not isinstance(key.value, ast.Name):
                continue
            if node.func.id in ("reason", "Reason") and key.value.id == "ReasonKey":
                figures = tuple(keyword.arg or "" for keyword in node.keywords)
                yield f"{path.name}:{node.lineno}", ReasonKey[key.attr], figures


def test_every_key_promises_its_figures() -> None:
    assert set(REASON_PLACEHOLDERS) == set(ReasonKey)


def test_the_engine_gives_the_figures_that_are_promised() -> None:
    made = list(given())
    assert len(made) > 20
    wrong = [call for call in made if set(call[2]) != set(REASON_PLACEHOLDERS[ReasonKey(call[1])])]
    assert wrong == []


def named(enum: str) -> set[str]:
    """Return the members of an enum that any rule of the engine names, in a call or in a table of its own."""
    return {
        node.attr
        for path, tree in sources().items()
        if path.is_relative_to(INTEGRATION / "engine") and path.name != "reasons.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == enum
    }


@pytest.mark.parametrize("language", ["en", "de", "nl", "fr", "sv"])
def test_what_a_rule_or_the_plan_says_is_said_in_every_language(language: str) -> None:
    texts = json.loads((INTEGRATION / "translations" / f"{language}.json").read_text())
    sensors, common = texts["entity"]["sensor"], texts["common"]
    keys = {ReasonKey[name] for name in named("ReasonKey")}
    assert set(ReasonKey) - keys == set(), "reasons that no rule gives"
    for key in keys:
        told = (sensors["reason"]["state"], sensors["limited_by"]["state"])
        assert all(states.get(key.value) for states in told), key
        assert common.get(f"reason_{key}"), key
        assert common.get(f"help_{key}"), key
    assert all(sensors["plan"]["state"].get(PlanReason[name].value) for name in named("PlanReason"))
