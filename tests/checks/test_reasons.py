"""The engine gives each reason the figures that its sentence is promised."""

import ast
from collections.abc import Iterator

from custom_components.smart_evse.engine.model import ReasonKey
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
