"""Each thing in its room: what the engine may import, how big a file may grow, what nothing may be called."""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

from tests.checks.tree import INTEGRATION, ROOT, imported, shown, sources

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 60

# Files that are a list: one row for each entity, one noun after the other.
TABLES = frozenset({"engine/model.py", "sensor.py"})

ROOMS_WITHOUT_A_SUBJECT = frozenset({"common", "helper", "helpers", "manager", "misc", "util", "utils"})

# Home Assistant takes a folder of one of these names for a platform, and imports it as one.
TAKEN_BY_HOME_ASSISTANT = frozenset(
    {
        "backup",
        "condition",
        "config",
        "energy",
        "group",
        "hardware",
        "intent",
        "logbook",
        "media_source",
        "recorder",
        "significant_change",
        "trigger",
    }
)

# Standard, and still not for the engine: they wait, look at the clock, throw dice or reach outside.
NOT_FOR_THE_ENGINE = frozenset(
    {"asyncio", "io", "os", "pathlib", "random", "socket", "subprocess", "threading", "time"}
)

# What is installed on first use, and the one file that may use it when it is there.
FETCHED_LATER = {"engine/plan/solver.py": frozenset({"highspy"})}

CLOCKS = frozenset({"now", "today", "utcnow", "monotonic", "time"})

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


ENGINE = sources(INTEGRATION / "engine")
OURS = {path: tree for room in ("simulator", "benchmarks", "scripts") for path, tree in sources(ROOT / room).items()}
EVERYTHING = sources() | OURS
LISTS = frozenset(INTEGRATION / name for name in TABLES)


def test_there_is_an_engine_to_look_at() -> None:
    assert ENGINE


@pytest.mark.parametrize("path", ENGINE, ids=shown)
def test_engine_imports_only_the_standard_library_and_itself(path: Path) -> None:
    depth = len(path.relative_to(INTEGRATION / "engine").parts)
    for level, name in imported(ENGINE[path]):
        if level:
            assert level <= depth, f"leaves the engine: {'.' * level}{name}"
            continue
        top = name.partition(".")[0]
        later = FETCHED_LATER.get(path.relative_to(INTEGRATION).as_posix(), frozenset())
        assert top in sys.stdlib_module_names | later, f"{name} is not of the standard library"
        assert top not in NOT_FOR_THE_ENGINE, f"{name} touches the world"


@pytest.mark.parametrize("path", sources(), ids=shown)
def test_no_clock_as_a_default(path: Path) -> None:
    """A default is evaluated once, at import: from then on the clock stands still."""
    for function in functions(sources()[path]):
        for default in (*function.args.defaults, *function.args.kw_defaults):
            call = default.func if isinstance(default, ast.Call) else None
            name = call.attr if isinstance(call, ast.Attribute) else call.id if isinstance(call, ast.Name) else ""
            assert name not in CLOCKS, f"{function.name} takes its default from a clock"


@pytest.mark.parametrize("path", ENGINE, ids=shown)
def test_now_has_no_default_in_the_engine(path: Path) -> None:
    for function in functions(ENGINE[path]):
        positional = (*function.args.posonlyargs, *function.args.args)
        optional = positional[len(positional) - len(function.args.defaults) :] if function.args.defaults else ()
        named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        assert "now" not in {arg.arg for arg in optional}, function.name
        assert "now" not in {arg.arg for arg, default in named if default is not None}, function.name


@pytest.mark.parametrize("path", EVERYTHING, ids=shown)
def test_file_is_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_OF_A_FILE or path in LISTS, f"{lines} lines"


@pytest.mark.parametrize("path", EVERYTHING, ids=shown)
def test_functions_can_be_read_at_once(path: Path) -> None:
    lengths = {each.name: length(each) for each in functions(EVERYTHING[path])}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def test_names_say_something() -> None:
    names = {path: {path.stem, *path.relative_to(ROOT).parts[:-1]} for path in EVERYTHING}
    assert not {shown(path) for path, parts in names.items() if parts & ROOMS_WITHOUT_A_SUBJECT}


def test_no_room_is_named_like_a_platform() -> None:
    from homeassistant.const import Platform  # noqa: PLC0415

    rooms = {path.name for path in INTEGRATION.iterdir() if path.is_dir()}
    assert not rooms & (TAKEN_BY_HOME_ASSISTANT | {str(platform) for platform in Platform})
