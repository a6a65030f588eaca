"""Statements as the engine makes them, all the way to what is sent on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from facturx import parse_ubl_cii_xml, xml_check_xsd
from hypothesis import HealthCheck, given, settings, strategies as st
import pypdfium2
import pytest

from custom_components.smart_evse.documents.e_invoice import Preceding, e_invoice
from custom_components.smart_evse.documents.statement_files import Enclosed, Format, statement_files
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Extra, Valuation, Value
from custom_components.smart_evse.engine.statements.credit import credit_note
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Statement
from custom_components.smart_evse.engine.statements.presets import PRESETS
from tests.documents.schematron import broken_rules
from tests.engine.statements.house import ANNA, COMPANY, at, charged, fact, priced, quarters, wanted

SELLER = replace(ANNA, vat_number="BE0123456749", account="BE68539007547034")
FIRST = charged("a", quarters(at("2026-03-02 22:00"), [700] * 12))
SECOND = charged("b", quarters(at("2026-03-31 23:00"), [1234] * 8))
FACTS = (fact("contract_price", "0.29"), fact("month_average", "0.28"))


def invoice(*prices: tuple[int, str, str | None], **changes: object) -> Statement:
    """A session for each energy, price and rate."""
    sessions = []
    for number, (energy, price, vat) in enumerate(prices):
        intervals = quarters(at(f"2026-03-{1 + number % 28:02} 08:00"), [energy] * 3)
        value = Value(valuation=Valuation.TARIFF, priced=priced(intervals, price, vat))
        sessions.append(charged(f"s{number}", intervals, values=(value,)))
    known = {"issuer": SELLER, "due_on": date(2026, 4, 15), "reference": "RF18539007547034", **changes}
    return replace(make(wanted("invoice", **known), sessions), number="2026-1")


def check(made: Statement, preceding: Preceding | None = None) -> None:
    xml = e_invoice(made, preceding)
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken_rules(xml) == []
    assert Decimal(parse_ubl_cii_xml(xml)["BT-115"]) == (made.total if made.corrects is None else -made.total)


def in_currency(session: ChargedSession, currency: str) -> ChargedSession:
    """The same figures in another currency."""
    values = (replace(value, priced=replace(value.priced, currency=currency)) for value in session.values)
    return replace(session, values=tuple(values))


def stated(preset: str, method: str) -> Statement:
    """March by a preset and one of its methods."""
    currency = PRESETS[preset].currency or "EUR"
    asked = wanted(
        preset,
        issuer=SELLER,
        currency=currency,
        method=method,
        region="flanders",
        facts=FACTS,
        business_miles=Decimal(300) if method == "miles" else None,
        language="de",
    )
    sessions = [in_currency(each, currency) for each in (FIRST, SECOND)]
    return replace(make(asked, sessions), number="7")


@pytest.mark.parametrize(
    ("preset", "method"), [(preset.key, method.key) for preset in PRESETS.values() for method in preset.methods]
)
def test_every_preset_and_method_reaches_the_paper(preset: str, method: str) -> None:
    for name, content in statement_files(stated(preset, method), [Format.PDF, Format.CSV, Format.XLSX, Format.JSON]):
        assert content, name
        if name.endswith(".pdf"):
            text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
            assert "_" not in text.replace("CREG_Tariff_EV", ""), "a key that nobody has words for"
            assert "anna" not in text, "an id"


@pytest.mark.parametrize("changes", [{}, {"prices_with_vat": False}, {"exemption": "small_business"}])
def test_what_is_made_is_an_e_invoice(changes: dict[str, object]) -> None:
    fee = Extra(what="subscription", quantity=Decimal(1), unit="month", price=Decimal("4.99"), vat=Decimal(6))
    made = invoice((700, "0.33", "21"), (1234, "0.2917", "21"), (10, "0.10", "6"), extras=(fee,), **changes)
    check(made)
    taken = replace(credit_note(made, id="s2", made_on=date(2026, 4, 20)), number="2026-2")
    check(taken, Preceding(number="2026-1", made_on=made.made_on))


def test_what_no_vat_was_told_of_may_stand_beside_what_has_one() -> None:
    check(invoice((700, "0.33", "21"), (1234, "0.2917", None)))


def test_nought_per_cent_is_told_from_what_is_outside_of_vat() -> None:
    """The norm has no room for what is outside beside what is not: there it is exempt, and never rated at zero."""
    made = invoice((700, "0.33", "21"), (1000, "0.30", "0"), (1000, "0.20", None))
    check(made)
    parsed = parse_ubl_cii_xml(e_invoice(made))
    assert {(row["BT-118"], row["BT-116"], row.get("BT-119")) for row in parsed["BG-23"]} == {
        ("S", "0.57", "21"),
        ("Z", "0.90", "0"),
        ("E", "0.60", "0"),
    }
    assert [line["BT-151"] for line in parsed["BG-25"]] == ["S", "Z", "E"]
    alone = invoice((1000, "0.20", None), (1000, "0.20", None), issuer=replace(SELLER, vat_number=None, tax_number="1"))
    assert alone.vat == (), "where no VAT was told of anything, none is spoken of"
    rates = {line.split(";")[8] for line in _csv(made).splitlines()[1:-1]}
    assert rates == {"21,00", "0,00", ""}
    page = "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(_pdf(made)))
    rows = page[page.index("Rate (%)", page.index("VAT\r\n")) :]
    assert [row for row in rows.splitlines() if row.startswith(("–", "0 "))] == ["– 0.60 0.00 0.60", "0 0.90 0.00 0.90"]


def _csv(made: Statement) -> str:
    return next(content for name, content in statement_files(made, ["csv"]) if "_lines" in name).decode("utf-8-sig")


def _pdf(made: Statement) -> bytes:
    return next(content for _, content in statement_files(made, ["pdf"]))


PRICES = st.lists(
    st.tuples(
        st.integers(1, 25_000),
        st.decimals(Decimal("-0.5"), Decimal(2), places=5).map(str),
        st.sampled_from(["21", "6", "0", "25.5", "8.1", None]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prices=PRICES, with_vat=st.booleans())
def test_any_made_invoice_passes(*, prices: list[tuple[int, str, str | None]], with_vat: bool) -> None:
    made = invoice(*prices, prices_with_vat=with_vat, payment_terms="30 days")
    if made.vat:
        check(made)


def test_a_link_and_a_number_change_nothing_of_the_e_invoice() -> None:
    made = invoice((700, "0.33", "21"))
    plain = dict(statement_files(made, ["xml"]))
    assert dict(statement_files(made, ["xml"], Enclosed(link="https://pay.example.org/1", swish="1234567890"))) == plain
    assert COMPANY.name in parse_ubl_cii_xml(next(iter(plain.values())))["BG-7"]["name"]
