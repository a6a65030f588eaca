"""Statements that are made by themselves: once each, after any absence, and nobody waits for another."""

from collections.abc import Mapping

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.smart_evse.engine.sessions.model import Mark
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.statement_run import StatementRun
from tests.books import quarter, session
from tests.home import MakeSite, Site, make_site
from tests.stated import ADA, BEN, ask, at, dynamic, employer, invoice, issuer, stating, tariff

__all__ = ["make_site"]

OCTOBER = "2026-10-15 08:00:00+00:00"
FIFTH: Mapping[str, object] = {"statement_day": 5.0, "statement_run": ["invoices", "recipients"]}


async def running(
    make_site: MakeSite, freezer: FrozenDateTimeFactory, *others: ConfigSubentryData, **more: object
) -> Site:
    """Return a site where statements are made on the fifth, since the middle of October."""
    freezer.move_to(OCTOBER)
    site = await stating(make_site, *others, options={**FIFTH, **more})
    await run(site)
    return site


async def run(site: Site) -> None:
    """Let it be looked whether something is due."""
    await StatementRun(site.coordinator).async_run()
    await site.settle()


async def stated(site: Site) -> list[tuple[str | None, str, str | None, float]]:
    """Return all statements as number, period, driver and total, the first first."""
    found = (await ask(site, "list_statements", limit=100))["statements"]
    return [(each["number"], each["period"], each["driver"], each["total"]) for each in reversed(found)]


async def move(site: Site, freezer: FrozenDateTimeFactory, to: str) -> None:
    freezer.move_to(to)
    await site.sample(1000.0)
    await run(site)


def issues(hass: HomeAssistant) -> dict[str, dict[str, str]]:
    return {
        str(each.translation_key): dict(each.translation_placeholders or {})
        for each in ir.async_get(hass).issues.values()
        if each.domain == "smart_evse" and str(each.translation_key).startswith("statements_")
    }


async def test_on_its_day_everybody_gets_theirs_and_only_once(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer)
    await move(site, freezer, "2026-11-04 22:00:00+00:00")
    assert await stated(site) == []
    # The fifth begins in Amsterdam.
    await move(site, freezer, "2026-11-04 23:30:00+00:00")
    both = [("EV-2026-0001", "2026-10", "Ada", 1.2), ("EV-2026-0002", "2026-10", "Ben", 1.2)]
    assert await stated(site) == both
    await run(site)
    await move(site, freezer, "2026-11-20 08:00:00+00:00")
    assert await stated(site) == both
    told = persistent_notification._async_get_or_create_notifications(site.hass)
    (notification,) = (each for key, each in told.items() if "statements" in key)
    assert "EV-2026-0001, EV-2026-0002" in notification["message"]
    assert "Ada" not in notification["message"]


async def test_what_was_missed_is_made_up_for_after_a_restart(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer)
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    freezer.move_to("2026-12-20 08:00:00+00:00")
    assert await site.hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    await site.sample(1000.0)
    await run(site)
    assert [each[:3] for each in await stated(site)] == [
        ("EV-2026-0001", "2026-10", "Ada"),
        ("EV-2026-0002", "2026-10", "Ben"),
        ("EV-2026-0003", "2026-11", "Ada"),
        ("EV-2026-0004", "2026-11", "Ben"),
    ]
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    await run(site)
    assert len(await stated(site)) == 4


