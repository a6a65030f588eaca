"""Setting the integration up as its owner would: by answering the questions of its flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from .cars import BATTERY, BAYS, Bay
from .client import Client, Json
from .cloud import PRICE, TODAY, TOMORROW, soc_entity
from .walk import EQUIPMENT, OPTIONS, SETUP, walk

SITE: Final = "Home"

_DOMAIN: Final = "smart_evse"
_HOST: Final = "127.0.0.1"
_TAX: Final = 0.11
_VAT: Final = 21
_FEED_IN: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """The entities of the site and of each charger, by platform and key: `sensor.reason`."""

    site: Mapping[str, str]
    chargers: Mapping[str, Mapping[str, str]]


def answers(ports: Mapping[str, int], fuse: float) -> dict[str, Json]:
    """Say what is answered to each question about the site and its first charger, by the name of its step."""
    return {
        "user": {"name": SITE, "phases": "3", "fuse": fuse},
        "grid": {"next_step_id": "grid_p1"},
        "grid_p1": {"host": _HOST, "port": ports["p1"]},
        "grid_import": {"answer": "right"},
        "grid_export": {"answer": "right"},
        "sun": {"host": _HOST, "port": ports["sunspec"], "unit": 1},
        **about_charger(ports, BAYS[0]),
    }


def about_charger(ports: Mapping[str, int], bay: Bay, vehicle: str | None = None) -> dict[str, Json]:
    """Say what is answered about a charger; `vehicle` is the id of its car."""
    wiring = {**bay.about_charger, "name": bay.name, "mode": bay.mode}
    return {
        "user": {"next_step_id": f"charger_{bay.charger}"},
        "charger": {"next_step_id": f"charger_{bay.charger}"},
        "charger_tcp": {"host": _HOST, "port": ports[bay.charger]},
        "wiring": wiring if vehicle is None else {**wiring, "vehicle": vehicle},
    }


def about_battery(ports: Mapping[str, int]) -> dict[str, Json]:
    """Say what is answered about the home battery."""
    return {
        "user": {"next_step_id": "battery_sunspec"},
        "battery_sunspec": {"host": _HOST, "port": ports["battery"], "unit": 1},
    }


OPTION_PAGES: Final[tuple[tuple[str, ...], ...]] = (
    ("prices", "price_entities"),
    ("feed_in", "feed_in_fixed"),
    ("forecast",),
)
"""The pages of the site's options that are filled in: what is chosen from each menu on the way."""

ABOUT_SITE: Final[Mapping[str, Json]] = {
    "price_entities": {"price_entities": [PRICE], "price_add": _TAX, "price_vat": _VAT},
    "feed_in_fixed": {"export_add": _FEED_IN},
    "forecast": {"sun_entities": [TODAY, TOMORROW]},
}
"""What is answered about money and the days ahead, by the page."""


async def add_site(client: Client, ports: Mapping[str, int], fuse: float) -> Site:
    """Walk through the flow from its first question to the finished site, and add what belongs to it."""
    entry = await walk(client, SETUP, {"handler": _DOMAIN}, answers(ports, fuse))
    site = Site(client, entry["entry_id"])
    await site.add("battery", about_battery(ports), BATTERY)
    for bay in BAYS:
        await site.add("vehicle", {}, {**bay.about_car, "name": bay.car, "soc_entity": soc_entity(bay.car)})
    known = await site.equipment()
    first, *others = BAYS
    await site.add("charger", about_charger(ports, first, known[first.car]), again=known[first.name])
    for bay in others:
        await site.add("charger", about_charger(ports, bay, known[bay.car]))
    for page in OPTION_PAGES:
        await site.set_options(page)
    return site


@dataclass(frozen=True, slots=True)
class Site:
    """A site that was made."""

    client: Client
    entry_id: str

    async def add(
        self, kind: str, known: Mapping[str, Json], everywhere: Json | None = None, *, again: str | None = None
    ) -> None:
        """Add a piece of equipment, or ask about one `again`, by its id."""
        start: dict[str, object] = {"handler": [self.entry_id, kind]}
        if again is not None:
            start["subentry_id"] = again
        await walk(self.client, EQUIPMENT, start, known, everywhere)

    async def set_options(self, page: tuple[str, ...]) -> None:
        """Answer the questions on one page of the site's options."""
        menus = {before: {"next_step_id": after} for before, after in pairwise(("init", *page))}
        await walk(self.client, OPTIONS, {"handler": self.entry_id}, {**menus, **ABOUT_SITE})

    async def switch(self, *, on: bool) -> None:
        """Switch the site on or off, as from its menu."""
        disabled_by = None if on else "user"
        await self.client.command("config_entries/disable", entry_id=self.entry_id, disabled_by=disabled_by)

    async def equipment(self) -> dict[str, str]:
        """Return the ids of all equipment by its name."""
        known = await self.client.command("config_entries/subentries/list", entry_id=self.entry_id)
        return {each["title"]: each["subentry_id"] for each in known}

    async def entities(self) -> Entities:
        """Find the entities that there are by now."""
        registered = await self.client.command("config/entity_registry/list")
        names = {key: name for name, key in (await self.equipment()).items()}
        chargers: dict[str, dict[str, str]] = {bay.charger: {} for bay in BAYS}
        by_name = {bay.name: chargers[bay.charger] for bay in BAYS}
        site: dict[str, str] = {}
        for entity in registered:
            if entity["config_entry_id"] != self.entry_id or entity["disabled_by"]:
                continue
            owner, key = self._owner(entity)
            found = site if owner is None else by_name.get(names.get(owner, ""), {})
            found[f"{entity['entity_id'].partition('.')[0]}.{key}"] = entity["entity_id"]
        return Entities(site=site, chargers=chargers)

    def _owner(self, entity: Json) -> tuple[str | None, str]:
        """Take the owner and the key of a unique id apart: `<entry>_<key>` or `<subentry>:<outlet>_<key>`."""
        unique_id: str = entity["unique_id"]
        if unique_id.startswith(f"{self.entry_id}_"):
            return None, unique_id.removeprefix(f"{self.entry_id}_")
        owner, _, key = unique_id.partition("_")
        return owner.partition(":")[0], key
