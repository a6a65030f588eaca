"""What can go wrong on command, with the meter or with a charger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .house import DC_BOX, House

type Switch = Callable[[bool], None]


def _meter(name: str) -> Callable[[House, str], Switch]:
    return lambda house, _: lambda on: setattr(house.meter, name, on)


def _charger(name: str) -> Callable[[House, str], Switch]:
    def find(house: House, charger: str) -> Switch:
        box = house.dc_box if charger == DC_BOX else house.stations[charger]
        return lambda on: setattr(box, name, on)

    return find


def _reboot(house: House, charger: str) -> Switch:
    station = house.stations[charger]
    return lambda on: station.reboot() if on else None


def _broken(house: House, charger: str) -> Switch:
    station = house.stations[charger]
    return lambda on: setattr(station, "fault", "F" if on else None)


def _no_power(house: House, charger: str) -> Switch:
    station = house.stations[charger]
    return lambda on: setattr(station, "fault", "E" if on else None)


FAULTS: Final[Mapping[str, Callable[[House, str], Switch]]] = {
    "meter_silent": _meter("silent"),
    "meter_frozen": _meter("frozen"),
    "meter_repeating": _meter("repeating"),
    "meter_flipped": _meter("flipped"),
    "charger_reboot": _reboot,
    "charger_ignoring": _charger("ignoring"),
    "charger_silent": _charger("hung"),
    "charger_fault": _broken,
    "charger_no_power": _no_power,
}
"""A silent meter sends nothing; a frozen one keeps its values while its clock goes on; one that
repeats itself keeps its clock as well; a flipped one takes import for export. A
silent charger takes questions and does not answer, one that ignores answers and does nothing."""


@dataclass(slots=True)
class _Running:
    switch: Switch
    until: float


class Faults:
    """The faults that are on, and when they end by themselves (simulated time)."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._running: dict[tuple[str, str], _Running] = {}

    @property
    def names(self) -> list[str]:
        return [f"{name} {charger}".strip() for name, charger in self._running]

    def set(self, name: str, charger: str = "", *, on: bool = True, seconds: float | None = None) -> None:
        """Switch a fault on or off; `KeyError` for one, or for a charger, that there is not."""
        switch = FAULTS[name](self._house, charger)
        switch(on)
        self._running.pop((name, charger), None)
        if on and name != "charger_reboot":
            until = float("inf") if seconds is None else self._house.seconds + seconds
            self._running[name, charger] = _Running(switch, until)

    def expire(self) -> None:
        """End what has lasted long enough."""
        for key, fault in list(self._running.items()):
            if self._house.seconds >= fault.until:
                fault.switch(False)
                del self._running[key]
