"""What must hold whenever a car gives, in whatever company."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.model import (
    AcLimit,
    ConnectorReading,
    ConnectorSettings,
    Decision,
    GridReading,
    Memory,
    Mode,
    Override,
    PerPhase,
    PowerLimit,
    PowerReading,
    SiteSettings,
    SiteState,
    Snapshot,
    VehicleSettings,
    VehicleState,
)
from custom_components.smart_evse.engine.settings import BatteryPolicy, BatterySettings, GivingSettings
from tests.engine.examples import examples

BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)
SLACK = 25.0
"""Nobody counts watts: a limit in A at 230 V."""

type Beat = tuple[Snapshot, SiteSettings, Decision]


@st.composite
def connectors(draw: st.DrawFn, number: int) -> ConnectorSettings:
    two_way = draw(st.booleans())
    modes = [Mode.HOUSE, Mode.HOUSE, Mode.FAST, Mode.SOLAR, Mode.SOLAR_MIN, Mode.SMART, Mode.OFF]
    return ConnectorSettings(
        id=f"box:{number}",
        phase_map=(number % 3,),
        dc=two_way,
        min_current=draw(st.sampled_from([1.0, 6.0])),
        max_current=32.0,
        max_discharge=32.0 if two_way else 0.0,
        step=0.1,
        mode=draw(st.sampled_from(modes)),
        override=draw(st.none() | st.sampled_from([Override(amps=-16.0), Override(amps=10.0)])),
        priority=draw(st.integers(0, 1)),
        giving=draw(st.builds(GivingSettings, may_export=st.booleans(), backup_soc=st.sampled_from([0.0, 50.0]))),
        vehicle=VehicleSettings(capacity=50_000.0),
    )


@st.composite
def evenings(draw: st.DrawFn) -> list[Beat]:
    """A site through a few instants that fit together: what flows at the grid is house, cars and battery."""
    count = draw(st.integers(1, 3))
    site = SiteSettings(
        fuse=63.0,
        export_limit=draw(st.sampled_from([None, 0.0, 2000.0])),
        battery=BatterySettings(policy=draw(st.sampled_from(BatteryPolicy))),
        connectors=tuple(draw(connectors(number)) for number in range(count)),
    )
    socs = [draw(st.sampled_from([None, 20.0, 45.0, 70.0])) for _ in range(count)]
    has_battery, price = draw(st.booleans()), draw(st.sampled_from([None, 0.05, 0.4]))
    powers, battery, memory, beats, now = [0.0] * count, 0.0, Memory(), list[Beat](), 0.0
    for _ in range(draw(st.integers(2, 7))):
        now += draw(st.sampled_from([1.0, 2.0, 5.0, 15.0]))
        house = draw(st.sampled_from([-4000.0, -500.0, 200.0, 1500.0, 4000.0, 9000.0]))
        if has_battery:
            battery = draw(st.sampled_from([-2000.0, 0.0, 2000.0]))
        total = house + sum(powers) - battery
        snapshot = Snapshot(
            now=now,
            utc=BEGIN + timedelta(seconds=now),
            since_start=now,
            grid=GridReading(at=now, power=total, currents=PerPhase(*[total / 3 / 230] * 3)),
            battery=PowerReading(at=now, power=battery, soc=50.0) if has_battery else None,
            import_price=price,
            connectors=tuple(
                (
                    item.id,
                    ConnectorReading(at=now, state=VehicleState.CHARGING, power=power, soc=soc),
                )
                for item, power, soc in zip(site.connectors, powers, socs, strict=True)
            ),
        )
        decision = decide(snapshot, site, memory)
        beats.append((snapshot, site, decision))
        memory = decision.memory
        if draw(st.booleans()):
            powers = [told(decision, item) for item in site.connectors]
    return beats


def told(decision: Decision, item: ConnectorSettings) -> float:
    """Return what a connector is told in W."""
    setpoint = decision.setpoint(item.id)
    assert setpoint is not None
    match setpoint.limit:
        case AcLimit(amps=amps):
            return amps * 230
        case PowerLimit(watts=watts):
            return watts
        case None:
            return 0.0


def giving(decision: Decision, site: SiteSettings) -> list[tuple[ConnectorSettings, float]]:
    """Return who gives, and how many W."""
    return [(item, -watts) for item in site.connectors if (watts := told(decision, item)) < 0]


def exports(item: ConnectorSettings) -> bool:
    return item.giving.may_export and item.override is not None and item.override.amps < 0


@settings(max_examples=examples(80), deadline=None)
@given(evenings())
def test_only_a_two_way_box_gives_and_only_above_its_reserve(evening: list[Beat]) -> None:
    for _, site, decision in evening:
        for item, watts in giving(decision, site):
            soc = decision.memory.connector(item.id).giving.soc
            assert 0 < watts <= item.max_discharge * 230 + 1
            assert soc is not None
            assert soc > max(item.reserve_soc, item.giving.backup_soc)
            assert decision.site.state is SiteState.NORMAL


@settings(max_examples=examples(80), deadline=None)
@given(evenings())
def test_what_is_given_is_what_the_house_draws_and_what_may_be_fed_in(evening: list[Beat]) -> None:
    for _, site, decision in evening:
        base, givers = decision.memory.house.base, giving(decision, site)
        if not givers:
            continue
        assert base is not None
        assert sum(watts for item, watts in givers if not exports(item)) <= max(0.0, base) + SLACK
        if site.export_limit is not None:
            assert sum(watts for _, watts in givers) <= max(0.0, base + site.export_limit) + SLACK


@settings(max_examples=examples(80), deadline=None)
@given(evenings())
def test_nothing_is_given_in_a_circle(evening: list[Beat]) -> None:
    for snapshot, site, decision in evening:
        readings = dict(snapshot.connectors)
        for item, _ in giving(decision, site):
            if item.override is not None:
                continue
            others = (reading for key, reading in readings.items() if key != item.id)
            assert all((reading.power or 0.0) <= 100 for reading in others)


@settings(max_examples=examples(80), deadline=None)
@given(evenings())
def test_the_sun_that_others_follow_does_not_come_out_of_a_car(evening: list[Beat]) -> None:
    for _, site, decision in evening:
        if not giving(decision, site) or decision.memory.house.base is None:
            continue
        alone = replace(site, connectors=tuple(item for item in site.connectors if item.mode is Mode.SOLAR))
        for item in alone.connectors:
            fresh = decision.memory.connector(item.id)
            if item.override is None and fresh.solar.target is not None:
                assert fresh.solar.target * 230 <= max(0.0, -(decision.memory.house.filtered or 0.0)) + SLACK
