"""A house on real sockets in which time passes only when a test says so."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from simulator.house import House, Plan
from simulator.running import Simulation
from simulator.sun import SKIES, ModelledSun

NOON = datetime.fromisoformat("2007-05-14 12:10")


@pytest.fixture
def house() -> House:
    """Return a quiet house under a clear sky: 7 kW of sun, 0.3 kW of load."""
    return House(Plan(start=NOON), sun=ModelledSun(SKIES["clear"]))


@pytest.fixture
async def simulation(house: House, socket_enabled: None) -> AsyncIterator[Simulation]:
    """Return the house with all its sockets open."""
    simulation = Simulation(house)
    await simulation.open()
    yield simulation
    await simulation.close()
