"""`scripts/demo`: a simulated house and a real Home Assistant in front of it."""

import argparse
import asyncio
from collections.abc import Sequence
import contextlib
import signal
import sys
from typing import Final

from aiohttp import ClientError

from .check import check
from .client import PASSWORD, USER, Refused
from .dashboard import PATH
from .guest import where_to_pay
from .homeassistant import ROOT
from .isolation import isolate
from .money import Stated, state
from .stage import Scene, Stage, stage
from .watch import watch
from .words import say

_START: Final = "2007-05-14 11:02"
_PORT: Final = 8123
_SHORTEST: Final = 90.0
"""Below this no car comes to charge, and none to give: they and the sun want to be sure first."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    top.add_argument("--check", type=float, metavar="SECONDS", help="run without a browser for that long and judge")
    top.add_argument("--port", type=int, default=_PORT, help="of Home Assistant, if it is free (%(default)s)")
    top.add_argument("--start", default=_START, help="when in the recording it begins (%(default)s)")
    top.add_argument("--sky", default="sunny", help="clear, sunny, changeable or dull (%(default)s)")
    top.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="between two lines (%(default)s)")
    top.add_argument("--with-network", action="store_true", help="let a check run in the machine's own network")
    return top


def main() -> int:
    options = parser().parse_args()
    if options.check is not None and options.check < _SHORTEST:
        say(f"a check takes {_SHORTEST:g} s at least: car and sun want to be sure before they start")
        return 2
    if options.check is not None and not options.with_network and not isolate():
        say("no network namespace here: Home Assistant will see the machine's own network")
    with contextlib.suppress(KeyboardInterrupt):
        try:
            return asyncio.run(_run(options))
        except (RuntimeError, Refused, TimeoutError, ClientError) as err:
            say(f"{err or 'it took too long'}")
            return 1
        except asyncio.CancelledError:
            say("stopped from outside")
            return 1
    if options.check is not None:
        say("interrupted: nothing is judged")
        return 1
    return 0


async def _run(options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    if options.check is not None:
        return await check(options.check)
    scene = Scene(folder="home", start=options.start, sky=options.sky, port=options.port)
    async with stage(scene) as set_up:
        _welcome(set_up, await state(set_up.client), await where_to_pay(set_up.client))
        await watch(set_up, every=options.every)
    return 0


def _welcome(stage: Stage, stated: Sequence[Stated], bill: str) -> None:
    python = f"{sys.executable} -m simulator" if not sys.executable.startswith(str(ROOT)) else "python -m simulator"
    control = f"--control http://127.0.0.1:{stage.household.ports['control']}"
    statements = "".join(f"  {each.number}     {stage.home.url}{link}\n" for each in stated for link in each.links)
    print(
        f"""
  Home Assistant   {stage.home.url}/{PATH}
  login            {USER}, password {PASSWORD}
{statements}
  a guest's bill   {bill}

  Let something happen, from another terminal in this folder (. .venv/demo/bin/activate):
    {python} appliance kettle 1 {control}
    {python} fault meter_silent --seconds 60 {control}
    {python} sky dull {control}
    {python} unplug keba {control}

  Ctrl-C ends it.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
