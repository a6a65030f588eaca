"""Who sends and who gets statements, by their forms."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from aiohttp import FormData
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import SUBENTRY_ISSUER, SUBENTRY_RECIPIENT
from custom_components.smart_evse.diagnostics import async_get_config_entry_diagnostics
from custom_components.smart_evse.engine.statements.figures import figure
from custom_components.smart_evse.engine.statements.model import Party
from custom_components.smart_evse.engine.statements.presets import PRESETS
from custom_components.smart_evse.logos import async_logo
from custom_components.smart_evse.parties import issuers, recipients, recipients_of
from tests.desk import people as on_record
from tests.flows import Walk, add, change
from tests.home import AC, Box, MakeSite, Site
from tests.stated import DECEMBER, ask, invoice, issuer as sender, stating, tariff
from tests.test_access import ADA

STRIPE = "https://api.stripe.com/v1"
KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
CONTRACT = {
    "method": "contract",
    "contract_price": 0.31,
    "base_fee": 12,
    "household_energy": 4000,
    "figures_source": "Contract",
}
NOTHING: dict[str, object] = {"taxes": {}, "bank": {}, "letter": {"payment_days": 14}, "online": {}}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    made = await make_site(Box(AC))
    await on_record(made, ADA)
    return made


@pytest.fixture
def stripe(aioclient_mock: AiohttpClientMocker) -> AiohttpClientMocker:
    account = {"id": "acct_1", "object": "account", "settings": {"dashboard": {"display_name": "Acme"}}}
    aioclient_mock.get(f"{STRIPE}/account", json=account)
    aioclient_mock.get(f"{STRIPE}/balance", json={"object": "balance", "livemode": False})
    return aioclient_mock


def kept(site: Site, kind: str) -> ConfigSubentry:
    return next(sub for sub in site.entry.subentries.values() if sub.subentry_type == kind)


async def issuer(site: Site, *, name: str = "Acme", **said: object) -> Walk:
    walk = await add(site.hass, site.entry, SUBENTRY_ISSUER)
    assert walk.is_told
    await walk.say({"name": name, **NOTHING, **said})
    await site.settle()
    return walk


def numbered(first: int) -> dict[str, object]:
    """Answer the form of an issuer with where its numbers begin."""
    letter = {"payment_days": 14, "number_prefix": "EV-", "first_number": first}
    where = {"address": "Gracht 5", "postcode": "1000 AA", "city": "Amsterdam", "country": "NL"}
    return {"name": "Olle Owner", **NOTHING, **where, "letter": letter}


async def test_a_name_is_enough(site: Site) -> None:
    await issuer(site)
    (found,) = issuers(site.entry)
    assert found.party == Party(name="Acme")
    assert found.payment_days == 14
    assert found.reference("2026-0001").startswith("RF")


async def test_all_of_it_comes_to_paper(site: Site) -> None:
    await issuer(
        site,
        address="Kerkstraat 1\n  bus 2 ",
        postcode="1000 AA",
        city="Amsterdam",
        country="NL",
        contact="me@example.org",
        taxes={"vat_number": "1234.56.789 B01", "company_number": "12345678"},
        bank={"bank_account": "nl91 abna 0417 1643 00", "bic": "abnanl2a", "reference_style": "number"},
        letter={"payment_days": 30, "number_prefix": "EV-"},
    )
    (found,) = issuers(site.entry)
    assert found.party == Party(
        name="Acme",
        address=("Kerkstraat 1", "bus 2"),
        postcode="1000 AA",
        city="Amsterdam",
        country="NL",
        vat_number="NL123456789B01",
        company_number="12345678",
        account="NL91ABNA0417164300",
        bic="ABNANL2A",
        contact="me@example.org",
    )
    assert (found.payment_days, found.number_prefix, found.reference("7")) == (30, "EV-", "7")


async def test_numbers_go_on_where_another_program_has_stopped(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site, tariff(), sender())
    walk = await change(site.hass, site.entry, "Olle Owner")
    assert walk.suggested["first_number"] == 1
    await walk.say(numbered(118))
    await site.settle()
    assert (await invoice(site, "Ada"))["number"] == "EV-2026-0118"
    await ask(site, "cancel_statement", statement="EV-2026-0118")
    assert (await invoice(site, "Ada"))["number"] == "EV-2026-0120", "the credit note has the one between"
    walk = await change(site.hass, site.entry, "Olle Owner")
    assert walk.suggested["first_number"] == 121
    await walk.say(numbered(120))
    assert walk.errors == {"base": "number_given"}
    assert (walk.result["description_placeholders"] or {})["number"] == "121"
    assert walk.complaint
    await walk.say(numbered(121))
    await site.settle()
    assert "first_number" not in kept(site, SUBENTRY_ISSUER).data
    freezer.move_to("2027-01-05 08:00:00+00:00")
    await ask(site, "cancel_statement", statement="EV-2026-0120")
    assert (await invoice(site, "Ada"))["number"] == "EV-2027-0002", "each year begins at 1"


async def test_where_numbers_begin_can_be_changed_until_one_is_given(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(DECEMBER)
    site = await stating(make_site, tariff(), sender())
    for first in (500, 40):
        walk = await change(site.hass, site.entry, "Olle Owner")
        await walk.say(numbered(first))
        await site.settle()
    assert (await change(site.hass, site.entry, "Olle Owner")).suggested["first_number"] == 40
    assert (await invoice(site, "Ada"))["number"] == "EV-2026-0040"
    assert (await invoice(site, "Ben"))["number"] == "EV-2026-0041"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"bank": {"bank_account": "NL91ABNA0417164301", "reference_style": "creditor"}}, "no_iban"),
        ({"bank": {"bic": "ABN", "reference_style": "creditor"}}, "no_bic"),
        ({"bank": {"swish": "12", "reference_style": "creditor"}}, "no_swish_number"),
        ({"country": "DE", "taxes": {"vat_number": "DE12345678"}}, "no_vat_number"),
        ({"online": {"stripe_key": "pk_test_1"}}, "no_secret_key"),
        ({"online": {"webhook_secret": "secret"}}, "no_webhook_secret"),
    ],
)
async def test_a_wrong_number_is_told(site: Site, said: dict[str, object], error: str) -> None:
    walk = await issuer(site, **said)
    assert walk.errors == {"base": error}
    assert walk.complaint
    assert walk.suggested["name"] == "Acme"


async def test_a_key_is_tried_kept_and_never_shown(site: Site, stripe: AiohttpClientMocker) -> None:
    await issuer(site, online={"stripe_key": KEY, "webhook_secret": "whsec_123456789"})
    assert stripe.call_count == 2
    walk = await change(site.hass, site.entry, "Acme")
    assert walk.is_told
    assert (walk.result["description_placeholders"] or {})["account"] == "Acme (test)"
    assert not {"stripe_key", "webhook_secret"} & walk.suggested.keys()
    await walk.say({"name": "Acme & Sons", **NOTHING, "online": {"forget_key": False}})
    await site.settle()
    (found,) = issuers(site.entry)
    assert (found.party.name, found.stripe_key, found.webhook_secret) == ("Acme & Sons", KEY, "whsec_123456789")
    assert KEY not in repr(found)
    assert stripe.call_count == 2, "a key that is known is not tried again"
    walk = await change(site.hass, site.entry, "Acme & Sons")
    await walk.say({"name": "Acme", **NOTHING, "online": {"forget_key": True}})
    await site.settle()
    assert {"stripe_key", "webhook_secret", "stripe_account"} & kept(site, SUBENTRY_ISSUER).data.keys() == set()


@pytest.mark.parametrize(("status", "error"), [(401, "key_refused"), (503, "provider_unreachable")])
async def test_a_key_that_cannot_be_used_is_told(
    site: Site, aioclient_mock: AiohttpClientMocker, status: int, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stripe is asked several times with pauses between; nobody waits for them here.
    monkeypatch.setattr("custom_components.smart_evse.payments.stripe_line.TRIES", 1)
    aioclient_mock.get(f"{STRIPE}/account", status=status, json={"error": {"type": "api_error", "message": "no"}})
    walk = await issuer(site, online={"stripe_key": KEY})
    assert walk.errors == {"base": error}
    assert walk.complaint


async def test_diagnostics_tell_nothing_of_whoever_sends(site: Site, stripe: AiohttpClientMocker) -> None:
    await issuer(
        site,
        name="Jane Doe-Example",
        address="Secret Street 12",
        city="Hiddenville",
        contact="jane@example.org",
        taxes={"tax_number": "99/111/22222"},
        bank={"bank_account": "DE89370400440532013000", "reference_style": "creditor"},
        online={"stripe_key": KEY, "webhook_secret": "whsec_123456789"},
    )
    assert stripe.call_count
    told = str(await async_get_config_entry_diagnostics(site.hass, site.entry))
    for secret in ("Jane", "Secret Street", "Hiddenville", "jane@", "99/111", "DE8937", KEY, "whsec_", "Acme"):
        assert secret not in told


@pytest.fixture
def logos(site: Site) -> Iterator[Path]:
    folder = Path(site.hass.config.path("smart_evse"))
    yield folder
    for file in folder.glob("logo_*"):
        file.unlink()


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.glob("logo_*")]


async def upload(client: ClientSessionGenerator, content: bytes) -> str:
    form = FormData()
    form.add_field("file", content, filename="logo.png", content_type="image/png")
    answer = await (await client()).post("/api/file_upload", data=form)
    return str((await answer.json())["file_id"])


async def test_a_logo_is_kept_beside_the_ledger(site: Site, hass_client: ClientSessionGenerator, logos: Path) -> None:
    await issuer(site, letter={"payment_days": 14, "logo_file": await upload(hass_client, PNG)})
    (found,) = issuers(site.entry)
    assert await async_logo(site.hass, found.logo) == PNG
    assert names(logos) == [found.logo]
    walk = await change(site.hass, site.entry, "Acme")
    await walk.say({"name": "Acme", **NOTHING, "letter": {"payment_days": 14, "forget_logo": False}})
    await site.settle()
    assert issuers(site.entry)[0].logo == found.logo
    walk = await change(site.hass, site.entry, "Acme")
    await walk.say({"name": "Acme", **NOTHING, "letter": {"payment_days": 14, "forget_logo": True}})
    await site.settle()
    assert issuers(site.entry)[0].logo is None
    assert await async_logo(site.hass, "logo_gone.png") is None


@pytest.mark.parametrize(("content", "error"), [(b"GIF89a", "no_picture"), (PNG + bytes(500_000), "logo_too_large")])
async def test_a_file_that_is_no_logo_is_told(
    site: Site, hass_client: ClientSessionGenerator, content: bytes, error: str
) -> None:
    walk = await issuer(site, letter={"payment_days": 14, "logo_file": await upload(hass_client, content)})
    assert walk.errors == {"base": error}
    assert walk.complaint


async def recipient(site: Site, preset: str, **said: object) -> Walk:
    walk = await add(site.hass, site.entry, SUBENTRY_RECIPIENT)
    assert walk.is_told
    await walk.say(name="Employer", preset=preset, drivers=[ADA.id], **said)
    return walk


@pytest.mark.parametrize("preset", [key for key in PRESETS if key != "guest"])
async def test_every_sort_of_statement_has_its_figures(site: Site, preset: str) -> None:
    walk = await recipient(site, preset)
    if walk.is_open:
        assert walk.step == "figures"
        assert walk.is_told
        await walk.say({"region": "flanders"} if "region" in walk.fields else {})
    await site.settle()
    (found,) = recipients(site.entry)
    assert (found.preset, found.party.name, found.drivers) == (preset, "Employer", {ADA.id})
    assert list(recipients_of(site.entry, ADA.id)) == [found]
    assert list(recipients_of(site.entry, "another")) == []


async def test_germany_by_contract(site: Site) -> None:
    walk = await recipient(site, "de_employer", reference="4711", country="DE")
    await walk.say(
        method="contract", contract_price=0.31, base_fee=12, household_energy=4000, figures_source="Contract"
    )
    await site.settle()
    (found,) = recipients(site.entry)
    assert (found.method, found.party.reference) == ("contract", "4711")
    price = figure("contract_price", date(2026, 5, 1), found.facts)
    assert price is not None
    assert (price.value, price.unit, price.source) == (Decimal("0.31"), "EUR/kWh", "Contract")


async def test_new_figures_hold_from_a_day_on(site: Site) -> None:
    walk = await recipient(site, "be_employer", country="BE")
    await walk.say(method="cap", region="brussels", own_rate=0.3, figures_source="Agreed")
    await site.settle()
    walk = await change(site.hass, site.entry, "Employer")
    assert walk.suggested["preset"] == "be_employer"
    await walk.say(name="Employer", preset="be_employer", drivers=[ADA.id])
    assert walk.suggested.items() >= {"region": "brussels", "own_rate": 0.3}.items()
    await walk.say(method="cap", region="brussels", own_rate=0.4, figures_since="2026-07-01", figures_source="Anew")
    await site.settle()
    facts = recipients(site.entry)[0].facts
    values = [figure("be_cap_brussels", day, facts) for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert [fact and fact.value for fact in values] == [Decimal("0.3"), Decimal("0.4")]
