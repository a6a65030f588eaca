"""Whatever goes wrong has its place in the troubleshooting page, under the name that links to it use."""

from collections.abc import Iterator

import pytest

from tests.checks.test_docs import anchors
from tests.checks.tree import ROOT, TRANSLATIONS, Json, read_json, section

PAGE = ROOT / "docs" / "troubleshooting.md"
ENGLISH = read_json(TRANSLATIONS / "en.json")


def flows() -> Iterator[Json]:
    """The texts of each flow that can refuse an answer."""
    yield from (ENGLISH["config"], ENGLISH["options"])
    yield from section(ENGLISH, "config_subentries").values()


ERRORS = sorted({key for flow in flows() for key in section(flow, "error")})


@pytest.mark.parametrize("key", [*section(ENGLISH, "issues"), *ERRORS])
def test_every_issue_and_error_is_explained(key: str) -> None:
    assert key.replace("_", "-") in anchors(PAGE)


def test_headings_are_distinct() -> None:
    # A forge adds a number to the anchor of a heading that comes twice, and links lead to the first.
    headings = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert len(headings) == len({heading.lstrip("# ") for heading in headings})
