"""The demo's guest: a session of this morning that bills itself, and is paid online."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from custom_components.smart_evse.engine.sessions.arriving import session_id
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionsBook

from ..sockets.stripe import StripeServer
from .backfill import LEDGER
from .cars import BAYS
from .client import Client, Json, Refused
from .site import Site

GUEST: Final = "Kim"

_ENERGY: Final = 2_750
_QUARTERS: Final = 4
_QUARTER: Final = timedelta(minutes=15)
_REGISTER: Final = 2_500_000.0
_PATIENCE: Final = 60.0
"""How long a bill, or the word that it is paid, may take, in s."""


async def let_guest_charge(site: Site, folder: Path, zone: str) -> None:
    """Invite a guest, and put on record that they charged."""
    await _is_there(site)
    guest = await site.client.ask("smart_evse", "add_guest", name=GUEST, duration={"hours": 24})
    known = await site.client.command("config_entries/subentries/list", entry_id=site.entry_id)
    tariff = next(each["subentry_id"] for each in known if each["subentry_type"] == "tariff")
    connector = f"{(await site.equipment())[BAYS[0].name]}:0"
    await site.switch(on=False)
    await asyncio.to_thread(_put, folder / LEDGER, site.entry_id, zone, connector, guest["id"], tariff)
    await site.switch(on=True)


async def _is_there(site: Site) -> None:
    """Wait for the site: whoever was just told of a tariff begins anew, and knows nobody meanwhile."""
    until = asyncio.get_running_loop().time() + _PATIENCE
    while asyncio.get_running_loop().time() < until:
        entry = await site.client.command("config_entries/get_single", entry_id=site.entry_id)
        if entry["config_entry"]["state"] == "loaded":
            return
        await asyncio.sleep(0.5)
    raise Refused("the site does not come back")


def _put(  # noqa: PLR0913, PLR0917 (where it is put, and what it says)
    file: Path, site: str, zone: str, connector: str, guest: str, tariff: str
) -> None:
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    begun = ended - _QUARTERS * _QUARTER
    flowed = [
        Interval(
            start=begun + number * _QUARTER,
            end=begun + (number + 1) * _QUARTER,
            energy_in=_ENERGY,
            from_sun=_ENERGY // 2,
            from_grid=_ENERGY - _ENERGY // 2,
            mean_power=4.0 * _ENERGY,
        )
        for number in range(_QUARTERS)
    ]
    record = SessionRecord(
        id=session_id(connector, begun, _REGISTER),
        connector=connector,
        started=begun,
        ended=ended,
        energy_in=_QUARTERS * _ENERGY,
        taken=Ends(start=_REGISTER, stop=_REGISTER + _QUARTERS * _ENERGY),
        driver=guest,
        tariff=tariff,
        known_by=Rung.CARD,
        currency="EUR",
    )
    ledger = Ledger.open(file, site, zone=zone)
    SessionsBook(ledger).close_session(record, flowed)
    ledger.close()


async def where_to_pay(client: Client) -> str:
    """Return where the guest pays the bill: with a test card, nothing moves."""
    bill = await _bill(client, state="open")
    told = await client.ask("smart_evse", "payment_link", statement=bill["statement"])
    return str(told["link"] or told["url"])


async def let_guest_pay(client: Client, bank: StripeServer) -> tuple[Json, list[str]]:
    """Wait for the bill, pay it, and return how it stands in a few figures, with what is wrong with it."""
    bill = await _bill(client, state="open")
    link = await client.ask("smart_evse", "payment_link", statement=bill["statement"])
    bank.network.pay(str(link["url"]).rpartition("/")[2])
    paid = await _bill(client, state="paid")
    again = await client.ask("smart_evse", "payment_link", statement=bill["statement"])
    figures = {"bill": paid["number"], "total": paid["total"], "state": paid["state"]}
    wrong = {
        "a guest's bill is about nothing": paid["total"] <= 0,
        "a guest's money did not come": round(sum(coins for _, coins in bank.network.taken))
        != round(100 * paid["total"]),
        "a bill that is paid can be paid again": again["url"] is not None,
    }
    return figures, [text for text, is_so in wrong.items() if is_so]


async def _bill(client: Client, state: str) -> Json:
    """Return the guest's bill once it stands so."""
    until = asyncio.get_running_loop().time() + _PATIENCE
    while asyncio.get_running_loop().time() < until:
        listed = await client.ask("smart_evse", "list_statements", driver=GUEST, state=state)
        if listed["statements"]:
            found: Json = listed["statements"][0]
            return found
        await asyncio.sleep(1)
    raise Refused(f"the guest's bill does not become {state}")
