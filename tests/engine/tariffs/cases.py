"""Sessions with a tariff and what they must cost, as files tell them.

`periods` have local times in `time_zone` (or with an offset of their own); energy flows evenly within one. `expected`
holds the exact amounts as text, `null` where the tariff does not tell.
"""

from datetime import UTC, datetime
from decimal import Decimal
import json
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import Priced, Stretch
from custom_components.smart_evse.engine.tariffs.ocpi import tariff_from

type Case = dict[str, Any]


def read_cases(path: Path) -> list[Case]:
    content: dict[str, list[Case]] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return content["cases"]


def instant(told: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def decimal(told: object) -> Decimal | None:
    return None if told is None else Decimal(str(told))


def stretch(period: Case, zone: ZoneInfo) -> Stretch:
    # A register tells whole Wh; what a case has beyond them is charged for by the Wh in any case.
    energy = ceil(Decimal(str(period["energy_kwh"])) * 1000)
    return Stretch(
        start=instant(period["start"], zone),
        end=instant(period["end"], zone),
        energy=energy,
        from_sun=period.get("from_sun", 0),
        from_battery=period.get("from_battery", 0),
        from_grid=energy - period.get("from_sun", 0) - period.get("from_battery", 0),
        charging=period["state"] == "charging",
        waiting=period["state"] == "waiting",
        power=decimal(period.get("power_kw")),
        current=decimal(period.get("current_a_sum")),
        site_price=decimal(period.get("site_price")),
        feed_in=decimal(period.get("feed_in")),
        demand=decimal(period.get("demand")),
    )


def priced(case: Case) -> list[Priced]:
    """Price the session, and the reservation before it, if there was one."""
    zone = ZoneInfo(case["time_zone"])
    read = tariff_from({"id": "example"} | case["tariff"])
    session = case["session"]
    found = [price(read.tariff, [stretch(period, zone) for period in session["periods"]], zone)]
    if reservation := session.get("reservation"):
        tariff = read.expired if reservation["expired"] else read.reserved
        assert tariff is not None
        time = Stretch(start=instant(reservation["start"], zone), end=instant(reservation["end"], zone))
        found.append(price(tariff, [time], zone))
    return found
