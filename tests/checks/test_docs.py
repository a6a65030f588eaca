"""What the pages point at is there: paths, commands, links between pages and their headings."""

from pathlib import Path
import re
import tomllib

import pytest

from tests.checks.tree import ROOT, shown

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)

# A path of ours begins in one of these; anything else in code is somebody else's (an entity, a page of Home Assistant).
TOPS = (
    "custom_components|simulator|benchmarks|frontend|tests|docs|scripts|requirements|engine|chargers|meters|links|"
    "translations"
)
A_PATH = re.compile(rf"(?<![\w./-])(?:\./)?((?:{TOPS})/[\w./*@-]*|[\w-]+\.(?:toml|md)\b)")

# Rooms of the integration, which pages name from its own top.
INSIDE = ROOT / "custom_components" / "smart_evse"

MADE_BY_A_RUN = frozenset({"configuration.yaml"})


def anchors(page: Path) -> set[str]:
    """The anchors a forge makes of the headings."""
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(page.read_text(encoding="utf-8")))
    return {title.replace(" ", "-") for title in plain}


def named_paths(text: str) -> set[str]:
    return {path.rstrip("./") for code in CODE.findall(text) for path in A_PATH.findall(code)}


def is_there(path: str) -> bool:
    if path in MADE_BY_A_RUN:
        return True
    # `tests/...` with a word in capitals stands for any: chargers/MAKE.py.
    pattern = re.sub(r"[A-Z]{3,}(?=\.py|$)", "*", path) if path.endswith(".py") else path
    return any(next(top.glob(pattern), None) is not None for top in (ROOT, INSIDE, ROOT / "docs"))


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_named_paths_exist(page: Path) -> None:
    assert sorted(path for path in named_paths(page.read_text(encoding="utf-8")) if not is_there(path)) == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    dead = []
    for pair in LINK.findall(page.read_text(encoding="utf-8")):
        link = pair[0] or pair[1]
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_named_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = re.findall(r"python -m (simulator[\w.]*|benchmarks[\w.]*)", text)
    paths = [name.replace(".", "/") for name in modules]
    assert [path for path in paths if not is_there(path) and not is_there(f"{path}.py")] == []
    for command in re.findall(r"scripts/([\w-]+)", text):
        program = ROOT / "scripts" / command
        assert program.is_dir() or program.stat().st_mode & 0o111, f"scripts/{command} cannot be run"


def test_every_environment_is_one_of_the_groups() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    for script in sorted((ROOT / "scripts").glob("[a-z]*")):
        if script.is_file():
            for group in re.findall(r"ensure_env ([a-z]+)", script.read_text(encoding="utf-8")):
                assert group in groups, f"{shown(script)} asks for {group}"
