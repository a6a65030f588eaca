"""Statements through Home Assistant: looked at, made, found again, read only by those whom they concern."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from tests.home import MakeSite, Site, make_site
from tests.stated import DECEMBER, ask, invoice, stating

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(DECEMBER)
    return await stating(make_site)


async def test_an_invoice_is_made_and_found_again(site: Site) -> None:
    made = await invoice(site)
    assert (made["number"], made["state"], made["kind"]) == ("EV-2026-0001", "open", "invoice")
    assert (made["energy"], made["total"], made["open"], made["currency"]) == (6.0, 1.8, 1.8, "EUR")
    assert (made["issuer"]["name"], made["recipient"]["name"]) == ("Olle Owner", "Ada")
    assert (made["due_on"], made["language"], made["period"]) == ("2026-12-17", "nl", "2026-11")
    (one,) = made["sessions"]
    assert (one["plate"], one["meter"], one["certification"]) == ("AB-123-C", "M-77", "mid")
    found = await ask(site, "get_statement", statement="EV-2026-0001")
    assert found["statement"] == made["statement"]
    listed = await ask(site, "list_statements")
    assert [each["number"] for each in listed["statements"]] == ["EV-2026-0001"]
    assert listed["open"] == {"EUR": 1.8}
