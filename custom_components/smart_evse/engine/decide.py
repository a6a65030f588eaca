"""The decision: what is, what is wanted and what is remembered in; what to do, and why, out."""

from collections.abc import Iterator
from dataclasses import replace

from .balance import circuit_rooms, demand, export_claims, share
from .bidirectional import discharge_claims
from .claims import Case, ceiling, discharge, reason
from .hardware import hardware_claims
from .house import grid_currents, headroom, observe
from .model import (
    AcLimit,
    Claim,
    ConnectorMemory,
    Decision,
    HouseMemory,
    Limit,
    Memory,
    Mode,
    PerPhase,
    Rank,
    ReasonKey,
    Setpoint,
    SiteSettings,
    SiteView,
    Snapshot,
)
from .phases import phases_in_use, switch_phases
from .setpoint import Draft, conclude
from .solar import follow, smooth
from .trust import Trust, assess, consumption, count_misses, fallback_claims, forgive, judge, watch_step, without_steps
from .wishes import active_override, mode_claims, override_claims


def decide(snapshot: Snapshot, settings: SiteSettings, memory: Memory) -> Decision:
    """Decide for every connector of the site.

    Total and pure: any snapshot has a decision, and the same arguments always have the same one.
    The current that comes out holds under every ceiling named in its chain.
    """
    cases = tuple(_cases(snapshot, settings, memory))
    missed = judge(cases, snapshot, settings)
    cases = without_steps(cases) if missed == 0 else cases
    memory = count_misses(forgive(memory, snapshot.now), snapshot.now, missed)
    trust = assess(snapshot, settings, memory)
    house = _observe(snapshot, settings, memory, cases)
    seconds = _since_last_sample(memory.house, house)
    drafts = _draft(cases, snapshot, house, seconds, settings)
    drafts = _balance(drafts, house, settings, trust)
    orders = [conclude(draft, snapshot, settings, trust, house) for draft in drafts]
    used = consumption(snapshot, settings)
    return Decision(
        site=_view(snapshot, settings, house, trust),
        setpoints=tuple(orders),
        memory=replace(
            memory,
            house=house,
            connectors=tuple(
                (draft.case.settings.id, _remember(draft, order, used, snapshot.now))
                for draft, order in zip(drafts, orders, strict=True)
            ),
        ),
    )


def _cases(snapshot: Snapshot, settings: SiteSettings, memory: Memory) -> Iterator[Case]:
    readings, memories = dict(snapshot.connectors), dict(memory.connectors)
    for connector in settings.connectors:
        last, known = readings.get(connector.id), memories.get(connector.id, ConnectorMemory())
        fresh = last if last is not None and snapshot.now - last.at <= connector.max_age else None
        phases = connector.phase_map[: phases_in_use(connector, known, fresh)]
        volts = _volts(fresh.voltages if fresh is not None else None, phases, settings.voltage)
        yield Case(settings=connector, memory=known, reading=fresh, last=last, phases=phases, per_amp=volts)


def _volts(voltages: PerPhase | None, phases: tuple[int, ...], nominal: float) -> float:
    """Return the sum of the voltages of the phases in use; a phase that is switched off reads 0."""
    if voltages is None:
        return nominal * len(phases)
    return sum(voltages[phase] if voltages[phase] > nominal / 2 else nominal for phase in phases)


def _observe(snapshot: Snapshot, settings: SiteSettings, memory: Memory, cases: tuple[Case, ...]) -> HouseMemory:
    house = observe(memory.house, snapshot, settings, cases)
    seconds = _since_last_sample(memory.house, house)
    if seconds is None and house.at == memory.house.at:
        return house
    rise = max((case.settings.solar.rise_time for case in cases), default=0.0)
    return smooth(house, seconds, rise)


def _since_last_sample(before: HouseMemory, after: HouseMemory) -> float | None:
    """Return the time since the grid sample before, 0 for the very first, `None` without a new one."""
    if after.at is None or after.at == before.at:
        return None
    # A long silence says nothing of the time in between: no energy is counted for it.
    return 0.0 if before.at is None or after.at - before.at > 60 else max(0.0, after.at - before.at)


