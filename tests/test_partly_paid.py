"""The document of an invoice of which a part has been paid."""

import io
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pypdf import PdfReader
import pytest

from tests.home import MakeSite, Site, make_site
from tests.stated import DECEMBER, ask, invoice, stating

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(DECEMBER)
    return await stating(make_site)


async def document(site: Site, statement: str) -> str:
    """The text of a statement's PDF, as it is made now."""
    found: dict[str, Any] = await ask(site, "get_statement", statement=statement, formats=["pdf"], language="en")
    return words_of(found["files"][0]["path"])


def words_of(path: str) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(Path(path).read_bytes())).pages)
    return text.replace("\N{NO-BREAK SPACE}", " ")


async def test_the_document_asks_for_what_is_left(site: Site) -> None:
    made = (await invoice(site))["statement"]
    asked = await document(site, made)
    assert "Left to be paid" not in asked
    assert "Payment" in asked
    await ask(site, "mark_paid", statement=made, amount=0.8, reference="bank-1")
    asked = await document(site, made)
    assert "Left to be paid" in asked
    assert asked.count("1.00") >= 2, "the sum and the box"
    await ask(site, "mark_paid", statement=made, amount=1, reference="bank-2")
    asked = await document(site, made)
    assert "0.00" in asked
    assert "Payment" not in asked


async def test_what_was_paid_of_a_cancelled_one_is_no_part_of_it(site: Site) -> None:
    made = (await invoice(site))["statement"]
    await ask(site, "mark_paid", statement=made, amount=0.8, reference="bank-1")
    note = await ask(site, "cancel_statement", statement=made)
    for statement in (made, note["credit_note"]):
        text = await document(site, statement)
        assert "Left to be paid" not in text
        assert "Payment" not in text
