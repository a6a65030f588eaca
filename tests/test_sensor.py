"""The values of sensors, through Home Assistant's state machine and its recorder."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
import json
from pathlib import Path

from homeassistant.components.recorder import get_instance  # type: ignore[attr-defined]
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.smart_evse.engine.model import Mode, PerPhase, VehicleState
from tests.home import AC, CHARGING, CONNECTED, V2G, Box, MakeSite, charger

TRANSLATIONS = Path(__file__).parent.parent / "custom_components" / "smart_evse" / "translations"


async def test_a_charging_car(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (CHARGING,)))
    states = {key: site.state("sensor", key).state for key in ("status", "power", "current", "phases", "energy")}
    assert states == {"status": "charging", "power": "6900.0", "current": "10.1", "phases": "3", "energy": "1234.0"}


@pytest.mark.parametrize("state", VehicleState)
async def test_every_vehicle_state_has_a_word(make_site: MakeSite, state: VehicleState) -> None:
    site = await make_site(Box(AC, (replace(CONNECTED, state=state),)))
    shown = site.state("sensor", "status")
    assert shown.state in shown.attributes["options"]


async def test_what_a_charger_does_not_tell_is_unknown(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (replace(CHARGING, power=None, currents=None, energy_in=None, state=None),)))
    for key in ("status", "power", "current", "energy"):
        assert site.state("sensor", key).state == "unknown"


async def test_power_out_of_the_car_is_negative(make_site: MakeSite) -> None:
    gives = replace(CHARGING, power=-4600.0, currents=PerPhase(-20.0), energy_out=1500.0, soc=70.0)
    site = await make_site(Box(V2G, (gives,)), chargers=(charger(phase_map="3"),))
    assert site.state("sensor", "power").state == "-4600.0"
    assert site.state("sensor", "current").state == "-20.0"
    assert site.state("sensor", "energy_discharged").state == "1.5"


async def test_a_car_on_one_phase_uses_one(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (replace(CHARGING, currents=PerPhase(0.1, 15.8, 0.0)),)))
    assert site.state("sensor", "phases").state == "1"


async def test_the_limit_is_what_is_commanded(make_site: MakeSite) -> None:
    site = await make_site()
    await site.call("number", "set_value", entity_id=site.entity_id("number", "charge_current"), value=8)
    assert site.state("sensor", "limit").state == "8.0"
    await site.wait(2)
    await site.settle()
    assert site.boxes[0].limits[-1][1].amps == 8.0  # type: ignore[union-attr]


async def test_a_session_starts_with_the_car(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (replace(CONNECTED, state=VehicleState.NOT_CONNECTED),)))
    assert site.state("sensor", "session_energy").state == "unknown"
    await site.read(CONNECTED)
    began = site.state("sensor", "session_energy").attributes["last_reset"]
    assert began == dt_util.utcnow().isoformat()
    await site.wait(120)
    await site.read(replace(CHARGING, energy_in=1_234_250.0))
    energy = site.state("sensor", "session_energy")
    assert (energy.state, energy.attributes["last_reset"]) == ("0.25", began)
    assert energy.attributes["state_class"] == "total"
    assert float(site.state("sensor", "session_duration").state) == pytest.approx(121 / 60)


async def test_the_site(make_site: MakeSite) -> None:
    site = await make_site()
    await site.wait(11)
    await site.sample(-2300.0, currents=PerPhase(-4.0, 2.0, -8.0))
    owner = site.entry.entry_id
    shown = {key: float(site.state("sensor", key, owner).state) for key in ("surplus", "fuse_use", "headroom_l3")}
    assert shown == {"surplus": 2300.0, "fuse_use": 32.0, "headroom_l3": 17.0}
    assert site.state("sensor", "house_consumption", owner).state == "unknown", "nobody tells what the sun gives"


async def test_a_reason_tells_its_sentence(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_mode(site.connector, Mode.OFF)
    reason = site.state("sensor", "reason")
    assert (reason.state, reason.attributes["sentence"]) == ("mode_off", "The mode is off.")
    await site.silence()
    assert site.state("sensor", "reason").attributes["sentence"] == "The charger has not answered for 60 s."
    assert site.state("sensor", "limited_by").state == "charger_silent"


@pytest.mark.parametrize("language", sorted(path.stem for path in TRANSLATIONS.glob("*.json")))
async def test_a_sentence_speaks_the_language_of_the_house(
    hass: HomeAssistant, make_site: MakeSite, language: str
) -> None:
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
    hass.config.language = language
    site = await make_site()
    await site.silence()
    sentence = site.state("sensor", "reason").attributes["sentence"]
    assert sentence == texts["common"]["reason_charger_silent"].replace("{age}", "60")


@pytest.mark.usefixtures("recorder_mock")
async def test_a_sentence_is_not_recorded(hass: HomeAssistant, make_site: MakeSite) -> None:
    start = dt_util.utcnow() - timedelta(minutes=1)
    site = await make_site()
    entity_id = site.entity_id("sensor", "reason")
    await async_wait_recording_done(hass)
    query = partial(get_significant_states, hass, start, entity_ids=[entity_id], significant_changes_only=False)
    states = (await get_instance(hass).async_add_executor_job(query))[entity_id]
    assert states
    assert all("sentence" not in state.attributes for state in states if isinstance(state, State))
    assert "sentence" in site.state("sensor", "reason").attributes
