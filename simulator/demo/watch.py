"""One line every few seconds: what sun, house, grid, battery and cars do, and why."""

import asyncio
import sys
from typing import Final

from .cars import BAYS, Bay
from .client import Json
from .stage import Stage

_COLUMNS: Final = (("time", 8), ("sun", 9), ("house", 9), ("grid", 9), ("battery", 9))
_CAR: Final = 24
_HEADER: Final = " ".join(
    (*(f"{name:>{width}}" for name, width in _COLUMNS), *(f"{bay.car.lower():>{_CAR}}" for bay in BAYS), " why")
)


async def watch(stage: Stage, *, every: float, to_stderr: bool = False) -> None:
    """Print a line now and then, until cancelled."""
    output = sys.stderr if to_stderr else sys.stdout
    print(_HEADER, file=output, flush=True)
    while True:
        print(await line(stage), file=output, flush=True)
        await asyncio.sleep(every)


async def line(stage: Stage) -> str:
    """Tell how things stand: the truth from the house, mode and reason from Home Assistant."""
    truth = await stage.household.state()
    battery = truth["battery"] or {"power": 0}
    powers = (truth["sun"], truth["house"], truth["grid"]["power"], battery["power"])
    cars = [await _car(stage, truth, bay) for bay in BAYS]
    whys = [f"{bay.car}: {await _why(stage, bay)}" for bay in BAYS]
    return " ".join((truth["clock"][-8:], *(f"{_watts(power):>9}" for power in powers), *cars, " ", "; ".join(whys)))


async def _car(stage: Stage, truth: Json, bay: Bay) -> str:
    charger: Json = truth["chargers"][bay.charger]
    mode = await stage.client.get(f"states/{stage.entities.chargers[bay.charger]['select.mode']}")
    soc = f"{charger['car']['soc']:.1f}%" if charger["car"] else "-"
    return f"{mode['state']:>9}{_watts(charger['power']):>9}{soc:>6}"


async def _why(stage: Stage, bay: Bay) -> str:
    reason = await stage.client.get(f"states/{stage.entities.chargers[bay.charger]['sensor.reason']}")
    return str(reason["attributes"].get("sentence") or reason["state"])


def _watts(power: float) -> str:
    """Write a power with its thousands apart: 1 240 W."""
    return f"{power:,.0f} W".replace(",", " ")
