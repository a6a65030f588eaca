"""Whatever owners can see, set, call or read a reason of has its place on a page, under the name that it has there."""

from collections.abc import Iterator

import pytest

from custom_components.smart_evse.engine.model import Mode, ReasonKey
from tests.checks.test_docs import anchors
from tests.checks.test_translations import PLACEHOLDER
from tests.checks.tree import ROOT, TRANSLATIONS, Json, read_json, section

DOCS = ROOT / "docs"
ENGLISH = read_json(TRANSLATIONS / "en.json")
EQUIPMENT = (("charger", "wiring"), ("battery", "battery"), ("circuit", "user"), ("vehicle", "user"))
MONEY = ("tariff", "issuer", "recipient")
"""What is asked about money: every step of it."""

UNTOLD = frozenset({"answer", "tuesday", "wednesday", "thursday", "friday", "saturday"})
"""Fields that explain themselves: a yes or no to what is shown, the days between Monday and Sunday."""


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def forms() -> Iterator[Json]:
    """The forms whose every field is told on a page: options, and what equipment is asked beside how it is reached."""
    yield from section(ENGLISH, "options", "step").values()
    for kind, step in EQUIPMENT:
        yield section(ENGLISH, "config_subentries", kind, "step", step)
    for kind in MONEY:
        yield from section(ENGLISH, "config_subentries", kind, "step").values()


def labels() -> Iterator[str]:
    for form in forms():
        folded = (section(part, "data") for part in section(form, "sections").values())
        for fields in (section(form, "data"), *folded):
            yield from (str(label) for key, label in fields.items() if key not in UNTOLD)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_told(mode: Mode) -> None:
    assert f"`{mode}`" in page("modes")


@pytest.mark.parametrize("key", ReasonKey)
def test_every_reason_is_told(key: ReasonKey) -> None:
    assert f"`{key}`" in page("modes")


@pytest.mark.parametrize("action", section(ENGLISH, "services"))
def test_every_action_is_told_with_its_fields(action: str) -> None:
    assert f"smart_evse{action}" in anchors(DOCS / "actions.md")
    told = page("actions").split(f"\n## smart_evse.{action}\n")[1].split("\n## ")[0]
    fields = section(ENGLISH, "services", action, "fields")
    assert [field for field in fields if f"`{field}`" not in told] == []


@pytest.mark.parametrize("platform", section(ENGLISH, "entity"))
def test_every_entity_is_told(platform: str) -> None:
    told = page("entities").lower()
    rows = section(ENGLISH, "entity", platform)
    names = [str(section(rows, key)["name"]) for key in rows]
    assert [name for name in names if PLACEHOLDER.sub("", name).strip().lower() not in told] == []


def test_every_field_is_told() -> None:
    told = " ".join(" ".join(map(page, ("setup", "limits", "power_back", "access", "money"))).split()).lower()
    assert sorted({label for label in labels() if label.lower() not in told}) == []
