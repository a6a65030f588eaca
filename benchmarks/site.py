"""A site in a real Home Assistant, in this process, with simulated devices: something to measure."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
import tempfile

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

# Ours first: the test package of Home Assistant ships a `custom_components` of its own.
import custom_components.smart_evse  # noqa: F401
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.coordinator import SiteCoordinator

ROOT = Path(__file__).resolve().parent.parent
DEMO_METER = {"kind": "demo"}
DEMO_CHARGER = {"make": "demo", "phase_map": "123", "max_current": 16.0, "unguarded": True}

type Data = Mapping[str, object]


def subentry(kind: str, title: str, data: Data) -> ConfigSubentryData:
    """Return a device as a config entry keeps it."""
    return ConfigSubentryData(data=data, subentry_type=kind, title=title, unique_id=None)


def _link(config: Path) -> None:
    (config / "custom_components").symlink_to(ROOT / "custom_components")


@asynccontextmanager
async def bare_home_assistant() -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant that knows the integration and has no site."""
    with tempfile.TemporaryDirectory() as config:
        _link(Path(config))
        async with async_test_home_assistant(config_dir=config) as hass:
            hass.data.pop(DATA_CUSTOM_COMPONENTS, None)
            yield hass
            await hass.async_stop(force=True)


@asynccontextmanager
async def running_site(
    *, chargers: int = 1, devices: Sequence[ConfigSubentryData] = (), options: Data | None = None
) -> AsyncIterator[SiteCoordinator]:
    """Run a site with the given devices, or with a simulated meter and so many simulated chargers."""
    if not devices:
        boxes = (subentry("charger", f"Charger {number + 1}", DEMO_CHARGER) for number in range(chargers))
        devices = (subentry("meter", "Meter", DEMO_METER), *boxes)
    async with bare_home_assistant() as hass:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            data={"name": "Home", "phases": 3, "fuse": 25.0},
            options=options or {},
            subentries_data=devices,
        )
        entry.add_to_hass(hass)
        if not await hass.config_entries.async_setup(entry.entry_id):
            raise RuntimeError(f"The site did not come up: {entry.state} {entry.reason}")
        await hass.async_block_till_done()
        yield entry.runtime_data
        await hass.config_entries.async_unload(entry.entry_id)
