"""What is sent, when, and what counts as done."""

from dataclasses import replace
import math

import pytest

from custom_components.smart_evse.engine.command import (
    Act,
    CommandMemory,
    Rules,
    failed,
    follow_up,
    next_order,
    renewed,
    sent,
)
from custom_components.smart_evse.engine.model import AcLimit, Limit, PowerLimit, Reason, ReasonKey, Setpoint

RULES = Rules(spacing=2.0)
WHY = Reason(ReasonKey.MODE_FAST)


def setpoint(limit: Limit | None, *, urgent: bool = False, expires: float = math.inf) -> Setpoint:
    return Setpoint(connector="garage:0", limit=limit, expires=expires, reason=WHY, limited_by=WHY, urgent=urgent)


def acknowledged(limit: Limit, at: float = 0.0, rules: Rules = RULES) -> CommandMemory:
    amps = limit.amps if isinstance(limit, AcLimit) else limit.watts
    return follow_up(sent(CommandMemory(), limit, at, rules), amps=amps, readback=amps, read_at=at + 1, rules=rules)


def test_only_a_change_is_sent() -> None:
    memory = acknowledged(AcLimit(10))
    assert next_order(setpoint(AcLimit(10)), memory, RULES, 100).act is Act.WAIT
    order = next_order(setpoint(AcLimit(11)), memory, RULES, 100)
    assert (order.act, order.limit) == (Act.SEND, AcLimit(11))


@pytest.mark.parametrize("limit", [None, "expired"])
def test_nothing_is_sent_without_a_decision_that_holds(limit: str | None) -> None:
    given = setpoint(None) if limit is None else setpoint(AcLimit(10), expires=50)
    assert next_order(given, CommandMemory(), RULES, 100).act is Act.WAIT
    assert next_order(None, CommandMemory(), RULES, 100).act is Act.WAIT


def test_commands_keep_their_distance_unless_they_are_urgent() -> None:
    memory = acknowledged(AcLimit(10), at=99)
    order = next_order(setpoint(AcLimit(8)), memory, RULES, 100)
    assert (order.act, order.wait) == (Act.WAIT, 1.0)
    assert next_order(setpoint(AcLimit(8), urgent=True), memory, RULES, 100).act is Act.SEND


def test_a_limit_is_renewed_while_the_decision_holds_and_not_beyond() -> None:
    rules = replace(RULES, renew=20.0)
    memory = acknowledged(AcLimit(10), rules=rules)
    assert next_order(setpoint(AcLimit(10)), memory, rules, 19).wait == 1.0
    assert next_order(setpoint(AcLimit(10)), memory, rules, 20).act is Act.RENEW
    assert next_order(setpoint(AcLimit(10), expires=15), memory, rules, 20).act is Act.WAIT
    assert next_order(setpoint(AcLimit(10)), renewed(memory, 20), rules, 39).act is Act.WAIT


def test_a_failure_is_tried_again_at_growing_pauses_and_at_once_when_urgent() -> None:
    memory = failed(CommandMemory(), 100)
    assert next_order(setpoint(AcLimit(10)), memory, RULES, 100.5).wait == 0.5
    memory = failed(failed(memory, 101), 103)
    assert next_order(setpoint(AcLimit(10)), memory, RULES, 103).wait == 5.0
    assert next_order(setpoint(AcLimit(0), urgent=True), memory, RULES, 103).act is Act.SEND


def test_a_command_that_failed_is_sent_again_though_nothing_changed() -> None:
    memory = failed(acknowledged(AcLimit(10)), 50)
    order = next_order(setpoint(AcLimit(10)), memory, RULES, 60)
    assert (order.act, order.limit) == (Act.SEND, AcLimit(10))


@pytest.mark.parametrize(
    ("amps", "readback", "done"),
    [
        (10.0, None, True),
        (11.4, None, True),
        (11.6, None, False),
        (None, 10.0, True),
        (None, 16.0, False),
        (4.0, 16.0, True),
    ],
)
def test_success_is_what_flows_and_the_readback_only_where_nothing_is_measured(
    amps: float | None, readback: float | None, *, done: bool
) -> None:
    memory = follow_up(
        sent(CommandMemory(), AcLimit(10), 0, RULES), amps=amps, readback=readback, read_at=5, rules=RULES
    )
    assert memory.acknowledged is done


