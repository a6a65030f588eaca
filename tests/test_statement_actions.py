"""Statements through Home Assistant: looked at, made, found again, read only by those whom they concern."""

from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
import io
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from openpyxl import load_workbook
from pypdf import PdfReader
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.tariffs.model import Subscription
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.books import QUARTER, quarter, session
from tests.home import CHARGING, MakeSite, Site, make_site
from tests.on_record import read, until
from tests.stated import ADA, BEN, DECEMBER, ask, at, employer, invoice, issuer, refused, stating, tariff, user_of

__all__ = ["make_site"]

NOVEMBER: dict[str, Any] = {"preset": "invoice", "period": "2026-11"}


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
    assert made["reference"].startswith("RF")
    (one,) = made["sessions"]
    assert (one["plate"], one["meter"], one["certification"]) == ("AB-123-C", "M-77", "mid")
    found = await ask(site, "get_statement", statement="EV-2026-0001")
    assert found["statement"] == made["statement"]
    listed = await ask(site, "list_statements")
    assert [each["number"] for each in listed["statements"]] == ["EV-2026-0001"]
    assert listed["open"] == {"EUR": 1.8}


async def test_to_look_at_one_keeps_nothing_and_takes_no_number(site: Site) -> None:
    seen = await invoice(site, preview=True)
    assert (seen["number"], seen["statement"], seen["total"], seen["claimed_by"]) == (None, None, 1.8, None)
    assert (await ask(site, "list_statements"))["statements"] == []
    assert (await invoice(site))["number"] == "EV-2026-0001"
    assert (await invoice(site, preview=True))["claimed_by"] == "EV-2026-0001"


def parts(answer: dict[str, Any]) -> list[tuple[str, float, bool]]:
    return [(each["session"], each["energy"], each["part"]) for each in answer["sessions"]]


async def test_a_session_over_the_border_of_a_month_is_on_both_of_them(site: Site) -> None:
    october, november = await invoice(site, "Ben", "2026-10"), await invoice(site, "Ben", "2026-11")
    assert [(each["session"], each["energy"], each["part"]) for each in october["sessions"]] == [
        ("s-border", 4.0, True)
    ]
    assert [(each["session"], each["energy"], each["part"]) for each in november["sessions"]] == [
        ("s-border", 4.0, True),
        ("s-ben", 4.0, False),
    ]
    both = await ask(site, "create_statement", preset="neutral", driver="Ben", period="2026-Q4", preview=True)
    assert both["total"] == pytest.approx(october["total"] + november["total"])


async def test_energy_is_invoiced_once_until_that_is_taken_back(site: Site) -> None:
    first = await invoice(site)
    assert (
        await refused(site, "create_statement", preset="invoice", driver="Ada", period="2026-11") == "statement_claimed"
    )
    cancelled = await ask(site, "cancel_statement", statement=first["statement"])
    assert (cancelled["state"], cancelled["open"], cancelled["credit_note_number"]) == (
        "cancelled",
        0.0,
        "EV-2026-0002",
    )
    note = await ask(site, "get_statement", statement="EV-2026-0002", formats=["pdf"])
    assert (note["total"], note["corrects"]) == (-1.8, first["statement"])
    again = await invoice(site)
    assert (again["number"], again["total"]) == ("EV-2026-0003", 1.8)
    assert await refused(site, "cancel_statement", statement="EV-2026-0001") == "statement_illegal_step"


async def test_all_of_it_outlives_a_restart(site: Site) -> None:
    first = await invoice(site)
    await ask(site, "mark_sent", statement=first["statement"], date="2026-12-01")
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    await site.sample(1000.0)
    found = await ask(site, "get_statement", statement="EV-2026-0001")
    assert (found["state"], found["total"], found["recipient"]["name"]) == ("sent", 1.8, "Ada")
    assert found["events"][0]["at"] == "2026-12-01T12:00:00+01:00"
    assert (await invoice(site, "Ben"))["number"] == "EV-2026-0002"
    assert (
        await refused(site, "create_statement", preset="guest", driver="Ada", period="2026-11") == "statement_claimed"
    )
    assert (await read(site, lambda book: book.ledger.verify())).good


