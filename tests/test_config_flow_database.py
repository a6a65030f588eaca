"""The address of a database is tried before it is kept, and what is in the way is said."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
import os
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import create_engine

from custom_components.smart_evse.ledger.migrate import HEAD
from custom_components.smart_evse.ledger.outbox import Replica
from tests.flows import DEMO_METER, configure, site
from tests.ledger.server import running_server

pytestmark = [
    pytest.mark.usefixtures("socket_enabled"),
    pytest.mark.skipif(find_spec("psycopg") is None, reason="PostgreSQL's library is installed on first use"),
]

RULES = "local all all trust\nhost refused all all reject\nhost all all all scram-sha-256\n"
PEOPLE = (
    "CREATE ROLE ada LOGIN PASSWORD 'secret'",
    "CREATE ROLE guest LOGIN PASSWORD 'secret'",
    "CREATE DATABASE ledger OWNER ada",
    "CREATE DATABASE refused OWNER ada",
)


PORT = 20_000 + os.getpid() % 20_000
"""Of each run its own: a test that looks for a free one would need a socket before it may have any."""

NOBODY = 1
"""A port at which nobody listens."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return where a server listens that knows Ada and a guest."""
    with running_server("listen_addresses=127.0.0.1", f"port={PORT}", lets_in=RULES) as url:
        engine = create_engine(url.update_query_dict({"port": str(PORT)}), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in PEOPLE:
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield f"127.0.0.1:{PORT}"


@pytest.fixture
def home(hass: HomeAssistant) -> MockConfigEntry:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def other() -> AsyncIterator[str]:
    """Return where something else listens."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    yield f"{host}:{port}"
    listener.close()


async def said(hass: HomeAssistant, home: MockConfigEntry, url: str) -> dict[str, str]:
    """Say an address, and return what is wrong with it."""
    walk = await configure(hass, home, "records")
    await walk.say(more={"replica_url": url})
    return dict(walk.result.get("errors") or {})


async def test_one_that_takes_records_is_kept(hass: HomeAssistant, home: MockConfigEntry, server: str) -> None:
    url = f"postgresql://ada:secret@{server}/ledger"
    assert await said(hass, home, url) == {}
    assert home.options == {"replica_url": url}


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql://ada:wrong@{}/ledger", "database_login"),
        ("postgresql://nobody:secret@{}/ledger", "database_login"),
        ("postgresql://ada:secret@{}/refused", "database_login"),
        ("postgresql://ada:secret@{}/missing", "database_missing"),
        ("postgresql://guest:secret@{}/ledger", "database_rights"),
    ],
)
async def test_who_is_not_let_in_is_told_why(
    hass: HomeAssistant, home: MockConfigEntry, server: str, url: str, error: str
) -> None:
    assert await said(hass, home, url.format(server)) == {"base": error}
    assert home.options == {}


async def test_what_does_not_answer(hass: HomeAssistant, home: MockConfigEntry) -> None:
    url = f"postgresql://ada:secret@127.0.0.1:{NOBODY}/ledger"
    assert await said(hass, home, url) == {"base": "database_unreachable"}


async def test_what_is_something_else(hass: HomeAssistant, home: MockConfigEntry, other: str) -> None:
    assert await said(hass, home, f"postgresql://ada:secret@{other}/ledger") == {"base": "database_is_another"}


async def test_tables_that_are_there(hass: HomeAssistant, home: MockConfigEntry, server: str) -> None:
    url = f"postgresql://ada:secret@{server}/ledger"
    (await hass.async_add_executor_job(Replica, url)).close()
    assert await said(hass, home, f"postgresql://guest:secret@{server}/ledger") == {"base": "database_rights"}
    with patch("custom_components.smart_evse.ledger.reaching.HEAD", str(int(HEAD) - 1).zfill(4)):
        assert await said(hass, home, url) == {"base": "database_newer"}
    assert await said(hass, home, url) == {}


async def test_one_that_is_known_is_not_asked_again(hass: HomeAssistant, server: str) -> None:
    """It may be away for a week; other settings are kept all the same."""
    url = "postgresql://ada:secret@nowhere.invalid/ledger"
    home = site(DEMO_METER, replica_url=url)
    home.add_to_hass(hass)
    assert await said(hass, home, url) == {}


async def test_without_its_library(hass: HomeAssistant, home: MockConfigEntry, server: str) -> None:
    missing = patch(
        "custom_components.smart_evse.flows.records.async_process_requirements", side_effect=HomeAssistantError
    )
    with missing:
        url = f"postgresql://ada:secret@{server}/ledger"
        assert await said(hass, home, url) == {"base": "no_database_library"}
