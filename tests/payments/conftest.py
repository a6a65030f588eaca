"""A house with an account at the fake Stripe, on a real socket."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest

from simulator.payments import CardNetwork
from simulator.sockets.stripe import StripeServer
from tests.payments.till import SECRET, Clock, PaperBook, Till


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def till(socket_enabled: None, session: ClientSession, clock: Clock) -> AsyncIterator[Till]:
    server = StripeServer(CardNetwork(clock.seconds), SECRET)
    await server.open()
    yield Till(server, session, clock, PaperBook())
    await server.close()
