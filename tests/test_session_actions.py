"""Looking sessions up, correcting and verifying them, through actions over a real ledger."""

from collections.abc import Iterator
from contextlib import closing
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.ledger import Ledger
from tests.books import ADA, BEN, fill
from tests.home import CHARGING, MakeSite, Site, charger

VAN = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0, "plate": "AB-12"},
    subentry_type="vehicle",
    title="Van",
    unique_id=None,
    subentry_id="van",
)


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """Return a site with three sessions on record, the first of Ada's in the van."""
    site = await make_site(others=(VAN,), chargers=(charger("Garage"), charger("Carport")))
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector, "van"))
    await site.settle()
    return site


@pytest.fixture
def ada(site: Site) -> Iterator[Context]:
    """Return what Ada starts: she is no administrator, and her person is linked to her user."""
    user = MockUser(name="Ada").add_to_hass(site.hass)
    site.hass.states.async_set("person.ada", "home", {"user_id": user.id})
    return Context(user_id=user.id)


@pytest.fixture
def owner(site: Site) -> Context:
    """Return what the owner starts."""
    return Context(user_id=MockUser(is_owner=True).add_to_hass(site.hass).id)


async def ask(site: Site, action: str, context: Context | None = None, **data: object) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    return dict(answer or {})


async def correct(site: Site, context: Context | None = None, **data: object) -> None:
    await site.hass.services.async_call(DOMAIN, "correct_session", data, blocking=True, context=context)
    await site.settle()


def ids(answer: dict[str, Any]) -> list[str]:
    return [session["session"] for session in answer["sessions"] if session["ended"] is not None]


async def test_sessions_are_listed_the_latest_first(site: Site) -> None:
    answer = await ask(site, "list_sessions")
    assert answer["site"] == "Home"
    assert ids(answer) == ["s-none", "s-ben", "s-ada"]
    last = answer["sessions"][-1]
    assert (last["charger"], last["vehicle"], last["plate"], last["driver"]) == ("Garage", "Van", "AB-12", "Ada")
    assert (last["energy"], last["from_sun"], last["from_grid"], last["solar_share"]) == (3, 2.5, 0.5, 83.3)
    # 0.275 and 0.90: each is rounded once, half a cent away from zero.
    assert (last["cost"], last["grid_cost"], last["saving"], last["currency"]) == (0.28, 0.9, 0.62, "EUR")
    assert (last["driver_id"], last["vehicle_id"], last["connector"]) == (ADA.id, "van", site.connector)
    assert (last["known_by"], last["marks"]) == ("card", [])
    assert answer["totals"]["energy"] == sum(session["energy"] for session in answer["sessions"])


async def test_a_session_that_runs_is_told_as_it_stands(site: Site) -> None:
    await site.read(CHARGING)
    running = [session for session in (await ask(site, "list_sessions"))["sessions"] if session["ended"] is None]
    assert {session["charger"] for session in running} == {"Garage", "Carport"}
    assert (await ask(site, "get_session", session=running[0]["session"]))["ended"] is None
    with pytest.raises(ServiceValidationError, match="still runs"):
        await correct(site, session=running[0]["session"], note="too early")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"driver": "Ada"}, ["s-ada"]),
        ({"driver": " ada "}, ["s-ada"]),
        ({"driver": BEN.id}, ["s-ben"]),
        ({"vehicle": "Van"}, ["s-ada"]),
        ({"vehicle": "van"}, ["s-ada"]),
        ({"charger": "Garage"}, ["s-none", "s-ben", "s-ada"]),
        ({"charger": "Carport"}, []),
        ({"since": "2026-11-03 00:00:00"}, ["s-none", "s-ben"]),
        ({"until": "2026-11-03 00:00:00"}, ["s-ada"]),
    ],
)
async def test_filters_choose(site: Site, fields: dict[str, str], found: list[str]) -> None:
    assert ids(await ask(site, "list_sessions", **fields)) == found


async def test_a_limit_keeps_the_latest(site: Site) -> None:
    answer = await ask(site, "list_sessions", limit=2, until="2026-12-01 00:00:00", charger="Garage")
    assert len(answer["sessions"]) == 2


async def test_a_device_stands_for_its_charger_and_its_vehicle(site: Site) -> None:
    registry = dr.async_get(site.hass)
    for key, found in ((site.connector, ["s-none", "s-ben", "s-ada"]), ("van", ["s-ada"])):
        device = registry.async_get_device_by_identifier((DOMAIN, key), site.entry.entry_id)
        assert device is not None
        field = "vehicle" if key == "van" else "charger"
        assert ids(await ask(site, "list_sessions", **{field: device.id})) == found


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"driver": "Zoe"}, "no driver Zoe"),
        ({"vehicle": "Truck"}, "no vehicle Truck"),
        ({"charger": "Attic"}, "no charger Attic"),
        ({"since": "2026-11-03 00:00:00", "until": "2026-11-03 00:00:00"}, "ends before it begins"),
    ],
)
async def test_what_nobody_has_is_a_mistake(site: Site, fields: dict[str, str], error: str) -> None:
    with pytest.raises(ServiceValidationError, match=error):
        await ask(site, "list_sessions", **fields)


