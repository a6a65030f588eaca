"""One line every few seconds: what the sun, the house, the grid and the car do, and why."""

import asyncio
import sys
from typing import Final

from .client import Json
from .stage import Stage

_COLUMNS: Final = (("time", 8), ("sun", 9), ("house", 9), ("grid", 9), ("car", 9), ("current", 8), ("soc", 6))
_HEADER: Final = " ".join(f"{name:>{width}}" for name, width in _COLUMNS) + f"  {'mode':<9} why"


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
    mode = await stage.client.get(f"states/{stage.entities.charger['select.mode']}")
    reason = await stage.client.get(f"states/{stage.entities.charger['sensor.reason']}")
    charger: Json = truth["chargers"]["keba"]
    car = charger["car"]
    powers = (truth["sun"], truth["house"], truth["grid"]["power"], charger["power"])
    return " ".join(
        (
            truth["clock"][-8:],
            *(f"{_watts(power):>9}" for power in powers),
            f"{max(charger['amps']):6.1f} A",
            f"{car['soc']:5.1f}%" if car else f"{'-':>6}",
            f" {mode['state']:<9}",
            reason["attributes"].get("sentence") or reason["state"],
        )
    )


def _watts(power: float) -> str:
    """Write a power with its thousands apart: 1 240 W."""
    return f"{power:,.0f} W".replace(",", " ")
