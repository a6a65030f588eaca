"""Every rule of Home Assistant's integration quality scale is judged, and checked where a file can tell."""

import pytest
import yaml

from tests.checks.tree import INTEGRATION, ROOT

BRONZE = (
    "action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage "
    "dependency-transparency docs-actions docs-conditions docs-high-level-description "
    "docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup entity-unique-id "
    "has-entity-name runtime-data test-before-configure test-before-setup unique-config-entry"
)
SILVER = (
    "action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters "
    "entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow "
    "test-coverage"
)
GOLD = (
    "devices diagnostics discovery discovery-update-info docs-data-update docs-examples docs-known-limitations "
    "docs-supported-devices docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices "
    "entity-category entity-device-class entity-disabled-by-default entity-translations exception-translations "
    "icon-translations reconfiguration-flow repair-issues stale-devices"
)
PLATINUM = "async-dependency inject-websession strict-typing"
RULES = frozenset(f"{BRONZE} {SILVER} {GOLD} {PLATINUM}".split())

# A rule that is done leaves this behind.
LEFT_BEHIND = {
    "action-setup": "services.yaml",
    "brands": "brand/icon.png",
    "config-flow": "config_flow.py",
    "diagnostics": "diagnostics.py",
    "icon-translations": "icons.json",
    "repair-issues": "repairs.py",
}

type Judgement = str | dict[str, str]

JUDGED: dict[str, Judgement] = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text(encoding="utf-8"))["rules"]


def status(judgement: Judgement) -> str:
    return judgement if isinstance(judgement, str) else judgement["status"]


def test_the_scale_has_the_rules_we_think_it_has() -> None:
    assert len(RULES) == 54


def test_every_rule_is_judged() -> None:
    assert sorted(JUDGED) == sorted(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_judgement_is_one_of_three(rule: str) -> None:
    judgement = JUDGED[rule]
    assert status(judgement) in {"done", "todo", "exempt"}
    if status(judgement) != "done":
        assert isinstance(judgement, dict)
        assert judgement.get("comment"), "says why"


@pytest.mark.parametrize("rule", LEFT_BEHIND)
def test_done_has_left_its_file(rule: str) -> None:
    assert status(JUDGED[rule]) != "done" or (INTEGRATION / LEFT_BEHIND[rule]).exists()


def test_strict_typing_is_checked_by_lint() -> None:
    assert "strict = true" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
