"""What the house used and what its sun gave, from the statistics that the recorder keeps.

A register that grew tells what went through; the house used what the grid and the sun and the battery brought,
less what went back, into the battery and into the cars.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..engine.forecast.series import Series, Span
from .port import Statistics
from .sums import common, total

LOOK_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """The energy registers of a site, by what went through them, and entities of powers where it has none.

    `cars` are the chargers' registers, `cars_back` those of what came out of the cars. `house_power` and
    `solar_power` measure in W.
    """

    imported: frozenset[str] = frozenset()
    exported: frozenset[str] = frozenset()
    solar: frozenset[str] = frozenset()
    battery_out: frozenset[str] = frozenset()
    battery_in: frozenset[str] = frozenset()
    cars: frozenset[str] = frozenset()
    cars_back: frozenset[str] = frozenset()
    house_power: frozenset[str] = frozenset()
    solar_power: frozenset[str] = frozenset()

    @property
    def balanced(self) -> tuple[tuple[frozenset[str], float], ...]:
        """Each kind of register, and whether what went through it came into the house or left it."""
        return (
            (self.imported, 1.0),
            (self.exported, -1.0),
            (self.solar, 1.0),
            (self.battery_out, 1.0),
            (self.battery_in, -1.0),
            (self.cars_back, 1.0),
        )


class RecordedHistory:
    """Four weeks of a site by the hour."""

    def __init__(self, port: Statistics, registers: Registers) -> None:
        self._port = port
        self._registers = registers

    async def house(self, now: datetime) -> Series:
        """Return what the house used without cars and home battery, in W; empty where nothing tells."""
        known, start = self._registers, now - LOOK_BACK
        if known.house_power:
            return total((await self._port.means(known.house_power, start)).values())
        if not known.imported:
            return Series()
        wanted = [(ids, sign) for ids, sign in known.balanced if ids]
        changes = await self._port.changes(frozenset[str]().union(known.cars, *(ids for ids, _ in wanted)), start)
        parts = [(changes.get(key, Series()), sign) for ids, sign in wanted for key in sorted(ids)]
        used = common([series for series, _ in parts], [sign for _, sign in parts])
        cars = total(changes[key] for key in sorted(known.cars) if key in changes)
        return _less(used, cars)

    async def sun(self, now: datetime) -> Series:
        """Return the sun's mean power of each hour, in W."""
        known, start = self._registers, now - LOOK_BACK
        if known.solar:
            return total((await self._port.changes(known.solar, start)).values())
        return total((await self._port.means(known.solar_power, start)).values()) if known.solar_power else Series()


def _less(used: Series, cars: Series) -> Series:
    """Take out what went into the cars; an hour of which nothing is told of them had none."""
    taken = cars.means([(span.start, span.end) for span in used.spans], coverage=0.0)
    return Series(
        tuple(
            Span(span.start, span.end, max(0.0, span.value - (car or 0.0)))
            for span, car in zip(used.spans, taken, strict=True)
        )
    )
