"""Every ledger twice: in a file, and on a real server that this run starts."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
import shutil

import pytest
from sqlalchemy.engine import URL

from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from custom_components.smart_evse.ledger.database import Database
from custom_components.smart_evse.ledger.migrate import migrate
from tests.ledger.house import ZONE
from tests.ledger.server import database_of, running_server

_NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def tables_on_server(server: URL) -> Iterator[str]:
    """A database with the tables and nothing in them: made once, copied for each test."""
    with database_of(server, "tables") as url:
        _make_tables(url)
        yield "tables"


@pytest.fixture(scope="session")
def tables_in_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    file = tmp_path_factory.mktemp("tables") / "ledger.db"
    _make_tables(str(file))
    return file


def _make_tables(where: str) -> None:
    database = Database(where)
    migrate(database)
    database.dispose()


@pytest.fixture
def replica(server: URL, tables_on_server: str) -> Iterator[str]:
    """A database on the server."""
    with database_of(server, f"ledger_{next(_NUMBERS)}", like=tables_on_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be, on each engine; nobody has opened it yet."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("replica")
        return url
    file = tmp_path / "ledger.db"
    shutil.copy(request.getfixturevalue("tables_in_file"), file)
    return str(file)


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where there is nothing yet, not even tables."""
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    with database_of(request.getfixturevalue("server"), f"ledger_{next(_NUMBERS)}") as url:
        yield url


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
