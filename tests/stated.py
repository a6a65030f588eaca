"""A site that states: two drivers, a tariff, who sends and gets statements, and sessions of October and November."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.engine.sessions.model import Rung
from custom_components.smart_evse.engine.tariffs.model import Subscription
from custom_components.smart_evse.engine.tariffs.presets import Heading, dynamic_price, flat_price
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.records import plain
from tests.books import QUARTER, quarter, session
from tests.desk import people
from tests.home import MakeSite, Site, charger

ADA = Driver(
    id="driver-ada", name="Ada", person="person.ada", language="nl", address="Kade 1\n1234 AB Delft", account="NL91"
)
BEN = Driver(id="driver-ben", name="Ben", person="person.ben")
DECEMBER = "2026-12-03 08:00:00+00:00"

VAN = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0, "plate": "AB-123-C"},
    subentry_type="vehicle",
    title="Van",
    unique_id=None,
    subentry_id="van",
)
METERED = charger(meter_number="M-77", certification="mid", calibration_year=2025)


def tariff(price: str = "0.30", *, subscription: Subscription | None = None, **data: object) -> ConfigSubentryData:
    """Return a flat price for every kWh, VAT of 21 % in it."""
    heading = Heading(id="home", name="Home", currency="EUR", vat=Decimal(21), subscription=subscription)
    version = {"tariff": plain(flat_price(heading, Decimal(price))), "kind": "flat", "said": {}}
    return ConfigSubentryData(
        data={"versions": [version], **data},
        subentry_type="tariff",
        title="Home",
        unique_id=None,
        subentry_id="tariff-home",
    )


def dynamic() -> ConfigSubentryData:
    """Return a tariff that follows what a kWh costs the site."""
    told = tariff()
    heading = Heading(id="home", name="Home", currency="EUR", vat=Decimal(21))
    version = {"tariff": plain(dynamic_price(heading, Decimal("0.05"))), "kind": "dynamic", "said": {}}
    return ConfigSubentryData({**told, "data": {"versions": [version]}})


def issuer(title: str = "Olle Owner", **data: object) -> ConfigSubentryData:
    """Return who sends invoices."""
    known: dict[str, object] = {
        "address": "Gracht 5",
        "postcode": "1000 AA",
        "city": "Amsterdam",
        "country": "NL",
        "vat_number": "NL001234567B01",
        "bank_account": "NL91ABNA0417164300",
        "payment_days": 14,
        "number_prefix": "EV-",
    }
    return ConfigSubentryData(
        data=known | data, subentry_type="issuer", title=title, unique_id=None, subentry_id=f"issuer-{title}"
    )


def employer(preset: str = "be_employer", **data: object) -> ConfigSubentryData:
    """Return who gets claims."""
    known: dict[str, object] = {"preset": preset, "region": "flanders", "drivers": [ADA.id], "city": "Gent"}
    return ConfigSubentryData(
        data=known | data, subentry_type="recipient", title="Works NV", unique_id=None, subentry_id="works"
    )


def at(month: int, day: int, hour: int = 8) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def fill(ledger: Ledger, connector: str) -> None:
    """Put four sessions on record: two of Ada's, one of Ben's, one of Ben's over the end of October."""
    book = SessionsBook(ledger)
    rows = (
        ("s-october", at(10, 20), 2, ADA.id, "van"),
        # In Amsterdam October ends at 23:00 UTC.
        ("s-border", at(10, 31, 22) + 2 * QUARTER, 4, BEN.id, None),
        ("s-november", at(11, 5), 3, ADA.id, "van"),
        ("s-ben", at(11, 6), 2, BEN.id, None),
    )
    for key, start, count, driver, vehicle in rows:
        flowed = tuple(quarter(start + place * QUARTER, sun=500, grid=1_500) for place in range(count))
        book.close_session(
            session(key, connector, start, flowed, driver=driver, vehicle=vehicle, known_by=Rung.CARD), flowed
        )


async def stating(
    make_site: MakeSite, *others: ConfigSubentryData, options: Mapping[str, object] | None = None
) -> Site:
    """Set up the site, with what is on record. It has a tariff and an issuer unless it is told otherwise."""
    site = await make_site(chargers=(METERED,), others=(VAN, *(others or (tariff(), issuer()))), options=options)
    site.hass.config.currency = "EUR"
    await site.hass.config.async_set_time_zone("Europe/Amsterdam")
    await people(site, ADA, BEN)
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
    await site.settle()
    return site


def user_of(site: Site, driver: Driver) -> MockUser:
    """Return the user that a driver's person is linked to."""
    user = MockUser(name=driver.name).add_to_hass(site.hass)
    site.hass.states.async_set(str(driver.person), "home", {"user_id": user.id})
    return user


async def ask(site: Site, action: str, user: MockUser | None = None, **data: object) -> dict[str, Any]:
    """Call an action of ours and return its answer."""
    context = None if user is None else Context(user_id=user.id)
    answer = await site.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    await site.settle()
    return dict(answer or {})


async def invoice(site: Site, driver: str = "Ada", period: str = "2026-11", **more: object) -> dict[str, Any]:
    return await ask(site, "create_statement", preset="invoice", driver=driver, period=period, **more)


async def refused(site: Site, action: str, user: MockUser | None = None, **data: object) -> str | None:
    """Return why an action is refused."""
    with pytest.raises(ServiceValidationError) as caught:
        await ask(site, action, user, **data)
    return caught.value.translation_key


LATER = timedelta(days=1)
