"""What every test gets: our own integration on the import path, with or without Home Assistant.

`tests/engine` also runs where Home Assistant is not installed. The integration's `__init__.py` imports it, so there the
engine's parents are registered as empty packages that only know their folder.
"""

from datetime import datetime
from importlib.util import find_spec
import logging
from pathlib import Path
import sys
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _register_empty_package(name: str) -> None:
    package = ModuleType(name)
    package.__path__ = [str(ROOT.joinpath(*name.split(".")))]
    sys.modules[name] = package


if find_spec("homeassistant") is None:
    for parent in ("custom_components", "custom_components.smart_evse"):
        _register_empty_package(parent)

    collect_ignore_glob = ["[!e]*", "test_*"]

    def pytest_addoption(parser: pytest.Parser) -> None:
        """Know the option of a plugin that is not here."""
        parser.addini("asyncio_mode", "of pytest-asyncio, which the engine has no use for")

else:
    # The test package of Home Assistant ships a `custom_components` of its own: ours has to be imported first.
    from freezegun.api import FrozenDateTimeFactory

    import custom_components  # noqa: F401
    from tests.home import make_site  # noqa: F401

    # The same package has every statement told that goes to a database: an engine looks at it once, when it is made.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

    @pytest.fixture
    def freezer(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
        """Stand still at a noon, far from any departure: what a test finds does not hang on when it is run."""
        freezer.move_to(datetime(2026, 11, 17, 12, tzinfo=ZoneInfo("US/Pacific")))
        return freezer

    @pytest.fixture
    def hass_config_dir(tmp_path: Path) -> str:
        """Let each Home Assistant have a folder of its own: there is a ledger in it."""
        return str(tmp_path)

    @pytest.fixture(autouse=True)
    def auto_enable_custom_integrations(request: pytest.FixtureRequest) -> None:
        """Let Home Assistant find the integration; the time is set before all, a recorder made before `hass` is."""
        if "hass" not in request.fixturenames:
            return
        if "freezer" in request.fixturenames:
            request.getfixturevalue("freezer")
        if "recorder_mock" in request.fixturenames:
            request.getfixturevalue("recorder_mock")
        request.getfixturevalue("enable_custom_integrations")
