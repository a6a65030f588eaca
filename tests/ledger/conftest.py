"""Every ledger twice: in a file, and on a real server that this run starts."""

from collections.abc import Iterator
from itertools import count
import logging
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from tests.ledger.house import ZONE
from tests.ledger.server import database_of, running_server

_NUMBERS = count()


@pytest.fixture(scope="session", autouse=True)
def without_statements() -> None:
    """Home Assistant's own tests write every statement into the log; here that is most of what would happen."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    with running_server() as url:
        yield url


@pytest.fixture
def replica(server: URL) -> Iterator[str]:
    """An empty database on the server."""
    with database_of(server, f"ledger_{next(_NUMBERS)}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger may be, on each engine."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("replica")
        return url
    return str(tmp_path / "ledger.db")


@pytest.fixture
def ledger(where: str) -> Iterator[Ledger]:
    opened = Ledger.open(where, "home", zone=ZONE)
    yield opened
    opened.close()


@pytest.fixture
def sessions(ledger: Ledger) -> SessionsBook:
    return SessionsBook(ledger)


@pytest.fixture
def people(ledger: Ledger) -> PeopleBook:
    return PeopleBook(ledger)