async def test_one_session_has_its_intervals_and_remarks(site: Site) -> None:
    session = await ask(site, "get_session", session="s-ben")
    first, second = session["intervals"]
    assert (first["energy"], first["import_price"], first["cost"]) == (2, 0.3, 0.6)
    assert (second["import_price"], second["cost"]) == (None, None)
    assert session["unpriced"] == 1
    assert session["marks"] == ["provisional"]
    assert session["remarks"] == ["A price is not known yet"]
    assert session["corrections"] == []
    with pytest.raises(ServiceValidationError, match="no session nothing"):
        await ask(site, "get_session", session="nothing")


async def test_a_driver_sees_their_own_and_no_name_of_others(site: Site, ada: Context) -> None:
    answer = await ask(site, "list_sessions", ada)
    assert [session["session"] for session in answer["sessions"]] == ["s-ada"]
    assert (await ask(site, "get_session", ada, session="s-ada"))["driver"] == "Ada"
    for action, fields in (
        ("get_session", {"session": "s-ben"}),
        ("get_session", {"session": "s-none"}),
        ("list_sessions", {"driver": "Ben"}),
        ("list_sessions", {"driver": BEN.id}),
    ):
        with pytest.raises(ServiceValidationError):
            await ask(site, action, ada, **fields)


async def test_who_is_linked_to_nobody_sees_nothing(site: Site) -> None:
    stranger = Context(user_id=MockUser().add_to_hass(site.hass).id)
    assert (await ask(site, "list_sessions", stranger))["sessions"] == []
    gone = Context(user_id="of nobody")
    assert (await ask(site, "list_sessions", gone))["sessions"] == []


async def test_an_administrator_sees_everything(site: Site, owner: Context) -> None:
    assert ids(await ask(site, "list_sessions", owner)) == ["s-none", "s-ben", "s-ada"]


async def test_only_administrators_write_and_verify(site: Site, ada: Context) -> None:
    with pytest.raises(ServiceValidationError, match="Only administrators"):
        await correct(site, ada, session="s-ada", note="was not me")
    with pytest.raises(ServiceValidationError, match="Only administrators"):
        await ask(site, "verify_ledger", ada)


async def test_a_correction_says_who_when_why_and_what_was_before(site: Site, owner: Context) -> None:
    await correct(site, owner, session="s-none", driver="Ben", vehicle="Van", note="He had forgotten his card.")
    session = await ask(site, "get_session", session="s-none")
    assert (session["driver"], session["vehicle"], session["known_by"]) == ("Ben", "Van", "corrected")
    assert session["note"] == "He had forgotten his card."
    (made,) = session["corrections"]
    assert (made["by"], made["note"]) == (owner.user_id, "He had forgotten his card.")
    assert (made["before"]["driver"], made["changes"]["driver"]) == (None, "Ben")
    await correct(site, owner, session="s-none", driver="")
    session = await ask(site, "get_session", session="s-none")
    assert (session["driver"], len(session["corrections"])) == (None, 2)
    assert session["note"] == "He had forgotten his card."


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"session": "s-ada"}, "what to correct"),
        ({"session": "nothing", "note": "x"}, "no session nothing"),
        ({"session": "s-ada", "driver": "Zoe"}, "no driver Zoe"),
    ],
)
async def test_a_correction_has_to_say_something_that_can_be(site: Site, fields: dict[str, str], error: str) -> None:
    with pytest.raises(ServiceValidationError, match=error):
        await correct(site, **fields)


async def test_a_ledger_that_nobody_touched_is_good(site: Site) -> None:
    answer = await ask(site, "verify_ledger")
    assert (answer["good"], answer["findings"]) == (True, [])
    assert answer["records"] >= 5


async def test_a_record_that_was_changed_is_found(site: Site) -> None:
    def tamper() -> None:
        """As somebody would who has the file and the time for it."""
        with closing(sqlite3.connect(site.coordinator.sessions.books.file)) as raw, raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute("UPDATE record SET body = replace(body, 'EUR', 'USD') WHERE subject = 's-ben'")

    await site.hass.async_add_executor_job(tamper)
    answer = await ask(site, "verify_ledger")
    assert not answer["good"]
    assert ("changed", "s-ben") in [(each["flaw"], each["subject"]) for each in answer["findings"]]


async def test_without_a_ledger_the_action_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_ledger: Ledger) -> None:
        raise OSError("no such disk")

    monkeypatch.setattr("custom_components.smart_evse.session_desk.PeopleBook", broken)
    with pytest.raises(HomeAssistantError, match="no such disk"):
        await ask(site, "list_sessions")
