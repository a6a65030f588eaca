"""Files of sessions: what is in them, and who gets them."""

import csv
from datetime import timedelta
from http import HTTPStatus
import io
import json
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from openpyxl import load_workbook
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from tests.books import ADA, BEN, NOVEMBER, QUARTER, fill, quarter, session
from tests.home import MakeSite, Site

VAN = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0}, subentry_type="vehicle", title="Van", unique_id=None, subentry_id="van"
)

TODAY = NOVEMBER + timedelta(days=9)


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """Return a Dutch site with three sessions on record, the first of Ada's in the van."""
    site = await make_site(others=(VAN,))
    site.hass.config.country = "NL"
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector, "van"))
    return site


async def export(site: Site, user: MockUser | None = None, **data: object) -> dict[str, Any]:
    context = None if user is None else Context(user_id=user.id)
    answer = await site.hass.services.async_call(
        DOMAIN, "export_sessions", data, blocking=True, return_response=True, context=context
    )
    return dict(answer or {})


def is_there(answer: dict[str, Any]) -> bool:
    return Path(answer["files"][0]["path"]).exists()


def content(answer: dict[str, Any], place: int = 0) -> bytes:
    return Path(answer["files"][place]["path"]).read_bytes()


def driver(site: Site, name: str = "ada") -> MockUser:
    user = MockUser(name=name).add_to_hass(site.hass)
    site.hass.states.async_set(f"person.{name}", "home", {"user_id": user.id})
    return user


async def test_a_csv_file_is_written_as_the_country_reads_it(site: Site) -> None:
    answer = await export(site)
    assert (answer["sessions"], len(answer["files"])) == (3, 1)
    rows = list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"), newline=""), delimiter=";"))
    head, *lines, total = rows
    assert head[:4] == ["Charger", "Vehicle", "Number plate", "Driver"]
    energy, cost = head.index("Energy (kWh)"), head.index("Cost")
    assert [line[energy] for line in lines] == ["4,000", "3,000", "3,000"]
    assert (total[energy], total[cost]) == ("10,000", "1,88")
    assert answer["totals"]["cost"] == 1.88


async def test_a_language_and_a_mark_may_be_asked_for(site: Site) -> None:
    answer = await export(site, language="de", decimal_mark="point")
    rows = list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["Wallbox", "Fahrzeug", "Kennzeichen", "Fahrer"]
    assert rows[-1][0] == "Summe"


async def test_intervals_are_a_second_file_or_a_second_sheet(site: Site) -> None:
    answer = await export(site, intervals=True)
    assert ["sessions" in each["name"] for each in answer["files"]] == [True, False]
    assert len(content(answer, 1).decode().splitlines()) == 1 + 5 + 1
    answer = await export(site, format="xlsx", intervals=True)
    book = load_workbook(io.BytesIO(content(answer)), data_only=True)
    assert book.sheetnames == ["Sessions", "Intervals"]
    assert (book["Sessions"].max_row, book["Intervals"].max_row) == (5, 7)


async def test_json_is_for_programs(site: Site) -> None:
    told = json.loads(content(await export(site, format="json", intervals=True, driver="Ada")))
    assert [session["session"] for session in told["sessions"]] == ["s-ada"]
    assert len(told["intervals"]) == 2
    assert (told["site"], told["totals"]["sessions"]["cost"]) == ("Home", 0.28)


async def test_nothing_to_export_is_said(site: Site) -> None:
    with pytest.raises(ServiceValidationError, match="no sessions to export"):
        await export(site, since="2030-01-01 00:00:00")


@pytest.mark.parametrize("intervals", [False, True])
async def test_a_file_has_an_end(site: Site, monkeypatch: pytest.MonkeyPatch, *, intervals: bool) -> None:
    monkeypatch.setattr("custom_components.smart_evse.export_actions._MOST", 4 if intervals else 2)
    with pytest.raises(ServiceValidationError, match="too many for one file"):
        await export(site, intervals=intervals)
    assert (await export(site, intervals=intervals, driver="Ada"))["sessions"] == 1