def _draft(
    cases: tuple[Case, ...], snapshot: Snapshot, house: HouseMemory, seconds: float | None, settings: SiteSettings
) -> list[Draft]:
    """Hear everyone but the fuse, in the order in which the sun is handed on."""
    left, after = _sun(cases, house), house
    drafts: dict[str, Draft] = {}
    for case in sorted(cases, key=lambda case: (-case.settings.priority, not case.running, case.settings.id)):
        sunshine = follow(case, left, seconds, snapshot.now)
        switching = switch_phases(case, active_override(case.settings.override, snapshot.utc), snapshot.now)
        claims = (
            *hardware_claims(case),
            *discharge_claims(case, after, settings.export_limit),
            *export_claims(case, after, settings),
            *override_claims(case, snapshot.utc),
            *mode_claims(case),
            *sunshine.claims,
            *switching.claims,
        )
        draft = Draft(case=case, claims=claims, switching=switching, sunshine=sunshine)
        if left is not None and sunshine.claims:
            left -= max(0.0, draft.verdict().amps) * case.per_amp
        drafts[case.settings.id] = draft
        after = _after(after, draft)
    return [drafts[case.settings.id] for case in cases]


def _after(house: HouseMemory, draft: Draft) -> HouseMemory:
    """Return the house as the next connector finds it: what this one gives is no room for others."""
    amps, case = min(0.0, draft.verdict().amps), draft.case
    if amps == 0 or house.base is None:
        return house
    added = PerPhase(*(amps if phase in case.phases else 0.0 for phase in range(3)))
    currents = None if house.currents is None else house.currents + added
    return replace(house, base=house.base + amps * case.per_amp, currents=currents)


def _sun(cases: tuple[Case, ...], house: HouseMemory) -> float | None:
    """Return what the sun leaves for those who follow it: the others take theirs first."""
    if house.filtered is None:
        return None
    others = (case for case in cases if case.settings.mode not in (Mode.SOLAR, Mode.SOLAR_MIN))
    return -house.filtered - sum(max(0.0, case.watts or 0.0) for case in others)


def _balance(drafts: list[Draft], house: HouseMemory, settings: SiteSettings, trust: Trust) -> list[Draft]:
    free = headroom(house, settings)
    if trust.reason is not None:
        return [_with(draft, fallback_claims(draft.case, trust.reason)) for draft in drafts]
    if free is None:
        why = reason(ReasonKey.METER_MISSING_PHASES)
        return [
            _with(draft, (ceiling(Rank.FUSE, draft.case.settings.fallback, why), discharge(Rank.FUSE, 0.0, why)))
            for draft in drafts
        ]
    demands = (demand(draft.case, _wanted(draft), settings.circuits) for draft in drafts)
    names = {circuit.id: circuit.name for circuit in settings.circuits}
    shares = share(demands, free, circuit_rooms((draft.case for draft in drafts), settings), names)
    return [
        _with(draft, (shares[draft.case.settings.id],)) if draft.case.settings.id in shares else draft
        for draft in drafts
    ]


def _wanted(draft: Draft) -> float:
    """Return what a connector would take, 0 for one that says nothing: it is part of the house."""
    return 0.0 if draft.case.reading is None else draft.verdict().amps


def _with(draft: Draft, more: tuple[Claim, ...]) -> Draft:
    return replace(draft, claims=(*draft.claims, *more))


def _remember(draft: Draft, order: Setpoint, used: float | None, now: float) -> ConnectorMemory:
    memory = replace(draft.switching.memory, solar=draft.sunshine.memory)
    amps = None if order.limit is None else _amps(order.limit, draft.case)
    if amps is None or amps == memory.amps:
        return replace(memory, step=watch_step(draft.case, used, now, changed=False))
    return replace(
        memory,
        amps=amps,
        previous=memory.amps or 0.0,
        changed_at=now,
        step=watch_step(draft.case, used, now, changed=True),
    )


def _amps(limit: Limit, case: Case) -> float:
    return limit.amps if isinstance(limit, AcLimit) else limit.watts / case.per_amp


def _view(snapshot: Snapshot, settings: SiteSettings, house: HouseMemory, trust: Trust) -> SiteView:
    grid = snapshot.grid
    if grid is None or snapshot.now - grid.at > settings.grid_max_age:
        return SiteView(state=trust.state, reason=trust.reason)
    currents = grid_currents(grid, settings)
    return SiteView(
        state=trust.state,
        reason=trust.reason,
        surplus=None if house.base is None else -house.base,
        house=_consumption(snapshot, settings, house),
        headroom=None if currents is None else currents.map(lambda amps: settings.fuse - abs(amps)),
        fuse_use=None if currents is None else max(abs(amps) for amps in currents) / settings.fuse * 100,
    )


def _consumption(snapshot: Snapshot, settings: SiteSettings, house: HouseMemory) -> float | None:
    """Return what the house uses without the chargers, in W.

    Where there is no inverter it is what comes from the grid. A house that feeds in has one all the
    same, and what it uses is then not known.
    """
    if house.base is None:
        return None
    if settings.has_sun:
        return None if snapshot.solar is None else house.base + snapshot.solar.power
    return house.base if house.base >= 0 else None
