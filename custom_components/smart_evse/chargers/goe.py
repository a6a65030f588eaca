"""go-e Charger (Home and Gemini from hardware V3, CORE, PRO) over its local HTTP API v2.

Source: go-e's own `http-en.md` and `apikeys-en.md` (API v2, firmware 051.4 to 60.x), and what its
developers answer in that repository's issues.

Reads `GET /api/status?filter=…`. Writes `GET /api/set?key=value`; the answer holds for each key
`true` or a sentence. The API has to be allowed in the app; while it is not, the box answers 404.
From 60.3 a filter with a key that this model lacks is answered in full, but under the code 400.
A box that is busy with itself says so under 500 ("couldn't take api lock in 3s").

`amp` is the current in whole amperes, `frc` the force: 1 off, 2 on. On beats the box's own schedule,
price and sun rules, which would otherwise decide beside us; it does not beat a card that is asked for.
`acs` is that question (0 open, 1 wait), and `trx` its answer: null for none, 0 for a transaction without a card, else
the place of a card. Both can be written. `lccfi` is when a car was last plugged in, in ms since the box started, which
`rbc` counts: together they name the stay of a car.

Flash: `amp` survives a restart. From hardware V3 it is kept like a log over a large area, which go-e
puts at more than 10⁹ writes, so it does not count as wear here. (`amx`, the volatile twin, exists in
API v1 only.) Hardware V2 has no API v2.

Watchdog: none over HTTP. When the car is unplugged the box sets `frc` to neutral by itself, so the
next car starts at the last `amp` until the next command; `limit` tells it.

Doubts: PRO with 60.4 reported zeros in `nrg` while charging. `acu` follows `amp` about a second later.
With "authentication" switched on for the local network the box wants a password we do not have.
"""

from collections.abc import Mapping

from aiohttp import ClientSession

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Busy, Refused, WrongDevice
from ..links.http import ANSWER_TIME, Address, Fields, HttpLine
from .port import LOCK, Identity, OutletReading, Traits, amps_of

TRAITS = Traits(make="goe", cadence=3.0, spacing=5.0, settle=10.0)

FORCE_OFF, FORCE_ON = 1, 2

OPEN, WAIT = 0, 1
"""`acs`, the box's own access control."""

MEANINGS = {
    404: (Refused, "the local HTTP API v2 is not allowed on this charger: allow it in the go-e app"),
    500: (Busy, "the charger is busy with itself"),
}

ANSWERED = (400,)
"""Codes beside 200 that carry an answer: a key this model lacks, or a value it declines."""

RATED = {11: 16.0, 22: 32.0}
"""`var`, the kW the box is built for, in A."""

_FINDS = 60_000
"""A box that has started knows its car by then, in ms."""

_STATES: Mapping[int, VehicleState] = {
    1: VehicleState.NOT_CONNECTED,
    2: VehicleState.CHARGING,
    3: VehicleState.CONNECTED,
    4: VehicleState.CONNECTED,
    5: VehicleState.FAULT,
}

FAULTS: Mapping[int, str] = {
    1: "Residual current (AC)",
    2: "Residual current (DC)",
    3: "Phase",
    4: "Overvoltage",
    5: "Overcurrent",
    6: "Diode",
    7: "Cable coding",
    8: "No ground",
    9: "Contactor stuck",
    10: "Contactor missing",
    11: "Residual current",
    12: "Unknown",
    13: "Overtemperature",
    14: "No communication",
    15: "Lock stuck open",
    16: "Lock stuck locked",
}


