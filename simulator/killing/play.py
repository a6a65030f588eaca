"""One kill test from the first start to the judgement."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, ClientTimeout

from ..demo.household import Household, Json
from ..demo.words import say
from .books import Charge, charges, verified
from .home import CHARGERS, FUSE, Home, make_home
from .rounds import Round, rounds

_PATIENCE: Final = 150.0
"""How long a car may take to start, and its end to be on record, in s."""

_RESOLUTION: Final = 0.1
"""The registers count in tenths of a Wh, or finer."""

_ROUNDED: Final = 1.0
"""What is booked are whole Wh: a register may be half of one off at the beginning and at the end."""


@dataclass(slots=True)
class Findings:
    """What came of it: energies in Wh by charger, `plugged` how many cars have come where Home Assistant saw it."""

    truth: dict[str, float] = field(default_factory=dict)
    booked: dict[str, int] = field(default_factory=dict)
    cars: dict[str, int] = field(default_factory=dict)
    sessions: tuple[Charge, ...] = ()
    kills: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class KillTest:
    """A house, and the Home Assistant that has to account for it."""

    folder: Path
    house: Household
    bare: bool
    findings: Findings = field(default_factory=Findings)

    async def run(self, kills: int, seed: int) -> Findings:
        """Kill it so many times, let the cars leave, and judge the ledger."""
        make_home(self.folder, self.house.ports, bare=self.bare)
        async with self._life() as home:
            await home.is_up()
            for charger in CHARGERS:
                await self._until(_commanded(charger), f"{charger} is commanded")
                await self._arrives(charger)
            await home.kill()
        for number, life in enumerate(rounds(kills, seed, tuple(CHARGERS)), 1):
            say(f"life {number} of {kills}: {_in_words(life)}")
            await self._live(life)
            self.findings.kills += 1
        async with self._life() as home:
            await home.is_up()
            for charger in CHARGERS:
                await self._leaves(charger)
            await home.stop()
            self.findings.problems += home.errors()
        await self._judge()
        return self.findings

    async def _live(self, life: Round) -> None:
        async with self._life() as home:
            if not life.while_starting:
                await home.is_up()
            if life.leaves is not None and not life.unseen:
                await self._leaves(life.leaves)
                await self._arrives(life.leaves)
            await asyncio.sleep(life.after)
            await home.kill()
        if life.leaves is not None and life.unseen:
            await self.house.do("unplug", charger=life.leaves)
            await self.house.do("plug", charger=life.leaves, car="zappy", soc=20)

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[Home]:
        home = await Home.start(self.folder, bare=self.bare)
        try:
            yield home
        finally:
            if home.process.returncode is None:
                await home.kill()

    async def _arrives(self, charger: str) -> None:
        """Let a car come, and wait until it charges: then it is seen."""
        await self.house.do("plug", charger=charger, car="zappy", soc=20)
        self.findings.cars[charger] = self.findings.cars.get(charger, 0) + 1
        await self._until(lambda state: state["chargers"][charger]["power"] > 0, f"the car at {charger} charges")

    async def _leaves(self, charger: str) -> None:
        """Let the car go, and wait until its session is on record."""
        before = self._ended(charger)
        await self.house.do("unplug", charger=charger)
        await self._until(lambda _: self._ended(charger) > before, f"the session at {charger} is on record")

    def _ended(self, charger: str) -> int:
        return sum(charge.charger == charger for charge in charges(self.folder))

    async def _until(self, true: Callable[[Json], bool], what: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not true(await self.house.state()):  # noqa: ASYNC110 - a house has no event for it
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise RuntimeError(f"in {_PATIENCE:g} s it did not happen that {what}") from None

    async def _judge(self) -> None:
        state = await self.house.state()
        found, problems = self.findings, self.findings.problems
        found.sessions = charges(self.folder)
        problems += verified(self.folder)
        for charger in CHARGERS:
            booked = [charge for charge in found.sessions if charge.charger == charger]
            found.truth[charger] = float(state["chargers"][charger]["energy"])
            found.booked[charger] = sum(charge.energy for charge in booked)
            if abs(found.booked[charger] - found.truth[charger]) > _ROUNDED + _RESOLUTION:
                problems.append(
                    f"{charger}: {found.booked[charger]} Wh on record, {found.truth[charger]} Wh were taken"
                )
            if len(booked) != found.cars[charger]:
                problems.append(f"{charger}: {len(booked)} sessions on record, {found.cars[charger]} cars came")
        problems += [
            f"session {charge.id}: {charge.energy} Wh, its intervals {charge.in_intervals} Wh"
            for charge in found.sessions
            if charge.energy != charge.in_intervals
        ]


async def kill_test(folder: Path, *, kills: int, seed: int, bare: bool) -> Findings:
    """Start the house, and play."""
    async with ClientSession(timeout=ClientTimeout(total=60)) as session:
        house = await Household.start(session, "--fuse", f"{FUSE:g}", "--sky", "dull", "--seed", f"{seed}")
        try:
            return await KillTest(folder, house, bare).run(kills, seed)
        finally:
            await house.stop()


def _in_words(life: Round) -> str:
    killed = f"killed {life.after:.1f} s after {'its start' if life.while_starting else 'being up'}"
    if life.leaves is None:
        return killed
    return f"{killed}, the car at {life.leaves} makes way {'unseen' if life.unseen else 'first'}"


def _commanded(charger: str) -> Callable[[Json], bool]:
    """Return what says whether a charger was commanded: then its register was read."""
    return lambda state: bool(state["chargers"][charger]["commands"])
