"""A site that takes money: an issuer with an account at the fake Stripe on a real socket, a tariff, and a clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.ledger import SessionsBook, StatementFilter, StatementsBook
from custom_components.smart_evse.ledger.statements import StatementOnRecord
from custom_components.smart_evse.till import ADDRESSES
from simulator.payments import CardNetwork
from simulator.sockets.stripe import StripeServer
from tests.home import MakeSite, Site
from tests.on_record import pause, read
from tests.stated import DECEMBER, issuer, stating, tariff

SECRET = "sk_test_of_the_house"
WEBHOOK_SECRET = "whsec_of_the_house"
PAID = issuer(stripe_key=SECRET, webhook_secret=WEBHOOK_SECRET)

_LOOKS = 400


def network() -> CardNetwork:
    """Return an account whose clock is the one of the tests."""
    return CardNetwork(lambda: dt_util.utcnow().timestamp())


@pytest.fixture
async def stripe(socket_enabled: None, freezer: FrozenDateTimeFactory) -> AsyncIterator[StripeServer]:
    """The payment provider on a real socket, in December."""
    freezer.move_to(DECEMBER)
    server = StripeServer(network(), SECRET)
    await server.open()
    yield server
    await server.close()


@pytest.fixture
def account(stripe: StripeServer) -> CardNetwork:
    """What is in the owner's account there."""
    return stripe.network


async def paid_site(make_site: MakeSite, server: StripeServer, hass: HomeAssistant, **options: object) -> Site:
    """Set up the site of `stated`, its issuer with an account."""
    hass.data[ADDRESSES] = {"stripe": server.url}
    hass.config.internal_url = "http://10.0.0.2:8123"
    return await stating(make_site, tariff("0.50"), PAID, options=options)


async def go(site: Site, seconds: float = 1.0) -> None:
    """Let time pass for everything that waits for a time."""
    site.freezer.tick(seconds)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await pause(site)


async def statements(site: Site) -> list[StatementOnRecord]:
    """Return what is on record, the first first."""

    def look(book: SessionsBook) -> list[StatementOnRecord]:
        books = StatementsBook(book.ledger)
        found = [books.statement(each.id) for each in books.statements(StatementFilter())]
        return [each for each in reversed(found) if each is not None]

    return await read(site, look)


async def becomes(site: Site, true: Callable[[StatementOnRecord], bool], *, passing: float = 2.0) -> StatementOnRecord:
    """Wait until that is true of the last statement, while time passes."""
    found: list[StatementOnRecord] = []
    for _ in range(_LOOKS):
        found = await statements(site)
        if found and true(found[-1]):
            return found[-1]
        await go(site, passing)
    raise AssertionError(f"it does not become so: {[each.standing for each in found]}")


async def meanwhile[T](site: Site, doing: Coroutine[Any, Any, T]) -> T:
    """Let time pass until something is done that waits for it."""
    task = asyncio.create_task(doing)
    for _ in range(_LOOKS):
        if task.done():
            break
        await go(site)
    return await task


async def restarted(site: Site) -> None:
    """Let Home Assistant forget all that is not on disk."""
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    del site.meters[0]
    await site.sample(1000.0)
