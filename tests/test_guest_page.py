"""The page on which guests type their code."""

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.engine.access.lockout import FREE
from custom_components.smart_evse.engine.access.model import AccessRule, Verdict
from custom_components.smart_evse.guest_page import URL, link
from tests.desk import people, tried
from tests.home import MakeSite, Site
from tests.test_access import ADA, HERS, access, controlled, news, reloaded, show


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    made = await controlled(make_site)
    options = {**made.entry.options, "guest_page": True}
    made.hass.config_entries.async_update_entry(made.entry, options=options)
    await reloaded(made)
    await people(made)
    return made


@pytest.fixture
async def browser(site: Site, hass_client_no_auth: ClientSessionGenerator) -> TestClient:
    return await hass_client_no_auth()


async def invited(site: Site) -> str:
    _, code = await access(site).codes.async_invite("Kim", AccessRule())
    return code


async def test_a_guest_opens_the_charger(site: Site, browser: TestClient) -> None:
    code = await invited(site)
    asked = await (await browser.get(URL)).text()
    assert "Garage" in asked
    answer = await browser.post(URL, data={"charger": site.connector, "code": f"{code[:4]} {code[4:]}"})
    assert "is yours" in await answer.text()
    assert access(site).door.verdict(site.connector) is Verdict.GUEST


async def test_wrong_codes_wait_and_keep_nobody_from_the_charger_itself(site: Site, browser: TestClient) -> None:
    code = await invited(site)
    said = {"charger": site.connector, "code": "00000000"}
    told = [await (await browser.post(URL, data=said)).text() for _ in range(FREE)]
    assert all("opens nothing" in text for text in told)
    locked = await browser.post(URL, data={**said, "code": code})
    assert "Try again in 30 s" in await locked.text()
    assert access(site).door.verdict(site.connector) is Verdict.WAITING
    assert await tried(site, site.connector, code) is Verdict.GUEST


async def test_a_guest_takes_nobodys_place(site: Site, browser: TestClient) -> None:
    await people(site, ADA, HERS)
    code, other = await invited(site), await invited(site)
    await show(site, HERS.number)
    answer = await browser.post(URL, data={"charger": site.connector, "code": code})
    assert "Somebody else may charge here" in await answer.text()
    assert access(site).door.identity(site.connector).driver == ADA.id
    access(site).door.end(site.connector, site.coordinator.data.snapshot.utc)
    for _ in range(2):
        answer = await browser.post(URL, data={"charger": site.connector, "code": code})
        assert "is yours" in await answer.text()
    answer = await browser.post(URL, data={"charger": site.connector, "code": other})
    assert "Somebody else may charge here" in await answer.text()


async def test_whoever_goes_on_guessing_is_told_of_once(site: Site, browser: TestClient) -> None:
    heard = news(site)
    for _ in range(FREE + 5):
        await browser.post(URL, data={"charger": site.connector, "code": "00000000"})
    assert [each.verdict for each in heard] == [Verdict.WRONG_CODE] * FREE + [Verdict.TOO_MANY_CODES]


async def test_it_speaks_the_language_of_the_browser(browser: TestClient) -> None:
    german = await browser.get(URL, headers={"Accept-Language": "it, de-AT;q=0.8"})
    assert "Hier laden" in await german.text()


async def test_nothing_else_can_be_put_into_it(site: Site, browser: TestClient) -> None:
    evil = '"><b>hi'
    asked = await browser.get(URL, params={"charger": evil})
    assert evil not in await asked.text()
    assert "frame-ancestors 'none'" in asked.headers["Content-Security-Policy"]
    assert asked.headers["Cache-Control"] == "no-store"
    assert (await browser.post(URL, data={"charger": evil, "code": "1"})).status == 404


async def test_there_is_no_page_unless_the_owner_wants_one(
    make_site: MakeSite, hass_client_no_auth: ClientSessionGenerator
) -> None:
    site = await controlled(make_site)
    browser = await hass_client_no_auth()
    assert (await browser.get(URL)).status == 404
    assert (await browser.post(URL, data={"charger": site.connector, "code": "1"})).status == 404
    assert link(site.hass, "1234 5678") is None


async def test_the_code_of_a_link_stays_in_the_browser(site: Site) -> None:
    site.hass.config.internal_url = "http://10.0.0.2:8123"
    assert link(site.hass, "1234 5678") == f"http://10.0.0.2:8123{URL}#12345678"
