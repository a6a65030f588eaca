"""No float in money: not as a type, not as a number, not as what something is turned into."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from custom_components.smart_evse.engine import tariffs

MODULES = sorted(Path(tariffs.__file__).parent.glob("*.py"))

READS_JSON = "ocpi.py"
"""Whoever has parsed JSON has made floats of its numbers: there they are taken as they are written."""


def floats(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Name) and node.id == "float") or (
            isinstance(node, ast.Constant) and isinstance(node.value, float)
        ):
            yield node.lineno


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_money_knows_no_float(module: Path) -> None:
    found = list(floats(ast.parse(module.read_text(encoding="utf-8"))))
    assert len(found) == (1 if module.name == READS_JSON else 0), found


def test_a_float_would_be_found() -> None:
    assert list(floats(ast.parse("price: float = 0.25\namount = float(3)"))) == [1, 1, 2]