def test_a_reading_from_before_the_command_proves_nothing() -> None:
    memory = follow_up(sent(CommandMemory(), AcLimit(10), 5, RULES), amps=10, readback=10, read_at=4, rules=RULES)
    assert not memory.acknowledged


def test_a_charger_that_ignores_three_commands_is_reported_and_stopped() -> None:
    memory, now = sent(CommandMemory(), AcLimit(6), 0, RULES), 0.0
    for _ in range(3):
        now += 10
        assert not memory.is_ignored
        memory = follow_up(memory, amps=16, readback=16, read_at=now, rules=RULES)
        order = next_order(setpoint(AcLimit(6)), memory, RULES, now)
        assert (order.act, order.limit) == (Act.SEND, AcLimit(6))
        memory = sent(memory, AcLimit(6), now, RULES)
    assert memory.is_ignored
    order = next_order(setpoint(AcLimit(6)), memory, RULES, now + 10)
    assert (order.act, order.limit) == (Act.SEND, AcLimit(0))


def test_a_car_that_follows_late_is_not_counted_as_ignoring() -> None:
    memory = sent(CommandMemory(), AcLimit(6), 0, RULES)
    memory = follow_up(memory, amps=16, readback=6, read_at=4, rules=RULES)
    memory = follow_up(memory, amps=6, readback=6, read_at=8, rules=RULES)
    assert memory.acknowledged
    assert memory.ignored == 0


def test_somebody_else_who_keeps_raising_the_limit_is_found_out() -> None:
    memory = acknowledged(AcLimit(6))
    for count in range(1, 4):
        now = 20.0 * count
        memory = follow_up(memory, amps=16, readback=16, read_at=now, rules=RULES)
        assert next_order(setpoint(AcLimit(6)), memory, RULES, now + 3).act is Act.SEND
        memory = sent(memory, AcLimit(6), now + 3, RULES)
        memory = follow_up(memory, amps=6, readback=6, read_at=now + 5, rules=RULES)
    assert memory.is_contested
    assert not memory.is_ignored


def test_a_lower_limit_of_somebody_else_is_a_ceiling_and_no_contest() -> None:
    memory = follow_up(acknowledged(AcLimit(16)), amps=10, readback=10, read_at=20, rules=RULES)
    assert memory.acknowledged
    assert not memory.contested


def test_flash_memory_has_a_daily_budget_and_safety_ignores_it() -> None:
    rules = replace(RULES, wears=True, writes_per_day=3)
    memory = CommandMemory()
    for number in range(3):
        memory = sent(memory, AcLimit(6.0 + number), 100.0 * number, rules)
    order = next_order(setpoint(AcLimit(12)), memory, rules, 1000)
    assert (order.act, order.withheld) == (Act.WAIT, True)
    assert next_order(setpoint(AcLimit(6)), memory, rules, 1000).act is Act.SEND
    assert next_order(setpoint(AcLimit(12)), memory, rules, 100_000).act is Act.SEND


def test_relays_have_a_daily_budget_of_starts() -> None:
    rules = replace(RULES, starts_per_day=2)
    memory = CommandMemory()
    for number in range(2):
        memory = sent(memory, AcLimit(6), 100.0 * number, RULES)
        memory = sent(memory, AcLimit(0), 100.0 * number + 50, RULES)
    assert next_order(setpoint(AcLimit(6)), memory, rules, 1000).withheld
    running = sent(CommandMemory(starts=memory.starts), AcLimit(6), 900, RULES)
    assert next_order(setpoint(AcLimit(10)), running, rules, 1000).act is Act.SEND


def test_a_dc_charger_is_held_to_its_power() -> None:
    memory = sent(CommandMemory(), PowerLimit(-3000), 0, RULES)
    good = follow_up(memory, amps=-3100, readback=-3000, read_at=5, rules=RULES)
    bad = follow_up(memory, amps=-5000, readback=-3000, read_at=5, rules=RULES)
    assert (good.acknowledged, bad.acknowledged) == (True, False)
    assert next_order(
        setpoint(PowerLimit(-3000)), replace(bad, ignored=3, ignored_at=5), RULES, 11
    ).limit == PowerLimit(0)


def test_doubt_about_a_command_is_looked_at_again_in_time() -> None:
    memory = sent(CommandMemory(), AcLimit(6), 0, RULES)
    assert next_order(setpoint(AcLimit(6)), memory, RULES, 4).wait == 6.0
