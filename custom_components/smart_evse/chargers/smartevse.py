"""SmartEVSE v3 (Stegen Electronics, firmware of dingo35 from 3.6) over its HTTP API.

Source: `docs/REST_API.md` of the firmware, and its own handlers where that page is silent (v3.10).

Reads `GET /settings`, the whole box in one object of about 3 KB. Writes `POST /settings?key=value`,
the values in the query and the body empty; the answer repeats what was taken, or says "Value not
allowed!" in its place.

The box is run in its *Normal* mode with an override current (0.1 A). Normal needs no mains data:
the time-out of 11 s that stops a charge without it holds in Smart and Solar only, where the box
would also regulate against us. Stopping is *Pause* (firmware from April 2025), which keeps a card
or an OCPP session alive; older ones are switched *Off*.

Flash: the override lives in RAM, so setting a limit wears nothing. Pause, Off, Normal and the second
contactor are stored, and only when they change, so they are written only when they differ.

Watchdog: none in Normal. After a reboot the override is gone and the box offers its own maximum
until the limit is written again; `limit` tells it. (Smart mode with `mains_meter` "API" would stop
after 11 s without `POST /currents`, but wants its meter setting changed by hand.)

Doubts: an OCPP back end may hold the current below the override, unseen here. The names and numbers
of `error` changed between releases. In 3.10 the box counts itself back to three phases in Normal
mode while its second contactor is off, so the setting of that contactor is believed, not the count.
"""

from collections.abc import Mapping

from aiohttp import ClientSession

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, WrongDevice
from ..links.http import ANSWER_TIME, Address, Fields, HttpLine
from .port import Identity, OutletReading, Traits, amps_of

# A command is two requests: the box is asked for its mode first.
TRAITS = Traits(make="smartevse", step=0.1, cadence=3.0, timeout=2 * ANSWER_TIME, spacing=2.0, settle=10.0)

OFF, NORMAL, SOLAR, SMART, PAUSE = range(5)
"""`mode_id`."""

NODE = 2
"""`evse.loadbl` from here on: the current comes from another SmartEVSE, its master."""

CONTACTORS = ("Not present", "Always Off", "Solar Off", "Always On", "Auto")
"""`settings.enable_C2` by number: when the second contactor adds the phases L2 and L3."""

ALWAYS_OFF, ALWAYS_ON = CONTACTORS.index("Always Off"), CONTACTORS.index("Always On")
PHASES = {1: ALWAYS_OFF, 3: ALWAYS_ON}

# 4 to 7 wait for a master's word, 8 and 9 and the modem's own from 11 offer nothing yet. In 10 the
# car still draws: the box has taken its offer back and opens the contactor within 6 s.
_STATES: Mapping[int, VehicleState] = {
    0: VehicleState.NOT_CONNECTED,
    **dict.fromkeys((1, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14), VehicleState.CONNECTED),
    2: VehicleState.CHARGING,
    3: VehicleState.VENTILATION,
    10: VehicleState.CHARGING,
}

FAULTS = {"Temperature High", "RCM Tripped"}
"""What ends a charge by itself. The rest is about power and meters, which do not matter in Normal."""


