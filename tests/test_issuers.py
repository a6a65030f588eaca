"""Who has sent a statement stays who it was: by a new name, and beside somebody else of the same name."""

from dataclasses import replace
import io
import re

from aiohttp import ClientResponse
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from PIL import Image
from pypdf import PdfReader
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.engine.statements.model import StatementState
from custom_components.smart_evse.ledger import Ledger, Numbering, StatementsBook
from custom_components.smart_evse.logos import keep_logo
from custom_components.smart_evse.till import ADDRESSES
from simulator.sockets.stripe import StripeServer
from tests.home import MakeSite, Site, make_site
from tests.paying import PAID, becomes, statements, stripe
from tests.stated import ask, invoice, issuer, refused, stating, tariff

__all__ = ["make_site", "stripe"]

pytestmark = pytest.mark.usefixtures("socket_enabled")

BROTHER = ConfigSubentryData({**issuer(), "subentry_id": "issuer-brother"})
"""Somebody of the same name, whom nobody pays online and who has no picture."""


@pytest.fixture
async def site(hass: HomeAssistant, make_site: MakeSite, stripe: StripeServer) -> Site:
    """Set up a site with two issuers of one name, the second of whom takes money and has a picture."""
    hass.data[ADDRESSES] = {"stripe": stripe.url}
    hass.config.internal_url = "http://10.0.0.2:8123"
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20), "green").save(drawn, "PNG")
    logo = await hass.async_add_executor_job(keep_logo, hass, drawn.getvalue())
    second = ConfigSubentryData({**PAID, "data": {**PAID["data"], "logo": logo, "number_prefix": "TWO-"}})
    return await stating(make_site, tariff("0.50"), BROTHER, second)


def pictures(pdf: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages)


async def drawn(site: Site, statement: str, client: ClientSessionGenerator) -> ClientResponse:
    told = await ask(site, "payment_link", statement=statement)
    (there,) = re.findall(r"/api/smart_evse/pay/[^/?]+", str(told["link"]))
    return await (await client()).get(f"{there}/document")


async def test_of_two_by_one_name_the_one_who_sent_it_is_paid(
    site: Site, stripe: StripeServer, hass_client_no_auth: ClientSessionGenerator
) -> None:
    made = await invoice(site, issuer="issuer-Olle Owner")
    assert (made["number"], made["issuer"]["name"]) == ("TWO-2026-0001", "Olle Owner")
    pdf = await drawn(site, "TWO-2026-0001", hass_client_no_auth)
    assert pictures(await pdf.read()) == 1
    (page,) = (key for key in stripe.network.things if key.startswith("cs_"))
    assert stripe.network.pay(page)
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)


async def test_nobody_is_paid_for_another_of_the_same_name(site: Site, stripe: StripeServer) -> None:
    made = await invoice(site, issuer="issuer-brother")
    assert made["number"] == "EV-2026-0001"
    assert await refused(site, "payment_link", statement="EV-2026-0001") == "no_payment_account"
    assert not stripe.network.things


async def test_who_has_a_new_name_still_takes_the_money_of_old_bills(
    site: Site, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await invoice(site, issuer="issuer-Olle Owner")
    sent = site.entry.subentries["issuer-Olle Owner"]
    site.hass.config_entries.async_update_subentry(site.entry, sent, title="Owner & Daughter")
    await site.settle()
    pdf = await (await drawn(site, "TWO-2026-0001", hass_client_no_auth)).read()
    assert pictures(pdf) == 1
    assert "Olle Owner" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text(), "it stays what it was"


async def test_of_who_is_gone_no_namesake_takes_the_money(site: Site) -> None:
    await invoice(site, issuer="issuer-brother")
    site.hass.config_entries.async_remove_subentry(site.entry, "issuer-brother")
    await site.settle()
    assert await refused(site, "payment_link", statement="EV-2026-0001") == "no_payment_account"


async def test_a_statement_of_before_goes_by_the_name(site: Site) -> None:
    site.hass.config_entries.async_remove_subentry(site.entry, "issuer-brother")
    await site.settle()
    await invoice(site)
    (known,) = await statements(site)

    def put(ledger: Ledger) -> None:
        old = replace(known.statement, id="old", number=None, issuer_id=None)
        StatementsBook(ledger).issue(old, Numbering(issuer="issuer-Olle Owner", year=2026), prefix="OLD-", again=True)

    await site.coordinator.sessions.books.async_write(put)
    assert (await ask(site, "payment_link", statement="OLD-2026-0002"))["url"] is not None
