"""The decision: what is, what is wanted and what is remembered in; what to do, and why, out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from .admission import access_claims
from .balance import Demand, export_claims, share
from .believed import giving_memory
from .bidirectional import discharge_claims
from .capacity import capacity_rooms, observe_capacity
from .car_phases import learn_phases
from .claims import Case, ceiling, discharge, reason
from .doubt import asking_claims, doubt_meter
from .drivers_word import override_claims
from .feed_in import curtailed_claims
from .fuse_curve import endure
from .gentle import restart_claims
from .grid_operator import follow_orders, order_rooms
from .hardware import hardware_claims
from .home_battery import watch_battery
from .house import observe, observe_circuits
from .house_mode import house_claims, taking_claims
from .house_need import parts
from .late_meter import watch_delay
from .model import (
    Claim,
    ConnectorId,
    ConnectorMemory,
    Decision,
    HouseMemory,
    Memory,
    Mode,
    PerPhase,
    Rank,
    ReasonKey,
    SiteSettings,
    Snapshot,
)
from .off_grid import backup_rooms, off_grid_claims, watch_grid
from .outward import outward_claims
from .phases import phases_in_use, switch_phases
from .planned import spare
from .plausible import watch_sign
from .recovery import recovery_claims
from .relief import relieve
from .remember import remember
from .rooms import Room, fresh_sample, fuse_rooms, path
from .scene import Scene
from .setpoint import Draft, conclude
from .smart import cheap_claims, is_planned, steer
from .solar import follow, smooth, without_plan
from .sun_turns import yielding
from .sunlight import sunlight
from .trust import (
    Trust,
    assess,
    before_step,
    count_misses,
    fallback_claims,
    forgive,
    judge,
    trusted_again,
    without_steps,
)
from .turns import appetite
from .unbalance import unbalance_claims, unbalance_rooms
from .view import view
from .wishes import active_override, mode_claims

CONNECTOR_RULES: tuple[Callable[[Case, Scene], Iterator[Claim]], ...] = (
    hardware_claims,
    access_claims,
    recovery_claims,
    asking_claims,
    discharge_claims,
    export_claims,
    outward_claims,
    override_claims,
    mode_claims,
    cheap_claims,
    house_claims,
    curtailed_claims,
    restart_claims,
    unbalance_claims,
    off_grid_claims,
)
"""Rules that speak of one connector."""

BLIND_RULES: tuple[Callable[[Scene], Iterator[Room]], ...] = (order_rooms, unbalance_rooms, backup_rooms)
"""Rules that speak of what several connectors take together, and hold with no meter to tell what the house does."""

SITE_RULES: tuple[Callable[[Scene], Iterator[Room]], ...] = (fuse_rooms, *BLIND_RULES, capacity_rooms)
"""The same and those that need one."""


def decide(snapshot: Snapshot, settings: SiteSettings, memory: Memory) -> Decision:
    """Decide for every connector of the site.

    Total and pure: any snapshot has a decision, and the same arguments always have the same one.
    The current that comes out holds under every ceiling named in its chain.
    """
    cases = tuple(_cases(snapshot, settings, memory))
    stuck = memory.doubt.stuck_at is not None
    missed = None if stuck else judge(cases, snapshot, settings)
    cases, before = without_steps(cases) if stuck or missed == 0 else cases, memory
    memory = count_misses(forgive(memory, snapshot.now), snapshot.now, missed)
    memory = watch_sign(memory, snapshot, settings)
    memory = doubt_meter(memory, snapshot, settings, cases)
    memory = trusted_again(memory, before, snapshot.now)
    trust = assess(snapshot, settings, memory)
    scene = _scene(snapshot, settings, memory, cases)
    drafts = _balance(_draft(scene), scene, trust)
    verdicts = [draft.verdict() for draft in drafts]
    orders = [conclude(draft, verdict, scene, trust) for draft, verdict in zip(drafts, verdicts, strict=True)]
    used = before_step(snapshot, settings)
    return Decision(
        site=view(scene, trust),
        setpoints=tuple(orders),
        memory=replace(
            scene.memory,
            connectors=tuple(
                (draft.case.settings.id, remember(draft, verdict, order, used, snapshot))
                for draft, verdict, order in zip(drafts, verdicts, orders, strict=True)
            ),
        ),
    )


def _cases(snapshot: Snapshot, settings: SiteSettings, memory: Memory) -> Iterator[Case]:
    readings, memories = dict(snapshot.connectors), dict(memory.connectors)
    for connector in settings.connectors:
        last, known = readings.get(connector.id), memories.get(connector.id, ConnectorMemory())
        fresh = last if last is not None and snapshot.now - last.at <= connector.max_age else None
        known = learn_phases(connector, known, fresh, snapshot.now)
        phases = connector.phase_map[: phases_in_use(connector, known, fresh)]
        volts = _volts(fresh.voltages if fresh is not None else None, phases, settings.voltage)
        case = Case(settings=connector, memory=known, reading=fresh, last=last, phases=phases, per_amp=volts)
        yield case if fresh is None else _watched(case, snapshot)


def _watched(case: Case, snapshot: Snapshot) -> Case:
    """Remember what a car was seen to want, and what one holds that may give."""
    memory = case.memory
    wants = appetite(case, snapshot.now)
    holds = giving_memory(case, snapshot) if case.settings.max_discharge > 0 else memory.giving
    if wants == memory.appetite and holds == memory.giving:
        return case
    return replace(case, memory=replace(memory, appetite=wants, giving=holds))


def _volts(voltages: PerPhase | None, phases: tuple[int, ...], nominal: float) -> float:
    """Return the sum of the voltages of the phases in use; a phase that is switched off reads 0."""
    if voltages is None:
        return nominal * len(phases)
    return sum(voltages[phase] if voltages[phase] > nominal / 2 else nominal for phase in phases)


def _scene(snapshot: Snapshot, settings: SiteSettings, memory: Memory, cases: tuple[Case, ...]) -> Scene:
    def below(circuit: str) -> Iterator[Case]:
        return (case for case in cases if circuit in path(case.settings.circuit, settings.circuits))

    house = observe(memory.house, snapshot, settings, cases)
    seconds = _since_last_sample(memory.house, house)
    if seconds is not None or house.at != memory.house.at:
        house = smooth(house, snapshot.now, max((case.settings.solar.rise_time for case in cases), default=0.0))
    circuits = observe_circuits(snapshot, settings, memory, below)
    late = watch_delay(memory.late, memory.house, snapshot, settings, cases)
    memory = replace(memory, house=house, circuits=circuits, late=late)
    scene = Scene(snapshot=snapshot, settings=settings, memory=memory, house=house, cases=cases, seconds=seconds)
    scene = replace(scene, memory=_note(scene))
    return replace(scene, giving=parts(scene))


def _note(scene: Scene) -> Memory:
    """Let every rule of the site remember what it has to."""
    memory = scene.memory
    return replace(
        memory,
        fuse=endure(memory.fuse, scene),
        capacity=observe_capacity(memory.capacity, scene),
        off_grid=watch_grid(memory.off_grid, scene),
        orders=follow_orders(memory.orders, scene),
        relief=relieve(scene),
        battery=watch_battery(memory.battery, scene.snapshot, scene.settings),
    )


def _since_last_sample(before: HouseMemory, after: HouseMemory) -> float | None:
    """Return the time since the grid sample before, 0 for the very first, `None` without a new one."""
    if after.at is None or after.at == before.at:
        return None
    # A long silence says nothing of the time in between: no energy is counted for it.
    return 0.0 if before.at is None or after.at - before.at > 60 else max(0.0, after.at - before.at)


def _draft(scene: Scene) -> list[Draft]:
    """Hear every rule but those of the rooms: first what looks at no sun, then who follows it."""
    drafts: dict[ConnectorId, Draft] = {}
    after = scene
    for case in sorted(scene.cases, key=lambda case: (-case.settings.priority, not case.running, case.settings.id)):
        switching = switch_phases(case, active_override(case.settings.override, scene.snapshot.utc), scene.now)
        claims = (*(claim for rule in CONNECTOR_RULES for claim in rule(case, after)), *switching.claims)
        draft = Draft(case=case, claims=claims, switching=switching)
        drafts[case.settings.id] = draft
        if case.settings.max_discharge > 0:
            after = replace(after, house=_after(after.house, draft))
    available = sunlight(scene, drafts)
    yields = yielding(scene, available)
    return [_follow(drafts[case.settings.id], available.get(case.settings.id), scene, yields) for case in scene.cases]


def _follow(draft: Draft, available: float | None, scene: Scene, yields: frozenset[ConnectorId]) -> Draft:
    case = draft.case
    if case.settings.mode is Mode.SMART and is_planned(case, scene):
        course = steer(case, scene, available)
        return replace(draft, course=course, claims=(*draft.claims, *course.claims))
    if not case.settings.mode.follows_sun:
        return draft
    followed = without_plan(case) if case.settings.mode is Mode.SMART else case
    sunshine = follow(followed, available, scene, yields=case.settings.id in yields)
    claims = (*draft.claims, *sunshine.claims, *taking_claims(case, available, scene))
    return replace(draft, sunshine=sunshine, claims=claims)


def _after(house: HouseMemory, draft: Draft) -> HouseMemory:
    """Return the house as the next connector finds it: what this one gives is no room for others."""
    amps, case = min(0.0, draft.verdict().amps), draft.case
    if amps == 0 or house.base is None:
        return house
    added = PerPhase(*(amps if phase in case.phases else 0.0 for phase in range(3)))
    currents = None if house.currents is None else house.currents + added
    return replace(house, base=house.base + amps * case.per_amp, currents=currents)


def _balance(drafts: list[Draft], scene: Scene, trust: Trust) -> list[Draft]:
    if trust.reason is not None:
        drafts = [_with(draft, fallback_claims(draft.case, trust.reason)) for draft in drafts]
        return _share(drafts, replace(scene, house=HouseMemory()), BLIND_RULES)
    if scene.house.held is None:
        why = reason(ReasonKey.METER_MISSING_PHASES)
        drafts = [
            _with(draft, (ceiling(Rank.FUSE, draft.case.settings.fallback, why), discharge(Rank.FUSE, 0.0, why)))
            for draft in drafts
        ]
    else:
        drafts = [_with(draft, tuple(_blind_circuits(draft.case, scene))) for draft in drafts]
    return _share(drafts, scene, SITE_RULES)


def _share(drafts: list[Draft], scene: Scene, rules: Iterable[Callable[[Scene], Iterator[Room]]]) -> list[Draft]:
    demands = (Demand(case=draft.case, amps=_wanted(draft), spare=spare(draft.case, scene)) for draft in drafts)
    shares = share(demands, (room for rule in rules for room in rule(scene)), scene)
    return [_with(draft, shares.get(draft.case.settings.id, ())) for draft in drafts]


def _blind_circuits(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the fallback of a connector below a circuit whose own meter is silent."""
    above = set(path(case.settings.circuit, scene.settings.circuits))
    readings = dict(scene.snapshot.circuits)
    for circuit in scene.settings.circuits:
        if circuit.id in above and circuit.max_age is not None and fresh_sample(circuit, scene) is None:
            last = readings.get(circuit.id)
            age = scene.snapshot.since_start if last is None else scene.now - last.at
            yield from fallback_claims(case, reason(ReasonKey.METER_SILENT, age=age))


def _wanted(draft: Draft) -> float:
    """Return what a connector would take, 0 for one that says nothing: it is part of the house."""
    return 0.0 if draft.case.reading is None else draft.verdict().amps


def _with(draft: Draft, more: tuple[Claim, ...]) -> Draft:
    return replace(draft, claims=(*draft.claims, *more)) if more else draft
