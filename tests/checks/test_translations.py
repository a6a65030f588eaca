"""Every text is there, in every language, and every text is used."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from custom_components.smart_evse.engine.model import ReasonKey
from custom_components.smart_evse.engine.reasons import REASON_PLACEHOLDERS
from tests.checks.tree import INTEGRATION, TRANSLATIONS, Json, read_json, section, sources

LANGUAGES = ("de", "fr", "nl", "sv")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def texts(content: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its dotted path."""
    if isinstance(content, dict):
        for key, below in content.items():
            yield from texts(below, f"{path}.{key}" if path else key)
    elif isinstance(content, str):
        yield path, content


ENGLISH_FILE = read_json(TRANSLATIONS / "en.json")
ENGLISH = dict(texts(ENGLISH_FILE))


def literals(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


ALL_LITERALS = set().union(*map(literals, sources().values()))


def translation_keys(tree: ast.Module) -> set[str]:
    """The keys a source names outright: translation_key="...", also as a class attribute."""
    found = set()
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg or "", keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Assign):
            pairs = [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            pairs = [(node.target.id, node.value)]
        for name, value in pairs:
            if name.endswith("translation_key") and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.add(value.value)
    return found


def test_there_is_no_strings_json() -> None:
    """Only Home Assistant's own integrations have one; ours are shipped ready."""
    assert not (INTEGRATION / "strings.json").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_complete(language: str) -> None:
    translated = dict(texts(read_json(TRANSLATIONS / f"{language}.json")))
    assert sorted(ENGLISH.keys() - translated.keys()) == [], "missing"
    assert sorted(translated.keys() - ENGLISH.keys()) == [], "English has not"
    empty = [path for path, text in translated.items() if not text.strip()]
    assert empty == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_keeps_the_placeholders(language: str) -> None:
    translated = dict(texts(read_json(TRANSLATIONS / f"{language}.json")))
    wrong = {
        path: translated[path]
        for path, text in ENGLISH.items()
        if path in translated and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(translated[path]))
    }
    assert wrong == {}


def test_only_the_listed_languages_are_there() -> None:
    assert {path.stem for path in TRANSLATIONS.glob("*.json")} == {"en", *LANGUAGES}


def test_texts_hold_no_markup_of_home_assistant_itself() -> None:
    assert {path: text for path, text in ENGLISH.items() if "[%key" in text or "://" in text} == {}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(INTEGRATION).as_posix())
def test_every_translation_key_has_a_text(path: Path) -> None:
    platform = path.relative_to(INTEGRATION).parts[0].removesuffix(".py")
    known = {
        *section(ENGLISH_FILE, "entity", platform),
        *section(ENGLISH_FILE, "exceptions"),
        *section(ENGLISH_FILE, "issues"),
        *section(ENGLISH_FILE, "device"),
        *section(ENGLISH_FILE, "selector"),
    }
    assert sorted(translation_keys(sources()[path]) - known) == []


@pytest.mark.parametrize("sensor", ["reason", "limited_by"])
def test_every_reason_is_told(sensor: str) -> None:
    told = section(ENGLISH_FILE, "entity", "sensor", sensor, "state").keys()
    reasons = {str(key) for key in ReasonKey}
    if sensor == "reason":
        assert sorted(reasons - told) == []
    assert sorted(told - reasons - {"none"}) == []


def test_reason_sentences_use_the_placeholders_they_are_given() -> None:
    given = {f"common.reason_{key}": set(figures) for key, figures in REASON_PLACEHOLDERS.items()}
    used = {path: set(PLACEHOLDER.findall(ENGLISH[path])) for path in given if path in ENGLISH}
    assert sorted(given.keys() - used.keys()) == []
    assert {path: used[path] - given[path] for path in given if not used[path] <= given[path]} == {}


@pytest.mark.parametrize("kind", ["exceptions", "issues", "services"])
def test_no_text_is_left_over(kind: str) -> None:
    assert sorted(section(ENGLISH_FILE, kind).keys() - ALL_LITERALS) == []


def test_every_reason_has_a_sentence_and_a_piece_of_advice() -> None:
    wanted = {f"{kind}_{key}" for kind in ("reason", "help") for key in ReasonKey}
    told = {key for key in section(ENGLISH_FILE, "common") if key.startswith(("reason_", "help_"))}
    assert wanted ^ told == set()