async def test_what_happens_to_a_statement_is_told_and_seen(site: Site) -> None:
    heard = async_capture_events(site.hass, "smart_evse_statement")
    made = await invoice(site)
    await until(site, lambda: len(heard) == 1)
    await ask(site, "mark_sent", statement=made["statement"])
    await ask(site, "mark_paid", statement="EV-2026-0001", amount=0.8, reference="bank-1")
    await ask(site, "mark_paid", statement="EV-2026-0001", amount=0.8, reference="bank-1")
    await until(site, lambda: bool(heard[-1].data["received"]))
    await ask(site, "mark_paid", statement="EV-2026-0001")
    await until(site, lambda: heard[-1].data["type"] == "paid")
    assert [each.data["type"] for each in heard if each.data["type"] != "moved"] == ["created", "sent", "paid"]
    assert {each.data["driver"] for each in heard} == {ADA.id}
    assert (heard[0].data["open"], heard[-1].data["open"]) == (1.8, 0.0)
    assert "Ada" not in str([dict(each.data) for each in heard])
    owner = site.entry.entry_id
    assert site.state("sensor", "last_statement", owner).state == "EV-2026-0001"
    assert site.state("sensor", "last_statement_state", owner).state == "paid"
    assert site.state("sensor", "open_amount", owner).state == "0.0"


async def test_what_a_driver_owes_is_a_sensor_for_who_wants_it(site: Site) -> None:
    await invoice(site)
    registry, key = er.async_get(site.hass), f"{site.entry.entry_id}_driver_{ADA.id}_open_amount"
    entity = registry.async_get_entity_id("sensor", "smart_evse", key)
    assert entity is not None
    known = registry.async_get(entity)
    assert known is not None
    assert known.disabled
    registry.async_update_entity(entity, disabled_by=None)
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await until(site, lambda: (state := site.hass.states.get(entity)) is not None and state.state == "1.8")


async def test_drivers_see_their_own_and_change_nothing(site: Site) -> None:
    ada, ben = user_of(site, ADA), user_of(site, BEN)
    hers, his = await invoice(site), await invoice(site, "Ben")
    everybody = await ask(site, "create_statement", preset="neutral", period="2026-11")
    listed = await ask(site, "list_statements", ada)
    assert [each["number"] for each in listed["statements"]] == [hers["number"]]
    assert (await ask(site, "get_statement", ada, statement=hers["number"]))["total"] == 1.8
    for statement in (his["number"], his["statement"], everybody["statement"], "none"):
        assert await refused(site, "get_statement", ada, statement=statement) == "unknown_statement"
    for action in ("mark_paid", "mark_sent", "cancel_statement"):
        assert await refused(site, action, ada, statement=hers["number"]) == "only_administrators"
    wanted = {"preset": "invoice", "period": "2026-11"}
    assert await refused(site, "create_statement", ben, **wanted, driver="Ben") == "only_administrators"
    assert await refused(site, "create_statement", ben, **wanted, preview=True) == "only_administrators"
    assert await refused(site, "create_statement", ben, **wanted, driver="Ada", preview=True) == "unknown_driver"
    seen = await ask(site, "create_statement", ben, **wanted, driver="Ben", preview=True)
    assert {each["driver_id"] for each in seen["sessions"]} == {BEN.id}
    assert await refused(site, "import_bank_statement", ada, file="x.xml") == "only_administrators"


async def test_what_energy_is_worth_to_the_site_is_for_its_owner(site: Site) -> None:
    made = await invoice(site)
    (owners,) = made["sessions"]
    (hers,) = (await ask(site, "get_statement", user_of(site, ADA), statement=made["number"], formats=["json"]))[
        "sessions"
    ]
    assert owners["other_values"]
    assert hers["other_values"] == {}


