"""Sessions of all sites together: of one Home Assistant, and of others that copy theirs into the same database."""

from collections.abc import Iterator
import csv
from importlib.util import find_spec
import io
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from custom_components.smart_evse.ledger.outbox import Outbox, Replica
from tests.books import NOVEMBER, QUARTER, fill, quarter, session
from tests.home import MakeSite, Site, charger, make_site
from tests.ledger.server import database_of, running_server

__all__ = ["make_site"]

VAN = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0, "plate": "AB-12"}, subentry_type="vehicle", title="Van", unique_id=None
)
ZOE = Driver(id="driver-zoe", name="Zoe")


async def put(site: Site, key: str, **more: object) -> None:
    """Put a session on record, a quarter of an hour later than those that are there."""
    at = NOVEMBER + 20 * QUARTER
    intervals = (quarter(at, grid=5_000),)
    told = session(key, site.connector, at, intervals, **more)
    await site.coordinator.sessions.books.async_write(
        lambda ledger: SessionsBook(ledger).close_session(told, intervals)
    )


async def two_sites(make_site: MakeSite, **options: object) -> tuple[Site, Site]:
    home = await make_site(options=options)
    await home.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, home.connector))
    work = await make_site(chargers=(charger("Dock"),), others=(VAN,), title="Work")
    (van,) = (key for key, one in work.entry.subentries.items() if one.subentry_type == "vehicle")
    await put(work, "s-work", driver="driver-ada", vehicle=van)
    return home, work


@pytest.fixture
async def sites(make_site: MakeSite) -> tuple[Site, Site]:
    """Return two sites of one Home Assistant: three sessions at the first, one at the second, where there is a van."""
    return await two_sites(make_site)


def elsewhere(own: Path, replica: str) -> None:
    """Let another Home Assistant copy what it has: a session of a driver whom nobody knows here."""
    own.parent.mkdir()
    ledger, far = Ledger.open(own, "far-site"), Replica(replica)
    PeopleBook(ledger).put_driver(ZOE, at=NOVEMBER)
    at = NOVEMBER + 40 * QUARTER
    intervals = (quarter(at, grid=7_000),)
    told = session("s-far", "far-box", at, intervals, driver=ZOE.id, vehicle="far-car", currency="SEK")
    SessionsBook(ledger).close_session(told, intervals)
    Outbox(ledger, far).upload()
    far.close()
    ledger.close()


async def ask(site: Site, action: str, context: Context | None = None, **data: object) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry_id": site.entry.entry_id, **data},
        blocking=True,
        return_response=True,
        context=context,
    )
    return dict(answer or {})


def content(file: dict[str, Any]) -> bytes:
    return Path(file["path"]).read_bytes()


def ids(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(told["site"], told["session"]) for told in answer["sessions"] if told["ended"] is not None]


LATER = "2026-11-05 00:00:00"
HERE = [("Work", "s-work"), ("Home", "s-ada")]


async def test_sites_of_one_home_assistant_are_listed_together(sites: tuple[Site, Site]) -> None:
    home, work = sites
    answer = await ask(home, "list_sessions", all_sites=True)
    assert ids(answer) == [("Home", "s-none"), ("Home", "s-ben"), *HERE]
    # A car is at both.
    assert {told["site"] for told in answer["sessions"] if told["ended"] is None} == {"Home", "Work"}
    told = answer["sessions"][-2]
    assert (told["charger"], told["vehicle"], told["plate"], told["driver"]) == ("Dock", "Van", "AB-12", "Ada")
    assert answer["totals"]["energy"] == 15
    assert ids(await ask(work, "list_sessions", all_sites=True, driver="Ada")) == HERE
    assert ids(await ask(work, "list_sessions", all_sites=True, limit=1, until=LATER)) == [("Home", "s-none")]
    assert ids(await ask(home, "list_sessions", all_sites=True, charger="Dock", vehicle="van")) == HERE[:1]


async def test_only_the_site_itself_is_listed_unasked(sites: tuple[Site, Site]) -> None:
    answer = await ask(sites[1], "list_sessions")
    assert [told["session"] for told in answer["sessions"] if told["ended"] is not None] == ["s-work"]
    assert not any("site" in told for told in answer["sessions"])
    with pytest.raises(ServiceValidationError, match="no charger Dock"):
        await ask(sites[0], "list_sessions", charger="Dock")


