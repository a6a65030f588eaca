"""The demo without anybody watching: a sunny noon, every mode, a cloud, a kettle, and the truth at the end.

It is driven through Home Assistant alone; what happened is asked of the house, which knows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
import json
from typing import Final

from .cars import BAYS
from .client import Json
from .guest import let_guest_pay
from .money import look_at_statements
from .records import look_at_records
from .stage import Scene, Stage, stage
from .watch import watch
from .words import say

SCENE: Final = Scene(folder="check", start="2007-05-14 12:10", sky="clear", port=0)
"""Monday 14 May: a quiet noon under a clear sky, with more sun than the house needs."""

_SAMPLE: Final = 1.0
"""How long the meter may not know yet, in s."""

_LONG: Final = 110
"""In a check of so many s there is time for a car to give: its box takes half a minute to begin."""

_EVERY: Final = 5.0
_JUDGED: Final = "keba"
"""The charger that goes through every mode."""

_PLANNED: Final = ("keba", "alfen", "quasar")
"""The chargers with a plan as long as they are in mode smart, or their car may give."""

_SOLVER_TIME: Final = 12.0
"""How long is waited for a plan of the solver's, in s: it has none where the simple one cannot be bettered."""

_SLIPS: Final = 10.0
"""What may slip from one battery into another while all of them follow a change, in Wh."""


@dataclass(slots=True)
class Findings:
    """What the check came across on its way."""

    explained: list[Json] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    plans: dict[str, Json] = field(default_factory=dict)
    source: str = ""
    records: Json = field(default_factory=dict)
    statements: Json = field(default_factory=dict)
    guest: Json = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


type Act = Callable[[Stage, Findings], Awaitable[None]]


def _mode(mode: str, charger: str = _JUDGED) -> Act:
    async def act(stage: Stage, findings: Findings) -> None:
        say(f"{charger}: mode {mode}")
        await stage.mode(charger, mode)
        state = (await stage.client.get(f"states/{stage.entities.chargers[charger]['select.mode']}"))["state"]
        if state != mode:
            findings.problems.append(f"the mode of {charger} is {state} and not {mode}")

    return act


async def _look_at_plans(stage: Stage, findings: Findings) -> None:
    """Ask what is planned for every car that has a plan, once the solver has had its time for all of them."""
    until = asyncio.get_running_loop().time() + _SOLVER_TIME
    for charger in _PLANNED:
        plan = await _plan_of(stage, charger, until)
        if plan is None:
            findings.problems.append(f"nothing is planned for {charger}")
            continue
        findings.plans[charger] = _summary(plan)
        findings.source = plan["source"]
        say(f"plan of {charger}: {findings.plans[charger]}, {plan['site']}")


async def _plan_of(stage: Stage, charger: str, until: float) -> Json | None:
    """Return a charger's plan, the solver's if it finds a better one until then; `None` while there is none."""
    now = asyncio.get_running_loop().time
    while True:
        plan: Json | None = None
        if (entity := await stage.planned(charger)) is not None:
            told = await stage.client.act("smart_evse", "plan", entity, answers=True)
            (plan,) = told.values()
        if now() > until or (plan is not None and plan["stays"] and plan["source"] == "solver"):
            return plan
        await asyncio.sleep(1.0)


def _summary(plan: Json) -> dict[str, object]:
    stays = plan["stays"]
    return {
        "energy": sum(stay["energy"] for stay in stays),
        "missing": sum(stay["missing"] for stay in stays),
        "slots": sum(len(stay["slots"]) for stay in stays),
        "next_start": next((stay["next_start"] for stay in stays), None),
    }


async def _records(stage: Stage, findings: Findings) -> None:
    """Ask what is on record of the month before."""
    findings.records, problems = await look_at_records(stage.client)
    findings.problems.extend(problems)
    say(f"on record: {findings.records}")
    findings.statements, problems = await look_at_statements(stage.client)
    findings.problems.extend(problems)
    say(f"stated: {findings.statements}")
    findings.guest, problems = await let_guest_pay(stage.client, stage.bank)
    findings.problems.extend(problems)
    say(f"paid by a guest: {findings.guest}")


def _sky(kind: str) -> Act:
    async def act(stage: Stage, _: Findings) -> None:
        say(f"the sky is {kind}")
        await stage.household.do("sky", kind=kind)

    return act


async def _kettle(stage: Stage, _: Findings) -> None:
    say("a kettle on L1")
    await stage.household.do("appliance", kind="kettle", phase=1)


async def _washer(stage: Stage, _: Findings) -> None:
    say("a washing machine on L1, too")
    await stage.household.do("appliance", kind="washer", phase=1)


async def _explain(stage: Stage, findings: Findings) -> None:
    """Ask why, and hold the answer against what the entities say."""
    charger = stage.entities.chargers[_JUDGED]
    told = await stage.client.act("smart_evse", "explain", charger["sensor.reason"], answers=True)
    (explanation,) = told.values()
    findings.explained.append(explanation)
    findings.reasons.append(explanation["reason"])
    say(f"explain: {explanation['sentence']}")
    if not explanation["chain"]:
        findings.problems.append("the explanation has no chain of limits")
    states: Sequence[Json] = await stage.client.get("states")
    gone = {state["entity_id"] for state in states if state["state"] == "unavailable"}
    entities = (entity for bay in BAYS for entity in stage.entities.chargers[bay.charger].values())
    if unknown := gone.intersection(entities):
        findings.problems.append(f"unavailable: {', '.join(sorted(unknown))}")