async def test_files_are_made_and_handed_to_whom_they_concern(
    site: Site, hass_client: ClientSessionGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    wanted = ["pdf", "csv", "xlsx", "json", "ocpi_cdr", "xml"]
    await site.coordinator.hass.services.async_call(
        "smart_evse", "set_driver", {"driver": "Ada", "address": "Kade 1"}, blocking=True
    )
    made = await invoice(site, formats=["pdf"])
    assert [each["name"].rpartition(".")[2] for each in made["files"]] == ["pdf"]
    text = PdfReader(io.BytesIO(content(made))).pages[0].extract_text()
    assert "EV-2026-0001" in text
    assert "Olle Owner" in text
    found = await ask(site, "get_statement", statement=made["number"], formats=[*wanted[1:-1]], language="de")
    by_suffix = {each["name"].rpartition(".")[2]: place for place, each in enumerate(found["files"])}
    assert set(by_suffix) == {"csv", "xlsx", "json"}
    (records,) = (place for place, each in enumerate(found["files"]) if "cdr" in each["name"])
    (record,) = json.loads(content(found, records))
    assert (record["session_id"], record["total_energy"], record["invoice_reference_id"]) == (
        "s-november",
        6.0,
        "EV-2026-0001",
    )
    assert load_workbook(io.BytesIO(content(found, by_suffix["xlsx"]))).sheetnames
    name = made["files"][0]["name"]
    ada, ben = user_of(site, ADA), user_of(site, BEN)
    for user, status in ((ada, HTTPStatus.OK), (ben, HTTPStatus.NOT_FOUND)):
        client = await hass_client(await token_of(site, user))
        assert (await client.get(f"/api/smart_evse/exports/{name}")).status == status
    anybody = await hass_client_no_auth()
    assert (await anybody.get(f"/api/smart_evse/exports/{name}")).status == HTTPStatus.UNAUTHORIZED
    assert (await anybody.get(made["files"][0]["url"])).status == HTTPStatus.OK


async def test_an_e_invoice_says_what_it_lacks(site: Site) -> None:
    made = await invoice(site)
    assert await refused(site, "get_statement", statement=made["number"], formats=["e_invoice"]) == "no_e_invoice"


def content(answer: dict[str, Any], place: int = 0) -> bytes:
    return Path(answer["files"][place]["path"]).read_bytes()


async def token_of(site: Site, user: MockUser) -> str:
    refresh = await site.hass.auth.async_create_refresh_token(user, "https://example.com/")
    return site.hass.auth.async_create_access_token(refresh)


async def test_a_claim_goes_from_the_driver_to_the_employer(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2027-01-04 08:00:00+00:00")
    site = await stating(make_site, employer())
    made = await ask(site, "create_statement", preset="be_employer", driver="Ada", period="2026-Q4", formats=["pdf"])
    assert (made["issuer"]["name"], made["recipient"]["name"]) == ("Ada", "Works NV")
    assert (made["number"], made["kind"], made["method"]) == ("2027-0001", "reimbursement", "cap")
    # 10 kWh at the cap of Flanders in the quarter, a session each.
    assert made["total"] == pytest.approx(round(4 * 0.3225, 2) + round(6 * 0.3225, 2))
    assert made["figures"][0]["key"] == "be_cap_flanders"
    assert await refused(site, "create_statement", preset="be_employer", driver="Ben", period="2026-Q4") in {
        "statement_without_recipient",
        "statement_incomplete",
    }


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"preset": "invoice", "period": "2026-11"}, "statement_without_recipient"),
        ({"preset": "invoice", "driver": "Ada"}, "statement_without_span"),
        ({"preset": "invoice", "driver": "Ada", "period": "2026-12"}, "statement_not_over"),
        ({"preset": "invoice", "driver": "Ada", "period": "2026-09"}, "statement_empty"),
        ({"preset": "invoice", "driver": "Ada", "period": "2026-11", "method": "magic"}, "statement_unknown_preset"),
        ({"preset": "invoice", "driver": "Ada", "period": "2026-11", "issuer": "Nobody"}, "unknown_party"),
        ({"preset": "invoice", "driver": "Cleo", "period": "2026-11"}, "unknown_driver"),
        ({"preset": "de_employer", "driver": "Ada", "period": "2026-11"}, "statement_without_recipient"),
        ({"preset": "invoice", "driver": "Ada", "session": "none"}, "unknown_session"),
    ],
)
async def test_what_cannot_be_stated_is_said(site: Site, data: dict[str, Any], key: str) -> None:
    assert await refused(site, "create_statement", **data) == key


async def test_a_period_is_a_month_a_quarter_or_a_year(site: Site) -> None:
    with pytest.raises(vol.Invalid):
        await ask(site, "create_statement", preset="neutral", period="2026-13")


async def test_nobody_pays_by_no_tariff(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site, issuer())
    wanted = {"driver": "Ada", "period": "2026-11"}
    assert await refused(site, "create_statement", preset="invoice", **wanted) == "statement_without_tariff"
    # Where nobody pays by a tariff a list tells what it has cost.
    told = await ask(site, "create_statement", preset="neutral", **wanted)
    assert (told["method"], told["total"], told["number"]) == ("cost", 1.43, None)


