"""The simulator on its own: `python -m simulator` runs a house, `python -m simulator plug …` talks to one."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
import contextlib
from datetime import datetime
import json
from pathlib import Path
import signal
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .appliances import KINDS
from .car import MODELS
from .faults import FAULTS
from .house import House, Plan
from .recording import Recording
from .running import PORTS, Simulation
from .sockets.control import ControlPort
from .sun import SKIES, ModelledSun

_PLAN = Plan()
_CHARGERS = ("keba", "alfen", "quasar")


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    top = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A small house on real sockets: a smart meter (P1 telegrams and a HomeWizard dongle), solar panels"
        " and a home battery (SunSpec), a KEBA and an Alfen charger (Modbus TCP), a bidirectional Quasar, and cars.",
        epilog="Every action is also a POST to the control port; GET / of it says which.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_run(commands.add_parser("run", help="run a house until Ctrl-C"))
    for name, (text, add) in _ACTIONS.items():
        action = commands.add_parser(name, help=text, description=text)
        action.add_argument("--control", default=f"http://127.0.0.1:{PORTS['control']}", help="URL of the control port")
        add(action)
    return top


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    run.add_argument("--free-ports", action="store_true", help="listen on any free ports")
    for name, port in PORTS.items():
        run.add_argument(f"--{name}-port", type=int, default=port, metavar="PORT", help=f"of {name} (%(default)s)")
    run.add_argument("--recording", type=Path, metavar="CSV", help="another household (see simulator/data/README.md)")
    run.add_argument("--start", type=datetime.fromisoformat, default=_PLAN.start, help="local time (%(default)s)")
    run.add_argument("--sky", choices=SKIES, default="sunny", help="the modelled weather (%(default)s)")
    run.add_argument("--kwp", type=float, default=_PLAN.kwp, help="size of the solar plant (%(default)s)")
    run.add_argument("--battery", type=float, default=_PLAN.battery, help="home battery in Wh (%(default)s, none)")
    run.add_argument("--fuse", type=float, default=_PLAN.fuse, help="main fuse in A (%(default)s)")
    run.add_argument("--seed", type=int, default=_PLAN.seed, help="of everything that is random (%(default)s)")
    run.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one (%(default)s)")
    run.add_argument(
        "--plug",
        action="append",
        default=[],
        metavar="CHARGER=CAR[:SOC]",
        help=f"plug a car in, as keba=zappy:40 (cars: {', '.join(MODELS)})",
    )


def _with_charger(action: argparse.ArgumentParser) -> None:
    action.add_argument("charger", choices=_CHARGERS)


def _add_plug(action: argparse.ArgumentParser) -> None:
    _with_charger(action)
    action.add_argument("car", choices=MODELS, nargs="?", default="sedan")
    action.add_argument("--soc", type=float, default=40.0, help="state of charge in %%")


def _add_soc(action: argparse.ArgumentParser) -> None:
    _with_charger(action)
    action.add_argument("soc", type=float, help="state of charge in %%")


def _add_fault(action: argparse.ArgumentParser) -> None:
    action.add_argument("name", choices=FAULTS)
    action.add_argument("charger", choices=_CHARGERS, nargs="?", default="")
    action.add_argument("--off", dest="on", action="store_false", help="end it")
    action.add_argument("--seconds", type=float, help="end it by itself after that long")


def _add_appliance(action: argparse.ArgumentParser) -> None:
    action.add_argument("kind", choices=KINDS)
    action.add_argument("phase", type=int, choices=(1, 2, 3))
    action.add_argument("--seconds", type=float, help="how long it is on")


_ACTIONS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], object]]] = {
    "state": ("print everything there is to know", lambda _action: None),
    "plug": ("plug a car in", _add_plug),
    "unplug": ("unplug the car", _with_charger),
    "soc": ("set a car's state of charge", _add_soc),
    "fault": ("let something go wrong", _add_fault),
    "appliance": ("switch something on in the house", _add_appliance),
    "sky": ("change the weather", lambda action: action.add_argument("kind", choices=SKIES)),
    "speed": ("let time pass faster", lambda action: action.add_argument("factor", type=float)),
}


def house_of(options: argparse.Namespace) -> House:
    plan = Plan(fuse=options.fuse, kwp=options.kwp, battery=options.battery, start=options.start, seed=options.seed)
    recording = Recording.read(options.recording)
    sun = None if recording.sun is not None else ModelledSun(SKIES[options.sky], seed=options.seed)
    house = House(plan, recording, sun)
    for wish in options.plug:
        charger, _, rest = wish.partition("=")
        car, _, soc = rest.partition(":")
        house.plug(charger, car or "sedan", float(soc or 40))
    return house


async def run(options: argparse.Namespace) -> None:
    """Run a house until it is told to stop. The first line on standard output says where everything listens."""
    ports = {name: 0 if options.free_ports else getattr(options, f"{name}_port") for name in PORTS}
    simulation = Simulation(house_of(options), options.host, ports, options.speed)
    control = ControlPort(simulation, host=options.host, port=ports["control"])
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await simulation.open()
    await control.open()
    print(json.dumps({"host": options.host, **simulation.addresses, "control": control.port}), flush=True)
    simulation.start()
    await stop.wait()
    await control.close()
    await simulation.close()


def act(options: argparse.Namespace) -> int:
    """Send one action to a house that runs; print its answer."""
    given = {key: value for key, value in vars(options).items() if key not in ("command", "control")}
    words = {key: value for key, value in given.items() if value is not None}
    data = None if options.command == "state" else json.dumps(words).encode()
    headers = {"Content-Type": "application/json"}
    try:
        with urlopen(Request(f"{options.control}/{options.command}", data, headers), timeout=10) as answer:  # noqa: S310 - the user's own URL
            print(json.dumps(json.load(answer), indent=2))
    except HTTPError as err:
        print(json.load(err)["error"], file=sys.stderr)
        return 1
    except URLError as err:
        print(f"no house at {options.control}: {err.reason}", file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["run", *given]
    options = parser().parse_args(given)
    if options.command != "run":
        return act(options)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