SCRIPT: Final[Sequence[tuple[float, Act]]] = (
    (0.00, _mode("smart", "alfen")),
    (0.10, _look_at_plans),
    (0.12, _explain),
    (0.13, _mode("off", "quasar")),
    (0.13, _mode("solar")),
    (0.33, _explain),
    (0.34, _mode("fast")),
    (0.38, _mode("house", "quasar")),
    (0.42, _kettle),
    (0.45, _washer),
    (0.50, _explain),
    (0.50, _mode("solar_min")),
    (0.53, _explain),
    (0.53, _mode("off")),
    (0.53, _mode("off", "alfen")),
    (0.53, _sky("dull")),
    (0.90, _explain),
    (0.90, _records),
)
"""When, as a part of the whole time, and what. At the end the van serves the house under a dull sky."""


async def check(seconds: float, *, quiet: bool = False) -> int:
    """Play the script and judge what came of it; returns the exit status, after one line of JSON."""
    findings = Findings()
    async with stage(SCENE) as set_up:
        before = await set_up.household.state()
        talk = None if quiet else asyncio.create_task(watch(set_up, every=_EVERY, to_stderr=True))
        await _play(set_up, findings, seconds)
        if talk is not None:
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)
        after = await set_up.household.state()
        errors = set_up.home.errors()
    figures = figures_of(before, after, errors, seconds)
    problems = [*findings.problems, *judge(figures)]
    told = {
        "plans": findings.plans,
        "source": findings.source,
        "records": findings.records,
        "statements": findings.statements,
        "guest": findings.guest,
        "reasons": findings.reasons,
        "problems": problems,
    }
    print(json.dumps({**figures, **told}), flush=True)
    return 1 if problems else 0


async def _play(stage: Stage, findings: Findings, seconds: float) -> None:
    """Play the script. Its clock stands while something is asked, or a busy machine leaves no time to charge."""
    now = asyncio.get_running_loop().time
    begun = now()
    for share, act in SCRIPT:
        await asyncio.sleep(max(0.0, begun + share * seconds - now()))
        asked = now()
        await act(stage, findings)
        begun += now() - asked
    await asyncio.sleep(max(0.0, begun + seconds - now()))


def figures_of(before: Json, after: Json, errors: Sequence[str], seconds: float) -> dict[str, object]:
    """Put together what the house knows: energies in Wh, times in s. The script was played for `seconds`."""
    charger, delivered = after["chargers"][_JUDGED], after["chargers"][_JUDGED]["delivered"]
    earlier = before["chargers"][_JUDGED]
    fuse = after["fuse"]
    return {
        "seconds": seconds,
        "samples": after["telegrams"] - before["telegrams"],
        "energy_from_sun": round(delivered["from_sun"], 1),
        "energy_from_grid": round(delivered["from_grid"], 1),
        "given": dict(after["givings"]),
        "seconds_above_fuse": fuse["seconds_above"],
        "ampere_seconds_above_fuse": fuse["ampere_seconds"],
        "longest_above_fuse": fuse["longest_above"],
        "longest_allowed": round(_SAMPLE + fuse["slowest_response"], 1),
        "highest_current": fuse["highest"],
        "starts": charger["starts"] - earlier["starts"],
        "contactor_actions": charger["contactor_actions"] - earlier["contactor_actions"],
        "opened_under_load": sum(each.get("hard_openings", 0) for each in after["chargers"].values()),
        "commands": charger["commands"] - earlier["commands"],
        "ends_charging": charger["power"] > 0,
        "errors": list(errors),
    }


def judge(figures: Mapping[str, object]) -> list[str]:
    """Say what must not be."""
    wrong = {
        "the fuse was exceeded for longer than anybody needs to answer": _amount(figures, "longest_above_fuse")
        > _amount(figures, "longest_allowed"),
        "the car got nothing": _amount(figures, "energy_from_sun") + _amount(figures, "energy_from_grid") <= 0,
        "none of it came from the sun": _amount(figures, "energy_from_sun") <= 0,
        "the car still charges although it was switched off": bool(figures["ends_charging"]),
        "the contactor opened under load": _amount(figures, "opened_under_load") > 0,
        "the van gave nothing to the house": _amount(figures, "seconds") >= _LONG and _part(figures, "to_house") <= 0,
        "a car fed another": _part(figures, "to_cars") > _SLIPS,
        "a car fed the home battery": _part(figures, "to_battery") > _SLIPS,
        "a car fed the grid": _part(figures, "to_grid") > _SLIPS,
        "the log has errors": bool(figures["errors"]),
    }
    return [text for text, is_so in wrong.items() if is_so]


def _part(figures: Mapping[str, object], key: str) -> float:
    given = figures["given"]
    return _amount({key: 0.0, **given}, key) if isinstance(given, Mapping) else 0.0


def _amount(figures: Mapping[str, object], key: str) -> float:
    value = figures[key]
    return float(value) if isinstance(value, int | float) else 0.0