async def test_who_has_no_tariff_pays_nothing_and_keeps_nobody_waiting(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    """Ada, who pays, and Ben, who does not, charge one after the other while the car stays plugged in."""
    freezer.move_to(DECEMBER)
    site = await stating(make_site, tariff("0.30", drivers=[ADA.id]), issuer())
    start, connector = at(11, 20), site.connector
    flowed = tuple(
        replace(quarter(start + place * QUARTER, grid=1_000), driver=(ADA if place < 2 else BEN).id)
        for place in range(4)
    )

    def put(ledger: Ledger) -> None:
        shared = session("s-both", connector, start, flowed, driver=ADA.id, known_by=Rung.CARD)
        SessionsBook(ledger).close_session(shared, flowed)

    await site.coordinator.sessions.books.async_write(put)
    listed = await ask(site, "create_statement", preset="neutral", method="tariff", session="s-both")
    assert [(one["driver"], one["energy"], one["gross"]) for one in listed["sessions"]] == [
        ("Ada", 2.0, 0.6),
        ("Ben", 2.0, 0.0),
    ]
    assert (listed["energy"], listed["total"]) == (4.0, 0.6)
    one = {"preset": "invoice", "session": "s-both"}
    assert await refused(site, "create_statement", driver="Ben", **one) == "statement_without_tariff"
    assert (await ask(site, "create_statement", driver="Ada", **one))["total"] == 0.6


async def test_who_still_charges_is_waited_for(site: Site, freezer: FrozenDateTimeFactory) -> None:
    await site.read(CHARGING)
    await site.wait(600)
    await site.read(replace(CHARGING, energy_in=1_235_000.0))
    freezer.move_to("2027-01-02 08:00:00+00:00")
    wanted = {"preset": "neutral", "period": "2026-12"}
    assert await refused(site, "create_statement", **wanted) == "statement_still_runs"
    seen = await ask(site, "create_statement", preset="neutral", period="2026-Q4", preview=True)
    assert len(seen["running"]) == 1
    told = await ask(site, "create_statement", preset="neutral", period="2026-Q4", provisional=True)
    assert {each["session"] for each in told["sessions"]} == {"s-october", "s-border", "s-november", "s-ben"}


async def test_one_session_may_be_stated_alone(site: Site) -> None:
    made = await ask(site, "create_statement", preset="guest", driver="Ben", session="s-ben")
    assert [each["session"] for each in made["sessions"]] == ["s-ben"]
    assert (
        await refused(site, "create_statement", preset="invoice", driver="Ben", period="2026-11") == "statement_claimed"
    )


async def test_a_fee_is_paid_once_whatever_the_invoice_is_called(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(DECEMBER)
    flat = tariff(subscription=Subscription(fee=Decimal("9.90"), included=5_000, vat=Decimal(21)))
    site = await stating(make_site, flat, issuer())
    wanted = {"driver": "Ada", "period": "2026-09"}
    assert (await ask(site, "create_statement", preset="invoice", **wanted))["total"] == 9.9
    assert await refused(site, "create_statement", preset="guest", **wanted) == "statement_empty"


async def test_a_subscription_is_paid_each_month_once(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(DECEMBER)
    flat = tariff(subscription=Subscription(fee=Decimal("9.90"), included=5_000, vat=Decimal(21)))
    site = await stating(make_site, flat, issuer())
    made = await invoice(site, formats=["ocpi_cdr"])
    assert [(line["what"], line["gross"]) for line in made["lines"]] == [("subscription", 9.9)]
    # A record would say that all of it costs what the tariff says.
    assert made["files"] == []
    # 5 of 6 kWh are paid with the fee.
    assert (made["energy"], made["total"]) == (6.0, 10.2)
    quarter = await ask(site, "create_statement", preset="guest", driver="Ada", period="2026-Q4", preview=True)
    # November's is on the invoice.
    assert [line["quantity"] for line in quarter["lines"]] == [2.0]


async def test_what_is_not_there_yet_is_installed_or_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(*_: object) -> None:
        raise HomeAssistantError("no internet")

    made = await invoice(site)
    monkeypatch.setattr("custom_components.smart_evse.statement_documents.async_process_requirements", missing)
    with pytest.raises(HomeAssistantError, match="could not be installed"):
        await ask(site, "get_statement", statement=made["number"], formats=["pdf"])
    assert (await ask(site, "get_statement", statement=made["number"], formats=["json"]))["files"]