class SmartEvse:
    """One SmartEVSE, one outlet. No password: the box has none."""

    def __init__(self, session: ClientSession, host: str, *, port: int = 80, timeout: float = ANSWER_TIME) -> None:
        self._line = HttpLine(session, Address(host, port), timeout=timeout)

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def identify(self) -> Identity:
        """Ask who is there. Firmware before April 2024 does not tell its serial number."""
        box = await self._settings()
        serial = box.whole("serialnr")
        return Identity(
            maker="Stegen Electronics",
            model="SmartEVSE",
            serial=str(serial) if serial else None,
            firmware=box.text("version"),
            max_current=box.part("settings").number("current_max"),
            switches_phases=box.part("settings").text("enable_C2") not in (None, CONTACTORS[0]),
        )

    async def read(self) -> tuple[OutletReading, ...]:
        """Read the outlet. Power, currents and register need a meter for the car at the box."""
        box = await self._settings()
        evse = box.part("evse")
        error = evse.text("error")
        fault = error if error in FAULTS else None
        power, currents, energy = _metered(box.part("ev_meter"))
        return (
            OutletReading(
                state=VehicleState.FAULT if fault else _state(evse),
                power=power,
                currents=currents,
                energy_in=energy,
                limit=_limit(box),
                phases=_phases(box),
                card=_card(evse),
                fault=fault,
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Offer a current, or pause.

        A current below the box's own minimum becomes a pause: it would refuse it and go on as before.
        """
        amps = amps_of(TRAITS, outlet, limit)
        box = await self._settings()
        if (box.part("evse").whole("loadbl") or 0) >= NODE:
            raise Refused("this SmartEVSE is a node: its master sets the current")
        minimum = box.part("settings").number("current_min") or TRAITS.min_current
        if amps < minimum:
            await self._pause(box)
        else:
            await self._offer(box, round(amps * 10))

    async def set_phases(self, outlet: int, phases: int) -> None:
        """Switch the second contactor. The box does so on its next way into charging."""
        if outlet != 0 or phases not in PHASES:
            raise Refused("a SmartEVSE charges on one phase or on three")
        contactor = (await self._settings()).part("settings").text("enable_C2")
        if contactor == CONTACTORS[0]:
            raise Refused("this SmartEVSE has no second contactor")
        if contactor != CONTACTORS[PHASES[phases]]:
            await self._switch(PHASES[phases])

    async def originals(self) -> Mapping[str, float]:
        """Return the mode and the contactor setting of the box."""
        box = await self._settings()
        contactor = box.part("settings").text("enable_C2")
        found = {"mode": float(_mode(box))}
        if contactor in CONTACTORS:
            found["contactor"] = float(CONTACTORS.index(contactor))
        return found

    async def restore(self, originals: Mapping[str, float]) -> None:
        """Give the box back: its own mode and contactor setting, no override."""
        box = await self._settings()
        contactor = originals.get("contactor")
        if contactor is not None and CONTACTORS[int(contactor)] != box.part("settings").text("enable_C2"):
            await self._switch(int(contactor))
        mode = originals.get("mode", NORMAL)
        await self._post(disable_override_current=1, mode=int(mode))

    async def _offer(self, box: Fields, tenths: int) -> None:
        # The box handles the mode before the override, so both go in one request.
        query = {"override_current": tenths}
        if _mode(box) != NORMAL:
            if _mode(box) == OFF and _card_reader(box.part("evse")):
                raise Refused("this SmartEVSE waits for a card")
            query["mode"] = NORMAL
        answer = await self._post(**query)
        if answer.whole("override_current") != tenths:
            raise Refused(f"the SmartEVSE answers {answer.raw('override_current')!r} to {tenths / 10} A")

    async def _pause(self, box: Fields) -> None:
        if _mode(box) in (OFF, PAUSE):
            return
        answer = await self._post(mode=PAUSE)
        # Firmware without a pause answers in words.
        if answer.text("mode") != str(PAUSE):
            await self._post(mode=OFF)

    async def _switch(self, contactor: int) -> None:
        answer = await self._post(enable_C2=contactor)
        if answer.part("settings").text("enable_C2") != CONTACTORS[contactor]:
            raise Refused("the SmartEVSE did not take the setting of its second contactor")

    async def _settings(self) -> Fields:
        box = await self._line.ask("GET", "/settings")
        if box.whole("mode_id") is None or box.part("evse").whole("state_id") is None:
            raise WrongDevice("something answers, but not a SmartEVSE")
        return box

    async def _post(self, **query: int) -> Fields:
        texts = {key: str(value) for key, value in query.items()}
        return await self._line.ask("POST", "/settings", query=texts)


def _mode(box: Fields) -> int:
    """Return the mode; the box itself knows a -1, for one that it cannot name."""
    mode = box.whole("mode_id")
    return -1 if mode is None else mode


def _state(evse: Fields) -> VehicleState | None:
    # Switched off, the box no longer follows the state, but the pilot still tells of a plug.
    if evse.flag("connected") is False:
        return VehicleState.NOT_CONNECTED
    state = _STATES.get(evse.whole("state_id") or 0)
    if state is VehicleState.NOT_CONNECTED and evse.flag("connected"):
        return VehicleState.CONNECTED
    return state


def _limit(box: Fields) -> float | None:
    settings, mode = box.part("settings"), _mode(box)
    if mode in (OFF, PAUSE):
        return 0.0
    if mode == NORMAL:
        return _tenths(settings.number("override_current") or None) or settings.number("current_max")
    return _tenths(settings.number("charge_current"))


def _phases(box: Fields) -> int | None:
    match box.part("settings").text("enable_C2"):
        case "Always Off":
            return 1
        case "Always On":
            return 3
        case "Solar Off":
            return 1 if _mode(box) == SOLAR else 3
        case "Auto":
            return box.part("evse").whole("nrofphases")
        case _:
            return None


def _metered(meter: Fields) -> tuple[float | None, PerPhase | None, float | None]:
    """Return power in W, currents in A and the register in Wh of the car's meter.

    Up to 3.9 the box tells kW and kWh, rounded to one decimal, and has a `total_kwh`; later ones
    tell W and Wh. A register of 0 is one that was not read since the box started.
    """
    if meter.text("description") in (None, "Disabled"):
        return None, None, None
    scale = 1000.0 if "total_kwh" in meter else 1.0
    power = meter.number("import_active_power")
    energy = meter.number("import_active_energy") or None
    phases = [_tenths(meter.part("currents").number(key)) for key in ("L1", "L2", "L3")]
    currents = [value for value in phases if value is not None]
    return (
        None if power is None else power * scale,
        PerPhase(*currents) if len(currents) == len(phases) else None,
        None if energy is None else energy * scale,
    )


def _card_reader(evse: Fields) -> bool:
    return evse.text("rfid") not in (None, "Not Installed")


def _card(evse: Fields) -> str | None:
    card = evse.text("rfid_lastread")
    return card if card and card.strip("0") else None


def _tenths(value: float | None) -> float | None:
    return None if value is None else value / 10
