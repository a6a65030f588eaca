"""The industry's own examples, where there is a file of them, and cases of ours.

OCPI's examples may not be copied, so they are read from where `OCPI_CASES` says.
"""

from decimal import Decimal
import os
from pathlib import Path

import pytest

from .cases import Case, priced, read_cases

INDUSTRY = Path(os.environ.get("OCPI_CASES") or "not/told")
OURS = Path(__file__).parent / "cases.json"

DIGITS = Decimal("1e-10")
"""How far the examples go where a sum has no end."""


def named(path: Path) -> list[object]:
    return [pytest.param(case, id=case["name"]) for case in read_cases(path)] if path.exists() else []


def check(case: Case) -> None:
    found = priced(case)
    net = sum((each.net for each in found), Decimal(0))
    gross = sum((each.gross for each in found), Decimal(0))
    expected = case["expected"]
    if expected["before_taxes"] is not None:
        assert net.quantize(DIGITS) == Decimal(expected["before_taxes"])
    if expected["after_taxes"] is not None:
        assert gross.quantize(DIGITS) == Decimal(expected["after_taxes"])
    assert sum(each.unpriced for each in found) == expected.get("unpriced_wh", 0)


@pytest.mark.skipif(not INDUSTRY.exists(), reason="OCPI's examples are not here: set OCPI_CASES")
def test_there_are_as_many_examples_as_were_collected() -> None:
    assert len(read_cases(INDUSTRY)) >= 45


@pytest.mark.parametrize("case", named(INDUSTRY))
def test_example_of_the_industry(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", named(OURS))
def test_case_of_ours(case: Case) -> None:
    check(case)
