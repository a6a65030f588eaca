"""A whole ledger into a file, and back out of one."""

from collections.abc import Callable
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.journal import Position
from custom_components.smart_evse.ledger import Entry, Kind, Ledger, PeopleBook, SessionsBook
from tests.books import ADA, NOVEMBER, fill
from tests.home import MakeSite, Site, make_site
from tests.on_record import ledger_file, read

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """Return a site with three sessions and two drivers on record."""
    site = await make_site()
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
    return site


async def call(site: Site, action: str, context: Context | None = None, **data: object) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    await site.settle()
    return dict(answer or {})


def is_there(answer: dict[str, Any]) -> bool:
    return Path(answer["files"][0]["path"]).exists()


def written(answer: dict[str, Any]) -> str:
    return Path(answer["files"][0]["path"]).read_text(encoding="utf-8")


def rewrite(site: Site, name: str, change: Callable[[str], str] = str) -> str:
    """Put a file beside another, as somebody does who brings one along."""
    folder = Path(site.hass.config.path(DOMAIN, "exports"))
    (folder / "brought.jsonl").write_text(change((folder / name).read_text(encoding="utf-8")), encoding="utf-8")
    return "brought.jsonl"


async def elsewhere(site: Site) -> None:
    """Begin anew with an empty ledger, as on another machine with the configuration of this one."""
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    for file in ledger_file(site).parent.glob("ledger.db*"):
        file.unlink()
    assert await site.hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()


async def test_a_ledger_is_written_and_read_somewhere_else(site: Site) -> None:
    answer = await call(site, "export_ledger")
    before = await read(site, lambda book: book.sessions())
    name = rewrite(site, answer["files"][0]["name"])
    await elsewhere(site)
    assert (site.coordinator.access.desk.people.drivers, await read(site, lambda book: book.sessions())) == ({}, ())
    site.coordinator.store.journal.counted = Position(epoch=1, sequence=1, hash="x")
    told = await call(site, "import_ledger", file=name)
    assert (told["records"], told["new"], told["known"]) == (answer["records"], answer["records"], 0)
    assert await read(site, lambda book: book.sessions()) == before
    assert site.coordinator.access.desk.people.drivers[ADA.id].name == "Ada"
    assert site.coordinator.store.journal.counted == Position()
    assert (await call(site, "verify_ledger"))["good"]
    again = await call(site, "import_ledger", file=name)
    assert (again["new"], again["known"]) == (0, answer["records"])


async def test_what_comes_after_an_import_goes_on_from_there(site: Site) -> None:
    name = rewrite(site, (await call(site, "export_ledger"))["files"][0]["name"])
    await elsewhere(site)
    await call(site, "import_ledger", file=name)
    await site.coordinator.sessions.books.async_write(lambda ledger: PeopleBook(ledger).put_driver(ADA))
    assert (await call(site, "verify_ledger"))["good"]


async def test_names_may_stay_at_home(site: Site) -> None:
    answer = await call(site, "export_ledger", people=False)
    text = written(answer)
    assert "Ada" not in text
    assert len(text.splitlines()) == answer["records"] + 2


async def test_a_file_with_a_name_in_it_goes_with_whoever_is_forgotten(site: Site) -> None:
    named, bare = [await call(site, "export_ledger", people=people) for people in (True, False)]
    await site.coordinator.sessions.books.async_write(lambda ledger: PeopleBook(ledger).forget_driver(ADA.id))
    await site.coordinator.access.desk.async_read()
    await call(site, "list_sessions")
    assert (is_there(named), is_there(bare)) == (False, True)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda text: text[: len(text) // 2], "first line to its last"),
        (lambda _: "start,end\n", "first line to its last"),
        (lambda text: text.replace('energy_in\\":4000', 'energy_in\\":1000'), "first line to its last"),
        (lambda text: text.replace("Ada", "Eve"), "was changed"),
    ],
)
async def test_a_broken_file_is_refused_as_a_whole(site: Site, change: Callable[[str], str], error: str) -> None:
    original = (await call(site, "export_ledger"))["files"][0]["name"]
    name = rewrite(site, original, change)
    await elsewhere(site)
    with pytest.raises(ServiceValidationError, match=error):
        await call(site, "import_ledger", file=name)
    assert await read(site, lambda book: book.sessions()) == ()


async def test_another_record_under_the_same_number_is_refused(site: Site) -> None:
    file, key = ledger_file(site), site.entry.entry_id
    name = rewrite(site, (await call(site, "export_ledger"))["files"][0]["name"])
    first = json.loads((file.parent / "exports" / name).read_text(encoding="utf-8").splitlines()[1])["record"]
    await elsewhere(site)

    def other(ledger: Ledger) -> None:
        from custom_components.smart_evse.ledger.epochs import Tip  # noqa: PLC0415
        from custom_components.smart_evse.ledger.writing import append  # noqa: PLC0415

        with ledger.database.write() as connection:
            entry = Entry(kind=Kind.REMOVED, subject="card", body={"kind": "card"}, at=NOVEMBER)
            append(connection, key, (entry,), place=Tip(epoch=first["epoch"], sequence=first["sequence"] + 2))

    await site.coordinator.sessions.books.async_write(other)
    with pytest.raises(ServiceValidationError, match="two ledgers"):
        await call(site, "import_ledger", file=name)
    assert await read(site, lambda book: book.sessions()) == ()


async def test_the_link_opens_it_and_only_administrators_get_it(
    site: Site, hass_client_no_auth: ClientSessionGenerator, hass_client: ClientSessionGenerator
) -> None:
    answer = await call(site, "export_ledger")
    client = await hass_client_no_auth()
    assert (await client.get(answer["files"][0]["url"])).status == HTTPStatus.OK
    user = MockUser(name="ada").add_to_hass(site.hass)
    site.hass.states.async_set("person.ada", "home", {"user_id": user.id})
    refresh = await site.hass.auth.async_create_refresh_token(user, "https://example.com/")
    hers = await hass_client(site.hass.auth.async_create_access_token(refresh))
    assert (await hers.get(f"/api/smart_evse/exports/{answer['files'][0]['name']}")).status == HTTPStatus.NOT_FOUND
    for action, data in (("export_ledger", {}), ("import_ledger", {"file": answer["files"][0]["name"]})):
        with pytest.raises(ServiceValidationError, match="administrators"):
            await call(site, action, Context(user_id=user.id), **data)


@pytest.mark.parametrize("name", ["none.jsonl", "../ledger.db", "", "."])
async def test_only_files_of_the_folder_are_read(site: Site, name: str) -> None:
    with pytest.raises(ServiceValidationError, match="no file"):
        await call(site, "import_ledger", file=name)


async def test_a_ledger_can_be_looked_up_after_an_import_of_sessions_alone(site: Site) -> None:
    name = rewrite(site, (await call(site, "export_ledger", people=False))["files"][0]["name"])
    await elsewhere(site)
    await call(site, "import_ledger", file=name)
    assert len(await read(site, SessionsBook.sessions)) == 3
