"""One statement over all sites: what was charged elsewhere is in it, by the right tariff, and only once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.smart_evse.engine.statements.charged import ChargedSession, Valuation, Value, Wanted
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Meter, Party
from custom_components.smart_evse.engine.statements.worth import worth
from custom_components.smart_evse.ledger import Ledger, Numbering, SessionsBook, StatementsBook
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from tests.books import quarter, session
from tests.home import CHARGING, MakeSite, Site, charger, make_site
from tests.stated import ADA, DECEMBER, ask, at, invoice, issuer, refused, stating, tariff, user_of

__all__ = ["make_site"]

type Sites = tuple[Site, Site]


@pytest.fixture
async def home(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(DECEMBER)
    return await stating(make_site)


@pytest.fixture
async def sites(home: Site, make_site: MakeSite) -> Sites:
    """Return two sites: at the second Ada took 2 kWh by a tariff of that site, and 2 kWh by one that nobody knows."""
    dear = tariff("0.50")
    dear["subentry_id"] = "tariff-work"
    work = await make_site(
        chargers=(charger("Dock"),), others=(dear, issuer("Work BV", number_prefix="W-")), title="Work"
    )

    def fill(ledger: Ledger) -> None:
        for key, day, booked in (("s-work", 10, "tariff-work"), ("s-plain", 11, "tariff-of-old")):
            flowed = (quarter(at(11, day), grid=2_000),)
            told = session(key, work.connector, at(11, day), flowed, driver=ADA.id, tariff=booked)
            SessionsBook(ledger).close_session(told, flowed)

    await work.coordinator.sessions.books.async_write(fill)
    return home, work


async def stated(site: Site, **more: object) -> dict[str, Any]:
    return await invoice(site, config_entry_id=site.entry.entry_id, all_sites=True, **more)


def lines(answer: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [(told["session"], told["charger"], told["gross"]) for told in answer["sessions"]]


async def test_what_was_charged_elsewhere_is_in_it(sites: Sites) -> None:
    home, work = sites
    seen = await stated(home, preview=True)
    assert (seen["number"], seen["total"], seen["claimed_by"]) == (None, 3.4, None)
    made = await stated(home)
    assert (made["number"], made["energy"], made["total"]) == ("EV-2026-0001", 10.0, 3.4)
    assert made["issuer"]["name"] == "Olle Owner"
    # By the tariff of the other site where it was booked so, else by that of the site that states.
    assert lines(made) == [("s-november", "Garage", 1.8), ("s-work", "Dock", 1.0), ("s-plain", "Dock", 0.6)]
    entry = {"config_entry_id": work.entry.entry_id}
    assert (await ask(work, "list_statements", **entry))["statements"] == []


async def test_what_one_site_has_stated_no_other_states(sites: Sites) -> None:
    home, work = sites
    entry = {"config_entry_id": work.entry.entry_id}
    await stated(home)
    assert (await invoice(work, preview=True, **entry))["claimed_by"] == "EV-2026-0001"
    asked = {"preset": "invoice", "driver": "Ada", "period": "2026-11"}
    assert await refused(work, "create_statement", **asked, **entry) == "statement_claimed"


async def test_what_was_stated_before_is_not_stated_over_all(sites: Sites) -> None:
    home, work = sites
    entry = {"config_entry_id": work.entry.entry_id}
    assert (await invoice(work, **entry))["number"] == "W-2026-0001"
    assert (await stated(home, preview=True))["claimed_by"] == "W-2026-0001"
    asked = {"preset": "invoice", "driver": "Ada", "period": "2026-11", "all_sites": True}
    home_entry = {"config_entry_id": home.entry.entry_id}
    assert await refused(home, "create_statement", **asked, **home_entry) == "statement_claimed"
    # What is its own it states all the same.
    assert (await invoice(home, **home_entry))["total"] == 1.8


async def test_one_session_of_another_site_may_be_stated(sites: Sites) -> None:
    home, _ = sites
    asked = {"preset": "invoice", "driver": "Ada", "session": "s-work", "config_entry_id": home.entry.entry_id}
    assert (await ask(home, "create_statement", all_sites=True, **asked))["total"] == 1.0
    assert await refused(home, "create_statement", **asked) == "unknown_session"


async def test_who_charges_at_another_site_is_waited_for(sites: Sites, freezer: FrozenDateTimeFactory) -> None:
    home, work = sites
    await work.read(CHARGING)
    await work.wait(600)
    await work.read(replace(CHARGING, energy_in=1_235_000.0))
    freezer.move_to("2027-01-02 08:00:00+00:00")
    asked = {"preset": "neutral", "period": "2026-Q4", "config_entry_id": home.entry.entry_id}
    assert await refused(home, "create_statement", all_sites=True, **asked) == "statement_still_runs"
    assert len((await ask(home, "create_statement", preview=True, all_sites=True, **asked))["running"]) == 1
    assert (await ask(home, "create_statement", preview=True, **asked))["running"] == []


async def test_only_administrators_look_at_all(sites: Sites) -> None:
    home, _ = sites
    asked = {"preset": "neutral", "driver": "Ada", "period": "2026-11", "config_entry_id": home.entry.entry_id}
    ada = user_of(home, ADA)
    assert await refused(home, "create_statement", ada, all_sites=True, preview=True, **asked) == "only_administrators"
    assert (await ask(home, "create_statement", ada, preview=True, **asked))["energy"] == 6.0


def elsewhere(own: Path, replica: str, *, states: bool) -> None:
    """Let another Home Assistant copy what it has: 7 kWh of Ada's, which it `states` itself, or not."""
    own.parent.mkdir()
    ledger, far = Ledger.open(own, "far-site"), Replica(replica)
    flowed = (quarter(at(11, 20), grid=7_000),)
    told = session("s-far", "far-box", at(11, 20), flowed, driver=ADA.id, vehicle="far-car")
    SessionsBook(ledger).close_session(told, flowed)
    if states:
        value = Value(valuation=Valuation.TARIFF, priced=worth(flowed, Valuation.GRID, "EUR").priced)
        wanted = Wanted(
            id="far-statement",
            preset="invoice",
            issuer=Party(name="Far AB", address=("Far away 1",), country="NL", vat_number="NL001234567B01"),
            recipient=Party(name="Ada", address=("Kade 1",)),
            since=at(11, 1),
            until=at(12, 1),
            zone="UTC",
            currency="EUR",
            made_on=date(2026, 12, 1),
            driver=ADA.id,
            incomplete=True,
        )
        charged = ChargedSession(record=told, intervals=flowed, meter=Meter(charger="far-box"), values=(value,))
        issued = make(wanted, [charged])
        StatementsBook(ledger).issue(
            issued, Numbering(issuer="far", year=2026), prefix="F-", at=datetime(2026, 12, 1, tzinfo=UTC)
        )
    Outbox(ledger, far).upload()
    far.close()
    ledger.close()


