"""What is or is not so, through Home Assistant's state machine."""

from dataclasses import replace

import pytest

from custom_components.smart_evse.engine.model import VehicleState
from tests.home import AC, CHARGING, CONNECTED, V2G, Box, MakeSite, charger


@pytest.mark.parametrize(
    ("state", "connected", "charging", "problem"),
    [
        (VehicleState.NOT_CONNECTED, "off", "off", "off"),
        (VehicleState.CONNECTED, "on", "off", "off"),
        (VehicleState.CHARGING, "on", "on", "off"),
        (VehicleState.VENTILATION, "on", "on", "off"),
        (VehicleState.NO_POWER, "off", "off", "on"),
        (VehicleState.FAULT, "off", "off", "on"),
        (None, "unknown", "unknown", "unknown"),
    ],
)
async def test_a_vehicle_state(
    make_site: MakeSite, state: VehicleState | None, connected: str, charging: str, problem: str
) -> None:
    site = await make_site(Box(AC, (replace(CONNECTED, state=state),)))
    shown = tuple(site.state("binary_sensor", key).state for key in ("connected", "charging", "problem"))
    assert shown == (connected, charging, problem)


async def test_a_fault_is_named(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (replace(CONNECTED, fault="residual current"),)))
    problem = site.state("binary_sensor", "problem")
    assert (problem.state, problem.attributes["fault"]) == ("on", "residual current")


async def test_a_car_that_gives_is_not_charging(make_site: MakeSite) -> None:
    site = await make_site(Box(V2G, (replace(CHARGING, power=-3000.0),)), chargers=(charger(phase_map="1"),))
    assert site.state("binary_sensor", "charging").state == "off"


async def test_a_silent_meter_degrades_the_site_and_a_new_sample_ends_it(make_site: MakeSite) -> None:
    site = await make_site()
    owner = site.entry.entry_id
    assert site.state("binary_sensor", "degraded", owner).state == "off"
    await site.wait(30)
    await site.read(CONNECTED)
    degraded = site.state("binary_sensor", "degraded", owner)
    assert degraded.state == "on"
    assert degraded.attributes["sentence"].startswith("The grid meter has told nothing for 31 s")
    await site.sample(500.0)
    assert site.state("binary_sensor", "degraded", owner).state == "off"
