"""What must hold for every snapshot, however absurd."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.access.model import Verdict
from custom_components.smart_evse.engine.capacity_presets import PRESETS
from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.model import (
    AcLimit,
    Circuit,
    ClaimKind,
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
from custom_components.smart_evse.engine.rooms import path
from custom_components.smart_evse.engine.settings import GivingSettings, GridOrder, OrderKind
from tests.engine.examples import examples

UTC_START = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
AMPS = st.floats(-80, 80)
WATTS = st.floats(-50_000, 50_000)
type Beat = tuple[Snapshot, SiteSettings, Memory, Decision]
type Run = list[Beat]
PHASE_MAPS = st.sampled_from([(0, 1, 2), (1, 2, 0), (2, 1, 0), (0,), (1,), (2,)])


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


PER_PHASE = st.builds(PerPhase, AMPS, AMPS, AMPS)
OVERRIDES = st.builds(
    Override,
    amps=st.sampled_from([0.0, 6.0, 10.0, 16.0, 40.0, 3.0, -6.0, -16.0, -40.0]),
    phases=maybe(st.sampled_from([1, 3])),
    until=maybe(st.integers(-60, 600).map(lambda seconds: UTC_START + timedelta(seconds=seconds))),
)


@st.composite
def connector_settings(draw: st.DrawFn, number: int) -> ConnectorSettings:
    dc = draw(st.booleans())
    return ConnectorSettings(
        id=f"box:{number}",
        phase_map=draw(PHASE_MAPS),
        dc=dc,
        min_current=draw(st.sampled_from([6.0, 8.0])),
        max_current=draw(st.sampled_from([10.0, 16.0, 32.0])),
        cable_current=draw(maybe(st.sampled_from([13.0, 20.0]))),
        max_discharge=draw(st.sampled_from([0.0, 16.0])),
        step=draw(st.sampled_from([1.0, 0.1])),
        fallback=draw(st.sampled_from([0.0, 6.0])),
        circuit=draw(st.sampled_from([None, "garage", "yard", "gone"])),
        weight=draw(st.sampled_from([1.0, 2.0])),
        giving=GivingSettings(grid_forming=draw(st.booleans())),
        phase_switching=draw(st.booleans()),
        priority=draw(st.integers(0, 2)),
        mode=draw(st.sampled_from(Mode)),
        override=draw(maybe(OVERRIDES)),
        vehicle=draw(st.builds(VehicleSettings, max_current=maybe(st.just(12.0)), phases=maybe(st.just(1)))),
        energy_left=draw(maybe(st.sampled_from([-1.0, 5_000.0]))),
        access=draw(st.sampled_from([Verdict.FREE, Verdict.DRIVER, Verdict.FREE, Verdict.WAITING, Verdict.WRONG_TIME])),
    )


ORDERS = st.builds(
    GridOrder,
    id=st.sampled_from(["dim", "event"]),
    kind=st.sampled_from(OrderKind),
    watts=maybe(st.sampled_from([0.0, 4_200.0, 15_000.0])),
    start=maybe(st.integers(-60, 300).map(lambda seconds: UTC_START + timedelta(seconds=seconds))),
    end=maybe(st.integers(-60, 600).map(lambda seconds: UTC_START + timedelta(seconds=seconds))),
)
CIRCUITS = st.tuples(
    st.builds(Circuit, id=st.just("garage"), name=st.just("Garage"), limit=st.sampled_from([16.0, 32.0])),
    st.builds(
        Circuit,
        id=st.just("yard"),
        name=st.just("Yard"),
        limit=st.sampled_from([13.0, 20.0]),
        parent=maybe(st.sampled_from(["garage", "yard"])),
        max_age=maybe(st.just(10.0)),
    ),
)
TARIFFS = st.sampled_from([preset.tariff for preset in PRESETS.values()])


@st.composite
def sites(draw: st.DrawFn, least: int = 1, most: int = 4) -> SiteSettings:
    count = draw(st.integers(least, most))
    return SiteSettings(
        fuse=draw(st.sampled_from([16.0, 25.0, 63.0])),
        phases=draw(st.sampled_from([1, 3])),
        export_limit=draw(maybe(st.sampled_from([0.0, 5_000.0]))),
        circuits=draw(st.just(()) | CIRCUITS),
        lenient=draw(st.booleans()),
        unbalance_limit=draw(maybe(st.sampled_from([10.0, 20.0]))),
        backup_limit=draw(maybe(st.just(8_000.0))),
        off_grid_charging=draw(st.booleans()),
        orders=tuple(draw(st.lists(ORDERS, max_size=2, unique_by=lambda order: order.id))),
        capacity=draw(maybe(TARIFFS)),
        accepted_peak=draw(st.sampled_from([0.0, 6_000.0])),
        curtailed_above=draw(maybe(st.sampled_from([0.0, 3_000.0]))),
        connectors=tuple(draw(connector_settings(number)) for number in range(count)),
    )


def readings(now: float) -> st.SearchStrategy[ConnectorReading]:
    return st.builds(
        ConnectorReading,
        at=st.sampled_from([now, now - 1, now - 4, now - 100]),
        state=maybe(st.sampled_from(VehicleState)),
        power=maybe(WATTS),
        currents=maybe(PER_PHASE),
        voltages=maybe(st.just(PerPhase(231.0, 229.0, 0.0))),
        energy_in=maybe(st.floats(0, 1e7)),
        limit=maybe(AMPS),
        current_phases=maybe(st.sampled_from([1, 3])),
        soc=maybe(st.floats(0, 100)),
    )


@st.composite
def snapshots(draw: st.DrawFn, site: SiteSettings, now: float) -> Snapshot:
    grid = st.builds(
        GridReading,
        at=st.sampled_from([now, now - 0.5, now - 5, now - 60]),
        power=WATTS,
        currents=maybe(PER_PHASE),
        powers=maybe(st.builds(PerPhase, WATTS, WATTS, WATTS)),
        quarter_hour_average=maybe(st.floats(0, 20_000)),
        month_peak=maybe(st.floats(0, 20_000)),
    )
    power = st.builds(PowerReading, at=st.sampled_from([now, now - 500]), power=WATTS)
    return Snapshot(
        now=now,
        utc=UTC_START + timedelta(seconds=now),
        since_start=now,
        grid=draw(maybe(grid)),
        solar=draw(maybe(power)),
        battery=draw(maybe(power)),
        circuits=tuple((item.id, draw(grid)) for item in site.circuits if draw(st.booleans())),
        sun_ahead=draw(maybe(st.floats(0, 20_000))),
        off_grid=draw(st.sampled_from([None, None, False, True])),
        frequency=draw(st.sampled_from([None, None, 50.0, 49.0, 50.3])),
        connectors=tuple(
            (item.id, reading) for item in site.connectors if (reading := draw(maybe(readings(now)))) is not None
        ),
    )


@st.composite
def quiet(draw: st.DrawFn, snapshot: Snapshot, site: SiteSettings) -> Snapshot:
    """The same instant with a house that leaves something, and a car at every connector: rules have work to do."""
    amps = draw(st.builds(PerPhase, *[st.floats(-20, 10)] * 3))
    grid = GridReading(at=snapshot.now, power=amps.total * 230, currents=amps)
    car = ConnectorReading(at=snapshot.now, state=VehicleState.CONNECTED, power=0.0, currents=PerPhase(), soc=80.0)
    return replace(snapshot, grid=grid, battery=None, connectors=tuple((item.id, car) for item in site.connectors))


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A site through a few arbitrary instants: each decision with what it was made of."""
    site, memory, now, beats = draw(sites()), Memory(), 0.0, []
    calm = draw(st.booleans())
    if calm:
        wish: Mapping[str, Any] = {"mode": Mode.FAST, "override": None, "energy_left": None, "access": Verdict.FREE}
        eager = tuple(replace(item, **wish) for item in site.connectors)
        site = replace(site, fuse=63.0, connectors=eager)
    for _ in range(draw(st.integers(1, 6))):
        now += draw(st.sampled_from([1.0, 5.0, 40.0, 200.0]))
        snapshot = draw(snapshots(site, now))
        snapshot = draw(quiet(snapshot, site)) if calm else snapshot
        decision = decide(snapshot, site, memory)
        beats.append((snapshot, site, memory, decision))
        memory = decision.memory
    return beats


