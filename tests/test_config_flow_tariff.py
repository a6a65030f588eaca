"""Tariffs by their forms: what they make, what is shown of it, and how they change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
import json

from aiohttp import FormData
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import SUBENTRY_TARIFF
from custom_components.smart_evse.engine.tariffs.model import Bound, Source, Tariff
from custom_components.smart_evse.site_tariffs import Payer, versions_of
from tests.desk import people as on_record
from tests.flows import Walk, add, change
from tests.home import AC, Box, MakeSite, Site, charger
from tests.test_access import ADA

TERMS: dict[str, object] = {"vat": 21, "vat_included": True, "whom": {}, "bounds": {}, "subscription": {}}
CHANGED: dict[str, object] = {"vat": 21, "vat_included": True, "bounds": {}, "subscription": {}}

OCPI = {
    "id": "16",
    "currency": "EUR",
    "type": "REGULAR",
    "elements": [
        {"price_components": [{"type": "FLAT", "price": 0.50, "vat": 20, "step_size": 1}]},
        {
            "price_components": [{"type": "ENERGY", "price": 0.25, "vat": 20, "step_size": 1}],
            "restrictions": {"min_kwh": 1},
        },
    ],
    "last_updated": "2026-01-01T00:00:00Z",
}


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    made = await make_site(Box(AC), Box(AC), chargers=(charger("Garage"), charger("Yard")))
    await on_record(made, ADA)
    return made


async def begin(site: Site, kind: str) -> Walk:
    walk = await add(site.hass, site.entry, SUBENTRY_TARIFF)
    assert walk.is_told
    await walk.tap(kind)
    assert walk.is_told
    return walk


async def accept(site: Site, walk: Walk) -> None:
    """Agree with what is shown, and let the site begin anew."""
    assert walk.step in ("preview", "example")
    assert walk.is_told
    await walk.say(answer="right")
    assert not walk.is_open
    await site.settle()


def kept(site: Site) -> ConfigSubentry:
    return next(sub for sub in site.entry.subentries.values() if sub.subentry_type == SUBENTRY_TARIFF)


def tariffs(site: Site) -> list[Tariff]:
    return [version.tariff for version in versions_of(kept(site))]


async def flat(site: Site, price: float = 0.3, **terms: object) -> None:
    walk = await begin(site, "flat_price")
    await walk.say(name="Family", price=price)
    assert walk.step == "terms"
    assert walk.is_told
    await walk.say({**TERMS, **terms})
    await accept(site, walk)


async def test_a_flat_price_is_what_everybody_pays(site: Site) -> None:
    await flat(site)
    (tariff,) = tariffs(site)
    assert (tariff.id, tariff.name, tariff.currency) == (kept(site).subentry_id, "Family", site.hass.config.currency)
    (element,) = tariff.elements
    assert element.components[0].price == Decimal("0.3")
    assert element.components[0].vat == Decimal(21)
    assert site.coordinator.tariffs.holding(Payer(), datetime(2020, 1, 1, tzinfo=UTC)) == tariff


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("dynamic_price", {"surcharge": 0.02, "more": {"factor": 1}}),
        ("night_and_day", {"day_price": 0.4, "night_price": 0.2, "night_begins": "22:00:00", "night_ends": "06:00:00"}),
        ("sun_and_grid", {"grid_price": 0.35, "sun_price": 0.1, "more": {}}),
        ("sun_at_feed_in", {"surcharge": 0}),
        ("start_energy_idle", {"start_fee": 1, "price": 0.35, "idle_price": 2, "idle_after": 240}),
        ("by_demand", {"price": 0.3, "busy_from": 60, "busy_surcharge": 0.1, "full_from": 85, "full_surcharge": 0.2}),
        ("free", {}),
    ],
)
async def test_every_kind_makes_a_tariff(site: Site, kind: str, said: dict[str, object]) -> None:
    walk = await begin(site, kind)
    await walk.say(name="Some", **said)
    await walk.say(TERMS)
    await accept(site, walk)
    (tariff,) = tariffs(site)
    assert tariff.elements
    walk = await change(site.hass, site.entry, "Some")
    await walk.tap("prices")
    assert walk.suggested.items() >= {key: value for key, value in said.items() if key != "more"}.items()


async def test_an_example_is_shown_while_there_was_no_session(site: Site) -> None:
    walk = await begin(site, "start_energy_idle")
    await walk.say(name="Guests", start_fee=0.5, price=0.35, idle_price=0)
    await walk.say(TERMS)
    assert walk.step == "example"
    shown = walk.result["description_placeholders"] or {}
    assert shown["total"] == "€4.00"
    assert shown["parts"] == "start fee €0.50, energy €3.50"
    await walk.say(answer="again")
    assert walk.step == "start_energy_idle"
    assert walk.suggested["start_fee"] == 0.5


async def test_whom_it_is_for_counts(site: Site) -> None:
    garage, yard = site.coordinator.connectors
    await flat(site, whom={"drivers": [ADA.id], "chargers": [yard]})
    now = datetime(2026, 6, 1, tzinfo=UTC)
    of = site.coordinator.tariffs.holding
    assert of(Payer(driver=ADA.id, connector=yard), now) is not None
    assert of(Payer(driver=ADA.id, connector=garage), now) is None
    assert of(Payer(connector=yard), now) is None
    walk = await change(site.hass, site.entry, "Family")
    assert walk.is_told
    await walk.tap("whom")
    assert walk.is_told
    assert walk.suggested == {"drivers": [ADA.id], "chargers": [yard]}
    await walk.say()
    await site.settle()
    assert len(tariffs(site)) == 1
    assert site.coordinator.tariffs.holding(Payer(), now) is not None


async def test_a_change_makes_another_version(site: Site) -> None:
    await flat(site, subscription={"fee": 5, "included": 100}, bounds={"most": 20})
    (first,) = tariffs(site)
    assert first.subscription is not None
    assert first.subscription.included == 100_000
    assert first.most == Bound(with_vat=Decimal(20))
    walk = await change(site.hass, site.entry, "Family")
    await walk.tap("prices")
    await walk.say(name="Family", price=0.4)
    assert walk.is_told
    assert walk.suggested["fee"] == 5
    begins = datetime(2030, 1, 1, tzinfo=UTC)
    await walk.say({**CHANGED, "valid_from": "2030-01-01 00:00:00"})
    await accept(site, walk)
    old, new = tariffs(site)
    assert new.elements[0].components[0].price == Decimal("0.4")
    assert new.valid_from is not None
    assert abs(new.valid_from - begins) <= timedelta(hours=14)
    assert old.valid_until == new.valid_from
    of = site.coordinator.tariffs.version
    assert of(old.id, new.valid_from - timedelta(seconds=1)) == old
    assert of(old.id, new.valid_from) == new


async def test_what_begins_earlier_takes_the_place_of_what_was_to_come(site: Site) -> None:
    await flat(site)
    for year, price in ((2031, 0.5), (2030, 0.4)):
        walk = await change(site.hass, site.entry, "Family")
        await walk.tap("prices")
        await walk.say(name="Family", price=price)
        await walk.say({**CHANGED, "valid_from": f"{year}-01-01 00:00:00"})
        await accept(site, walk)
    assert [tariff.elements[0].components[0].price for tariff in tariffs(site)] == [Decimal("0.3"), Decimal("0.4")]


async def test_another_kind_may_follow(site: Site) -> None:
    await flat(site)
    walk = await change(site.hass, site.entry, "Family")
    await walk.tap("kind")
    assert walk.is_told
    await walk.tap("sun_and_grid")
    await walk.say(name="Family", grid_price=0.4, sun_price=0.1, more={"battery_price": 0.2})
    await walk.say({**CHANGED, "valid_from": "2030-01-01 00:00:00"})
    await accept(site, walk)
    sources = [element.restrictions.sources for element in tariffs(site)[1].elements]
    assert sources == [{Source.SUN}, {Source.BATTERY}, frozenset()]


@pytest.mark.parametrize(
    ("kind", "said", "field", "error"),
    [
        (
            "night_and_day",
            {"day_price": 0.4, "night_price": 0.2, "night_begins": "22:00:00", "night_ends": "22:00:00"},
            "night_ends",
            "no_night",
        ),
        ("dynamic_price", {"surcharge": 0, "more": {"factor": 1, "least": 2, "most": 1}}, "base", "least_above_most"),
        (
            "by_demand",
            {"price": 0.3, "busy_from": 60, "busy_surcharge": 0.1, "full_from": 60, "full_surcharge": 0.2},
            "full_from",
            "shares_out_of_order",
        ),
        ("ocpi", {}, "base", "no_json"),
        ("ocpi", {"json_text": "{"}, "base", "no_json"),
        ("ocpi", {"json_text": '{"id": "1", "currency": "EUR"}'}, "base", "bad_tariff"),
        ("ocpi", {"json_text": json.dumps(OCPI | {"currency": "SEK"})}, "base", "other_currency"),
    ],
)
async def test_what_makes_no_sense_is_told(
    site: Site, kind: str, said: dict[str, object], field: str, error: str
) -> None:
    walk = await begin(site, kind)
    await walk.say(name="Some", **said)
    assert walk.step == kind
    assert walk.errors == {field: error}
    assert walk.complaint
    assert walk.suggested["name"] == "Some"


@pytest.mark.parametrize(
    ("terms", "field", "error"),
    [
        ({"bounds": {"least": 5, "most": 2}}, "base", "least_above_most"),
        (
            {"valid_from": "2030-01-01 00:00:00", "valid_until": "2029-01-01 00:00:00"},
            "valid_until",
            "ends_before_it_begins",
        ),
    ],
)
async def test_terms_that_contradict_themselves_are_told(
    site: Site, terms: dict[str, object], field: str, error: str
) -> None:
    walk = await begin(site, "flat_price")
    await walk.say(name="Some", price=0.3)
    await walk.say({**TERMS, **terms})
    assert walk.errors == {field: error}
    assert walk.complaint


async def test_a_tariff_of_the_industry_is_read(site: Site) -> None:
    walk = await begin(site, "ocpi")
    await walk.say(name="Street", json_text=json.dumps(OCPI))
    assert walk.step == "ocpi_terms"
    assert walk.is_told
    assert (walk.result["description_placeholders"] or {})["left_out"] == "type"
    await walk.say(whom={}, subscription={})
    shown = walk.result["description_placeholders"] or {}
    assert shown["total"] == "€3.30"
    await accept(site, walk)
    (tariff,) = tariffs(site)
    assert not tariff.vat_included
    assert tariff.elements[1].restrictions.min_energy == 1


async def upload(client: ClientSessionGenerator, content: bytes) -> str:
    """Hand a file over as a browser does."""
    form = FormData()
    form.add_field("file", content, filename="tariff.json", content_type="application/json")
    answer = await (await client()).post("/api/file_upload", data=form)
    return str((await answer.json())["file_id"])


@pytest.mark.parametrize(
    ("content", "error"),
    [(json.dumps(OCPI).encode(), None), (b"\xff" * 10, "no_json"), (b" " * 300_000, "file_too_large")],
)
async def test_a_tariff_comes_as_a_file(
    site: Site, hass_client: ClientSessionGenerator, content: bytes, error: str | None
) -> None:
    walk = await begin(site, "ocpi")
    await walk.say(name="Street", json_file=await upload(hass_client, content))
    assert (walk.step, walk.errors) == (("ocpi_terms", {}) if error is None else ("ocpi", {"base": error}))


async def test_a_tariff_has_no_device(site: Site) -> None:
    await flat(site)
    assert site.entry.state is ConfigEntryState.LOADED
    devices = dr.async_entries_for_config_entry(dr.async_get(site.hass), site.entry.entry_id)
    assert "Family" not in {device.name for device in devices}
