"""Statements over energy whose price is not known yet: nothing that was sent may change."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.smart_evse.engine.sessions.model import Mark
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.books import quarter, session
from tests.home import MakeSite, Site, make_site
from tests.stated import ADA, DECEMBER, ask, at, dynamic, invoice, issuer, refused, stating

__all__ = ["make_site"]

START = at(11, 20)


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    """A site in December, with a session of November whose price nobody knows."""
    freezer.move_to(DECEMBER)
    site = await stating(make_site, dynamic(), issuer())
    connector = site.connector

    def unpriced(ledger: Ledger) -> None:
        flowed = (quarter(START, grid=1_000, price=None),)
        waits = session("s-late", connector, START, flowed, driver=ADA.id, marks=frozenset({Mark.PROVISIONAL}))
        SessionsBook(ledger).close_session(waits, flowed)

    await site.coordinator.sessions.books.async_write(unpriced)
    return site


def sessions_of(answer: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(each["session"], each["provisional"]) for each in answer["sessions"]]


async def test_an_invoice_waits_or_leaves_out_what_has_no_price(site: Site) -> None:
    wanted = {"preset": "invoice", "driver": "Ada", "period": "2026-11"}
    assert await refused(site, "create_statement", **wanted) == "statement_not_final"
    made = await invoice(site, provisional=True)
    assert (sessions_of(made), made["waiting"]) == ([("s-november", False)], ["s-late"])
    assert "left_out" in made["notes"]
    alone = {"preset": "invoice", "driver": "Ada", "session": "s-late"}
    assert await refused(site, "create_statement", **alone, provisional=True) == "statement_not_final"

    def price_it(ledger: Ledger) -> None:
        book = SessionsBook(ledger)
        book.correct("s-late", {"marks": frozenset()}, None, "price", intervals=(quarter(START, grid=1_000),))

    await site.coordinator.sessions.books.async_write(price_it)
    later = await ask(site, "create_statement", **alone)
    assert (sessions_of(later), later["total"]) == ([("s-late", False)], 0.35)
    before = await ask(site, "get_statement", statement=made["statement"])
    assert (before["total"], before["waiting"]) == (made["total"], ["s-late"]), "what was sent stays as it is"


async def test_an_overview_marks_what_has_no_price(site: Site) -> None:
    seen = await ask(site, "create_statement", preset="neutral", driver="Ada", period="2026-11", provisional=True)
    assert (sessions_of(seen), seen["waiting"]) == ([("s-november", False), ("s-late", True)], [])
    assert "provisional" in seen["notes"]
