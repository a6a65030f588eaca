"""What other integrations would tell: prices, a forecast of the sun, cars of themselves, and what meters read.

Each is an entity in the shape that a known integration gives it: the prices as those of ENTSO-E, the forecast as that
of Solcast, the charge of a battery as any maker's. The house's clock and Home Assistant's are brought together: the
forecast is about the sun that will shine here. The powers are for the dashboard alone.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from ..market import QUARTER, day_ahead
from .client import Client, Json
from .household import Household

PRICE: Final = "sensor.day_ahead_price"
TODAY: Final = "sensor.solar_forecast_today"
TOMORROW: Final = "sensor.solar_forecast_tomorrow"

GRID: Final = "sensor.grid_power"
SUN: Final = "sensor.solar_power"
BATTERY: Final = "sensor.battery_power"
CHARGE: Final = "sensor.battery_charge"

_EVERY: Final = 5.0
_HOURS: Final = 48
_MIDDAY: Final = 12


def zone_for(clock: datetime, now: datetime) -> str:
    """Name the time zone in which it is now about as late as on a clock: fixed, and at most half an hour off."""
    behind = now - clock.replace(tzinfo=UTC)
    hours = round(behind / timedelta(hours=1)) % 24
    # These are counted to the west.
    return f"Etc/GMT{hours if hours <= _MIDDAY else hours - 24:+d}"


def soc_entity(car: str) -> str:
    """Name the entity in which a car tells its charge."""
    return f"sensor.{car.lower()}_battery"


class Cloud:
    """Publishes it all, in Home Assistant's time `zone`. `cars` names the car at each charger."""

    def __init__(self, client: Client, household: Household, zone: str, cars: Mapping[str, str]) -> None:
        self._client = client
        self._household = household
        self._zone = ZoneInfo(zone)
        self._cars = cars
        self._quarter: datetime | None = None

    async def run(self) -> None:
        """Publish now and then, until cancelled."""
        while True:
            await self.publish()
            await asyncio.sleep(_EVERY)

    async def publish(self) -> None:
        """Tell what is new: prices and forecast by the quarter of an hour, cars always."""
        now = datetime.now(UTC)
        quarter = now - (now - datetime.fromtimestamp(0, UTC)) % QUARTER
        if quarter != self._quarter:
            self._quarter = quarter
            await self._tell(PRICE, *prices(now, self._zone))
            told = await self._household.forecast(_HOURS)
            for entity, day in ((TODAY, 0), (TOMORROW, 1)):
                await self._tell(entity, *sun(told, now, self._zone, now.astimezone(self._zone).date(), day))
        truth = await self._household.state()
        for entity, value, about in readings(truth, self._cars):
            await self._tell(entity, value, about)

    async def _tell(self, entity: str, state: str, attributes: Json) -> None:
        await self._client.post(f"states/{entity}", {"state": state, "attributes": attributes})


def readings(truth: Json, cars: Mapping[str, str]) -> Iterator[tuple[str, str, Json]]:
    """Yield what the house's devices and cars say of themselves: entity, state, attributes."""
    powers = [(GRID, "Grid", truth["grid"]["power"]), (SUN, "Sun", truth["sun"])]
    battery = truth["battery"]
    if battery is not None:
        powers.append((BATTERY, "Battery", battery["power"]))
        yield CHARGE, f"{battery['soc']:.0f}", _about("Battery charge", "%", "battery")
    for entity, name, watts in powers:
        yield entity, f"{watts}", _about(name, "W", "power")
    for charger, car in cars.items():
        here = truth["chargers"][charger]["car"]
        yield soc_entity(car), "unknown" if here is None else f"{here['soc']:.0f}", _about(car, "%", "battery")


def _about(name: str, unit: str, kind: str) -> dict[str, object]:
    return {
        "friendly_name": name,
        "unit_of_measurement": unit,
        "device_class": kind,
        "state_class": "measurement",
    }


def prices(now: datetime, zone: tzinfo) -> tuple[str, dict[str, object]]:
    """Return the price of now and the attributes with those of today and tomorrow."""
    today = now.astimezone(zone).date()
    days = [list(day_ahead(day, zone)) for day in (today, today + timedelta(days=1))]
    present = next(price for at, price in reversed(days[0]) if at <= now)
    rows = [[{"time": at.astimezone(zone).isoformat(sep=" "), "price": price} for at, price in day] for day in days]
    return f"{present}", {
        "friendly_name": "Day-ahead price",
        "unit_of_measurement": "EUR/kWh",
        "state_class": "measurement",
        "prices_today": rows[0],
        "prices_tomorrow": rows[1],
    }


def sun(told: Json, now: datetime, zone: tzinfo, today: date, ahead: int) -> tuple[str, dict[str, object]]:
    """Return the energy of a day in kWh and the attributes with its half hours, on Home Assistant's clock."""
    day = today + timedelta(days=ahead)
    rows = [(at, watts) for at, watts in _shifted(told, now) if at.astimezone(zone).date() == day]
    name = "tomorrow" if ahead else "today"
    return f"{sum(watts for _, watts in rows) / 2000:.2f}", {
        "friendly_name": f"Solar forecast {name}",
        "unit_of_measurement": "kWh",
        "device_class": "energy",
        "detailedForecast": [
            {"period_start": at.astimezone(zone).isoformat(), "pv_estimate": round(watts / 1000, 3)}
            for at, watts in rows
        ],
    }


def _shifted(told: Json, now: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield what the house's clock has as what a real one shows then."""
    offset = now - datetime.fromisoformat(told["clock"]).replace(tzinfo=UTC)
    offset = timedelta(minutes=round(offset / timedelta(minutes=1)))
    for at, watts in told["watts"].items():
        yield datetime.fromisoformat(at).replace(tzinfo=UTC) + offset, watts
