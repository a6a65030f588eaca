"""The simulated house of the demo, as a process of its own: reached over sockets like a real one."""

import asyncio
from collections.abc import Mapping
import contextlib
import json
import os
import signal
import sys
from typing import Any

from aiohttp import ClientSession

type Json = Mapping[str, Any]

_PATIENCE = 20.0


class Household:
    """A house that runs. `ports` says where each device listens."""

    def __init__(self, process: asyncio.subprocess.Process, ports: Mapping[str, int], session: ClientSession) -> None:
        self.ports = ports
        self._process = process
        self._session = session

    @classmethod
    async def start(cls, session: ClientSession, *options: str) -> Household:
        """Start it on free ports; its first line says which."""
        command = (sys.executable, "-m", "simulator", "run", "--free-ports", *options)
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, env=os.environ, start_new_session=True
        )
        if process.stdout is None:
            raise RuntimeError("the house has no output")
        async with asyncio.timeout(_PATIENCE):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError("the simulated house did not start")
        told = json.loads(line)
        return cls(process, {name: port for name, port in told.items() if name != "host"}, session)

    async def state(self) -> Json:
        return await self._ask("GET", "state")

    async def forecast(self, hours: int) -> Json:
        """Ask what a weather service says of the plant."""
        return await self._ask("GET", f"forecast?hours={hours}")

    async def do(self, action: str, **words: object) -> Json:
        """Let something happen: see `simulator.sockets.control`."""
        return await self._ask("POST", action, words)

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()

    async def _ask(self, method: str, path: str, words: Json | None = None) -> Json:
        url = f"http://127.0.0.1:{self.ports['control']}/{path}"
        async with self._session.request(method, url, json=words) as answer:
            told: Json = await answer.json()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {told['error']}")
            return told
