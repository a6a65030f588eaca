"""An e-invoice to a driver, whose address is told part by part."""

from pathlib import Path

from facturx import parse_ubl_cii_xml
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
import voluptuous as vol

from custom_components.smart_evse.flows.people_forms import Around, driver_form, driver_said, shown
from custom_components.smart_evse.parties import driver_party
from tests.home import MakeSite, make_site
from tests.stated import ADA, DECEMBER, ask, invoice, refused, stating

__all__ = ["make_site"]

WHERE = {"address": "Kade 1", "postcode": "1234 AB", "city": "Delft", "country": "nl"}


async def test_a_driver_with_an_address_gets_an_e_invoice(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site)
    before = await invoice(site)
    assert await refused(site, "get_statement", statement=before["statement"], formats=["xml"]) == "no_e_invoice"
    await ask(site, "cancel_statement", statement=before["statement"])
    await ask(site, "set_driver", driver="Ada", **WHERE)
    (told,) = (each for each in (await ask(site, "list_people"))["drivers"] if each["name"] == "Ada")
    assert (told["postcode"], told["city"], told["country"]) == ("1234 AB", "Delft", "NL")
    made = await invoice(site, formats=["xml"])
    parsed = parse_ubl_cii_xml(read(made["files"][0]["path"]))
    assert parsed["BG-7"] == {
        "name": "Ada",
        "addr_l1": "Kade 1",
        "postcode": "1234 AB",
        "city": "Delft",
        "country_code": "NL",
    }


def read(path: str) -> bytes:
    return Path(path).read_bytes()


async def test_a_country_has_two_letters(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site)
    with pytest.raises(vol.Invalid):
        await ask(site, "set_driver", driver="Ada", country="Netherlands")


def test_the_form_asks_for_it_and_keeps_it(hass: HomeAssistant) -> None:
    around = Around(connectors={}, tariffs={}, currency="EUR")
    said = driver_form(around, known=False)({"name": "Ada", "rule": {}, "papers": {**WHERE, "country": "NL"}})
    driver = driver_said(said, ADA, around)
    party = driver_party(driver)
    assert (party.address, party.postcode, party.city, party.country) == (("Kade 1",), "1234 AB", "Delft", "NL")
    assert shown(driver).items() >= {"postcode": "1234 AB", "city": "Delft", "country": "NL"}.items()