@pytest.mark.parametrize("states", [False, True])
async def test_what_others_have_copied_is_in_it_unless_they_state_it(
    make_site: MakeSite, freezer: FrozenDateTimeFactory, tmp_path: Path, *, states: bool
) -> None:
    freezer.move_to(DECEMBER)
    url = f"sqlite:///{tmp_path}/replica.db"
    home = await stating(make_site, options={"replica_url": url})
    await home.hass.async_add_executor_job(lambda: elsewhere(tmp_path / "far" / "own.db", url, states=states))
    seen = await stated(home, preview=True)
    assert lines(seen) == [("s-november", "Garage", 1.8), ("s-far", "far-box", 2.1)]
    assert seen["claimed_by"] == ("F-2026-0001" if states else None)
    if states:
        asked = {"preset": "invoice", "driver": "Ada", "period": "2026-11", "all_sites": True}
        assert await refused(home, "create_statement", **asked) == "statement_claimed"
        assert (await invoice(home))["number"] == "EV-2026-0001"
    else:
        made = await stated(home)
        assert (made["number"], Decimal(str(made["total"]))) == ("EV-2026-0001", Decimal("3.9"))


async def test_nothing_is_stated_over_half_of_the_sites(
    make_site: MakeSite, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> None:
    freezer.move_to(DECEMBER)
    home = await stating(make_site, options={"replica_url": f"sqlite:///{tmp_path}/nowhere/replica.db"})
    with pytest.raises(HomeAssistantError, match="cannot be reached or read"):
        await stated(home)
    assert (await ask(home, "list_statements"))["statements"] == []
