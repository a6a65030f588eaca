"""The life of a site: starting, reloading, unplugging, and leaving nothing behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.chargers.port import Watchdog
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import AcLimit, Mode, Override, PerPhase, SiteState, VehicleState
from custom_components.smart_evse.links.errors import BadCredentials, Silent, Unusable
from custom_components.smart_evse.meters.port import Measurement
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, charger, make_site

__all__ = ["make_site"]

AWAY = replace(CONNECTED, state=VehicleState.NOT_CONNECTED)


@dataclass(slots=True)
class GuardedBox(Box):
    """A charger with a watchdog, which keeps what it was set to."""

    registers: dict[str, float] = field(default_factory=lambda: {"timeout": 15.0, "amps": 0.0})

    async def originals(self) -> Mapping[str, float]:
        return dict(self.registers)

    async def arm(self, watchdog: Watchdog) -> Watchdog:
        self.registers = {"timeout": watchdog.timeout, "amps": watchdog.amps}
        return watchdog

    async def restore(self, originals: Mapping[str, float]) -> None:
        self.registers = dict(originals)


async def restarted(site: Site) -> Site:
    """Unload and load the site again, as a restart would."""
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    return site


async def test_a_site_comes_up_beats_and_goes(make_site: MakeSite) -> None:
    site = await make_site()
    assert site.coordinator.data.decision.site.state is SiteState.NORMAL
    await site.hass.config_entries.async_unload(site.entry.entry_id)
    assert site.entry.state is ConfigEntryState.NOT_LOADED


async def test_until_the_meter_speaks_nothing_is_commanded_and_nothing_raised(make_site: MakeSite) -> None:
    box = Box(AC, says=(CHARGING,))
    site = await make_site(box)
    box.limits.clear()
    await restarted(site)
    await site.read(CHARGING)
    assert site.coordinator.data.decision.site.state is SiteState.STARTING
    assert box.limits == []
    assert not [issue for issue in ir.async_get(site.hass).issues.values() if issue.domain == DOMAIN]


async def test_a_silent_meter_degrades_the_site_and_it_recovers_by_itself(make_site: MakeSite) -> None:
    box = Box(AC, says=(CHARGING,))
    site = await make_site(box)
    site.freezer.tick(9)
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    await site.settle()
    assert box.limits[-1] == (0, AcLimit(16.0, 3))
    site.freezer.tick(20)
    await site.read(replace(CHARGING, limit=16.0))
    assert site.coordinator.data.decision.site.state is SiteState.DEGRADED
    assert site.state("binary_sensor", "degraded", site.entry.entry_id).state == "on"
    assert box.limits[-1][1].amps == 14
    await site.sample(1000.0)
    assert site.coordinator.data.decision.site.state is SiteState.NORMAL


async def test_silence_is_noticed_by_the_timer_alone(make_site: MakeSite, hass: HomeAssistant) -> None:
    site = await make_site()
    site.freezer.tick(30)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1))
    await hass.async_block_till_done()
    assert site.coordinator.data.decision.site.state is SiteState.DEGRADED


async def test_a_session_and_what_was_chosen_survive_a_restart(make_site: MakeSite) -> None:
    box = Box(AC)
    site = await make_site(box)
    await site.read(replace(CHARGING, energy_in=1_000_000.0))
    await site.coordinator.async_set_mode(site.connector, Mode.SOLAR_MIN)
    await site.coordinator.async_set_override(site.connector, Override(amps=9.0))
    site.freezer.tick(600)
    await site.read(replace(CHARGING, energy_in=1_001_000.0))
    began = site.coordinator.data.sessions[site.connector].started
    await restarted(site)
    site.freezer.tick(600)
    await site.read(replace(CHARGING, energy_in=1_002_500.0))
    session, live = site.coordinator.data.sessions[site.connector], site.coordinator.live(site.connector)
    assert (session.started, session.energy, session.active) == (began, 2_500 + _before(session.energy), True)
    assert (live.mode, live.override) == (Mode.SOLAR_MIN, Override(amps=9.0))


def _before(energy: float) -> float:
    """The first reading of all came with another register, and began the session."""
    return energy - 2_500


async def test_an_override_ends_when_the_car_leaves_and_the_mode_after_it_begins(make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(CHARGING)
    await site.coordinator.async_set_live(
        site.connector, mode=Mode.FAST, mode_after_unplug=Mode.SOLAR, stop_after=5_000.0, override=Override(amps=8.0)
    )
    await site.read(AWAY)
    live = site.coordinator.live(site.connector)
    assert (live.mode, live.override, live.stop_after) == (Mode.SOLAR, None, None)


async def test_an_override_ends_at_its_time(make_site: MakeSite) -> None:
    site = await make_site()
    until = dt_util.utcnow() + timedelta(minutes=5)
    await site.coordinator.async_set_override(site.connector, Override(amps=8.0, until=until))
    site.freezer.tick(301)
    await site.read(CHARGING)
    assert site.coordinator.live(site.connector).override is None


async def test_a_session_stops_after_the_energy_that_was_asked_for(make_site: MakeSite) -> None:
    box = Box(AC)
    site = await make_site(box)
    await site.read(replace(CHARGING, energy_in=1_234_000.0))
    await site.coordinator.async_set_live(site.connector, mode=Mode.FAST, stop_after=1_000.0)
    site.freezer.tick(1200)
    await site.sample(1000.0)
    await site.read(replace(CHARGING, energy_in=1_235_100.0))
    assert box.limits[-1][1].amps == 0


async def test_a_charger_that_cannot_even_be_opened_leaves_the_others_their_site(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await make_site()
    good = Box(AC)

    def open_charger(config: Mapping[str, object], _: object) -> Box:
        if config.get("make") == "keba":
            raise Unusable("host is missing")
        return good

    monkeypatch.setattr("custom_components.smart_evse.chargers.open_charger", open_charger)
    other = charger("Drive", make="keba")
    subentry = site.entry.subentries[next(iter(site.entry.subentries))]
    site.hass.config_entries.async_add_subentry(
        site.entry, replace(subentry, subentry_id="broken", title="Drive", data=other["data"], unique_id="x")
    )
    await site.settle()
    assert site.entry.state is ConfigEntryState.LOADED
    assert list(site.coordinator.equipment.broken) == ["broken"]
    assert len(site.coordinator.connectors) == 1


async def test_a_charger_that_is_deleted_is_put_back_as_it_was(make_site: MakeSite) -> None:
    box = GuardedBox(AC, says=(replace(CONNECTED, limit=13.0),))
    site = await make_site(box)
    await site.settle()
    assert box.registers == {"timeout": 60.0, "amps": 14.0}
    subentry_id = site.connector.partition(":")[0]
    site.hass.config_entries.async_remove_subentry(site.entry, subentry_id)
    await site.settle()
    assert box.registers == {"timeout": 15.0, "amps": 0.0}
    assert box.limits[-1] == (0, AcLimit(13.0, 3))
    assert site.coordinator.connectors == {}
    assert site.coordinator.store.kept.touched == {}


async def test_a_site_that_is_removed_leaves_nothing_behind(
    make_site: MakeSite, hass_storage: dict[str, object]
) -> None:
    box = GuardedBox(AC)
    site = await make_site(box)
    await site.settle()
    key = f"{DOMAIN}.{site.entry.entry_id}"
    assert key in hass_storage
    await site.hass.config_entries.async_remove(site.entry.entry_id)
    await site.settle()
    assert box.registers == {"timeout": 15.0, "amps": 0.0}
    assert key not in hass_storage
    assert not dr.async_entries_for_config_entry(dr.async_get(site.hass), site.entry.entry_id)


async def test_a_removed_charger_that_cannot_be_reached_is_let_go(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = GuardedBox(AC)
    site = await make_site(box)
    await site.settle()

    async def gone(_: GuardedBox, originals: Mapping[str, float]) -> None:
        raise Silent("no answer")

    monkeypatch.setattr(GuardedBox, "restore", gone)
    await site.hass.config_entries.async_remove(site.entry.entry_id)
    assert "could not be put back" in caplog.text


async def test_silence_and_return_are_each_logged_once(make_site: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    site = await make_site()
    await site.silence()
    await site.read()
    await site.read()
    site.boxes[0].error = None
    await site.read(CONNECTED)
    assert caplog.text.count("Garage does not answer") == 1
    assert caplog.text.count("Garage answers again") == 1


async def test_a_wrong_password_starts_a_reauth_that_names_the_charger(make_site: MakeSite) -> None:
    site = await make_site()
    site.boxes[0].error = BadCredentials("401")
    await site.read()
    await site.read()
    flows = [flow for flow in site.hass.config_entries.flow.async_progress() if flow["context"]["source"] == "reauth"]
    assert len(flows) == 1
    assert flows[0]["context"]["title_placeholders"]["name"] == "Garage"


async def test_options_that_change_reload_the_site(make_site: MakeSite) -> None:
    site = await make_site()
    before = site.coordinator
    site.hass.config_entries.async_update_entry(site.entry, options={"margin": 2.0})
    await site.settle()
    assert site.coordinator is not before
    assert site.coordinator.settings().margin == 2


async def test_circuits_and_vehicles_take_part(make_site: MakeSite) -> None:
    site = await make_site(chargers=(charger("Garage", circuit="gone", vehicle="none"),))
    await site.read(CHARGING)
    issues = {issue.translation_key for issue in ir.async_get(site.hass).issues.values() if issue.domain == DOMAIN}
    assert "circuit_missing" in issues
    assert site.coordinator.settings().connectors[0].circuit == "gone"


async def test_a_meter_that_tells_only_the_total_is_reported(make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(CHARGING)
    publish = site.meters[0].publish
    assert publish is not None
    site.freezer.tick(1)
    publish(Measurement(power=800.0))
    await site.settle()
    issues = {issue.translation_key for issue in ir.async_get(site.hass).issues.values() if issue.domain == DOMAIN}
    assert "total_power_only" in issues


async def test_a_slow_meter_is_reported_and_forgiven(make_site: MakeSite) -> None:
    site = await make_site()
    for _ in range(20):
        site.freezer.tick(30)
        await site.sample(900.0, currents=PerPhase(2.0, 1.0, 1.0))
    issues = {issue.translation_key for issue in ir.async_get(site.hass).issues.values() if issue.domain == DOMAIN}
    assert "meter_slow" in issues
    for _ in range(40):
        site.freezer.tick(1)
        await site.sample(900.0)
    issues = {issue.translation_key for issue in ir.async_get(site.hass).issues.values() if issue.domain == DOMAIN}
    assert "meter_slow" not in issues


async def test_budgets_and_the_run_in_the_sun_survive_a_restart(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(CHARGING,)))
    site.freezer.tick(5)
    await site.coordinator.async_set_override(site.connector, Override(amps=0.0))
    await site.settle()
    site.freezer.tick(5)
    await site.coordinator.async_set_override(site.connector, Override(amps=8.0))
    await site.settle()
    site.coordinator.beat()
    before = site.coordinator.equipment.command_memory(site.connector)
    assert len(before.starts) >= 1
    site.freezer.tick(3600)
    await restarted(site)
    after = site.coordinator.equipment.command_memory(site.connector)
    assert after.starts == pytest.approx(before.starts, abs=1.5)


async def test_all_equipment_has_a_device_that_hangs_on_the_site(make_site: MakeSite) -> None:
    site = await make_site()
    registry = dr.async_get(site.hass)
    devices = {device.name: device for device in dr.async_entries_for_config_entry(registry, site.entry.entry_id)}
    assert set(devices) == {"Home", "Garage", "Meter at the door"}
    assert devices["Meter at the door"].via_device_id == devices["Home"].id
    assert (devices["Meter at the door"].manufacturer, devices["Meter at the door"].model) == ("Maker", "Meter")


async def test_an_outlet_that_is_gone_takes_its_device_along(make_site: MakeSite) -> None:
    double = Box(replace(AC, outlets=2), says=(CONNECTED, CONNECTED))
    site = await make_site(double)
    registry = dr.async_get(site.hass)
    assert len(dr.async_entries_for_config_entry(registry, site.entry.entry_id)) == 4
    double.traits = AC
    double.says = (CONNECTED,)
    await restarted(site)
    names = {device.name for device in dr.async_entries_for_config_entry(registry, site.entry.entry_id)}
    assert names == {"Home", "Garage", "Meter at the door"}


async def test_phases_that_are_gone_take_their_entities_along(make_site: MakeSite) -> None:
    site = await make_site()
    site.entity_id("sensor", "headroom_l3", site.entry.entry_id)
    site.hass.config_entries.async_update_entry(site.entry, data={**site.entry.data, "phases": 1})
    await site.settle()
    site.entity_id("sensor", "headroom_l1", site.entry.entry_id)
    with pytest.raises(AssertionError):
        site.entity_id("sensor", "headroom_l3", site.entry.entry_id)


async def test_what_was_opened_is_closed_when_the_setup_fails(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    async def close(_: object) -> None:
        closed.append(True)

    async def fail(*_: object) -> None:
        raise RuntimeError("a platform broke")

    monkeypatch.setattr("custom_components.smart_evse.wires.HassWires.close", close)
    site = await make_site()
    closed.clear()
    await site.hass.config_entries.async_unload(site.entry.entry_id)
    monkeypatch.setattr(site.hass.config_entries, "async_forward_entry_setups", fail)
    closed.clear()
    await site.hass.config_entries.async_setup(site.entry.entry_id)
    assert site.entry.state is ConfigEntryState.SETUP_ERROR
    assert closed


async def test_a_deleted_charger_that_cannot_be_reached_stays_on_record_and_holds_nobody_up(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = GuardedBox(AC)
    site = await make_site(box)
    await site.settle()

    async def gone(_: GuardedBox, originals: Mapping[str, float]) -> None:
        raise Silent("no answer")

    monkeypatch.setattr(GuardedBox, "restore", gone)
    subentry_id = site.connector.partition(":")[0]
    site.hass.config_entries.async_remove_subentry(site.entry, subentry_id)
    await site.settle()
    assert site.entry.state is ConfigEntryState.LOADED
    assert list(site.coordinator.store.kept.touched) == [subentry_id]


async def test_an_explanation_names_what_is_wrong_on_the_line(make_site: MakeSite) -> None:
    site = await make_site()
    await site.silence()
    await site.read()
    (told,) = (await site.call(DOMAIN, "explain", entity_id=site.entity_id("sensor", "reason"))).values()
    assert told["reason"] == "charger_silent"
    assert "Garage" in told["error"]
    assert told["withheld"] is False


@pytest.mark.parametrize(("data", "amps"), [({}, 12.0), ({"reaction_time": 60}, 10.0)])
async def test_a_charger_that_is_said_to_react_late_keeps_its_distance(
    make_site: MakeSite, data: dict[str, object], amps: float
) -> None:
    site = await make_site(chargers=(charger(mode="fast", **data),))
    await site.read(AWAY)
    await site.sample(8_280.0, currents=PerPhase(12.0, 12.0, 12.0))
    await site.read(CONNECTED)
    setpoint = site.coordinator.data.decision.setpoint(site.connector)
    assert setpoint is not None
    assert setpoint.limit == AcLimit(amps=amps, phases=3)
