"""The page about money tells every figure of a law with its dates and its source, and every sort of statement."""

from itertools import groupby
from pathlib import Path

import pytest

from custom_components.smart_evse.engine.statements.figures import BE_CAP, DE_FLAT, FIGURES, UK_HOME, UK_PUBLIC
from custom_components.smart_evse.engine.statements.model import Fact
from custom_components.smart_evse.engine.statements.presets import PRESETS
from tests.checks.tree import ROOT

PAGE = (Path(ROOT) / "docs" / "money.md").read_text(encoding="utf-8")
TOGETHER = {
    "Germany, flat price": (DE_FLAT,),
    "Belgium, Flanders, Brussels, Wallonia": tuple(BE_CAP.values()),
    "United Kingdom, home, public": (UK_HOME, UK_PUBLIC),
}


def rows() -> list[str]:
    """Return a line of the table for each span of each group of figures."""
    found = []
    for name, keys in TOGETHER.items():
        mine = sorted((fact for fact in FIGURES if fact.key in keys), key=lambda fact: str(fact.valid_from))
        for (first, last), facts in groupby(mine, key=lambda fact: (fact.valid_from, fact.valid_until)):
            told = sorted(facts, key=lambda fact: keys.index(fact.key))
            values = ", ".join(str(fact.value) for fact in told)
            found.append(f"| {name} | {first} to {last} | {values} {told[0].unit} |")
    return found


def test_every_figure_is_in_a_row() -> None:
    assert {fact.key for fact in FIGURES} == {key for keys in TOGETHER.values() for key in keys}


@pytest.mark.parametrize("row", rows())
def test_every_figure_is_told(row: str) -> None:
    assert row in PAGE


@pytest.mark.parametrize("fact", {fact.source: fact for fact in FIGURES}.values(), ids=lambda fact: fact.key)
def test_every_source_is_told(fact: Fact) -> None:
    assert fact.source in " ".join(PAGE.split())


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_is_told_with_its_methods(key: str) -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
    assert [one.key for one in PRESETS[key].methods if f"`{one.key}`" not in line] == []
    assert [need for need in PRESETS[key].needs if f"`{need}`" not in PAGE] == []
