"""Cards that are held in front of a charger."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.event import mask
from tests.home import CONNECTED, MakeSite

CARD = "04A1B2C3D4E580"


@pytest.mark.parametrize(("card", "shown"), [(CARD, "…E580"), ("12345", "…45"), ("123", "…"), ("", "…")])
def test_a_card_keeps_most_of_its_number(card: str, shown: str) -> None:
    assert mask(card) == shown


async def test_the_first_card_makes_the_entity_and_is_not_lost(make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(replace(CONNECTED, card=CARD))
    first = site.state("event", "last_card")
    assert (first.attributes["event_type"], first.attributes["card"]) == ("card_presented", "…E580")
    await site.read(CONNECTED)
    await site.read(replace(CONNECTED, card="04A1B2C3D4E599"))
    second = site.state("event", "last_card")
    assert second.attributes["card"] == "…E599"
    assert second.state > first.state


async def test_nothing_anywhere_shows_the_whole_number(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(replace(CONNECTED, card=CARD))
    assert not [state for state in hass.states.async_all() if CARD in str(state.as_dict())]


async def test_an_entity_that_is_known_waits_for_no_card(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(replace(CONNECTED, card=CARD))
    assert await hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    assert site.hass.states.get("event.garage_last_card") is not None
