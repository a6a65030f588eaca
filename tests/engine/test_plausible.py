"""A meter whose sign flips while a car charges at its most, when no step of ours would tell."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.model import (
    ConnectorSettings,
    Memory,
    Mode,
    PowerReading,
    ReasonKey,
    SiteSettings,
    SiteState,
    Snapshot,
)
from tests.engine.plant import Charger, HomeBattery, Plant, steady

FLIPPED_AT = 120
SITE = SiteSettings(fuse=25.0, connectors=(ConnectorSettings(id="garage:0", mode=Mode.FAST, fallback=6.0),))


class Mirrored(Plant):
    """A site whose meter turns its sign at some second."""

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        snapshot = super().snapshot()
        if self.t < FLIPPED_AT or snapshot.grid is None:
            return snapshot
        currents = None if snapshot.grid.currents is None else snapshot.grid.currents.map(lambda amps: -amps)
        return replace(snapshot, grid=replace(snapshot.grid, power=-snapshot.grid.power, currents=currents))


def test_a_flipped_sign_brings_a_car_to_its_fallback_within_seconds() -> None:
    plant = Mirrored(settings=SITE, flow=steady(4.0), chargers=[Charger(appetite=16.0)], solar=lambda _: 0.0)
    plant.run(FLIPPED_AT - 1)
    assert plant.amps() == 16.0
    decision = plant.run(5)
    assert decision.site.state is SiteState.DEGRADED
    assert decision.site.reason is not None
    assert decision.site.reason.key is ReasonKey.METER_NOT_TRUSTED
    assert plant.amps() == 6.0


def test_a_house_whose_sun_nobody_told_of_may_feed_in() -> None:
    plant = Plant(settings=replace(SITE, has_sun=False), flow=steady(-9.0), chargers=[Charger(plugged=False)])
    plant.run(60)
    assert plant.memory.misses == Memory().misses


def test_nothing_is_proven_while_a_home_battery_is_silent() -> None:
    battery = HomeBattery(cadence=10**9)
    plant = Mirrored(settings=SITE, flow=steady(4.0), chargers=[Charger()], solar=lambda _: 0.0, battery=battery)
    battery.reading = PowerReading(at=-1000.0, power=0.0)
    plant.run(FLIPPED_AT + 10)
    assert plant.memory.impossible_since is None


def test_a_meter_that_is_believed_again_raises_nothing_at_once() -> None:
    plant = Mirrored(settings=SITE, flow=steady(4.0), chargers=[Charger(appetite=16.0)], solar=lambda _: 0.0)
    plant.run(FLIPPED_AT + 30)
    healed = Plant(settings=SITE, flow=steady(4.0), chargers=plant.chargers, t=plant.t + 1000, memory=plant.memory)
    assert healed.run(20).site.state is SiteState.NORMAL
    assert healed.amps() == 6.0
    assert healed.why() is ReasonKey.METER_RECOVERED
    healed.run(20)
    assert healed.amps() == 16.0


@given(sun=st.floats(0, 8_000), house=st.floats(0, 20))
@settings(max_examples=40, deadline=None)
def test_no_true_meter_is_distrusted_for_it(sun: float, house: float) -> None:
    amps = house - sun / 3 / 230
    plant = Plant(settings=SITE, flow=steady(amps), chargers=[Charger()], solar=lambda _: sun)
    plant.run(60)
    assert plant.memory.impossible_since is None
    assert plant.memory.misses == Memory().misses
