"""Puts the month of sessions into the ledger of the demo's site, as if it had kept them all along."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.engine.sessions.arriving import session_id
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook, new_id

from .cars import BAYS
from .month import CARS, Charged, Weeks, stays
from .site import Site

LEDGER: Final = Path("smart_evse") / "ledger.db"

DRIVERS: Final[Mapping[str, str]] = dict(zip(CARS.values(), ("Alex", "Robin"), strict=True))
"""Who charges where: the people are made up, what they charged is not."""

_CURRENCY: Final = "EUR"
_REGISTER: Final = 1_200_000.0
"""What a charger's counter showed before the month, in Wh."""


async def look_back(site: Site, folder: Path, zone: str) -> int:
    """Fill the ledger in while the site lets go of it, and return how many sessions there are."""
    equipment = await site.equipment()
    await site.switch(on=False)
    count = await asyncio.to_thread(fill, folder / LEDGER, site.entry_id, zone, equipment)
    await site.switch(on=True)
    return count


def fill(file: Path, site: str, zone: str, equipment: Mapping[str, str]) -> int:
    """Put drivers and sessions on record. `equipment` has the ids of chargers and cars by their name."""
    bays = {bay.charger: bay for bay in BAYS}
    file.parent.mkdir(parents=True, exist_ok=True)
    ledger = Ledger.open(file, site, zone=zone)
    drivers = {charger: Driver(id=new_id(), name=name) for charger, name in DRIVERS.items()}
    for driver in drivers.values():
        PeopleBook(ledger).put_driver(driver)
    book, weeks = SessionsBook(ledger), Weeks(ZoneInfo(zone))
    registers = dict.fromkeys(drivers, _REGISTER)
    known = stays(datetime.now(UTC), ZoneInfo(zone))
    for stay in known:
        start = registers[stay.charger]
        registers[stay.charger] += stay.energy
        connector = f"{equipment[bays[stay.charger].name]}:0"
        charged = weeks.charge(stay)
        record = SessionRecord(
            id=session_id(connector, stay.came, start),
            connector=connector,
            started=stay.came,
            ended=stay.left,
            energy_in=stay.energy,
            taken=Ends(start=start, stop=registers[stay.charger]),
            vehicle=equipment[bays[stay.charger].car],
            driver=drivers[stay.charger].id,
            known_by=Rung.DEFAULT,
            currency=_CURRENCY,
        )
        book.close_session(record, [_interval(each) for each in charged])
    ledger.close()
    return len(known)


def _interval(charged: Charged) -> Interval:
    hours = (charged.end - charged.start).total_seconds() / 3600
    power = round(charged.energy / hours, 1)
    return Interval(
        start=charged.start,
        end=charged.end,
        energy_in=charged.energy,
        from_sun=charged.from_sun,
        from_grid=charged.from_grid,
        mean_power=power,
        peak_power=power,
        import_price=charged.import_price,
        export_price=charged.export_price,
    )
