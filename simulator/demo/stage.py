"""Everything the demo needs, set up in order and taken down in the other."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import fcntl
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, ClientTimeout

from ..sockets.stripe import StripeServer
from .backfill import look_back
from .bank import bank, tell_where
from .cars import BAYS, PLANNED
from .client import Client
from .cloud import Cloud, zone_for
from .dashboard import make_dashboard
from .guest import let_guest_charge
from .homeassistant import ROOT, HomeAssistant, free_port
from .household import Household
from .money import add_money
from .site import Entities, Site, add_site
from .words import say

FUSE: Final = 25.0
_FOLDERS: Final = ROOT / ".demo"
_DEMOS: Final = 9
_PATIENCE: Final = 20.0
_BATTERY: Final = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where it plays: a house, from when on in its recording, under which sky, how fast."""

    folder: str
    start: str
    sky: str
    port: int
    speed: float = 1.0

    @property
    def options(self) -> tuple[str, ...]:
        known = {"start": self.start, "sky": self.sky, "fuse": FUSE, "battery": _BATTERY, "speed": self.speed}
        return tuple(word for name, value in known.items() for word in (f"--{name}", f"{value}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A house that runs and a Home Assistant that looks after it."""

    household: Household
    home: HomeAssistant
    client: Client
    site: Site
    entities: Entities
    bank: StripeServer

    async def planned(self, charger: str) -> str | None:
        """Return the plan's entity of a charger, which comes with its first plan; `None` while there is none."""
        return (await self.site.entities()).chargers[charger].get("sensor.plan")

    async def mode(self, charger: str, mode: str) -> None:
        """Choose a mode, as on the dashboard."""
        await self.client.act("select", "select_option", self.entities.chargers[charger]["select.mode"], option=mode)

    async def plug(self) -> None:
        """Let every car come home."""
        for bay in BAYS:
            await self.household.do("plug", charger=bay.charger, car=bay.model, soc=bay.soc)


@asynccontextmanager
async def stage(scene: Scene) -> AsyncIterator[Stage]:
    """Start the house, then Home Assistant, then answer the questions; end both whatever happens."""
    with _own_folder(scene.folder) as folder:
        async with ClientSession(timeout=ClientTimeout(total=60)) as session, _house(session, scene) as household:
            zone = zone_for(datetime.fromisoformat(scene.start), datetime.now(UTC))
            async with (
                bank() as provider,
                _home(folder, scene.port, zone, provider.url) as home,
                _logged_in(session, home) as client,
                _connected(Cloud(client, household, zone, {bay.charger: bay.car for bay in BAYS})),
            ):
                say(f"setting up the site, its battery, {len(BAYS)} chargers and their cars")
                site = await add_site(client, household.ports, FUSE)
                say("looking back on a month of sessions")
                await look_back(site, folder, zone)
                say("adding a tariff, and who sends and gets statements")
                await add_money(site)
                say("letting a guest charge")
                await let_guest_charge(site, folder, zone)
                entities = await _with(site, "select.mode", [bay.charger for bay in BAYS])
                stage = Stage(
                    household=household, home=home, client=client, site=site, entities=entities, bank=provider
                )
                for bay in BAYS:
                    await stage.mode(bay.charger, bay.mode)
                await stage.plug()
                say("waiting for the first plan")
                planned = [bay.charger for bay in BAYS if bay.mode in PLANNED]
                entities = await _with(site, "sensor.plan", planned)
                await make_dashboard(client, entities, FUSE)
                yield replace(stage, entities=entities)


async def _with(site: Site, key: str, chargers: Iterable[str]) -> Entities:
    """Wait until each of these chargers has an entity that says something, for as long as is reasonable."""
    now = asyncio.get_running_loop().time
    until = now() + _PATIENCE
    while True:
        entities = await site.entities()
        states = await site.client.get("states")
        there = {state["entity_id"] for state in states if state["state"] not in ("unavailable", "unknown")}
        if all(entities.chargers[charger].get(key) in there for charger in chargers) or now() > until:
            return entities
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _home(folder: Path, port: int, zone: str, bank_url: str) -> AsyncIterator[HomeAssistant]:
    say("starting Home Assistant")
    home = await HomeAssistant.start(folder, free_port(port), zone, lambda made: tell_where(made, bank_url))
    try:
        yield home
    finally:
        say("stopping Home Assistant")
        await home.stop()


@asynccontextmanager
async def _logged_in(session: ClientSession, home: HomeAssistant) -> AsyncIterator[Client]:
    client = await Client.onboard(session, home.url)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def _connected(cloud: Cloud) -> AsyncIterator[None]:
    await cloud.publish()
    task = asyncio.create_task(cloud.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _house(session: ClientSession, scene: Scene) -> AsyncIterator[Household]:
    say("starting the simulated house")
    household = await Household.start(session, *scene.options)
    try:
        yield household
    finally:
        await household.stop()


@contextmanager
def _own_folder(name: str) -> Iterator[Path]:
    """Take a folder that no other demo uses: of two at once the second is in `name-2`."""
    _FOLDERS.mkdir(exist_ok=True)
    for number in range(1, _DEMOS + 1):
        folder = _FOLDERS / (name if number == 1 else f"{name}-{number}")
        with folder.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return
    raise RuntimeError(f"{_DEMOS} demos run here already")