class GoE:
    """One go-e charger, one outlet."""

    def __init__(self, session: ClientSession, host: str, port: int = 80, *, timeout: float = ANSWER_TIME) -> None:
        self._line = HttpLine(session, Address(host, port), timeout=timeout, meanings=MEANINGS)

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def identify(self) -> Identity:
        """Ask who is there; `Refused` while the local API is not allowed."""
        box = await self._status("sse", "typ", "oem", "fwv", "var", "ama")
        serial = box.text("sse")
        if serial is None:
            raise WrongDevice("something answers, but not a go-e charger")
        rated = RATED.get(box.whole("var") or 0)
        allowed = box.number("ama")
        return Identity(
            maker=box.text("oem") or "go-e",
            model=box.text("typ") or "go-e Charger",
            serial=serial,
            firmware=box.text("fwv"),
            max_current=min((amps for amps in (rated, allowed) if amps), default=None),
        )

    async def read(self) -> tuple[OutletReading, ...]:
        """Read the outlet."""
        box = await self._status("car", "err", "amp", "acu", "frc", "fsp", "nrg", "eto", "trx", "lccfi", "rbc")
        if "amp" not in box or "car" not in box:
            raise WrongDevice("something answers, but not a go-e charger")
        volts, amps, watts = _energies(box.numbers("nrg"))
        single = box.flag("fsp")
        state, fault = _state(box)
        return (
            OutletReading(
                state=state,
                power=watts,
                currents=amps,
                voltages=volts,
                energy_in=box.number("eto"),
                limit=_limit(box),
                phases=None if single is None else 1 if single else 3,
                card=_card(box),
                stay=_stay(box, state),
                fault=fault,
            ),
        )

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Force the charge on with a current, or off."""
        amps = int(amps_of(TRAITS, outlet, limit))
        if amps:
            # The current first: were only one of them taken, nothing starts at an old one.
            await self._set(amp=amps, frc=FORCE_ON)
        else:
            await self._set(frc=FORCE_OFF)

    async def set_phases(self, outlet: int, phases: int) -> None:
        """Force one phase or three (`psm`). The box waits its own pause before it switches."""
        if outlet != 0 or phases not in (1, 3):
            raise Refused("a go-e charger charges on one phase or on three")
        await self._set(psm=1 if phases == 1 else 2)

    async def originals(self) -> Mapping[str, float]:
        """Return the current, the force, the phase mode and the access control that were set."""
        box = await self._status("amp", "frc", "psm", "acs")
        found = {name: box.number(key) for name, key in (("amp", "amp"), ("frc", "frc"), ("psm", "psm"), (LOCK, "acs"))}
        return {key: value for key, value in found.items() if value is not None}

    async def restore(self, originals: Mapping[str, float]) -> None:
        """Put back what `originals` returned, the force last."""
        values = {key: int(originals[key]) for key in ("amp", "psm", "frc") if key in originals}
        if LOCK in originals and (await self._status("acs")).number("acs") != originals[LOCK]:
            values = {"acs": int(originals[LOCK]), **values}
        if values:
            await self._set(**values)

    async def lock(self) -> None:
        """Ask for a card, unless it asks for one already or for something else yet."""
        if (await self._status("acs")).whole("acs") == OPEN:
            await self._set(acs=WAIT)

    async def admit(self, outlet: int) -> None:
        """Begin a transaction without a card, unless one runs. The box ends it when the car leaves."""
        if (await self._status("trx")).raw("trx") is None:
            await self._set(trx=0)

    async def _status(self, *keys: str) -> Fields:
        return await self._line.ask("GET", "/api/status", query={"filter": ",".join(keys)}, accept=ANSWERED)

    async def _set(self, **values: int) -> None:
        query = {key: str(value) for key, value in values.items()}
        answer = await self._line.ask("GET", "/api/set", query=query, accept=ANSWERED)
        for key, value in query.items():
            if answer.raw(key) is not True:
                raise Refused(f"the charger answers {answer.raw(key)!r} to {key}={value}")


def _energies(nrg: tuple[float | None, ...]) -> tuple[PerPhase | None, PerPhase | None, float | None]:
    """Read `nrg`: U of L1, L2, L3, N; I of L1, L2, L3; P of L1, L2, L3, N and all; four power factors."""
    if len(nrg) < 12:
        return None, None, None
    return _per_phase(nrg[0:3]), _per_phase(nrg[4:7]), nrg[11]


def _per_phase(values: tuple[float | None, ...]) -> PerPhase | None:
    known = [value for value in values if value is not None]
    return PerPhase(*known) if len(known) == 3 else None


def _limit(box: Fields) -> float | None:
    """Return what the car may take: `acu` is lower than `amp` where cable, heat or adapter hold it back."""
    if box.whole("frc") == FORCE_OFF:
        return 0.0
    wanted, allowed = box.number("amp"), box.number("acu")
    return min((amps for amps in (wanted, allowed) if amps), default=None)


def _card(box: Fields) -> str | None:
    """Return the number of the card's place in the box, from 1; the box keeps the card itself to itself."""
    place = box.whole("trx")
    return str(place) if place else None


def _stay(box: Fields, state: VehicleState | None) -> str | None:
    """Name the stay of a car. Right after a start the box finds every car anew: that is no other one."""
    plugged_in, starts = box.whole("lccfi"), box.whole("rbc")
    if plugged_in is None or starts is None or plugged_in < _FINDS or state is None or not state.plugged:
        return None
    return f"{starts}-{plugged_in}"


def _state(box: Fields) -> tuple[VehicleState | None, str | None]:
    """Return the state and the fault. `car` 0 and 6 are a box that does not know (yet)."""
    state, code = _STATES.get(box.whole("car") or 0), box.whole("err")
    if code:
        return VehicleState.FAULT, FAULTS.get(code, f"Error {code}")
    return state, FAULTS[12] if state is VehicleState.FAULT else None