def amps_of(decision: Decision, connector: ConnectorSettings) -> float | None:
    """Return what a connector is told, in A on each of its phases."""
    setpoint = decision.setpoint(connector.id)
    assert setpoint is not None
    match setpoint.limit:
        case None:
            return None
        case AcLimit(amps=amps):
            return amps
        case PowerLimit(watts=watts):
            return watts / 230 / len(connector.phase_map)


@settings(max_examples=examples(100), deadline=None)
@given(runs())
def test_every_snapshot_has_a_decision_and_always_the_same(run: Run) -> None:
    for snapshot, site, memory, decision in run:
        assert decide(snapshot, site, memory) == decision
        assert [setpoint.connector for setpoint in decision.setpoints] == [item.id for item in site.connectors]


@settings(max_examples=examples(100), deadline=None)
@given(runs())
def test_a_limit_is_nothing_or_within_the_range_and_under_every_ceiling(run: Run) -> None:
    for _, site, _, decision in run:
        for connector in site.connectors:
            amps, setpoint = amps_of(decision, connector), decision.setpoint(connector.id)
            if not amps or setpoint is None or connector.dc:
                continue
            most = (connector.max_current, connector.cable_current, connector.vehicle.max_current)
            assert connector.minimum - 1e-6 <= abs(amps) <= min(each for each in most if each is not None)
            kind = ClaimKind.DISCHARGE if amps < 0 else ClaimKind.CEILING
            assert all(abs(amps) <= claim.amps + 1e-6 for claim in setpoint.chain if claim.kind is kind)