async def test_whoever_stops_between_making_and_noting_makes_nothing_twice(
    make_site: MakeSite, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await running(make_site, freezer)

    async def killed(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("custom_components.smart_evse.statement_run.async_send", killed)
        freezer.move_to("2026-11-05 08:00:00+00:00")
        with pytest.raises(RuntimeError):
            await run(site)
    assert len(await stated(site)) == 2
    await run(site)
    assert len(await stated(site)) == 2


async def test_a_driver_who_still_charges_is_waited_for_and_the_others_are_not(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer, dynamic(), issuer())
    connector = site.connector
    start = at(11, 20)

    def unpriced(ledger: Ledger) -> None:
        flowed = (quarter(start, grid=1_000, price=None),)
        waits = session("s-late", connector, start, flowed, driver=BEN.id, marks=frozenset({Mark.PROVISIONAL}))
        SessionsBook(ledger).close_session(waits, flowed)

    await site.coordinator.sessions.books.async_write(unpriced)
    await move(site, freezer, "2026-12-05 08:00:00+00:00")
    assert [each[1:3] for each in await stated(site)] == [("2026-10", "Ada"), ("2026-10", "Ben"), ("2026-11", "Ada")]
    site.coordinator.beat()
    assert issues(site.hass)["statements_wait"] == {"site": "Home", "period": "2026-11", "count": "1"}

    def price_it(ledger: Ledger) -> None:
        SessionsBook(ledger).correct(
            "s-late", {"marks": frozenset()}, None, "price", intervals=(quarter(start, grid=1_000),)
        )

    await site.coordinator.sessions.books.async_write(price_it)
    await run(site)
    assert (await stated(site))[-1][1:3] == ("2026-11", "Ben")
    site.coordinator.beat()
    assert issues(site.hass) == {}


async def test_what_fails_for_one_is_said_and_keeps_nobody_else(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    # Germany wants the plate of the car: Ben's is not known.
    works = employer("de_employer", drivers=[ADA.id, BEN.id])
    site = await running(make_site, freezer, works, statement_run=["recipients"])
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    assert [each[1:] for each in await stated(site)] == [("2026-10", "Ada", 1.36)]
    site.coordinator.beat()
    failed = issues(site.hass)["statements_failed"]
    assert (failed["count"], failed["period"]) == ("1", "2026-10")
    assert "Number plate (Vehicle)" in failed["error"]
    assert "Ben" not in str(failed)


async def test_a_law_that_counts_in_quarters_has_its_statement_each_quarter(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer, employer())
    await move(site, freezer, "2026-12-10 08:00:00+00:00")
    assert await stated(site) == []
    await move(site, freezer, "2027-01-05 08:00:00+00:00")
    assert [each[1:3] for each in await stated(site)] == [("2026-Q4", "Ada")]


async def test_what_the_owner_made_or_took_back_is_left_alone(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer)
    freezer.move_to("2026-11-02 08:00:00+00:00")
    await invoice(site, "Ada", "2026-10")
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    assert [each[2] for each in await stated(site)] == ["Ada", "Ben"]
    await ask(site, "cancel_statement", statement="EV-2026-0002")
    await run(site)
    assert [each[0] for each in await stated(site)] == ["EV-2026-0001", "EV-2026-0002", "EV-2026-0003"]
    site.coordinator.beat()
    assert issues(site.hass) == {}


async def test_what_is_on_an_invoice_already_is_left_out(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    site = await running(make_site, freezer, statement_drivers=[ADA.id])
    connector = site.connector

    def another(ledger: Ledger) -> None:
        flowed = (quarter(at(11, 20), grid=1_000),)
        SessionsBook(ledger).close_session(session("s-more", connector, at(11, 20), flowed, driver=ADA.id), flowed)

    await site.coordinator.sessions.books.async_write(another)
    freezer.move_to("2026-11-21 08:00:00+00:00")
    await ask(site, "create_statement", preset="invoice", driver="Ada", session="s-november")
    await move(site, freezer, "2026-12-05 08:00:00+00:00")
    # October may be made before the owner's own or after it.
    assert sorted(each[1:] for each in await stated(site)) == [
        ("2026-10", "Ada", 1.2),
        ("2026-11", "Ada", 0.3),
        ("2026-11-05 – 2026-11-05", "Ada", 1.8),
    ]
    site.coordinator.beat()
    assert issues(site.hass) == {}


async def test_only_chosen_drivers_and_those_with_a_tariff(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    site = await running(make_site, freezer, statement_drivers=[BEN.id])
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    assert [each[2] for each in await stated(site)] == ["Ben"]


async def test_whom_no_tariff_is_for_gets_no_invoice(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    site = await running(make_site, freezer, tariff(drivers=[ADA.id]), issuer())
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    assert [each[2] for each in await stated(site)] == ["Ada"]


async def test_the_past_before_it_was_switched_on_is_left_alone(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-12-08 08:00:00+00:00")
    site = await stating(make_site, options=FIFTH)
    await run(site)
    assert await stated(site) == []


@pytest.mark.parametrize("attach", [False, True])
async def test_it_goes_to_whom_the_owner_chose(
    make_site: MakeSite, freezer: FrozenDateTimeFactory, *, attach: bool
) -> None:
    chosen = {"statement_notify": ["mail", "notify.office"], "statement_attach": attach}
    site = await running(make_site, freezer, statement_drivers=[ADA.id], **chosen)
    mails, entities = (
        async_mock_service(site.hass, "notify", "mail"),
        async_mock_service(site.hass, "notify", "send_message"),
    )
    site.hass.config.allowlist_external_dirs = {site.hass.config.path("smart_evse", "exports")}
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    (mail,), (told,) = mails, entities
    assert (mail.data["title"], told.data["entity_id"]) == ("Statements of 2026-10", "notify.office")
    first, link = mail.data["message"].splitlines()
    assert first == "EV-2026-0001 for Ada: €1.20"
    assert "/api/smart_evse/exports/factuur_ev_2026_0001_" in link
    attached = mail.data.get("data", {}).get("images", [])
    assert [path.rpartition(".")[2] for path in attached] == (["pdf"] if attach else [])
    assert not [
        key for key in persistent_notification._async_get_or_create_notifications(site.hass) if "statements" in key
    ]


async def test_where_nobody_can_be_told_home_assistant_tells(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    site = await running(make_site, freezer, statement_notify=["gone"])
    await move(site, freezer, "2026-11-05 08:00:00+00:00")
    assert [key for key in persistent_notification._async_get_or_create_notifications(site.hass) if "statements" in key]


async def test_the_owner_sets_it_in_the_options(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(OCTOBER)
    site = await stating(make_site)
    async_mock_service(site.hass, "notify", "mail")
    flow = await site.hass.config_entries.options.async_init(site.entry.entry_id)
    flow = await site.hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": "statements"})
    answers = {
        "statement_day": 3,
        "statement_run": ["invoices"],
        "statement_drivers": [BEN.id],
        "statement_notify": ["mail"],
        "statement_attach": True,
    }
    done = await site.hass.config_entries.options.async_configure(flow["flow_id"], answers)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert {key: site.entry.options[key] for key in answers} == answers
    await site.settle()
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
