"""What Home Assistant, HACS and their installers read of us."""

from importlib import metadata
import json
from pathlib import Path
import re
import sys
import tomllib

from homeassistant.const import Platform
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest

from custom_components.smart_evse.chargers import MAKES
from custom_components.smart_evse.const import DOCUMENTS, SOLVER, SPREADSHEET
from tests.checks.tree import INTEGRATION, ROOT, entries, imported, read_json, sources

COMPONENT = re.compile(r"(?:from|import) homeassistant\.components\.(\w+)")

MANIFEST = read_json(INTEGRATION / "manifest.json")
HACS = read_json(ROOT / "hacs.json")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Each supported release, by the group that installs it, and what its own `modbus`, `dsmr` and `homewizard` pin.
# The oldest has no modbus-connection of its own; the one beside it is the oldest that any release has.
PINNED = {
    "oldest": {"modbus-connection": "4.10.0", "pymodbus": "3.13.1", "dsmr-parser": "1.11.1"},
    "test": {"modbus-connection": "4.12.4", "pymodbus": "3.13.1", "dsmr-parser": "1.11.1"},
    "demo": {"modbus-connection": "4.12.7", "pymodbus": "3.13.1", "dsmr-parser": "1.11.1"},
}

# What an integration outside of Home Assistant may say; an unknown key is an error to hassfest.
KNOWN_KEYS = frozenset(
    {
        "domain",
        "name",
        "after_dependencies",
        "codeowners",
        "config_flow",
        "dependencies",
        "dhcp",
        "documentation",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "loggers",
        "requirements",
        "usb",
        "version",
        "zeroconf",
    }
)


def required() -> dict[str, Requirement]:
    parsed = [Requirement(str(line)) for line in entries(MANIFEST, "requirements")]
    return {canonicalize_name(one.name): one for one in parsed}


