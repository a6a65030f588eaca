"""The control port: what may be asked of the house and done to it, as JSON over HTTP.

GET  /state                     what is and what was, everything
GET  /samples?seconds=60        the last seconds, one by one
GET  /forecast?hours=48         what a weather service says of the plant: half hours on the house's clock, W
POST /plug       {"charger", "car", "soc"}
POST /unplug     {"charger"}
POST /soc        {"charger", "soc"}
POST /fault      {"name", "charger", "on", "seconds"}
POST /appliance  {"kind", "phase": 1 to 3, "seconds"}
POST /sky        {"kind"}
POST /speed      {"factor"}

Whatever cannot be done is answered with 400 and what is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from json import JSONDecodeError
from typing import Final

from aiohttp import web

from ..house import DC_BOX, House
from ..running import Simulation
from ..sun import SKIES, ModelledSun
from ..weather import forecast

type Words = Mapping[str, object]

_FASTEST: Final = 120.0
_FURTHEST: Final = 96
"""No weather service looks further, in hours."""


class Impossible(Exception):
    """Something that cannot be done, and why."""


def _text(words: Words, key: str, default: str | None = None) -> str:
    value = words.get(key, default)
    if not isinstance(value, str):
        raise Impossible(f"{key} has to be a text")
    return value


def _number(words: Words, key: str, low: float, high: float) -> float:
    value = words.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Impossible(f"{key} has to be a number from {low:g} to {high:g}")
    return float(value)


def _seconds(words: Words) -> float | None:
    return None if words.get("seconds") is None else _number(words, "seconds", 0, 1e6)


def _plug(simulation: Simulation, words: Words) -> None:
    soc = _number({"soc": 40, **words}, "soc", 0, 100)
    simulation.house.plug(_text(words, "charger"), _text(words, "car", "sedan"), soc)


def _unplug(simulation: Simulation, words: Words) -> None:
    simulation.house.unplug(_text(words, "charger"))


def _soc(simulation: Simulation, words: Words) -> None:
    battery = simulation.house.battery(_text(words, "charger"))
    if battery is None:
        raise Impossible("no car there")
    battery.soc = _number(words, "soc", 0, 100)


def _fault(simulation: Simulation, words: Words) -> None:
    on = words.get("on", True) is True
    simulation.faults.set(_text(words, "name"), _text(words, "charger", ""), on=on, seconds=_seconds(words))


def _appliance(simulation: Simulation, words: Words) -> None:
    phase = int(_number(words, "phase", 1, 3)) - 1
    simulation.house.switch_on(_text(words, "kind"), phase, _seconds(words))


def _sky(simulation: Simulation, words: Words) -> None:
    sun = simulation.house.sun
    if not isinstance(sun, ModelledSun):
        raise Impossible("the sun is a recorded one")
    sun.sky = SKIES[_text(words, "kind")]


def _speed(simulation: Simulation, words: Words) -> None:
    simulation.speed = _number(words, "factor", 0, _FASTEST)


ACTIONS: Final[Mapping[str, Callable[[Simulation, Words], None]]] = {
    "plug": _plug,
    "unplug": _unplug,
    "soc": _soc,
    "fault": _fault,
    "appliance": _appliance,
    "sky": _sky,
    "speed": _speed,
}


def state_of(simulation: Simulation) -> dict[str, object]:
    """Everything there is to know, as JSON."""
    house = simulation.house
    record = house.record
    return {
        "seconds": round(house.seconds, 1),
        "clock": house.clock.isoformat(sep=" ", timespec="seconds"),
        "speed": simulation.speed,
        "faults": simulation.faults.names,
        "telegrams": simulation.p1.sent,
        "sun": round(house.solar),
        "house": round(sum(house.house_load)),
        "battery": _home_battery(house),
        "grid": {
            "power": round(house.grid.power),
            "amps": [round(amps, 2) for amps in house.grid.amps],
            "volts": [round(volts, 1) for volts in house.grid.volts],
        },
        "fuse": {
            "amps": record.fuse,
            "seconds_above": round(record.above, 1),
            "ampere_seconds": round(record.ampere_seconds, 1),
            "longest_above": round(record.longest_above, 1),
            "highest": round(record.highest, 2),
            "slowest_response": round(house.slowest, 1),
        },
        "energy": {"imported": round(record.imported, 1), "exported": round(record.exported, 1)},
        "givings": {key: round(value, 1) for key, value in asdict(record.givings).items()},
        "chargers": {name: _charger(house, name) for name in (*house.stations, DC_BOX)},
        "ports": simulation.addresses,
    }


def _home_battery(house: House) -> dict[str, float] | None:
    battery = house.home_battery
    if battery is None:
        return None
    return {"power": round(battery.power), "soc": round(battery.soc, 2), "capacity": battery.model.capacity}


def _charger(house: House, name: str) -> dict[str, object]:
    battery, delivery = house.battery(name), house.record.deliveries.get(name)
    told: dict[str, object] = {
        "power": round(house.powers[name]),
        "car": None if battery is None else {"soc": round(battery.soc, 2), "capacity": battery.capacity},
        "delivered": None if delivery is None else {key: round(value, 1) for key, value in asdict(delivery).items()},
    }
    if name == DC_BOX:
        box = house.dc_box
        return told | {"running": box.running, "setpoint": box.setpoint, **asdict(box.tally)}
    station = house.stations[name]
    return told | {
        "state": station.state,
        "limit": station.limit,
        "enabled": station.enabled,
        "allowed": station.allowed,
        "offered": station.offered,
        "amps": [round(amps, 2) for amps in station.currents],
        "phases": station.phases,
        "energy": round(station.energy, 1),
        "fallen_back": station.fallen_back,
        **asdict(station.tally),
    }


class ControlPort:
    """The web server of the control port."""

    def __init__(self, simulation: Simulation, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self._simulation = simulation
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._help),
                web.get("/state", self._state),
                web.get("/samples", self._samples),
                web.get("/forecast", self._forecast),
                web.post("/{action}", self._act),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _help(self, _: web.Request) -> web.Response:
        return web.Response(text=__doc__)

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(state_of(self._simulation))

    async def _samples(self, request: web.Request) -> web.Response:
        wanted = request.query.get("seconds", "60")
        if not wanted.isdecimal():
            return web.json_response({"error": "seconds has to be a whole number"}, status=400)
        return web.json_response([asdict(sample) for sample in self._simulation.house.record.last(int(wanted))])

    async def _forecast(self, request: web.Request) -> web.Response:
        wanted = request.query.get("hours", "48")
        if not wanted.isdecimal() or int(wanted) > _FURTHEST:
            return web.json_response({"error": f"hours has to be a whole number up to {_FURTHEST}"}, status=400)
        house = self._simulation.house
        steps = [(at.isoformat(sep=" "), round(watts)) for at, watts in forecast(house, house.clock, int(wanted))]
        return web.json_response({"clock": house.clock.isoformat(sep=" "), "watts": dict(steps)})

    async def _act(self, request: web.Request) -> web.Response:
        action = ACTIONS.get(request.match_info["action"])
        if action is None:
            return web.json_response({"error": f"there are {', '.join(ACTIONS)}"}, status=404)
        try:
            words = await request.json() if request.can_read_body else {}
            action(self._simulation, words if isinstance(words, dict) else {})
        except JSONDecodeError:
            return web.json_response({"error": "the body is no JSON"}, status=400)
        except Impossible as err:
            return web.json_response({"error": str(err)}, status=400)
        except KeyError as err:
            return web.json_response({"error": f"there is no {err.args[0]!r} here"}, status=400)
        return web.json_response(state_of(self._simulation))
