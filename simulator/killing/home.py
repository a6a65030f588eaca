"""The Home Assistant that is killed: its folder stays, its processes come and go."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import signal
import sys
from typing import Final

from ..demo.homeassistant import HARMLESS, ROOT, free_port, make_folder

_BARE: Final = ROOT / "simulator" / "killing" / "bare.py"
_INITIALIZED: Final = "Home Assistant initialized in"
_PATIENCE: Final = 120.0
_GOODBYE: Final = 30.0
_HOST: Final = "127.0.0.1"

SITE: Final = "kill_test"
"""The id of the site."""

FUSE: Final = 63.0
"""Wide enough, in A, that both cars always charge."""

CHARGERS: Final[Mapping[str, Mapping[str, object]]] = {
    "keba": {"make": "keba", "unit": 255, "max_current": 32.0},
    "alfen": {"make": "alfen", "unit": 1, "max_current": 16.0},
}
"""The chargers of the house that have a lifetime register, and how they are spoken to."""

_BARE_CONFIGURATION: Final = """\
homeassistant:
  name: Kill test
  time_zone: UTC
  currency: EUR
  country: NL
logger:
  default: warning
  logs:
    custom_components.smart_evse: info
    homeassistant.bootstrap: info
"""


def make_home(folder: Path, ports: Mapping[str, int], *, bare: bool) -> None:
    """Write a fresh configuration folder with a site that is set up."""
    make_folder(folder, free_port(0), "UTC")
    if bare:
        (folder / "configuration.yaml").write_text(_BARE_CONFIGURATION)
        shutil.rmtree(folder / ".storage")
        (folder / ".storage").mkdir()
    entries = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [_site(ports)]}}
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(entries))


def _site(ports: Mapping[str, int]) -> dict[str, object]:
    meter = {"kind": "p1", "invert": False, "host": _HOST, "port": ports["p1"]}
    chargers = {
        name: {**data, "host": _HOST, "port": ports[name], "phase_map": "123", "outlets": 1, "mode": "fast"}
        for name, data in CHARGERS.items()
    }
    return {
        "created_at": "2026-01-01T00:00:00+00:00",
        "data": {"name": "Kill test", "phases": 3, "fuse": FUSE},
        "disabled_by": None,
        "discovery_keys": {},
        "domain": "smart_evse",
        "entry_id": SITE,
        "minor_version": 1,
        "modified_at": "2026-01-01T00:00:00+00:00",
        "options": {"house_maximum": 10.0},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [
            _equipment("meter", "meter", meter),
            *(_equipment(name, "charger", data) for name, data in chargers.items()),
        ],
        "title": "Kill test",
        "unique_id": None,
        "version": 1,
    }


def _equipment(name: str, kind: str, data: Mapping[str, object]) -> dict[str, object]:
    return {"subentry_id": name, "subentry_type": kind, "title": name, "unique_id": None, "data": dict(data)}


@dataclass(slots=True)
class Home:
    """One life of it. `bare` leaves out all that the site has no use for."""

    folder: Path
    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, folder: Path, *, bare: bool) -> Home:
        """Start it; it is not up yet."""
        (folder / "home-assistant.log").unlink(missing_ok=True)
        program = (str(_BARE), str(folder)) if bare else ("-m", "homeassistant", "--skip-pip", "--config", str(folder))
        left_out = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        with (folder / "output.txt").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *program),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={key: value for key, value in os.environ.items() if key not in left_out},
                cwd=folder,
                start_new_session=True,
            )
        return cls(folder, process)

    async def is_up(self) -> None:
        """Wait until all of it is set up."""
        log = self.folder / "home-assistant.log"
        async with asyncio.timeout(_PATIENCE):
            while not (log.exists() and _INITIALIZED in log.read_text(errors="replace")):
                if self.process.returncode is not None:
                    raise RuntimeError(f"Home Assistant ended early, see {self.folder / 'output.txt'}")
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it without a warning."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end as Ctrl-C does, and make sure of it."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(_GOODBYE):
                    await self.process.wait()
            except TimeoutError:
                await self.kill()

    def errors(self) -> list[str]:
        """Return the lines of this life's log that are errors, less what is known to be harmless."""
        log = (self.folder / "home-assistant.log").read_text(errors="replace")
        found = (line for line in log.splitlines() if " ERROR " in line or " CRITICAL " in line)
        return [line for line in found if not any(f"[{name}] {text}" in line for name, text, _ in HARMLESS)]