async def test_a_workbook_needs_its_library(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(*_: object) -> None:
        raise HomeAssistantError("no internet")

    monkeypatch.setattr("custom_components.smart_evse.export_actions.async_process_requirements", missing)
    with pytest.raises(HomeAssistantError, match="could not be installed"):
        await export(site, format="xlsx")


async def test_the_link_opens_the_file_without_logging_in(
    site: Site, hass_client_no_auth: ClientSessionGenerator
) -> None:
    answer = await export(site)
    client = await hass_client_no_auth()
    response = await client.get(answer["files"][0]["url"])
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert await response.read() == content(answer)


async def test_without_the_link_or_a_login_there_is_nothing(
    site: Site, hass_client_no_auth: ClientSessionGenerator
) -> None:
    name = (await export(site))["files"][0]["name"]
    client = await hass_client_no_auth()
    assert (await client.get(f"/api/smart_evse/exports/{name}")).status == HTTPStatus.UNAUTHORIZED


async def test_an_administrator_gets_every_file(site: Site, hass_client: ClientSessionGenerator) -> None:
    name = (await export(site))["files"][0]["name"]
    client = await hass_client()
    assert (await client.get(f"/api/smart_evse/exports/{name}")).status == HTTPStatus.OK
    assert (await client.get("/api/smart_evse/exports/other.csv")).status == HTTPStatus.NOT_FOUND


async def token_of(site: Site, user: MockUser) -> str:
    refresh = await site.hass.auth.async_create_refresh_token(user, "https://example.com/")
    return site.hass.auth.async_create_access_token(refresh)


async def test_a_driver_exports_their_own_and_gets_nothing_else(
    site: Site, hass_client: ClientSessionGenerator
) -> None:
    ada, ben = driver(site), driver(site, "ben")
    everybody, hers = await export(site), await export(site, ada)
    assert hers["sessions"] == 1
    assert b"s-ben" not in content(hers)
    ada_client = await hass_client(await token_of(site, ada))
    ben_client = await hass_client(await token_of(site, ben))

    async def status(client: TestClient[Any, Any], answer: dict[str, Any]) -> int:
        response = await client.get(f"/api/smart_evse/exports/{answer['files'][0]['name']}")
        return int(response.status)

    assert await status(ada_client, hers) == HTTPStatus.OK
    assert await status(ben_client, hers) == HTTPStatus.NOT_FOUND
    assert await status(ada_client, everybody) == HTTPStatus.NOT_FOUND
    # A file that somebody else made of her sessions alone is hers as well.
    assert await status(ada_client, await export(site, driver="Ada")) == HTTPStatus.OK


async def test_a_shared_session_is_in_everybodys_file_with_their_own_part(
    site: Site, hass_client: ClientSessionGenerator
) -> None:
    connector = site.connector

    def share(ledger: Ledger) -> None:
        flowed = (quarter(TODAY, grid=1_000, driver=ADA.id), quarter(TODAY + QUARTER, grid=3_000, driver=BEN.id))
        SessionsBook(ledger).close_session(session("s-both", connector, TODAY, flowed, driver=BEN.id), flowed)

    await site.coordinator.sessions.books.async_write(share)
    ada, ben, since = driver(site), driver(site, "ben"), TODAY.isoformat()
    for who in ({"user": ada}, {"driver": "Ada"}):
        hers = await export(site, **who, since=since, intervals=True, format="json")  # type: ignore[arg-type]
        told = json.loads(content(hers))
        assert [(each["driver"], each["energy"]) for each in told["sessions"]] == [("Ada", 1)]
        assert [(each["driver"], each["energy"]) for each in told["intervals"]] == [("Ada", 1)]
    # What both of them took is for neither of them alone.
    both = await export(site, since=since)
    for user in (ada, ben):
        client = await hass_client(await token_of(site, user))
        response = await client.get(f"/api/smart_evse/exports/{both['files'][0]['name']}")
        assert response.status == HTTPStatus.NOT_FOUND


async def test_files_go_with_whoever_is_forgotten_and_with_the_site(site: Site) -> None:
    hers, last = await export(site, driver="Ada"), await export(site, driver="Ben")
    await site.coordinator.sessions.books.async_write(lambda ledger: PeopleBook(ledger).forget_driver(ADA.id))
    await site.settle()
    assert not is_there(hers)
    assert await site.hass.config_entries.async_remove(site.entry.entry_id)
    assert not is_there(last)
