"""What a statement lacks is said in the words of the forms that ask for it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.documents.invoice_fields import missing_fields
from custom_components.smart_evse.documents.words import LANGUAGES
from custom_components.smart_evse.engine.statements.figures import FIGURES
from custom_components.smart_evse.engine.statements.model import Party
from custom_components.smart_evse.engine.statements.needs import asked
from custom_components.smart_evse.engine.statements.presets import PRESETS
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.statement_run import StatementRun
from custom_components.smart_evse.statement_words import field_path, figure_words
from tests.books import quarter, session
from tests.documents.statement_samples import PRESETS as SAMPLES
from tests.home import MakeSite, Site, make_site
from tests.stated import ADA, ask, employer, invoice, stating

__all__ = ["make_site"]

TRANSLATIONS = Path(__file__).parent.parent / "custom_components" / DOMAIN / "translations"


def lacking() -> set[str]:
    """Every field that a refusal may name."""
    needed = {field for preset in PRESETS.values() for field in preset.needs}
    wanted = {f"wanted.{each}" for one in PRESETS.values() for how in one.methods for each in asked(one.key, how.key)}
    nobody = Party(name="")
    bare = replace(
        SAMPLES["uk_employer"](),
        number=None,
        issuer=nobody,
        recipient=nobody,
        sessions=(),
        lines=(),
        vat=(),
        due_on=None,
    )
    return needed | wanted | {*missing_fields(bare)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_words(language: str) -> None:
    told: dict[str, Any] = json.loads((TRANSLATIONS / f"{language}.json").read_text())
    fields = lacking()
    assert len(fields) > 20
    for field in fields:
        kind, path = field_path(field)
        assert isinstance(reduce(lambda node, key: node[key], path.split("."), told), str), field
        assert kind is None or told["config_subentries"][kind]["entry_type"]


async def refusal(site: Site, action: str, **data: object) -> tuple[str | None, dict[str, str]]:
    with pytest.raises(ServiceValidationError) as caught:
        await ask(site, action, **data)
    return caught.value.translation_key, dict(caught.value.translation_placeholders or {})


async def test_a_refusal_names_fields_as_forms_do(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to("2026-12-03 08:00:00+00:00")
    site = await stating(make_site)
    made = await invoice(site)
    key, told = await refusal(site, "get_statement", statement=made["statement"], formats=["e_invoice"])
    assert (key, told["fields"]) == (
        "no_e_invoice",
        "Postcode (Recipient of statements), City (Recipient of statements), Country (Recipient of statements)",
    )
    site.hass.config.language = "de"
    await async_get_translations(site.hass, "de", "common", {DOMAIN})
    key, told = await refusal(site, "get_statement", statement=made["statement"], formats=["e_invoice"])
    assert told["fields"].startswith("Postleitzahl (Empfänger von Abrechnungen), ")


async def test_figures_have_names(make_site: MakeSite) -> None:
    site = await make_site()
    for key in {each.key for each in FIGURES} | {"contract_price", "household_energy"}:
        assert figure_words(site.hass, key) != key


async def test_a_figure_of_next_year_is_asked_for_where_it_is_entered(
    make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    """In February nobody has told the flat price of 2027: the repair says which, whence, and where."""
    freezer.move_to("2027-01-01 08:00:00+00:00")
    options = {"statement_day": 5.0, "statement_run": ["recipients"]}
    site = await stating(make_site, employer("de_employer"), options=options)
    connector, start = site.connector, datetime(2027, 1, 20, 8, tzinfo=UTC)

    def charge(ledger: Ledger) -> None:
        flowed = (quarter(start, grid=1_000),)
        one = session("s-new", connector, start, flowed, driver=ADA.id, vehicle="van")
        SessionsBook(ledger).close_session(one, flowed)

    await site.coordinator.sessions.books.async_write(charge)
    run = StatementRun(site.coordinator)
    await run.async_run()
    freezer.move_to("2027-02-05 08:00:00+00:00")
    await run.async_run()
    site.coordinator.beat()
    issue = ir.async_get(site.hass).async_get_issue(DOMAIN, _issue(site.hass))
    assert issue is not None
    error = (issue.translation_placeholders or {})["error"]
    for told in ("2027-01-01", "Official flat price", "BMF-Schreiben", "“Own rate”", "de_flat_price"):
        assert told in error
    figures = {"de_flat_price": 0.35}
    wanted = {"preset": "de_employer", "driver": "Ada", "period": "2027-01"}
    assert (await refusal(site, "create_statement", **wanted))[0] == "statement_rate_missing"
    assert (await ask(site, "create_statement", **wanted, figures=figures))["total"] == 0.35


def _issue(hass: HomeAssistant) -> str:
    (found,) = (key for domain, key in ir.async_get(hass).issues if domain == DOMAIN and "statements_failed" in key)
    return found