@settings(max_examples=examples(100), deadline=None)
@given(runs())
def test_no_phase_is_planned_above_what_the_house_leaves(run: Run) -> None:
    for snapshot, site, memory, decision in run:
        held = decision.memory.house.held
        if decision.site.state is not SiteState.NORMAL or held is None:
            continue
        free = [site.fuse - site.margin - amps for amps in held]
        for phase in range(3):
            planned = sum(
                amps
                for item in site.connectors
                if (amps := amps_of(decision, item) or 0.0) > 0
                and not item.dc
                and phase in used_phases(snapshot, decision, item)
            )
            # A lenient fuse lends to those who run, and no more than it never melts at.
            running = sum(max(0.0, memory.connector(item.id).amps or 0.0) for item in site.connectors)
            lent = min(running, free[phase] + 0.25 * site.fuse) if site.lenient else 0.0
            assert planned <= max(0.0, free[phase], lent) + 1e-6


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_no_circuit_is_planned_above_its_limit(run: Run) -> None:
    for snapshot, site, _, decision in run:
        if decision.site.state is not SiteState.NORMAL:
            continue
        for circuit in site.circuits:
            below = [item for item in site.connectors if circuit.id in path(item.circuit, site.circuits)]
            for phase in range(3):
                taken = (taking(decision, item) for item in below if phase in used_phases(snapshot, decision, item))
                assert sum(taken) <= circuit.limit - site.margin + 1e-6


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_no_two_phases_are_planned_further_apart_than_allowed(run: Run) -> None:
    for snapshot, site, _, decision in run:
        if site.unbalance_limit is None or site.phases == 1:
            continue
        for high, low in ((high, low) for high in range(3) for low in range(3) if high != low):
            apart = sum(
                taking(decision, item)
                for item in site.connectors
                if high in (used := used_phases(snapshot, decision, item)) and low not in used
            )
            assert apart <= site.unbalance_limit + 1e-6


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_no_order_is_overrun(run: Run) -> None:
    for snapshot, site, _, decision in run:
        house = decision.memory.house
        known = snapshot.battery is not None and snapshot.now - snapshot.battery.at <= site.battery_max_age
        battery = snapshot.battery.power if snapshot.battery is not None and known else 0.0
        sun = 0.0 if house.base is None else max(0.0, battery - house.base)
        silent = sum(230 * 3 * 130 for item in site.connectors if is_silent(snapshot, item))
        taken = sum(watts_of(snapshot, decision, item) for item in site.connectors)
        for event in decision.memory.orders:
            assert taken <= (event.watts + sun) * 1.01 + silent + 1


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_no_budget_is_overspent_but_by_a_drivers_word(run: Run) -> None:
    for snapshot, site, _, decision in run:
        budget, house = decision.site.capacity_budget, decision.memory.capacity.house
        if budget is None or house is None or decision.site.state is not SiteState.NORMAL:
            continue
        taken = sum(watts_of(snapshot, decision, item) for item in site.connectors if item.override is None)
        steps = max(item.step * 231 * 3 for item in site.connectors)
        assert taken <= max(0.0, budget - house) + steps / 2 + 1


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_without_a_grid_nothing_moves_unasked(run: Run) -> None:
    for snapshot, site, _, decision in run:
        if not decision.memory.off_grid.stopped:
            continue
        for item in site.connectors:
            amps = amps_of(decision, item) or 0.0
            assert amps <= 0 or (snapshot.off_grid and site.off_grid_charging)
            assert amps >= 0 or (snapshot.off_grid and item.giving.grid_forming)


