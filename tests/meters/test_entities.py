"""Meters by entities: units, signs, rounds of reports, and what is not known."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import Silent, Unusable
from custom_components.smart_evse.meters.entities import ROUND, EntityMeter
from custom_components.smart_evse.meters.port import Measurement
from custom_components.smart_evse.states import HassStates

POWER, IMPORT, EXPORT, SOC = "sensor.power", "sensor.import", "sensor.export", "sensor.soc"
LINES = tuple(f"sensor.power_l{line}" for line in (1, 2, 3))
CURRENTS = tuple(f"sensor.current_l{line}" for line in (1, 2, 3))

ONE = {"power": POWER}
PAIR = {"import": IMPORT, "export": EXPORT}
PHASES = {f"l{line}": entity_id for line, entity_id in enumerate(LINES, start=1)}
PHASE_CURRENTS = {f"current_l{line}": entity_id for line, entity_id in enumerate(CURRENTS, start=1)}


def show(hass: HomeAssistant, entity_id: str, value: object, unit: str = "W") -> None:
    hass.states.async_set(entity_id, str(value), {"unit_of_measurement": unit})


def meter(hass: HomeAssistant, entities: Mapping[str, str], **about: object) -> EntityMeter:
    return EntityMeter(HassStates(hass), entities, **about)  # type: ignore[arg-type]  # as each test has it


@asynccontextmanager
async def running(source: EntityMeter) -> AsyncIterator[list[Measurement]]:
    """Run a meter and gather what it hands over."""
    samples: list[Measurement] = []
    task = asyncio.create_task(source.run(samples.append))
    await asyncio.sleep(0)
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def first(source: EntityMeter) -> Measurement:
    async with running(source) as samples:
        return samples[0]


# What it makes of the entities


@pytest.mark.parametrize(
    ("value", "unit", "watts"), [(1240, "W", 1240), (-0.5, "kW", -500), (0.003, "MW", 3000), (7000, "mW", 7)]
)
async def test_units(hass: HomeAssistant, value: float, unit: str, watts: float) -> None:
    show(hass, POWER, value, unit)
    assert (await first(meter(hass, ONE))).power == pytest.approx(watts)
    assert (await first(meter(hass, ONE, invert=True))).power == pytest.approx(-watts)


@pytest.mark.parametrize(("taken", "given", "watts"), [(800, 0, 800), (0, 2.5, -2500), (0, -2.5, -2500), (0, 0, 0)])
async def test_import_and_export(hass: HomeAssistant, taken: float, given: float, watts: float) -> None:
    show(hass, IMPORT, taken)
    show(hass, EXPORT, given, "kW")
    assert (await first(meter(hass, PAIR))).power == watts
    assert (await first(meter(hass, PAIR, invert=True))).power == -watts


async def test_an_import_alone_is_a_house_that_never_exports(hass: HomeAssistant) -> None:
    show(hass, IMPORT, 640)
    assert (await first(meter(hass, {"import": IMPORT}))).power == 640


async def test_three_phases(hass: HomeAssistant) -> None:
    for entity_id, watts in zip(LINES, (1150, -460, 230), strict=True):
        show(hass, entity_id, watts)
    sample = await first(meter(hass, PHASES))
    assert sample.power == 920
    assert sample.powers == PerPhase(1150, -460, 230)
    assert sample.currents == PerPhase(5.0, -2.0, 1.0)
    turned = await first(meter(hass, PHASES, invert=True))
    assert (turned.power, turned.powers, turned.currents) == (
        -920,
        PerPhase(-1150, 460, -230),
        PerPhase(-5.0, 2.0, -1.0),
    )


async def test_currents_are_signed_by_the_power_of_their_phase(hass: HomeAssistant) -> None:
    for entity_id, watts in zip(LINES, (1150, -460, 230), strict=True):
        show(hass, entity_id, watts)
    for entity_id, amps in zip(CURRENTS, (5.4, 2.6, 900), strict=True):
        show(hass, entity_id, amps, "A" if amps < 100 else "mA")
    sample = await first(meter(hass, PHASES | PHASE_CURRENTS))
    # Whoever says less current than the power proves is not believed.
    assert sample.currents == PerPhase(5.4, -2.6, 1.0)


async def test_currents_without_the_power_of_their_phase(hass: HomeAssistant) -> None:
    """An unsigned current counts as import, with the signs turned or not; only what is called export is one."""
    show(hass, POWER, 2000)
    for entity_id, amps in zip(CURRENTS, (5.0, -2.0, 1.0), strict=True):
        show(hass, entity_id, amps, "A")
    sample = await first(meter(hass, ONE | PHASE_CURRENTS))
    assert sample.currents == PerPhase(5.0, -2.0, 1.0)
    assert sample.powers is None
    assert (await first(meter(hass, ONE | PHASE_CURRENTS, invert=True))).currents == PerPhase(5.0, 2.0, 1.0)


async def test_a_circuit_is_known_by_its_currents_alone(hass: HomeAssistant) -> None:
    for entity_id, amps in zip(CURRENTS, (5.0, -2.0, 1.0), strict=True):
        show(hass, entity_id, amps, "A")
    sample = await first(meter(hass, PHASE_CURRENTS, circuit=True))
    assert (sample.currents, sample.power, sample.powers) == (PerPhase(5.0, -2.0, 1.0), 4 * 230, None)
    turned = await first(meter(hass, PHASE_CURRENTS, circuit=True, invert=True))
    assert (turned.currents, turned.power) == (PerPhase(5.0, 2.0, 1.0), 8 * 230)
    one = await first(meter(hass, {"current_l1": CURRENTS[0]}, circuit=True, phases=1))
    assert (one.currents, one.power) == (PerPhase(5.0), 5 * 230)


async def test_the_grid_and_half_a_circuit_are_not_known_by_currents(hass: HomeAssistant) -> None:
    with pytest.raises(Unusable):
        meter(hass, PHASE_CURRENTS)
    with pytest.raises(Unusable):
        meter(hass, {"current_l1": CURRENTS[0]}, circuit=True)


async def test_one_total_tells_nothing_of_three_phases(hass: HomeAssistant) -> None:
    show(hass, POWER, 2000)
    sample = await first(meter(hass, ONE))
    assert (sample.currents, sample.powers) == (None, None)


async def test_on_one_phase_the_total_is_the_phase(hass: HomeAssistant) -> None:
    show(hass, POWER, -920)
    assert (await first(meter(hass, ONE, phases=1))).currents == PerPhase(-4.0)
    show(hass, CURRENTS[0], 4.5, "A")
    assert (await first(meter(hass, ONE | {"current_l1": CURRENTS[0]}, phases=1))).currents == PerPhase(-4.5)


async def test_the_sites_own_voltage(hass: HomeAssistant) -> None:
    for entity_id in LINES:
        show(hass, entity_id, 1200)
    assert (await first(meter(hass, PHASES, voltage=240.0))).currents == PerPhase(5.0, 5.0, 5.0)


@pytest.mark.parametrize("watts", [3200, -3200])
async def test_the_sun_is_never_negative(hass: HomeAssistant, watts: int) -> None:
    show(hass, POWER, watts)
    sample = await first(meter(hass, ONE, role="solar", phases=1))
    assert (sample.power, sample.currents) == (3200, None)


async def test_a_battery_tells_its_charge_and_waits_for_nobody(hass: HomeAssistant) -> None:
    show(hass, POWER, -1500)
    battery = meter(hass, ONE | {"soc": SOC}, role="battery", invert=True)
    async with running(battery) as samples:
        assert (samples[0].power, samples[0].soc) == (1500, None)
        show(hass, SOC, 63, "%")
        assert len(samples) == 1
        show(hass, POWER, -1400)
    assert (samples[1].power, samples[1].soc) == (1400, 63)


# When it hands over


async def test_each_report_is_handed_over_once_the_same_value_too(hass: HomeAssistant) -> None:
    show(hass, POWER, 100)
    async with running(meter(hass, ONE)) as samples:
        show(hass, POWER, 200)
        show(hass, POWER, 200)
        hass.states.async_set("sensor.other", "1")
        await hass.async_block_till_done()
    assert [sample.power for sample in samples] == [100, 200, 200]


async def test_what_was_handed_over_is_not_handed_over_by_the_next_run(hass: HomeAssistant) -> None:
    show(hass, POWER, 100)
    source = meter(hass, ONE)
    await first(source)
    async with running(source) as samples:
        assert samples == []
        show(hass, POWER, 100)
    assert len(samples) == 1


async def test_after_a_run_nothing_is_listened_to(hass: HomeAssistant) -> None:
    show(hass, POWER, 100)
    async with running(meter(hass, ONE)) as samples:
        pass
    show(hass, POWER, 300)
    await hass.async_block_till_done()
    assert [sample.power for sample in samples] == [100]


async def test_a_round_is_handed_over_when_it_is_whole(hass: HomeAssistant) -> None:
    for entity_id in LINES:
        show(hass, entity_id, 100)
    async with running(meter(hass, PHASES)) as samples:
        show(hass, LINES[0], 200)
        show(hass, LINES[1], 300)
        assert len(samples) == 1
        show(hass, LINES[2], 100)
    assert [sample.powers for sample in samples] == [PerPhase(100, 100, 100), PerPhase(200, 300, 100)]


async def test_turning_from_import_to_export_shows_no_moment_in_between(hass: HomeAssistant) -> None:
    show(hass, IMPORT, 500)
    show(hass, EXPORT, 0)
    async with running(meter(hass, PAIR)) as samples:
        show(hass, IMPORT, 0)
        show(hass, EXPORT, 300)
    assert [sample.power for sample in samples] == [500, -300]


async def later(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2 * ROUND))
    await hass.async_block_till_done()


async def test_a_direction_that_rests_is_waited_for_in_vain(hass: HomeAssistant) -> None:
    show(hass, IMPORT, 500)
    show(hass, EXPORT, 0)
    async with running(meter(hass, PAIR)) as samples:
        show(hass, IMPORT, 600)
        assert len(samples) == 1
        await later(hass)
        assert [sample.power for sample in samples] == [500, 600]
        # The other way round, the import is the one that has to speak.
        show(hass, EXPORT, 0)
        await later(hass)
    assert len(samples) == 2


async def test_a_phase_that_has_fallen_silent_leaves_no_sample(hass: HomeAssistant) -> None:
    for entity_id in LINES:
        show(hass, entity_id, 0)
    async with running(meter(hass, PHASES)) as samples:
        for _ in range(3):
            show(hass, LINES[0], 200)
            show(hass, LINES[1], 300)
            await later(hass)
    assert len(samples) == 1


@pytest.mark.parametrize("nothing", ["unavailable", "unknown"])
async def test_a_pair_of_which_one_is_not_known(hass: HomeAssistant, nothing: str) -> None:
    show(hass, IMPORT, 500)
    hass.states.async_set(EXPORT, nothing)
    async with running(meter(hass, PAIR)) as samples:
        show(hass, IMPORT, 600)
        await later(hass)
        assert samples == []
        show(hass, EXPORT, 0)
        assert [sample.power for sample in samples] == [600]
        hass.states.async_set(EXPORT, nothing)
        show(hass, IMPORT, 700)
        await later(hass)
    assert len(samples) == 1


async def test_a_sample_is_as_old_as_its_report(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    show(hass, POWER, 100)
    freezer.tick(timedelta(seconds=7))
    async with running(meter(hass, ONE)) as samples:
        show(hass, POWER, 200)
    assert [sample.ago for sample in samples] == pytest.approx([7.0, 0.0])


async def test_a_clock_that_was_set_back_makes_nothing_younger_than_now(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    show(hass, POWER, 100)
    freezer.tick(timedelta(hours=-1))
    async with running(meter(hass, ONE)) as samples:
        show(hass, POWER, 200)
    assert [sample.ago for sample in samples] == [0.0, 0.0]


# What goes wrong


@pytest.mark.parametrize("unit", ["kWh", "A", ""])
async def test_a_wrong_unit_is_named(hass: HomeAssistant, unit: str) -> None:
    show(hass, POWER, 100, unit)
    source = meter(hass, ONE)
    with pytest.raises(Unusable, match=f"{POWER}.*{unit or 'no unit'}"):
        await source.identify()
    with pytest.raises(Unusable, match=POWER):
        await source.run(lambda _: None)


async def test_a_unit_that_changes_on_the_way_ends_the_run(hass: HomeAssistant) -> None:
    show(hass, POWER, 100)
    task = asyncio.create_task(meter(hass, ONE).run(lambda _: None))
    await asyncio.sleep(0)
    show(hass, POWER, 100, "var")
    with pytest.raises(Unusable, match="var"):
        await task


async def test_silence_ends_the_run(hass: HomeAssistant) -> None:
    show(hass, POWER, 100)
    with pytest.raises(Silent):
        await meter(hass, ONE, silence=0.01).run(lambda _: None)


@pytest.mark.parametrize("known", [True, False])
async def test_an_entity_that_is_away(hass: HomeAssistant, *, known: bool) -> None:
    if known:
        hass.states.async_set(POWER, "unavailable")
    with pytest.raises(Silent, match=POWER):
        await meter(hass, ONE).identify()


@pytest.mark.parametrize("entities", [{}, {"export": EXPORT}, {"l1": LINES[0], "l2": LINES[1]}, {"soc": SOC}])
def test_what_has_to_be_mapped(hass: HomeAssistant, entities: dict[str, str]) -> None:
    with pytest.raises(Unusable):
        meter(hass, entities)


async def test_says_what_it_reads(hass: HomeAssistant) -> None:
    hass.states.async_set(POWER, "1", {"unit_of_measurement": "W", "friendly_name": "Mains"})
    assert (await meter(hass, ONE).identify()).model == "Mains"
    for entity_id in LINES:
        show(hass, entity_id, 1)
    assert (await meter(hass, PHASES).identify()).phases == 3
