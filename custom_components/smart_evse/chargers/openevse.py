"""OpenEVSE (and EmonEVSE) over the HTTP API of its WiFi module, firmware 4 and 5.

Source: `api.yml` and `models/` of the module's firmware, and its own handlers where they are silent.

Reads `GET /status`, and `GET /config` to know who it is. Writes `POST /override`: the module lets
several parties claim the state and the current, and the highest priority is heard. The override
stands at 1000, above its own sun following (50), timers (100) and other API clients (500), below
RFID (1030), OCPP (1050) and its session limits (1100). A claim of our own at 500 would lose against
a start at the box, also where the fuse needs a stop; the override is the same place as that button,
and the last word counts. It is kept over unplugging (`auto_release` false), or the next car would
start at the maximum.

Units: `amp` in mA, one conductor measured, of which a three-phase box is taken to draw the same on
each; `total_energy` in kWh (from 4.2) and `watthour` in Wh (before, and still there). The voltage is
a setting unless the box measures it, so it is not passed on; power and energy are made with it.

Flash: a current is set with the controller's volatile command, claims live in RAM.

Watchdog: none towards us. A module that restarts has forgotten every claim and offers the box's own
maximum; `limit` tells it. If the module dies, the controller falls back to 6 A within 5 s.

Doubts: a build made without sensor scaling tells `amp` in A; no release is. Below its own minimum
(6 A, where nobody set the controller to more) the module rounds a current *up*.
"""

from collections.abc import Mapping
import re

from aiohttp import ClientSession

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, Silent, WrongDevice
from ..links.http import ANSWER_TIME, Address, Fields, HttpLine
from .port import Identity, OutletReading, Traits, amps_of

TRAITS = Traits(make="openevse", cadence=3.0, spacing=2.0, settle=10.0, max_current=48.0)

OLDEST = 4
"""The first firmware of the module that knows claims."""

SLEEPING, DISABLED = 254, 255

_STATES: Mapping[int, VehicleState] = {
    1: VehicleState.NOT_CONNECTED,
    2: VehicleState.CONNECTED,
    3: VehicleState.CHARGING,
}

FAULTS: Mapping[int, str] = {
    4: "Ventilation required",
    5: "Diode check failed",
    6: "Residual current",
    7: "No ground",
    8: "Stuck relay",
    9: "Residual current self-test failed",
    10: "Overtemperature",
    11: "Overcurrent",
}
"""`state` while the box refuses to charge; ventilation is one of them, as it has none to offer."""


class OpenEvse:
    """One OpenEVSE, one outlet. An empty user name stands for a module without a password."""

    def __init__(  # noqa: PLR0913 - what one form asks
        self,
        session: ClientSession,
        host: str,
        username: str = "",
        password: str = "",
        *,
        port: int = 80,
        timeout: float = ANSWER_TIME,
    ) -> None:
        self._line = HttpLine(session, Address(host, port, username, password), timeout=timeout)

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def identify(self) -> Identity:
        """Ask who is there; `Refused` when the module's firmware is too old to be told anything."""
        config = await self._line.ask("GET", "/config")
        module, controller = config.text("version"), config.text("firmware")
        if module is None or controller is None or config.number("max_current_soft") is None:
            raise WrongDevice("something answers, but not an OpenEVSE")
        release = re.match(r"v?(\d+)\.", module)
        if release is not None and int(release[1]) < OLDEST:
            raise Refused(f"the WiFi module's firmware {module} is too old: it has to be {OLDEST}.0 or newer")
        three = config.flag("is_threephase")
        return Identity(
            maker="OpenEVSE",
            model="OpenEVSE",
            serial=config.text("wifi_serial"),
            firmware=f"{module} ({controller})",
            max_current=config.number("max_current_soft"),
            phases=None if three is None else 3 if three else 1,
        )

    async def read(self) -> tuple[OutletReading, ...]:
        """Read the outlet; `Silent` while the module cannot reach the controller behind it."""
        status = await self._line.ask("GET", "/status")
        state = status.whole("state")
        if state is None or "pilot" not in status:
            raise WrongDevice("something answers, but not an OpenEVSE")
        if status.flag("evse_connected") is False:
            raise Silent("the controller behind the WiFi module does not answer")
        phases, currents, power = _flow(status)
        return (
            OutletReading(
                state=_state(status, state),
                power=power,
                currents=currents,
                energy_in=_register(status),
                limit=0.0 if state in (SLEEPING, DISABLED) else status.number("pilot"),
                phases=phases,
                card=status.text("rfid_auth"),
                fault=FAULTS.get(state),
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Override with a current, or with a stop.

        `max_current` goes along, so that the current also holds where a higher claim sets another.
        """
        amps = int(amps_of(TRAITS, outlet, limit))
        if amps:
            await self._override(state="active", charge_current=amps, max_current=amps)
        else:
            await self._override(state="disabled")

    async def originals(self) -> Mapping[str, float]:
        """Return nothing: what is commanded lies on top, and taking it away restores the rest."""
        return {}

    async def restore(self, originals: Mapping[str, float]) -> None:
        """Take the override away. The module says 500 when there is none, which is as well."""
        await self._line.ask("DELETE", "/override", accept=(500,))

    async def _override(self, **claim: object) -> None:
        await self._line.ask("POST", "/override", body={**claim, "auto_release": False})


def _state(status: Fields, state: int) -> VehicleState | None:
    if state in (SLEEPING, DISABLED):
        # The offer is off, but the box still sees whether there is a car.
        return {True: VehicleState.CONNECTED, False: VehicleState.NOT_CONNECTED, None: None}[status.flag("vehicle")]
    return VehicleState.FAULT if state in FAULTS else _STATES.get(state)


def _flow(status: Fields) -> tuple[int | None, PerPhase | None, float | None]:
    """Return the phases in use, the currents in A and the power in W.

    The box measures one conductor and tells the power of all (from 5.0), so the power says whether
    there are three.
    """
    milliamps, volts = status.number("amp"), status.number("voltage")
    if milliamps is None or volts is None:
        return None, None, None
    amps = milliamps / 1000
    power = status.number("power")
    if power is None:
        return 1, PerPhase(amps), amps * volts
    if not amps:
        return None, PerPhase(), 0.0
    three = power > 2 * amps * volts
    return (3, PerPhase(amps, amps, amps), power) if three else (1, PerPhase(amps), power)


def _register(status: Fields) -> float | None:
    total = status.number("total_energy")
    return status.number("watthour") if total is None else total * 1000
