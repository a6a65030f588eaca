"""Everything the demo needs, set up in order and taken down in the other."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, ClientTimeout

from .client import Client
from .dashboard import make_dashboard
from .homeassistant import ROOT, HomeAssistant, free_port
from .household import Household
from .site import CHARGER, Entities, add_site
from .words import say

FUSE: Final = 25.0
_FOLDERS: Final = ROOT / ".demo"
_DEMOS: Final = 9


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
        return "--start", self.start, "--sky", self.sky, "--fuse", f"{FUSE:g}", "--speed", f"{self.speed:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A house that runs and a Home Assistant that looks after it."""

    household: Household
    home: HomeAssistant
    client: Client
    entities: Entities

    async def mode(self, mode: str) -> None:
        """Choose a mode, as on the dashboard."""
        await self.client.act("select", "select_option", self.entities.charger["select.mode"], option=mode)


@asynccontextmanager
async def stage(scene: Scene) -> AsyncIterator[Stage]:
    """Start the house, then Home Assistant, then answer the questions; end both whatever happens."""
    with _own_folder(scene.folder) as folder:
        async with ClientSession(timeout=ClientTimeout(total=60)) as session, _house(session, scene) as household:
            say("starting Home Assistant")
            home = await HomeAssistant.start(folder, free_port(scene.port))
            try:
                client = await Client.onboard(session, home.url)
                try:
                    say(f"setting up the site and its charger, the {CHARGER.lower()}")
                    entities = await add_site(client, household.ports, FUSE)
                    await make_dashboard(client, entities, FUSE)
                    yield Stage(household=household, home=home, client=client, entities=entities)
                finally:
                    await client.close()
            finally:
                say("stopping Home Assistant")
                await home.stop()


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
