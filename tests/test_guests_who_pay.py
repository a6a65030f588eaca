"""A guest from code to paid without the owner's hands, and a driver whose card is charged by itself."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
import re
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events, async_get_persistent_notifications
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.engine.access.model import Verdict
from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.statements.model import StatementState
from custom_components.smart_evse.guest_page import URL
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.pay_links import Opens, path_to
from custom_components.smart_evse.payments.errors import Refused
from custom_components.smart_evse.payments.port import Payment, PaymentRequest, SavedCard
from custom_components.smart_evse.statement_run import StatementRun
from custom_components.smart_evse.till import Till
from simulator.payments import CardNetwork
from simulator.sockets.stripe import StripeServer
from tests.books import QUARTER, quarter, session
from tests.home import MakeSite, Site, make_site
from tests.on_record import pause, until
from tests.paying import account, becomes, go, paid_site, restarted, statements, stripe
from tests.stated import ADA, BEN, ask, refused, user_of
from tests.test_paying import raised
from tests.test_sessions import IDLE, charges, comes, leaves

__all__ = ["account", "make_site", "stripe"]

pytestmark = pytest.mark.usefixtures("socket_enabled")

HERE = "http://10.0.0.2:8123"
HIDDEN = re.compile(r'type=hidden name="(\w+)" value="([^"]*)"')


@pytest.fixture
async def site(hass: HomeAssistant, make_site: MakeSite, stripe: StripeServer) -> Site:
    made = await paid_site(make_site, stripe, hass, guest_page=True)
    options = {**made.entry.options, "admission": {made.connector: "known"}}
    hass.config_entries.async_update_entry(made.entry, options=options)
    await made.settle()
    del made.meters[0]
    await made.sample(1000.0)
    await made.read(IDLE)
    return made


@pytest.fixture
async def browser(site: Site, hass_client_no_auth: ClientSessionGenerator) -> TestClient[Any, Any]:
    return await hass_client_no_auth()


def page_of(account: CardNetwork) -> str:
    return next(reversed([key for key in account.things if key.startswith("cs_")]))


async def charged(site: Site, driver: str, key: str = "s-now", *, price: str | None = "0.30", hours: float = 1) -> None:
    """Put a session of 10 kWh of somebody on record that has just ended."""
    start = dt_util.utcnow() - timedelta(hours=hours)
    flowed = tuple(quarter(start + place * QUARTER, grid=2_500, price=price) for place in range(4))
    connector = site.connector

    def put(ledger: Ledger) -> None:
        record = session(key, connector, start, flowed, driver=driver, tariff="tariff-home", known_by=Rung.CARD)
        SessionsBook(ledger).close_session(record, flowed)

    await site.coordinator.sessions.books.async_write(put)
    await pause(site)


async def test_a_guest_agrees_to_the_price_charges_and_pays(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any]
) -> None:
    told = await ask(site, "add_guest", name="Kim", tariff="Home")
    said = {"charger": site.connector, "code": str(told["code"])}
    asked = await browser.post(URL, data=said, headers={"Accept-Language": "de"})
    shown = await asked.text()
    assert "0,50\N{NO-BREAK SPACE}€ / kWh" in shown
    assert "MwSt" in shown
    assert "10,00\N{NO-BREAK SPACE}€" in shown
    assert site.coordinator.access.door.verdict(site.connector) is Verdict.WAITING
    seen = site.state("event", "access")
    assert (seen.attributes["event_type"], seen.attributes["driver"]) == ("price_shown", told["id"])
    assert "€0.50 / kWh" in str(seen.attributes["price"])

    agreed = dict(HIDDEN.findall(shown))
    leads = await browser.post(URL, data=agreed, headers={"Accept-Language": "de"}, allow_redirects=False)
    stay = leads.headers["Location"]
    assert site.coordinator.access.door.verdict(site.connector) is Verdict.GUEST
    assert site.state("event", "access").attributes["event_type"] == "access_granted"
    assert "Garage" in await (await browser.get(stay)).text()

    await comes(site)
    for energy in range(100, 400, 100):
        await charges(site, energy)
    await restarted(site)
    await charges(site, 400)
    assert "0.40 kWh" in await (await browser.get(stay)).text()
    await leaves(site, 400)
    bill = await becomes(site, lambda one: one.statement.driver == told["id"])
    assert (bill.statement.total, bill.statement.preset, bill.statement.language) == (Decimal("0.20"), "guest", "de")
    page = await (await browser.get(stay, headers={"Accept-Language": "de"})).text()
    (there,) = re.findall(r'href="(/api/smart_evse/pay/[^"]+)"', page)
    assert "0,20" in page

    await restarted(site)
    leads = await browser.post(there, allow_redirects=False)
    assert page_of(account) in leads.headers["Location"]
    account.pay(page_of(account))
    await restarted(site)
    paid = await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert paid.statement.id == bill.statement.id
    assert "✓" in await (await browser.get(stay)).text()
    assert [amount for _, amount in account.taken] == [20]


async def test_nobody_charges_before_they_agreed_to_the_price_that_holds(
    site: Site, browser: TestClient[Any, Any]
) -> None:
    told = await ask(site, "add_guest", name="Kim")
    said = {"charger": site.connector, "code": str(told["code"]), "agreed": "0123456789abcdef"}
    assert "kWh" in await (await browser.post(URL, data=said)).text()
    assert site.coordinator.access.door.verdict(site.connector) is Verdict.WAITING


async def test_a_bill_waits_for_its_prices(hass: HomeAssistant, site: Site, browser: TestClient[Any, Any]) -> None:
    told = await ask(site, "add_guest", name="Kim")
    (tariff,) = [each for each in site.entry.subentries.values() if each.subentry_type == "tariff"]
    version = {**tariff.data["versions"][0]}
    element = {"components": [{"dimension": "energy", "price": "0.1", "follows": {"basis": "site_price"}}]}
    version["tariff"] = {**version["tariff"], "elements": [element]}
    hass.config_entries.async_update_subentry(site.entry, tariff, data={**tariff.data, "versions": [version]})
    await site.settle()
    del site.meters[0]
    await site.sample(1000.0)
    await charged(site, told["id"], price=None)
    for _ in range(5):
        await go(site, 60)
    assert await statements(site) == []

    def price(ledger: Ledger) -> None:
        book = SessionsBook(ledger)
        flowed = tuple(replace(each, import_price=Decimal("0.20")) for each in book.intervals("s-now"))
        book.correct("s-now", {}, None, "price", intervals=flowed, at=dt_util.utcnow())

    await site.coordinator.sessions.books.async_write(price)
    found = await becomes(site, lambda one: one.statement.driver == told["id"])
    assert found.statement.total == Decimal("3.00")


async def left(site: Site, account: CardNetwork, browser: TestClient[Any, Any], bank: str = "ok") -> str:
    """Let Ada leave a card; returns the path of her page."""
    link = str((await ask(site, "card_setup_link", driver="Ada"))["link"]).removeprefix(HERE)
    unagreed = await browser.post(link, data={"do": "leave"}, allow_redirects=False)
    assert unagreed.headers["Location"] == link
    leads = await browser.post(link, data={"do": "leave", "agreed": "1"}, allow_redirects=False)
    assert page_of(account) in leads.headers["Location"]
    account.leave_card(page_of(account), bank)
    assert "✓" in await (await browser.get(f"{link}?back=1")).text()
    return link


async def test_a_card_is_charged_once_though_home_assistant_restarts_in_between(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await charged(site, ADA.id, "s-before", hours=3)
    await left(site, account, browser)
    driver = site.coordinator.access.desk.people.drivers[ADA.id]
    assert driver.card_on_file is not None
    assert driver.charged_from == driver.card_on_file.since
    await go(site, 2 * 3600)
    begun = site.coordinator.tills.book

    async def gone(*_: object) -> None:
        raise OSError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(begun, "async_put", gone)
        await charged(site, ADA.id)
        await becomes(site, lambda one: one.statement.driver == ADA.id)
    assert account.taken == []
    await restarted(site)
    paid = await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert [session.id for session in paid.statement.sessions] == ["s-now"]
    await restarted(site)
    for _ in range(20):
        await go(site, 60)
    assert account.taken == [(paid.statement.id, 500)]


async def test_what_was_before_the_card_is_paid_by_the_month(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any], freezer: FrozenDateTimeFactory
) -> None:
    site.hass.config_entries.async_update_entry(site.entry, options={**site.entry.options, "statement_day": 5})
    await site.settle()
    await StatementRun(site.coordinator).async_run()
    await charged(site, ADA.id, "s-before", hours=3)
    await left(site, account, browser)
    await go(site, 2 * 3600)
    await charged(site, ADA.id)
    paid = await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    for day, expected in (("2026-12-05", ["s-november"]), ("2027-01-05", ["s-before"]), ("2027-02-05", [])):
        before = {each.statement.id for each in await statements(site)}
        freezer.move_to(f"{day} 08:00:00+00:00")
        await StatementRun(site.coordinator).async_run()
        made = [each.statement for each in await statements(site) if each.statement.id not in before]
        assert [one.id for each in made if each.driver == ADA.id for one in each.sessions] == expected
    assert account.taken == [(paid.statement.id, 500)]


async def test_a_card_that_is_declined_is_told_and_paid_by_link(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any]
) -> None:
    heard = async_capture_events(site.hass, "smart_evse_payment")
    await left(site, account, browser, "insufficient_funds")
    await go(site, 2 * 3600)
    await charged(site, ADA.id)
    found = await becomes(site, lambda one: one.statement.driver == ADA.id)
    await until(site, lambda: [each.data["type"] for each in heard] == ["declined", "link"])
    (told_owner,) = async_get_persistent_notifications(site.hass).values()
    assert str(found.statement.number) in told_owner["message"]
    told = await ask(site, "payment_link", user_of(site, ADA), statement=str(found.statement.number))
    assert told["url"] is not None
    assert account.pay(page_of(account))
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert len(account.taken) == 1


async def test_a_charge_that_cannot_be_begun_is_not_tried_without_end(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await left(site, account, browser)
    tried: list[str] = []

    async def refuse(_: Till, request: PaymentRequest, __: SavedCard) -> Payment:
        tried.append(request.statement)
        raise Refused("not this one")

    monkeypatch.setattr(Till, "async_charge", refuse)
    await go(site, 2 * 3600)
    await charged(site, ADA.id)
    await until(site, lambda: bool(tried))
    for _ in range(30):
        await pause(site)
    assert len(tried) <= 3
    await go(site, 16 * 60)
    await until(site, lambda: len(tried) > 1)


async def test_a_card_is_forgotten_everywhere(site: Site, account: CardNetwork, browser: TestClient[Any, Any]) -> None:
    await left(site, account, browser)
    assert await refused(site, "card_setup_link", user_of(site, BEN), driver="Ada") == "unknown_driver"
    await site.hass.services.async_call("smart_evse", "forget_card", {"driver": "Ada"}, blocking=True)
    driver = site.coordinator.access.desk.people.drivers[ADA.id]
    assert (driver.card_on_file, driver.charged_from) == (None, None)
    assert [card.customer for card in account.cards.values()] == [None]
    with pytest.raises(ServiceValidationError, match="No payment card"):
        await site.hass.services.async_call("smart_evse", "forget_card", {"driver": "Ada"}, blocking=True)


async def test_who_is_forgotten_takes_the_card_along(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any]
) -> None:
    await left(site, account, browser)
    await site.hass.services.async_call("smart_evse", "forget_driver", {"driver": "Ada"}, blocking=True)
    assert [card.customer for card in account.cards.values()] == [None]


async def test_nothing_is_charged_from_before_the_card(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any]
) -> None:
    await ask(site, "set_driver", driver="Ada", charge_card=True)
    await go(site, 2 * 3600)
    await charged(site, ADA.id)
    await left(site, account, browser)
    for _ in range(5):
        await go(site, 60)
    assert (await statements(site), account.taken) == ([], [])
    await go(site, 2 * 3600)
    await charged(site, ADA.id, "s-after")
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)


async def test_a_driver_who_did_not_agree_is_not_charged(
    site: Site, account: CardNetwork, browser: TestClient[Any, Any]
) -> None:
    link = await left(site, account, browser)
    await browser.post(link, data={"do": "stop"})
    await go(site, 2 * 3600)
    await charged(site, ADA.id)
    for _ in range(5):
        await go(site, 60)
    assert (await statements(site), account.taken) == ([], [])


@pytest.mark.parametrize(
    ("page", "methods"), [("pay", "get post"), ("pay/document", "get"), ("card", "get post"), ("stay", "get")]
)
async def test_a_link_that_opens_nothing_is_not_found(
    site: Site, browser: TestClient[Any, Any], page: str, methods: str
) -> None:
    what, _, more = page.partition("/")
    of_nobody = path_to(site.coordinator, Opens(what), "nobody")
    guessed = f"{of_nobody[:-1]}{'a' if of_nobody[-1] != 'a' else 'b'}"
    for there in (of_nobody, guessed, f"/api/smart_evse/{what}/nothing"):
        for method in methods.split():
            answer = await browser.request(method, f"{there}/{more}".rstrip("/"))
            assert answer.status == 404


async def test_a_price_that_nobody_sends_a_bill_for_is_told(site: Site) -> None:
    sender = site.entry.subentries["issuer-Olle Owner"]
    site.hass.config_entries.async_remove_subentry(site.entry, sender.subentry_id)
    await site.settle()
    assert "guests_unbilled" not in raised(site)
    told = await ask(site, "add_guest", name="Kim", tariff="Home")
    assert "guests_unbilled" in raised(site)
    site.hass.config_entries.async_add_subentry(site.entry, sender)
    await site.settle()
    assert "guests_unbilled" not in raised(site)
    site.hass.config_entries.async_remove_subentry(site.entry, sender.subentry_id)
    await site.settle()
    assert "guests_unbilled" in raised(site)
    await site.call("smart_evse", "revoke_guest", guest=told["id"])
    assert "guests_unbilled" not in raised(site)