@pytest.mark.parametrize("action", ["list_sessions", "export_sessions"])
async def test_all_sites_are_for_administrators(sites: tuple[Site, Site], action: str) -> None:
    user = MockUser(name="Ada").add_to_hass(sites[0].hass)
    sites[0].hass.states.async_set("person.ada", "home", {"user_id": user.id})
    with pytest.raises(ServiceValidationError, match="Only administrators"):
        await ask(sites[0], action, Context(user_id=user.id), all_sites=True)
    answer = await ask(sites[0], action, Context(user_id=user.id))
    assert answer["totals"]["energy"] == 3


async def test_a_site_that_is_not_loaded_is_told_all_the_same(sites: tuple[Site, Site]) -> None:
    home, work = sites
    box = work.connector
    assert await home.hass.config_entries.async_unload(work.entry.entry_id)
    answer = await ask(home, "list_sessions", all_sites=True, charger=box)
    assert ids(answer) == [("Work", "s-work")]
    assert (answer["sessions"][0]["charger"], answer["sessions"][0]["driver"]) == (box, "Ada")


async def test_a_file_tells_all_sites_apart(sites: tuple[Site, Site]) -> None:
    answer = await ask(sites[0], "export_sessions", all_sites=True, language="en", intervals=True)
    assert (answer["sessions"], answer["totals"]["energy"]) == (4, 15)
    for file, lines in zip(answer["files"], (4, 6), strict=True):
        text = content(file).decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text, newline=""))
        assert head[:2] == ["Site", "Charger"]
        assert [row[:2] for row in rows].count(["Work", "Dock"]) == 1
        assert len(rows) == lines + 1


async def test_a_file_of_all_sites_has_an_end(sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.smart_evse.export_actions._MOST", 3)
    assert (await ask(sites[0], "export_sessions"))["sessions"] == 3
    with pytest.raises(ServiceValidationError, match="too many for one file"):
        await ask(sites[0], "export_sessions", all_sites=True)


async def test_sites_of_others_are_told_out_of_the_copy(make_site: MakeSite, tmp_path: Path) -> None:
    await looks_far(make_site, tmp_path, f"sqlite:///{tmp_path}/replica.db")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a real PostgreSQL."""
    with running_server() as url, database_of(url, "everybody") as address:
        yield address


@pytest.mark.skipif(find_spec("psycopg") is None, reason="PostgreSQL's library is installed on first use")
async def test_sites_of_others_are_told_out_of_a_real_server(make_site: MakeSite, tmp_path: Path, server: str) -> None:
    await looks_far(make_site, tmp_path, server)


async def looks_far(make_site: MakeSite, tmp_path: Path, url: str) -> None:
    home, _ = await two_sites(make_site, replica_url=url)
    await home.hass.async_add_executor_job(elsewhere, tmp_path / "other" / "ledger.db", url)
    answer = await ask(home, "list_sessions", all_sites=True, until="2026-11-02 23:00:00")
    assert ids(answer) == [("far-site", "s-far"), *HERE]
    told = answer["sessions"][0]
    # Who charges is known by the copy; what a box and a car are called is not.
    assert (told["charger"], told["vehicle"], told["driver"]) == ("far-box", "far-car", "Zoe")
    assert answer["totals"]["energy"] == 15
    # Euros and kronor make no sum.
    assert "cost" not in answer["totals"]
    for chosen in ({"driver": "Zoe"}, {"charger": "far-box"}, {"vehicle": "far-car"}):
        assert ids(await ask(home, "list_sessions", all_sites=True, **chosen)) == [("far-site", "s-far")]
    export = await ask(home, "export_sessions", all_sites=True, format="json", intervals=True, driver="Zoe")
    file = json.loads(content(export["files"][0]))
    assert [(one["site"], one["session"], one["energy"]) for one in file["intervals"]] == [("far-site", "s-far", 7)]


async def test_what_cannot_be_reached_is_said(make_site: MakeSite, tmp_path: Path) -> None:
    home, _ = await two_sites(make_site, replica_url=f"sqlite:///{tmp_path}/nowhere/replica.db")
    with pytest.raises(HomeAssistantError, match="cannot be reached or read"):
        await ask(home, "list_sessions", all_sites=True)
    assert home.coordinator.sessions.books.trouble is None
    assert len((await ask(home, "list_sessions", until=LATER))["sessions"]) == 3