def locked(group: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([^ ;\\]+)", line) for line in lines)
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def test_manifest_is_in_hassfests_order() -> None:
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert set(keys) <= KNOWN_KEYS


def test_manifest_says_who_we_are() -> None:
    assert MANIFEST["domain"] == INTEGRATION.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["integration_type"] == "hub"
    assert MANIFEST["iot_class"] == "local_push"
    assert MANIFEST["version"] == PYPROJECT["project"]["version"]
    for link in ("documentation", "issue_tracker"):
        assert str(MANIFEST[link]).startswith("https://")
    assert "home-assistant.io" not in str(MANIFEST["documentation"])


def test_hacs_offers_it_from_the_oldest_release_on() -> None:
    assert HACS["name"] == MANIFEST["name"]
    assert HACS["homeassistant"] == "2026.8.0"
    assert set(HACS) <= {"name", "homeassistant", "hide_default_branch", "zip_release", "filename"}


@pytest.mark.parametrize("group", PINNED)
def test_requirements_admit_what_home_assistant_pins(group: str) -> None:
    """A range that leaves a pin out makes Home Assistant install to and fro."""
    ranges = required()
    for name, version in PINNED[group].items():
        assert version in ranges[name].specifier, f"{name} {version} of {group}"


@pytest.mark.parametrize("group", PINNED)
def test_tests_run_on_what_home_assistant_pins(group: str) -> None:
    assert locked(group).items() >= PINNED[group].items()


@pytest.mark.parametrize("core", ["dsmr", "homewizard", "modbus"])
def test_requirements_admit_what_this_home_assistant_pins(core: str) -> None:
    """The same, told by the Home Assistant that runs this test."""
    import homeassistant.components  # noqa: PLC0415

    ranges = required()
    manifest = read_json(Path(homeassistant.components.__path__[0]) / core / "manifest.json")
    for pin in (Requirement(str(line)) for line in entries(manifest, "requirements")):
        ours = ranges.get(canonicalize_name(pin.name))
        (exactly,) = pin.specifier
        assert ours is None or exactly.version in ours.specifier, f"{core} pins {pin}"


def test_requirements_can_be_met_under_home_assistants_constraints() -> None:
    import homeassistant  # noqa: PLC0415

    constraints = Path(homeassistant.__path__[0]) / "package_constraints.txt"
    lines = constraints.read_text(encoding="utf-8").splitlines()
    bound = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    ranges = required()
    for constraint in bound:
        ours = ranges.get(canonicalize_name(constraint.name))
        exact = [one.version for one in constraint.specifier if one.operator == "=="]
        assert ours is None or all(version in ours.specifier for version in exact), str(constraint)


def test_what_we_use_of_home_assistant_is_declared() -> None:
    """As hassfest wants it: a component we import is a dependency, or a platform of ours."""
    declared = {str(one) for kind in ("after_dependencies", "dependencies") for one in entries(MANIFEST, kind)}
    platforms = {path.stem for path in INTEGRATION.glob("*.py")} | {str(platform) for platform in Platform}
    used = {
        match for path in INTEGRATION.rglob("*.py") for match in COMPONENT.findall(path.read_text(encoding="utf-8"))
    }
    assert sorted(used - declared - platforms) == []
    assert sorted(declared - used) == [], "its requirements would be installed for nothing"


def test_makes_that_announce_themselves_are_listened_for() -> None:
    announced = {make.zeroconf for make in MAKES.values() if make.zeroconf}
    listened = {str(one["name"]) if isinstance(one, dict) else str(one) for one in entries(MANIFEST, "zeroconf")}
    assert {name for name in announced if not any(name in each for each in listened)} == set()


def test_what_we_import_is_required() -> None:
    """By us, also on first use, or by Home Assistant, or by a library of ours whose types we meet."""
    later = {canonicalize_name(Requirement(one).name) for one in (SOLVER, SPREADSHEET, *DOCUMENTS)}
    brought_by = {"homeassistant", *required(), *later}
    brought = {canonicalize_name(Requirement(one).name) for name in brought_by for one in metadata.requires(name) or ()}
    modules = {name.partition(".")[0] for tree in sources().values() for level, name in imported(tree) if not level}
    distributions = metadata.packages_distributions()
    foreign = {
        canonicalize_name(name)
        for module in modules - sys.stdlib_module_names - {"homeassistant"}
        for name in distributions[module]
    }
    # Home Assistant puts the one in the place of the other.
    assert sorted(foreign - brought - brought_by - {"probatio", "voluptuous"}) == []


def test_extras_are_listed_apart() -> None:
    """Home Assistant looks whether a distribution is there, not whether its extras are."""
    assert not [one.name for one in required().values() if one.extras]


@pytest.mark.parametrize("group", ["test", "oldest", "demo", "engine", "lint", "compiler", "node"])
def test_pins_follow_pyproject(group: str) -> None:
    """scripts/lock was run after the last change of a group."""
    groups = PYPROJECT["dependency-groups"]
    listed = [line for line in groups[group] if isinstance(line, str)]
    if {"include-group": "devices"} in groups[group]:
        listed += groups["devices"]
    pins = locked(group)
    for one in map(Requirement, listed):
        assert pins.get(canonicalize_name(one.name), "") in one.specifier, str(one)


@pytest.mark.parametrize("group", ["test", "oldest", "demo", "engine", "lint", "compiler", "node"])
def test_pins_are_hashed_and_name_no_host(group: str) -> None:
    text = (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") >= text.count("==") > 0


def test_what_comes_from_npm_is_hashed_and_names_no_host() -> None:
    folder = ROOT / "requirements" / "emulate"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    known, wanted = json.loads(text)["packages"], json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert "://" not in text
    assert known.pop("")["dependencies"] == wanted["dependencies"]
    assert known
    assert all(each["integrity"].startswith("sha512-") for each in known.values())


def test_engine_environment_has_no_home_assistant() -> None:
    foreign = {"homeassistant", "pytest-homeassistant-custom-component", "aiohttp", "modbus-connection", "pymodbus"}
    assert not foreign & locked("engine").keys()
