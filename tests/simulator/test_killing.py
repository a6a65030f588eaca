"""A short run of `scripts/kill-test`: what registers show is on record after Home Assistant was killed."""

import json
import subprocess
import sys
from typing import Any

import pytest

from simulator.killing.rounds import rounds

_COMMAND = (sys.executable, "-m", "simulator.killing", "--bare", "--kills", "2", "--seed", "3")


def test_the_same_seed_kills_at_the_same_instants() -> None:
    assert list(rounds(20, 1, ("keba", "alfen"))) == list(rounds(20, 1, ("keba", "alfen")))
    assert list(rounds(20, 1, ("keba", "alfen"))) != list(rounds(20, 2, ("keba", "alfen")))


def test_it_is_killed_while_it_starts_while_cars_change_and_while_they_charge() -> None:
    lives = list(rounds(20, 1, ("keba", "alfen")))
    assert any(life.while_starting for life in lives)
    assert {life.leaves for life in lives} == {"keba", "alfen", None}
    assert any(life.unseen for life in lives)


@pytest.mark.timeout(400)
def test_nothing_that_a_register_shows_is_lost() -> None:
    run = subprocess.run(_COMMAND, capture_output=True, text=True, timeout=380, check=False)
    assert run.stdout, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert (run.returncode, found["kills"]) == (0, 2)
    assert sum(found["booked"].values()) > 0