@settings(max_examples=examples(50), deadline=None)
@given(runs())
def test_who_may_not_charge_is_told_nothing_but_0(run: Run) -> None:
    for _, site, memory, decision in run:
        for item in site.connectors:
            # Nothing new is told while what was told last stands.
            stands = memory.connector(item.id).amps == 0 and amps_of(decision, item) is None
            assert item.access.granted or stands or amps_of(decision, item) == 0


def taking(decision: Decision, item: ConnectorSettings) -> float:
    """Return what an AC connector may take, in A."""
    return 0.0 if item.dc else max(0.0, amps_of(decision, item) or 0.0)


def watts_of(snapshot: Snapshot, decision: Decision, item: ConnectorSettings) -> float:
    """Return what a connector may take at the nominal voltage, in W; a DC one as it is told."""
    setpoint = decision.setpoint(item.id)
    if setpoint is not None and isinstance(setpoint.limit, PowerLimit):
        return max(0.0, setpoint.limit.watts)
    return taking(decision, item) * 229 * len(used_phases(snapshot, decision, item))


def is_silent(snapshot: Snapshot, item: ConnectorSettings) -> bool:
    reading = snapshot.connector(item.id)
    return reading is None or snapshot.now - reading.at > item.max_age


def used_phases(snapshot: Snapshot, decision: Decision, item: ConnectorSettings) -> tuple[int, ...]:
    """Return the phases a connector has switched on, as its reading or else its memory says."""
    reading, memory = snapshot.connector(item.id), decision.memory.connector(item.id)
    count = (reading.current_phases if reading else None) or memory.phases or len(item.phase_map)
    return item.phase_map[: min(count, item.vehicle.phases or count, memory.car_phases or count)]


@settings(max_examples=examples(100), deadline=None)
@given(runs())
def test_nothing_is_given_without_leave(run: Run) -> None:
    for snapshot, site, _, decision in run:
        for item in site.connectors:
            if (amps_of(decision, item) or 0.0) >= 0:
                continue
            reading = snapshot.connector(item.id)
            assert item.max_discharge > 0
            assert decision.site.state is SiteState.NORMAL
            assert reading is not None
            believed = decision.memory.connector(item.id).giving.soc
            assert believed is not None
            assert believed > item.reserve_soc
            assert item.override is not None or item.mode in {Mode.HOUSE, Mode.SMART}


@settings(max_examples=examples(100), deadline=None)
@given(runs())
def test_a_degraded_site_starts_raises_and_reverses_nothing(run: Run) -> None:
    for snapshot, site, memory, decision in run:
        if decision.site.state is not SiteState.DEGRADED:
            continue
        for item in site.connectors:
            amps = amps_of(decision, item)
            if amps is None or item.dc:
                continue
            reading = snapshot.connector(item.id)
            before = memory.connector(item.id).amps
            last = before if before is not None else (reading.limit if reading else None) or 0.0
            assert 0 <= amps <= min(max(last, 0.0), item.fallback)


@settings(max_examples=examples(66), deadline=None)
@given(sites(), st.data())
def test_sharing_does_not_depend_on_the_order_of_the_chargers(site: SiteSettings, data: st.DataObject) -> None:
    snapshot = data.draw(snapshots(site, 10.0))
    turned = replace(site, connectors=site.connectors[::-1])
    one, other = decide(snapshot, site, Memory()), decide(snapshot, turned, Memory())
    for item in site.connectors:
        mine, theirs = one.setpoint(item.id), other.setpoint(item.id)
        assert mine is not None
        assert theirs is not None
        assert (mine.limit, mine.limited_by.key) == (theirs.limit, theirs.limited_by.key)


@settings(max_examples=25, deadline=None)
@given(sites(least=20, most=30), st.data())
def test_a_large_garage_is_decided_alike_in_any_order_and_within_its_fuse(
    site: SiteSettings, data: st.DataObject
) -> None:
    site = replace(site, lenient=False)
    snapshot = data.draw(snapshots(site, 10.0))
    one = decide(snapshot, site, Memory())
    assert decide(snapshot, site, Memory()) == one
    other = decide(snapshot, replace(site, connectors=site.connectors[::-1]), Memory())
    assert {item.connector: item.limit for item in one.setpoints} == {
        item.connector: item.limit for item in other.setpoints
    }
    held = one.memory.house.held
    if one.site.state is SiteState.NORMAL and held is not None:
        for phase in range(3):
            used = (item for item in site.connectors if phase in used_phases(snapshot, one, item))
            assert sum(taking(one, item) for item in used) <= max(0.0, site.fuse - site.margin - held[phase]) + 1e-6
