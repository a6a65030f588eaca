"""Drivers, cards and guests by the menu of the options."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.smart_evse.engine.access.model import Period, Quota, Role, Verdict
from custom_components.smart_evse.engine.access.people import People
from tests.desk import people as on_record, tried
from tests.flows import Walk, add, configure
from tests.home import AC, CONNECTED, Box, MakeSite, Site, charger
from tests.test_access import ADA, HERS, access, show

RULE = {"weekdays": ["0"], "begins": "22:00:00", "ends": "06:00:00", "energy": 200, "period": "week"}


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    made = await make_site(Box(AC), Box(AC), chargers=(charger("Garage"), charger("Yard")))
    await on_record(made, ADA, HERS)
    return made


def people(site: Site) -> People:
    return access(site).desk.people


async def menu(site: Site, *taps: str) -> Walk:
    return await configure(site.hass, site.entry, "access", *taps)


def chargers(site: Site) -> list[str]:
    return list(site.coordinator.connectors)


async def look_again(site: Site, walk: Walk) -> None:
    """Do what a browser does while there is progress, and when it is over."""
    while walk.result["type"] is FlowResultType.SHOW_PROGRESS:
        # Whoever writes has had their turn when we have ours.
        await site.coordinator.sessions.books.async_write(lambda _ledger: None)
        await site.settle()
        walk.result = await site.hass.config_entries.options.async_configure(walk.result["flow_id"])


async def test_the_menu_offers_what_there_is(site: Site, make_site: MakeSite) -> None:
    walk = await menu(site)
    assert walk.is_told
    assert "change_guest" not in walk.result["menu_options"]
    assert {"change_driver", "change_card"} <= set(walk.result["menu_options"])


@pytest.mark.parametrize("step", ["admission", "add_driver", "change_driver", "add_card", "change_card", "add_guest"])
async def test_every_form_is_told(site: Site, step: str) -> None:
    assert (await menu(site, step)).is_told


async def test_nobody_is_asked_until_the_owner_says_so(site: Site) -> None:
    walk = await menu(site, "admission")
    assert walk.suggested == {"admission": "free", "guest_page": False}
    garage, yard = chargers(site)
    before = dict(site.entry.options)
    await walk.say(chargers=[yard], admission="known", guest_page=True)
    await site.settle()
    assert site.entry.options == {**before, "admission": {yard: "known"}, "guest_page": True}
    assert access(site).door.verdict(yard) is Verdict.WAITING
    assert access(site).door.verdict(garage) is Verdict.FREE
    walk = await configure(site.hass, site.entry, "access", "admission")
    await walk.say(chargers=[yard], admission="free", guest_page=False)
    await site.settle()
    assert site.entry.options == {**before, "admission": {}, "guest_page": False}


async def test_a_driver_is_added(site: Site) -> None:
    options = dict(site.entry.options)
    walk = await menu(site, "add_driver")
    papers = {"language": "nl", "account": "NL91ABNA0417164300"}
    rule = {**RULE, "chargers": chargers(site)[:1], "valid_until": "2030-01-01 00:00:00"}
    await walk.say(name="Eve", role="employee", active=True, rule=rule, papers=papers)
    eve = next(each for each in people(site).drivers.values() if each.name == "Eve")
    assert (eve.role, eve.language, eve.account) == (Role.EMPLOYEE, "nl", "NL91ABNA0417164300")
    assert eve.rule.connectors == set(chargers(site)[:1])
    assert eve.rule.quota == Quota(period=Period.WEEK, energy=200_000)
    assert site.entry.options == options


async def test_a_driver_is_changed_field_by_field(site: Site) -> None:
    walk = await menu(site, "change_driver")
    await walk.say(driver="ada")
    assert walk.is_told
    said = {"name": "Ada B.", "role": "tenant", "active": True, "papers": {}, "forget": False}
    await walk.say(said, rule=RULE)
    (hours,) = people(site).drivers["ada"].rule.hours
    assert (hours.begin.hour, hours.end.hour, hours.weekdays) == (22, 6, {0})
    walk = await menu(site, "change_driver")
    await walk.say(driver="ada")
    known = {"name": "Ada B.", "role": "tenant", **RULE, "energy": 200.0}
    assert {key: walk.suggested[key] for key in known} == known
    await walk.say(said, rule={})
    ada = people(site).drivers["ada"]
    assert (ada.rule.hours, ada.rule.quota) == ((), None)


async def test_a_permission_that_ends_before_it_begins_is_asked_again(site: Site) -> None:
    walk = await menu(site, "add_driver")
    rule = {"valid_from": "2030-01-02 00:00:00", "valid_until": "2030-01-01 00:00:00"}
    await walk.say(name="Eve", role="employee", active=True, rule=rule, papers={})
    assert "ends before it begins" in walk.complaint
    assert {each.name for each in people(site).drivers.values()} == {"Ada"}


async def test_a_driver_is_forgotten(site: Site) -> None:
    walk = await menu(site, "change_driver")
    await walk.say(driver="ada")
    await walk.say(name="Ada", role="household", active=True, rule={}, papers={}, forget=True)
    assert people(site) == People()


async def test_a_new_card_is_presented_and_learned(site: Site) -> None:
    walk = await menu(site, "add_card")
    await walk.say(driver="ada", label="Spare")
    assert (walk.result["type"], walk.result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "learn_card")
    await site.read(replace(CONNECTED, card="04:99:88:77:66"))
    await look_again(site, walk)
    assert (walk.step, walk.is_told) == ("card_learned", True)
    assert walk.result["description_placeholders"] == {"card": "…7766", "name": "Ada"}
    await walk.say({})
    assert people(site).cards["0499887766"].label == "Spare"


async def test_a_card_of_another_is_not_taken(site: Site) -> None:
    walk = await menu(site, "add_driver")
    await walk.say(name="Eve", role="household", active=True, rule={}, papers={})
    eve = next(key for key, each in people(site).drivers.items() if each.name == "Eve")
    walk = await menu(site, "add_card")
    await walk.say(driver=eve)
    await site.read(replace(CONNECTED, card=HERS.number))
    await look_again(site, walk)
    assert walk.step == "add_card"
    assert "belongs to" in walk.complaint
    assert walk.result["description_placeholders"] == {"name": "Ada"}
    assert people(site).cards[HERS.number].driver == "ada"


async def test_a_lost_card_is_blocked(site: Site) -> None:
    walk = await menu(site, "change_card")
    await walk.say(card="k1")
    assert walk.is_told
    assert walk.suggested["driver"] == "ada"
    await walk.say(driver="ada", blocked=True)
    assert people(site).cards[HERS.number].blocked


async def test_a_guest_gets_a_code_that_is_shown_once(hass: HomeAssistant, site: Site) -> None:
    walk = await menu(site, "add_guest")
    await walk.say(name="Kim", valid_until="2030-01-01 00:00:00", rule={"energy": 10})
    assert (walk.step, walk.is_told) == ("guest_code", True)
    code = walk.result["description_placeholders"]["code"]
    await walk.say({})
    (guest,) = people(site).guests.values()
    assert (guest.name, guest.rule.quota) == ("Kim", Quota(period=Period.MONTH, energy=10_000))
    door = access(site)
    assert await tried(site, chargers(site)[0], code) is Verdict.FREE
    assert door.door.identity(chargers(site)[0]).driver == guest.id
    walk = await menu(site, "change_guest")
    await walk.say(guest=guest.id)
    assert walk.is_told
    await walk.say(name="Kim", rule={}, revoked=True)
    assert people(site).guests[guest.id].revoked


async def test_a_guest_whose_time_is_over_is_asked_again(site: Site) -> None:
    walk = await menu(site, "add_guest")
    await walk.say(name="Kim", valid_until="2020-01-01 00:00:00", rule={})
    assert "over already" in walk.complaint
    assert people(site).guests == {}


async def test_a_site_that_does_not_run_has_no_people(site: Site) -> None:
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    walk = await menu(site)
    assert (walk.result["type"], walk.result["reason"]) == (FlowResultType.ABORT, "ledger_closed")


async def test_with_one_charger_nobody_is_asked_which(make_site: MakeSite) -> None:
    alone = await make_site()
    await on_record(alone, ADA, HERS)
    walk = await menu(alone, "admission")
    assert walk.fields == {"admission", "guest_page"}
    await walk.say(admission="known", guest_page=True)
    await alone.settle()
    assert alone.entry.options["admission"] == {alone.connector: "known"}
    await on_record(alone)
    await show(alone, HERS.number)
    assert access(alone).door.identity(alone.connector).driver == "ada"


async def test_what_somebody_pays_is_offered_where_there_are_tariffs(site: Site) -> None:
    assert "tariff" not in (await menu(site, "add_driver")).fields
    walk = await add(site.hass, site.entry, "tariff")
    await walk.tap("flat_price")
    await walk.say(name="Cheap", price=0.1)
    await walk.say(vat_included=True, whom={}, bounds={}, subscription={})
    await walk.say(answer="right")
    await site.settle()
    (tariff,) = site.coordinator.tariffs.names
    walk = await menu(site, "add_guest")
    assert walk.is_told
    await walk.say(name="Kim", rule={"tariff": tariff})
    (guest,) = people(site).guests.values()
    assert guest.rule.tariff == tariff
    walk = await menu(site, "change_guest")
    await walk.say(guest=guest.id)
    assert walk.suggested["tariff"] == tariff
    await walk.say(name="Kim", revoked=False, rule={})
    assert people(site).guests[guest.id].rule.tariff is None


async def test_a_tariff_of_another_site_is_left_alone(site: Site) -> None:
    rule = replace(ADA.rule, tariff="elsewhere")
    await on_record(site, replace(ADA, rule=rule))
    walk = await menu(site, "change_driver")
    await walk.say(driver=ADA.id)
    assert "tariff" not in walk.suggested
    await walk.say(name="Ada", role="household", active=True, rule={}, papers={}, forget=False)
    assert people(site).drivers[ADA.id].rule.tariff == "elsewhere"
