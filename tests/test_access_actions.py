"""Actions about who may charge, as administrators, drivers, guests and automations call them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.smart_evse.engine.access.lockout import FREE
from custom_components.smart_evse.engine.access.model import Driver, Period, Quota, Role, Verdict
from tests.desk import people
from tests.home import CONNECTED, MakeSite, Site
from tests.test_access import ADA, GONE, HERS, access, controlled, news, show

BO = Driver(id="bo", name="Bo", person="person.bo")


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    made = await controlled(make_site)
    await people(made, ADA, BO, HERS)
    return made


async def call(site: Site, action: str, user: User | None = None, **data: object) -> dict[str, Any]:
    """Call an action as somebody, as an automation if nobody is named."""
    context = Context(user_id=None if user is None else user.id)
    answers = site.hass.services.supports_response("smart_evse", action) is not SupportsResponse.NONE
    answer = await site.hass.services.async_call(
        "smart_evse", action, data, blocking=True, context=context, return_response=answers
    )
    return dict(answer or {})


def here(site: Site) -> dict[str, object]:
    return {"entity_id": site.entity_id("select", "mode")}


def verdict(site: Site) -> Verdict:
    return access(site).door.verdict(site.connector)


async def driver_of(site: Site, user: User, person: str = "person.bo") -> User:
    """Link a user to a person."""
    site.hass.states.async_set(person, "home", {"user_id": user.id})
    return user


async def test_the_owner_lets_somebody_in_and_sends_them_away(site: Site, hass_admin_user: User) -> None:
    answer = await call(site, "authorize", hass_admin_user, **here(site))
    assert answer == {"Garage": {"granted": True, "verdict": "owner", "driver": None}}
    await call(site, "end_access", hass_admin_user, **here(site))
    assert verdict(site) is Verdict.WAITING
    answer = await call(site, "authorize", **here(site), driver="ada")
    assert answer["Garage"] == {"granted": True, "verdict": "driver", "driver": "ada"}


async def test_a_driver_speaks_for_themselves_only(site: Site, hass_read_only_user: User) -> None:
    user = await driver_of(site, hass_read_only_user)
    for data in ({}, {"driver": "Bo"}):
        answer = await call(site, "authorize", user, **here(site), **data)
        assert answer["Garage"]["driver"] == "bo"
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, "authorize", user, **here(site), driver="Ada")
    assert refused.value.translation_key == "no_such_driver"
    await call(site, "end_access", user, **here(site))
    await show(site, HERS.number)
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, "end_access", user, **here(site))
    assert refused.value.translation_key == "only_administrators"
    assert access(site).door.identity(site.connector).driver == "ada"


async def test_a_driver_takes_nobodys_place_from_afar(
    site: Site, hass_read_only_user: User, hass_admin_user: User
) -> None:
    user = await driver_of(site, hass_read_only_user)
    guest = await call(site, "add_guest", name="Kim", duration={"hours": 4})
    await show(site, HERS.number)
    for data in ({}, {"driver": "Bo"}, {"code": guest["code"]}):
        with pytest.raises(ServiceValidationError) as refused:
            await call(site, "authorize", user, **here(site), **data)
        assert refused.value.translation_key == "somebody_else_charges"
        assert access(site).door.identity(site.connector).driver == "ada"
    # Whoever runs the place may, and so may who stands at the charger.
    await call(site, "authorize", hass_admin_user, **here(site), driver="Bo")
    assert access(site).door.identity(site.connector).driver == "bo"
    await call(site, "authorize", user, **here(site))
    await show(site, HERS.number)
    assert access(site).door.identity(site.connector).driver == "ada"


async def test_whom_the_owner_let_in_without_a_name_may_say_who_they_are(
    site: Site, hass_read_only_user: User, hass_admin_user: User
) -> None:
    user = await driver_of(site, hass_read_only_user)
    await call(site, "authorize", hass_admin_user, **here(site))
    answer = await call(site, "authorize", user, **here(site))
    assert answer["Garage"]["driver"] == "bo"


async def test_a_user_who_is_no_driver_may_nothing(site: Site, hass_read_only_user: User) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, "authorize", hass_read_only_user, **here(site))
    assert refused.value.translation_key == "no_driver_of_yours"
    assert verdict(site) is Verdict.WAITING


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("set_driver", {"name": "Eve"}),
        ("forget_driver", {"driver": "Ada"}),
        ("learn_card", {"driver": "Ada"}),
        ("set_card", {"card": "k1", "blocked": True}),
        ("add_guest", {"name": "Eve"}),
        ("revoke_guest", {"guest": "Eve"}),
    ],
)
async def test_only_administrators_change_people(
    site: Site, hass_read_only_user: User, action: str, data: dict[str, object]
) -> None:
    user = await driver_of(site, hass_read_only_user)
    before = access(site).desk.people
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, action, user, **data)
    assert refused.value.translation_key == "only_administrators"
    assert access(site).desk.people == before


async def test_a_driver_is_added_changed_and_forgotten(site: Site) -> None:
    made = await call(
        site,
        "set_driver",
        name="Eve",
        role="employee",
        account="NL91ABNA0417164300",
        chargers=["garage"],
        weekdays=["0", "1"],
        begins="22:00:00",
        ends="06:00:00",
        energy=120.5,
        money=40,
    )
    key = made["driver"]
    eve = access(site).desk.people.drivers[key]
    assert (eve.name, eve.role, eve.account) == ("Eve", Role.EMPLOYEE, "NL91ABNA0417164300")
    assert eve.rule.connectors == {site.connector}
    (hours,) = eve.rule.hours
    assert (hours.weekdays, hours.begin.hour, hours.end.hour) == ({0, 1}, 22, 6)
    assert eve.rule.quota == Quota(period=Period.MONTH, energy=120_500, money=eve.rule.quota and eve.rule.quota.money)
    await call(site, "set_driver", driver="eve", active=False, energy=None, money=None, chargers=[])
    eve = access(site).desk.people.drivers[key]
    assert (eve.active, eve.rule.quota, eve.rule.connectors, eve.rule.hours) == (False, None, frozenset(), (hours,))
    await call(site, "forget_driver", driver=key)
    assert key not in access(site).desk.people.drivers


async def test_who_a_driver_was_is_gone_and_so_are_their_cards(site: Site) -> None:
    await call(site, "forget_driver", driver="Ada")
    assert "ada" not in access(site).desk.people.drivers
    assert access(site).desk.people.cards == {}
    await show(site, HERS.number)
    assert verdict(site) is Verdict.UNKNOWN_CARD


async def test_a_card_is_learned_while_somebody_waits_for_it(site: Site) -> None:
    waiting = asyncio.create_task(call(site, "learn_card", driver="Bo", label="Key ring", chargers=["Garage"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await site.read(replace(CONNECTED, card="04:99:88:77:66"))
    answer = await waiting
    card = access(site).desk.people.cards["0499887766"]
    assert (card.driver, card.label) == ("bo", "Key ring")
    assert answer["card"]["number"] == "…7766"
    assert verdict(site) is Verdict.WAITING
    await site.read(CONNECTED)
    await show(site, "0499887766")
    assert access(site).door.identity(site.connector).driver == "bo"


async def test_nobody_loses_a_card_to_another(site: Site) -> None:
    waiting = asyncio.create_task(call(site, "learn_card", driver="Bo"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await site.read(replace(CONNECTED, card=HERS.number))
    with pytest.raises(ServiceValidationError) as taken:
        await waiting
    assert taken.value.translation_placeholders == {"name": "Ada"}


async def test_a_lost_card_is_blocked_and_given_to_another(site: Site) -> None:
    await call(site, "set_card", card="k1", blocked=True, label="Old one")
    await show(site, HERS.number)
    assert verdict(site) is Verdict.CARD_BLOCKED
    await call(site, "set_card", card="old one", blocked=False, driver="Bo")
    await show(site, HERS.number)
    assert access(site).door.identity(site.connector).driver == "bo"


async def test_a_guest_comes_with_a_code_that_nobody_ever_tells_again(
    site: Site, hass_read_only_user: User, hass_storage: dict[str, object]
) -> None:
    made = await call(site, "add_guest", name="Kim", duration={"hours": 4}, energy=10)
    code = made["code"]
    answer = await call(site, "authorize", hass_read_only_user, **here(site), code=code)
    assert answer["Garage"] == {"granted": True, "verdict": "guest", "driver": made["id"]}
    people = await call(site, "list_people")
    assert [guest["name"] for guest in people["guests"]] == ["Kim"]
    assert [driver["name"] for driver in people["drivers"]] == ["Ada", "Bo"]
    await site.coordinator.store.async_close()
    everything = [str(people), str(access(site).desk.people), str(hass_storage)]
    assert not [text for text in everything if code in text or code.replace(" ", "") in text]


async def test_a_code_ends_with_its_time_and_when_it_is_revoked(site: Site, freezer: FrozenDateTimeFactory) -> None:
    made = await call(site, "add_guest", name="Kim", duration={"hours": 4})
    freezer.tick(timedelta(hours=4))
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, "authorize", **here(site), code=made["code"])
    assert refused.value.translation_key == "access_refused"
    assert "no longer valid" in str(refused.value)
    again = await call(site, "add_guest", name="Lee")
    await call(site, "authorize", **here(site), code=again["code"])
    assert verdict(site) is Verdict.GUEST
    await call(site, "revoke_guest", guest="Lee")
    await site.read(CONNECTED)
    assert verdict(site) is Verdict.EXPIRED


async def test_a_guest_is_forgotten_and_their_code_with_them(site: Site) -> None:
    made = await call(site, "add_guest", name="Kim")
    await call(site, "forget_driver", driver="Kim")
    assert made["id"] not in {**access(site).desk.people.guests, **access(site).desk.people.drivers}
    with pytest.raises(ServiceValidationError) as refused:
        await call(site, "authorize", **here(site), code=made["code"])
    assert refused.value.translation_key == "wrong_code"


async def test_wrong_codes_are_locked_out_longer_and_longer(
    hass: HomeAssistant, site: Site, freezer: FrozenDateTimeFactory
) -> None:
    made = await call(site, "add_guest", name="Kim")
    heard = news(site)

    async def tried(code: str) -> str:
        try:
            await call(site, "authorize", **here(site), code=code)
        except ServiceValidationError as err:
            return str(err.translation_key)
        return "granted"

    assert [await tried("0") for _ in range(FREE)] == ["wrong_code"] * FREE
    assert await tried(made["code"]) == "too_many_codes"
    assert await hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    assert await tried(made["code"]) == "too_many_codes"
    freezer.tick(31)
    assert await tried("0") == "wrong_code"
    freezer.tick(31)
    assert await tried(made["code"]) == "too_many_codes"
    freezer.tick(31)
    assert {each.verdict for each in heard} == {Verdict.WRONG_CODE, Verdict.TOO_MANY_CODES}


async def test_a_site_without_a_ledger_says_so(hass: HomeAssistant, make_site: MakeSite) -> None:
    bare = await make_site()
    assert await hass.config_entries.async_unload(bare.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await call(bare, "add_guest", name="Kim")


async def test_people_are_shown_to_who_may_see_them(site: Site, hass_read_only_user: User) -> None:
    user = await driver_of(site, hass_read_only_user)
    people = await call(site, "list_people", user)
    assert [each["name"] for each in people["drivers"]] == ["Bo"]
    assert (people["cards"], people["guests"]) == ([], [])


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"role": "tenant"}, "driver_without_name"),
        ({"driver": "Nobody"}, "no_such_driver"),
        ({"driver": "Ada", "chargers": ["Nowhere"]}, "unknown_charger"),
        ({"name": "Eve", "valid_from": "2026-06-02", "valid_until": "2026-06-01"}, "span_is_empty"),
    ],
)
async def test_mistakes_are_told(site: Site, data: dict[str, object], key: str) -> None:
    with pytest.raises(ServiceValidationError) as mistaken:
        await call(site, "set_driver", **data)
    assert mistaken.value.translation_key == key


async def test_events_tell_who_and_why_and_never_a_number(site: Site) -> None:
    await show(site, HERS.number)
    event = site.state("event", "access")
    assert event.attributes["event_type"] == "access_granted"
    assert (event.attributes["reason"], event.attributes["driver"]) == ("driver", "ada")
    await site.read(GONE)
    await show(site, "DEADBEEF99")
    event = site.state("event", "access")
    assert event.attributes["event_type"] == "access_refused"
    assert (event.attributes["reason"], event.attributes["driver"]) == ("unknown_card", None)
    shown = [str(state.as_dict()) for state in site.hass.states.async_all()]
    assert not [text for text in shown if HERS.number in text or "DEADBEEF99" in text]
