"""VAT numbers by their form."""

import pytest

from custom_components.smart_evse.engine.statements.vat_numbers import vat_number


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("DE123456789", None, "DE123456789"),
        ("de 123 456 789", "DE", "DE123456789"),
        ("123456789", "DE", "DE123456789"),
        ("NL1234.56.789.B01", "NL", "NL123456789B01"),
        ("BE 0123.456.789", "BE", "BE0123456789"),
        ("094259216", "GR", "EL094259216"),
        ("CHE-123.456.789 MWST", "CH", "CHE123456789MWST"),
        ("556000016701", "SE", "SE556000016701"),
        ("AT U12345678", "DE", "ATU12345678"),
        ("US123456", "US", "US123456"),
    ],
)
def test_a_number_is_written_down(written: str, country: str | None, number: str) -> None:
    assert vat_number(written, country) == number


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("DE12345678", "DE"),
        ("123456789", None),
        ("NL123456789", "NL"),
        ("BE9123456789", "BE"),
        ("", "DE"),
        ("DE", "DE"),
    ],
)
def test_what_is_none_is_none(written: str, country: str | None) -> None:
    assert vat_number(written, country) is None
