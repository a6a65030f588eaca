"""The mains meter that a SmartEVSE v3 has on its own bus, read out of the box over HTTP.

Source: `docs/REST_API.md` of its firmware. `GET /settings` tells under `phase_currents` the current
of each phase in tenths of an ampere, negative on export, with the time of the last update in whole
seconds; `original_data` is the same before the box has put a home battery into it.

The box is a bystander here: it reads the meter for itself whatever mode it is in (a Sensorbox, or
a meter over Modbus), every second or two. There are currents and no powers, so the power is worked
out at the site's voltage: apparent, not active, and good enough to follow the sun.

Doubts: on firmware before 2024 `last_data_update` may stand for the box's own reading of a
Sensorbox that is gone.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import ClientSession

from ..engine.model import VOLTAGE, PerPhase
from ..links.errors import Refused, Silent, WrongDevice
from ..links.http import Address, Fields, HttpLine
from .currents import per_phase
from .port import Measurement, MeterIdentity

INTERVAL: Final = 1.0
"""How often the box is asked, in s."""

CADENCE: Final = 2.0
"""How often it reads its meter, in s."""

SILENCE: Final = 15.0
"""How long its meter may have told nothing new, in s: the box itself gives up after 11."""

TIMEOUT: Final = 5.0

_LINES: Final = ("L1", "L2", "L3")


class SmartEvseMains:
    """The grid meter behind the SmartEVSE at `host`. `phases` and `voltage` (V) are the site's; times in s."""

    def __init__(  # noqa: PLR0913 (where, what to expect there, and two times for those who hurry)
        self,
        session: ClientSession,
        host: str,
        *,
        port: int = 80,
        phases: int = 3,
        voltage: float = VOLTAGE,
        interval: float = INTERVAL,
        silence: float = SILENCE,
    ) -> None:
        self._line = HttpLine(session, Address(host, port), timeout=TIMEOUT)
        self._phases = phases
        self._voltage = voltage
        self._interval = interval
        self._silence = silence
        self._at: float | None = None

    async def identify(self) -> MeterIdentity:
        """Ask the box for its meter; `Refused` when none is set up."""
        box = await self._settings()
        serial = box.whole("serialnr")
        return MeterIdentity(
            maker="Stegen Electronics",
            model=f"SmartEVSE: {box.part('settings').text('mains_meter')}",
            serial=f"{serial}_mains" if serial else None,
            firmware=box.text("version"),
            phases=self._phases,
            cadence=CADENCE,
        )

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Ask again and again, hand over what the box has newly read, raise when that ends."""
        loop = asyncio.get_running_loop()
        heard = loop.time()
        while True:
            sample = self._new(await self._settings())
            if sample is not None:
                heard = loop.time()
                publish(sample)
            elif loop.time() - heard > self._silence:
                raise Silent("the SmartEVSE hears nothing of its mains meter")
            await asyncio.sleep(self._interval)

    def _new(self, box: Fields) -> Measurement | None:
        told = box.part("phase_currents")
        at = told.number("last_data_update")
        currents = self._currents(told)
        if not at or at == self._at or currents is None:
            return None
        self._at = at
        powers = currents.map(lambda amps: amps * self._voltage)
        return Measurement(power=powers.total, powers=powers, currents=currents)

    def _currents(self, told: Fields) -> PerPhase | None:
        original = told.part("original_data")
        tenths = [(original if line in original else told).number(line) for line in _LINES]
        return per_phase([None if value is None else value / 10 for value in tenths], self._phases)

    async def _settings(self) -> Fields:
        box = await self._line.ask("GET", "/settings")
        if "phase_currents" not in box or "evse" not in box:
            raise WrongDevice("that is no SmartEVSE")
        if box.part("settings").text("mains_meter") in (None, "Disabled"):
            raise Refused("the SmartEVSE has no mains meter set up")
        return box
