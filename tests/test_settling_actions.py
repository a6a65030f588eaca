"""What becomes of statements: they are sent, paid in parts or by what a bank tells, and never twice."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
import pytest
import voluptuous as vol

from custom_components.smart_evse.engine.tariffs.presets import Heading, sun_and_grid
from custom_components.smart_evse.records import plain
from tests.home import MakeSite, Site, make_site
from tests.stated import ADA, BEN, DECEMBER, ask, invoice, issuer, refused, stating, tariff, user_of

__all__ = ["make_site"]

ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-12-02</Dt></BookgDt><NtryDtls><TxDtls><Refs><AcctSvcrRef>{id}</AcctSvcrRef></Refs>
<RltdPties><Dbtr><Nm>Ada</Nm></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def bank_file(site: Site, *entries: dict[str, str], name: str = "bank.xml") -> str:
    """Put a file of the bank where it is looked for."""
    folder = Path(site.hass.config.path("smart_evse", "exports"))
    folder.mkdir(parents=True, exist_ok=True)
    told = "".join(ENTRY.format(**{"currency": "EUR", **each}) for each in entries)
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    (folder / name).write_text(
        f'<Document xmlns="{space}"><BkToCstmrStmt><Stmt>{told}</Stmt></BkToCstmrStmt></Document>'
    )
    return name


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    """Return a site on which an invoice over 1.80 EUR is open."""
    freezer.move_to(DECEMBER)
    site = await stating(make_site)
    await invoice(site)
    return site


async def standing(site: Site) -> tuple[str, float, float]:
    found = await ask(site, "get_statement", statement="EV-2026-0001")
    return found["state"], found["received"], found["open"]


async def test_parts_are_paid_until_all_is(site: Site) -> None:
    await ask(site, "mark_paid", statement="EV-2026-0001", amount=0.3)
    assert await standing(site) == ("open", 0.3, 1.5)
    await ask(site, "mark_paid", statement="EV-2026-0001", amount="1.5", date="2026-12-01")
    assert await standing(site) == ("paid", 1.8, 0.0)


async def test_money_that_is_named_is_booked_once(site: Site) -> None:
    for _ in range(2):
        await ask(site, "mark_paid", statement="EV-2026-0001", amount=1, reference="B-7")
    assert await standing(site) == ("open", 1.0, 0.8)


async def test_a_paid_one_is_not_paid_again(site: Site) -> None:
    await ask(site, "mark_paid", statement="EV-2026-0001")
    assert await standing(site) == ("paid", 1.8, 0.0)
    assert await refused(site, "mark_paid", statement="EV-2026-0001") == "statement_illegal_step"


@pytest.mark.parametrize("amount", [0, -1, "none", "nan"])
async def test_only_money_is_an_amount(site: Site, amount: object) -> None:
    with pytest.raises(vol.Invalid):
        await ask(site, "mark_paid", statement="EV-2026-0001", amount=amount)


async def test_a_bank_file_shows_whom_money_came_from_and_books_when_told(site: Site) -> None:
    found: dict[str, Any] = await ask(site, "get_statement", statement="EV-2026-0001")
    file = bank_file(
        site,
        {"id": "b-1", "amount": "1.00", "text": f"charging {found['reference']}"},
        {"id": "b-2", "amount": "0.80", "text": "EV 2026 0001 thanks"},
        {"id": "b-3", "amount": "5.00", "text": "rent"},
    )
    seen = await ask(site, "import_bank_statement", file=file)
    assert [(each["id"], each["fit"], each["left"], each["booked"]) for each in seen["matches"]] == [
        ("b-1", "partial", 0.8, False),
        ("b-2", "exact", 0.0, False),
    ]
    assert ([each["id"] for each in seen["unmatched"]], seen["booked"]) == (["b-3"], 0)
    assert await standing(site) == ("open", 0.0, 1.8)
    assert (await ask(site, "import_bank_statement", file=file, book=True))["booked"] == 2
    assert await standing(site) == ("paid", 1.8, 0.0)
    # Banks tell the same in many files.
    again = await ask(site, "import_bank_statement", file=file, book=True)
    assert (again["matches"], again["booked"]) == ([], 0)


async def test_money_of_another_currency_is_shown_and_not_booked(site: Site) -> None:
    file = bank_file(site, {"id": "b-1", "amount": "1.80", "text": "EV-2026-0001", "currency": "SEK"})
    told = await ask(site, "import_bank_statement", file=file, book=True)
    assert ([each["fit"] for each in told["matches"]], told["booked"]) == (["other_currency"], 0)
    assert await standing(site) == ("open", 0.0, 1.8)


async def test_what_was_marked_as_paid_is_not_booked_once_more(site: Site) -> None:
    await ask(site, "mark_paid", statement="EV-2026-0001")
    file = bank_file(site, {"id": "b-1", "amount": "1.80", "text": "EV-2026-0001"})
    told = await ask(site, "import_bank_statement", file=file, book=True)
    assert ([each["fit"] for each in told["matches"]], told["booked"]) == (["over"], 0)
    assert await standing(site) == ("paid", 1.8, 0.0)


async def test_what_is_no_file_of_a_bank_is_said(site: Site) -> None:
    bank_file(site)
    path = Path(site.hass.config.path("smart_evse", "exports", "other.xml"))
    await site.hass.async_add_executor_job(path.write_text, "<a/>")
    assert await refused(site, "import_bank_statement", file="other.xml") == "bank_file_unreadable"
    assert await refused(site, "import_bank_statement", file="../ledger.db") == "no_such_file"


async def test_the_price_of_some_energy_is_told_in_advance(site: Site) -> None:
    told = await ask(site, "price_preview", energy=10, driver="Ada")
    assert (told["tariff"], told["total"], told["net"], told["per_kwh"]) == ("Home", 3.0, 2.48, 0.3)
    assert [(each["what"], each["quantity"], each["total"]) for each in told["components"]] == [("energy", 10.0, 3.0)]


async def test_a_price_in_advance_is_the_sum_of_what_is_shown(make_site: MakeSite) -> None:
    heading = Heading(id="home", name="Home", currency="EUR", vat=Decimal(21))
    told = plain(sun_and_grid(heading, Decimal("0.301"), Decimal("0.101")))
    known = tariff()
    data = {"versions": [{"tariff": told, "kind": "sun", "said": {}}]}
    site = await stating(make_site, ConfigSubentryData({**known, "data": data}), issuer())
    seen = await ask(site, "price_preview", energy=10, from_sun=50)
    assert [each["total"] for each in seen["components"]] == [0.51, 1.51]
    assert seen["total"] == 2.02
    assert seen["net"] == sum(each["net"] for each in seen["components"])


async def test_who_asks_for_a_price_need_not_name_themselves(make_site: MakeSite) -> None:
    site = await stating(make_site, tariff("0.50", drivers=[ADA.id]), issuer())
    assert (await ask(site, "price_preview", user_of(site, ADA), energy=10))["total"] == 5.0
    assert await refused(site, "price_preview", user_of(site, BEN), energy=10) == "no_tariff_holds"
    assert await refused(site, "price_preview", user_of(site, BEN), driver="Ada") == "unknown_driver"


async def test_without_a_tariff_there_is_no_price(make_site: MakeSite) -> None:
    site = await make_site()
    assert await refused(site, "price_preview") == "no_tariff_holds"
