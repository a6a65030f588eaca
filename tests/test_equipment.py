"""What is around a site beside its main meter: meters of circuits, whether the grid is there."""

from datetime import timedelta

from homeassistant.config_entries import ConfigSubentryData
import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.meters.port import Measurement
from tests.home import MakeSite, make_site

__all__ = ["make_site"]


async def test_a_circuit_has_a_meter_of_its_own(make_site: MakeSite) -> None:
    circuit = ConfigSubentryData(
        data={"limit": 20.0, "phases": 3, "others": 4.0}, subentry_type="circuit", title="Garage", unique_id=None
    )
    site = await make_site(others=(circuit,))
    circuit_id = next(key for key, sub in site.entry.subentries.items() if sub.subentry_type == "circuit")
    meter = next(sub for sub in site.entry.subentries.values() if sub.subentry_type == "meter")
    site.hass.config_entries.async_update_subentry(
        site.entry, meter, data={**meter.data, "circuit": circuit_id}, title="Garage meter"
    )
    await site.hass.async_block_till_done()
    await site.settle()
    publish = site.meters[-1].publish
    assert publish is not None
    publish(Measurement(power=3000.0, currents=PerPhase(4.0, 4.0, 5.0)))
    site.coordinator.beat()
    snapshot, settings = site.coordinator.data.snapshot, site.coordinator.settings()
    ((known, reading),) = snapshot.circuits
    assert (known, reading.currents, snapshot.grid) == (circuit_id, PerPhase(4.0, 4.0, 5.0), None)
    assert [(item.others, item.max_age is not None) for item in settings.circuits] == [(4.0, True)]


@pytest.mark.parametrize(("state", "off_grid"), [("on", True), ("off", False), ("unavailable", None)])
async def test_a_switch_says_whether_the_grid_is_there(
    make_site: MakeSite, state: str, *, off_grid: bool | None
) -> None:
    site = await make_site(options={"off_grid_entity": "switch.backup"})
    assert site.coordinator.data.snapshot.off_grid is None
    site.hass.states.async_set("switch.backup", state)
    site.coordinator.beat()
    assert site.coordinator.data.snapshot.off_grid is off_grid


async def test_a_frequency_counts_while_it_is_fresh(make_site: MakeSite) -> None:
    site = await make_site(options={"frequency_entity": "sensor.frequency"})
    site.hass.states.async_set("sensor.frequency", "50.02", {"unit_of_measurement": "Hz"})
    site.coordinator.beat()
    assert site.coordinator.data.snapshot.frequency == 50.02
    site.freezer.tick(timedelta(minutes=6))
    site.coordinator.beat()
    assert site.coordinator.data.snapshot.frequency is None
    site.hass.states.async_set("sensor.frequency", "high")
    site.coordinator.beat()
    assert site.coordinator.data.snapshot.frequency is None


async def test_the_meter_of_a_circuit_that_is_gone_is_not_taken_for_the_main_one(make_site: MakeSite) -> None:
    gone = ConfigSubentryData(
        data={"kind": "demo", "circuit": "deleted"}, subentry_type="meter", title="Old", unique_id=None
    )
    site = await make_site(others=(gone,))
    publish = site.meters[-1].publish
    assert publish is not None
    publish(Measurement(power=9000.0))
    site.coordinator.beat()
    snapshot = site.coordinator.data.snapshot
    assert snapshot.grid is not None
    assert (snapshot.grid.power, snapshot.circuits) == (1000.0, ())
