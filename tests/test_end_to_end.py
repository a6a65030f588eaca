"""The whole way, over real sockets: a P1 port, an inverter and a KEBA charger, and a car that follows.

Time is real here, and nothing is waited for longer than it takes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.coordinator import SiteCoordinator
from custom_components.smart_evse.engine.model import Mode, SiteState
from simulator.house import House, Plan
from simulator.running import Simulation

pytestmark = pytest.mark.usefixtures("socket_enabled")

FUSE = 20.0
PATIENCE = 40.0


@pytest.fixture
async def simulation() -> AsyncIterator[Simulation]:
    """A house on sockets, its time running."""
    running = Simulation(House(Plan(fuse=FUSE)))
    await running.open()
    running.start()
    yield running
    await running.close()


@pytest.fixture
async def site(hass: HomeAssistant, simulation: Simulation) -> MockConfigEntry:
    """A site set up against it."""

    def device(role: str, title: str, port: str, **data: object) -> ConfigSubentryData:
        where = {"host": simulation.host, "port": simulation.addresses[port]}
        return ConfigSubentryData(data={**where, **data}, subentry_type=role, title=title, unique_id=None)

    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"name": "Home", "phases": 3, "fuse": FUSE},
        options={"house_maximum": 7.0},
        subentries_data=[
            device("meter", "P1", "p1", kind="p1"),
            device("inverter", "Roof", "sunspec", kind="sunspec", unit=1),
            device("charger", "Garage", "keba", make="keba", unit=255, phase_map="123", max_current=16.0),
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true, and not a moment longer."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110 - a house has no event for it
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"in {PATIENCE:.0f} s it did not happen that {what}")


async def test_a_car_charges_under_the_fuse_and_gives_way(
    hass: HomeAssistant, simulation: Simulation, site: MockConfigEntry
) -> None:
    coordinator: SiteCoordinator = site.runtime_data
    house, keba = simulation.house, simulation.house.stations["keba"]
    await until(lambda: coordinator.data.decision.site.state is SiteState.NORMAL, "the meter spoke")
    (connector,) = coordinator.connectors
    house.plug("keba")
    await coordinator.async_set_mode(connector, Mode.FAST)
    await until(lambda: keba.power > 3000, "the car charged")
    assert keba.timeout == 60
    assert keba.safe == 12

    # Two washing machines on one phase: together with the car more than the fuse.
    for _ in range(2):
        house.switch_on("washer", phase=0)
    await until(lambda: keba.power < 3000, "the car gave way")
    await until(lambda: max(house.grid.amps) <= FUSE, "the fuse was safe")
    assert house.record.longest_above <= 1 + house.slowest

    house.unplug("keba")
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{connector}_session_energy")
    assert entity_id is not None
    await until(lambda: not coordinator.data.sessions[connector].active, "the session ended")
    assert coordinator.data.sessions[connector].energy > 0
    assert await hass.config_entries.async_remove(site.entry_id)
    assert keba.timeout == 0
