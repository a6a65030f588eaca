"""What statements tell of signatures, of who has left, of shared sessions, and of what nothing leads back from."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pypdf import PdfReader
import pytest

from custom_components.smart_evse.engine.sessions.model import Ends, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from tests.books import QUARTER, quarter, session
from tests.home import CHARGING, CONNECTED, MakeSite, Site, make_site
from tests.on_record import on_record, until
from tests.stated import ADA, BEN, DECEMBER, METERED, ask, at, invoice, issuer, refused, stating, tariff
from tests.test_evidence import charge

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(DECEMBER)
    return await stating(make_site)


async def test_a_statement_tells_whether_what_was_signed_is_right(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await make_site(chargers=(METERED,), others=(tariff(), issuer()))
    await charge(site)
    ((record, _),) = await on_record(site)

    async def evidence() -> str | None:
        seen = await ask(site, "create_statement", preset="neutral", session=record.id, preview=True)
        told: str | None = seen["sessions"][0]["evidence"]
        return told

    assert await evidence() == "not_checkable"
    await ask(site, "trust_meter_key", meter="1ABC0001")
    assert await evidence() == "verified"


async def test_who_is_forgotten_takes_their_name_along_and_the_amounts_stay(site: Site) -> None:
    made = await invoice(site, formats=["pdf"])
    await ask(site, "mark_paid", statement=made["number"])
    path = Path(made["files"][0]["path"])
    await site.coordinator.sessions.books.async_write(lambda ledger: PeopleBook(ledger).forget_driver(ADA.id))
    await until(site, lambda: not path.exists())
    found = await ask(site, "get_statement", statement=made["number"], formats=["pdf", "csv", "json"])
    assert (found["recipient"]["name"], found["total"], found["state"]) == ("", 1.8, "paid")
    assert {each["plate"] for each in found["sessions"]} == {None}
    assert len(found["files"]) >= 3


async def test_what_has_no_intervals_is_priced_all_the_same(site: Site) -> None:
    connector, start = site.connector, at(11, 20)
    bare = SessionRecord(
        id="s-bare",
        connector=connector,
        started=start,
        ended=start + timedelta(hours=2),
        energy_in=10_000,
        taken=Ends(start=0.0, stop=10_000.0),
        driver=BEN.id,
        known_by=Rung.CARD,
        currency="EUR",
    )
    await site.coordinator.sessions.books.async_write(lambda ledger: SessionsBook(ledger).close_session(bare))
    made = await ask(site, "create_statement", preset="invoice", driver="Ben", session="s-bare")
    assert (made["energy"], made["total"]) == (10.0, 3.0)


async def test_of_a_shared_session_everybody_pays_their_own(site: Site) -> None:
    connector, start = site.connector, at(11, 20)

    def share(ledger: Ledger) -> None:
        flowed = (quarter(start, grid=1_000, driver=ADA.id), quarter(start + QUARTER, grid=3_000, driver=BEN.id))
        SessionsBook(ledger).close_session(session("s-both", connector, start, flowed, driver=BEN.id), flowed)

    await site.coordinator.sessions.books.async_write(share)
    for name, energy, total in (("Ada", 1.0, 0.3), ("Ben", 3.0, 0.9)):
        made = await ask(site, "create_statement", preset="guest", driver=name, session="s-both")
        assert (made["energy"], made["total"]) == (energy, total)
    both = await ask(site, "create_statement", preset="neutral", session="s-both")
    assert {each["driver"]: each["gross"] for each in both["drivers"]} == {"Ada": 0.3, "Ben": 0.9}


async def test_a_credit_note_is_not_taken_back(site: Site) -> None:
    made = await invoice(site)
    await ask(site, "cancel_statement", statement=made["number"])
    assert await refused(site, "cancel_statement", statement="EV-2026-0002") == "statement_illegal_step"


async def test_money_that_had_come_is_owed_back(site: Site) -> None:
    made = await invoice(site)
    await ask(site, "mark_paid", statement=made["number"])
    told = await ask(site, "cancel_statement", statement=made["number"])
    assert (told["state"], told["open"]) == ("cancelled", -1.8)


async def test_while_nobody_is_there_nothing_is_taken(site: Site) -> None:
    """A car that only stands there holds up no statement of a span that is over."""
    await site.read(replace(CONNECTED))
    assert (await invoice(site))["total"] == 1.8


async def test_a_car_that_charged_after_the_span_holds_nothing_up(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-11-28 08:00:00+00:00")
    site = await stating(make_site)
    await site.read(CONNECTED)
    freezer.move_to("2026-12-02 08:00:00+00:00")
    await site.sample(1000.0)
    await site.read(CONNECTED)
    await site.wait(900)
    await site.read(CHARGING)
    await site.wait(600)
    await site.read(replace(CHARGING, energy_in=1_235_000.0))
    assert site.coordinator.sessions.states[site.connector].energy > 0
    assert (await invoice(site))["total"] == 1.8
    assert len((await invoice(site, period="2026-Q4", preview=True))["running"]) == 1


async def test_a_document_says_where_it_can_be_paid_online_while_it_is_open(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site, tariff(), issuer(stripe_key="sk_test_of_the_house"))
    site.hass.config.internal_url = "http://10.0.0.2:8123"
    made = await invoice(site, formats=["pdf"])
    assert await links(site, made) != []
    await ask(site, "mark_paid", statement=made["number"])
    assert await links(site, await ask(site, "get_statement", statement=made["number"], formats=["pdf"])) == []


async def links(site: Site, answer: dict[str, Any]) -> list[str]:
    """Return where the PDF leads."""
    reader = await site.hass.async_add_executor_job(PdfReader, answer["files"][0]["path"])
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    found = [str(note["/A"]["/URI"]) for note in notes if "/A" in note]
    return [link for link in found if link.startswith("http://10.0.0.2:8123/api/smart_evse/pay/")]
