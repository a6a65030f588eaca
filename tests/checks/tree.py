"""The project as the checks see it: where things lie, and every source of the integration parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTEGRATION = ROOT / "custom_components" / "smart_evse"
TRANSLATIONS = INTEGRATION / "translations"

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None


def read_json(path: Path) -> dict[str, Json]:
    """A JSON file whose top is an object."""
    content: dict[str, Json] = json.loads(path.read_text(encoding="utf-8"))
    return content


def section(content: Json, *keys: str) -> dict[str, Json]:
    """The object below these keys; empty where one of them is missing."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


@cache
def sources(folder: Path = INTEGRATION) -> dict[Path, ast.Module]:
    """Each Python file below a folder with its syntax tree."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each import: how many folders up it goes, and the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


def shown(path: Path) -> str:
    """A path as a person types it."""
    return path.relative_to(ROOT).as_posix()


def entries(content: dict[str, Json], key: str) -> list[Json]:
    """The list under this key; empty where there is none."""
    listed = content.get(key, [])
    assert isinstance(listed, list)
    return listed
