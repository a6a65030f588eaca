"""A Home Assistant of the demo's own: its configuration, its process, its log.

Only what the demo shows is set up, nothing that wants the internet. The address of its web server
goes into its storage, where a current Home Assistant keeps it: from YAML it would be on trial and
taken back after five minutes.
"""

import asyncio
from collections.abc import Callable, Iterator
import contextlib
from dataclasses import dataclass
import json
import os
from pathlib import Path
import re
import shutil
import signal
import socket
import sys
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
INTEGRATION: Final = ROOT / "custom_components" / "smart_evse"

_PATIENCE: Final = 120.0
_GOODBYE: Final = 30.0

_CONFIGURATION: Final = """\
homeassistant:
  name: Smart EVSE demo
  latitude: 52.09
  longitude: 5.12
  elevation: 5
  unit_system: metric
  currency: EUR
  country: NL
  time_zone: {zone}
  internal_url: http://127.0.0.1:{port}
  auth_mfa_modules: []
frontend:
config:
history:
logbook:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    custom_components.smart_evse: info
    homeassistant.bootstrap: info
"""

HARMLESS: Final = (
    ("haffmpeg.core", "FFmpeg fails", "nothing here is to be converted"),
    ("homeassistant.components.camera.img_util", "Error loading libturbojpeg", "there is no camera"),
)
"""Errors about what the demo leaves out of a full installation: the logger, how it begins, and why it is no matter."""

_LOGGED: Final = re.compile(r"^\S+ \S+ (ERROR|CRITICAL) \([^)]*\) \[([^\]]+)\] (.*)")


def free_port(wanted: int) -> int:
    """Return the port wanted if nobody listens there, else any free one."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            chosen: int = probe.getsockname()[1]
            return chosen
    raise RuntimeError("no port is free")


def make_folder(folder: Path, port: int, zone: str) -> None:
    """Write a fresh configuration folder, with the integration of this checkout linked in.

    `zone` is the time zone it lives in.

    The steps of onboarding that would set up weather, radio and speech are marked as done: they
    want the internet.
    """
    shutil.rmtree(folder, ignore_errors=True)
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "custom_components").mkdir()
    (folder / "custom_components" / INTEGRATION.name).symlink_to(INTEGRATION)
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(zone=zone, port=port))
    stores = {
        "http": (3, {"stable": _server(port), "pending": None, "yaml_migration_done": True}),
        "onboarding": (4, {"done": ["core_config", "analytics", "integration"]}),
    }
    for key, (version, data) in stores.items():
        store = {"version": version, "minor_version": 1, "key": key, "data": data}
        (storage / key).write_text(json.dumps(store))


def _server(port: int) -> dict[str, object]:
    """Write the web server's settings in full: what is stored is taken as it is."""
    return {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }


@dataclass(slots=True)
class HomeAssistant:
    """A running Home Assistant."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "home-assistant.log"

    @classmethod
    async def start(
        cls, folder: Path, port: int, zone: str, prepare: Callable[[Path], None] = lambda _: None
    ) -> HomeAssistant:
        """Start it in a fresh folder, which `prepare` may add to, and wait until all of it is set up."""
        make_folder(folder, port, zone)
        prepare(folder)
        # Its own path finds the integration through the folder alone, and its bytecode may be kept.
        left_out = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        with (folder / "output.txt").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                # What it needs is there: nothing is to be installed while it starts.
                *(sys.executable, "-m", "homeassistant", "--skip-pip", "--config", str(folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        started = cls(folder, port, process)
        try:
            async with asyncio.timeout(_PATIENCE):
                await started._initialized()
        except BaseException:
            await started.stop()
            raise
        return started

    async def stop(self) -> None:
        """Ask it to end as Ctrl-C does, and make sure of it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(_GOODBYE):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
        await self.process.wait()

    def errors(self) -> list[str]:
        """Return what its log has at level error or worse, less what is known to be harmless."""
        return [f"{logger}: {text}" for logger, text in self._logged() if not _is_harmless(logger, text)]

    async def _initialized(self) -> None:
        while not (self.log.exists() and "Home Assistant initialized in" in self.log.read_text(errors="replace")):
            if self.process.returncode is not None:
                raise RuntimeError(f"Home Assistant ended early, see {self.folder / 'output.txt'}")
            await asyncio.sleep(0.1)
        if "Starting in recovery mode" in self.log.read_text(errors="replace"):
            raise RuntimeError(f"Home Assistant fell back to recovery mode, see {self.folder / 'output.txt'}")

    def _logged(self) -> Iterator[tuple[str, str]]:
        for line in self.log.read_text(errors="replace").splitlines():
            if found := _LOGGED.match(line):
                yield found[2], found[3]


def _is_harmless(logger: str, text: str) -> bool:
    return any(logger == known and text.startswith(beginning) for known, beginning, _ in HARMLESS)
