"""An e-invoice holds what the statement says, and passes the schema and the rules of EN 16931."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final

from facturx import parse_ubl_cii_xml, xml_check_xsd
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.documents.e_invoice import Preceding, e_invoice
from custom_components.smart_evse.documents.invoice_fields import FieldsMissing, missing_fields
from custom_components.smart_evse.engine.statements.model import Statement, StatementKind
from tests.documents.schematron import broken_rules, rules_that_looked
from tests.documents.statement_samples import (
    GUEST,
    PRESETS,
    SELLER,
    credit_note,
    flat,
    guest_invoice,
    sessions,
    statement,
)


def small_business() -> Statement:
    return replace(PRESETS["invoice"](), issuer=replace(PRESETS["invoice"]().issuer, tax_number="12 345"))


def one_rate(*, with_vat: bool, exemption: str | None = None, vat: str = "21", price: str = "0.33337") -> Statement:
    return statement(
        "guest",
        StatementKind.INVOICE,
        sessions(9, flat(price, vat, with_vat=with_vat)),
        issuer=SELLER,
        recipient=replace(GUEST, vat_number="SE556677889901"),
        prices_with_vat=with_vat,
        exemption=exemption,
    )


INVOICES: Final[dict[str, Callable[[], Statement]]] = {
    "two rates, prices with VAT": guest_invoice,
    "two rates, prices without VAT": partial(guest_invoice, with_vat=False),
    "one rate, prices with VAT": partial(one_rate, with_vat=True),
    "one rate, prices without VAT": partial(one_rate, with_vat=False),
    "many sessions": partial(guest_invoice, count=31),
    "a negative price": partial(one_rate, with_vat=True, price="-0.05"),
    "small business": small_business,
    "reverse charge": partial(one_rate, with_vat=False, vat="0", exemption="reverse_charge"),
    "outside of VAT": partial(one_rate, with_vat=False, vat="0", exemption="outside_scope"),
    "no account": lambda: replace(guest_invoice(), issuer=replace(SELLER, account=None)),
    "an account that is no IBAN": lambda: replace(
        guest_invoice(), issuer=replace(SELLER, account="Bankgiro 123-4567"), currency="SEK"
    ),
    "credit note": lambda: credit_note(guest_invoice()),
    "credit note without VAT in its prices": lambda: credit_note(guest_invoice(with_vat=False)),
}


def rows(parsed: dict[str, object], group: str) -> list[dict[str, str]]:
    found = parsed[group]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("name", INVOICES)
def test_passes_schema_and_rules(name: str) -> None:
    xml = e_invoice(INVOICES[name]())
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken_rules(xml) == []
    assert rules_that_looked(xml) > 20


@pytest.mark.parametrize("name", [name for name in INVOICES if not name.startswith("credit note")])
@pytest.mark.parametrize("share", ["0.3", "1", "1.4"])
def test_what_was_paid_and_what_is_due_pass_the_rules(name: str, share: str) -> None:
    made = INVOICES[name]()
    received = round(made.total * Decimal(share), 2)
    xml = e_invoice(made, None, received)
    assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken_rules(xml) == []
    parsed = parse_ubl_cii_xml(xml)
    assert (Decimal(parsed["BT-113"]), Decimal(parsed["BT-115"])) == (received, made.total - received)


def test_the_rules_are_those_of_the_norm() -> None:
    xml = e_invoice(guest_invoice()).replace(
        b'<ram:TaxTotalAmount currencyID="EUR">', b'<ram:TaxTotalAmount currencyID="EUR">1'
    )
    assert any("BR-CO-14" in problem for problem in broken_rules(xml))


@pytest.mark.parametrize("name", INVOICES)
def test_sums_are_those_of_the_statement(name: str) -> None:
    made = INVOICES[name]()
    parsed = parse_ubl_cii_xml(e_invoice(made))
    sign = -1 if made.corrects else 1
    assert Decimal(parsed["BT-115"]) == sign * made.total
    lines = rows(parsed, "BG-25")
    assert sum(Decimal(line["BT-131"]) for line in lines) == Decimal(parsed["BT-106"]) == sign * made.net
    for line in lines:
        assert abs(Decimal(line["BT-129"]) * Decimal(line["BT-146"]) - Decimal(line["BT-131"])) < Decimal("0.02")


def test_says_what_was_delivered_when_and_by_whom() -> None:
    parsed = parse_ubl_cii_xml(e_invoice(guest_invoice()))
    assert parsed["BT-1"] == "2026-0007"
    assert parsed["BT-3"] == "380"
    assert [str(parsed[term]) for term in ("BT-73", "BT-74")] == ["2026-10-01", "2026-10-31"]
    assert parsed["BT-84"] == "DE89370400440532013000"
    first = rows(parsed, "BG-25")[0]
    assert first["BT-153"] == "Energie von der Sonne"
    assert first["BT-130"] == "KWH"
    assert "4.512,300 – 4.519,423 kWh" in first["BT-154"]


def test_a_credit_note_names_what_it_takes_back() -> None:
    before = guest_invoice()
    parsed = parse_ubl_cii_xml(e_invoice(credit_note(before), Preceding(number="2026-0007", made_on=before.made_on)))
    assert parsed["BT-3"] == "381"
    assert rows(parsed, "BG-3")[0]["BT-25"] == "2026-0007"


def test_what_is_missing_is_named() -> None:
    bare = replace(guest_invoice(), number=None, recipient=replace(GUEST, country=None), vat=())
    with pytest.raises(FieldsMissing) as refused:
        e_invoice(bare)
    assert refused.value.fields == ("number", "vat", "recipient.country")


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (lambda: replace(guest_invoice(), number=" \x07"), "number"),
        (lambda: replace(guest_invoice(), issuer=replace(SELLER, vat_number="123456788")), "issuer.vat_number"),
        (lambda: replace(guest_invoice(), issuer=replace(SELLER, country="de")), "issuer.country"),
        (
            lambda: replace(guest_invoice(), issuer=replace(SELLER, vat_number=None, tax_number=None)),
            "issuer.vat_number",
        ),
        (lambda: replace(guest_invoice(), recipient=replace(GUEST, vat_number="SE")), "recipient.vat_number"),
        (lambda: replace(guest_invoice(), due_on=None, payment_terms=None), "due_on"),
        (
            lambda: statement(
                "guest",
                StatementKind.INVOICE,
                sessions(1, flat("0.3", "0")),
                issuer=SELLER,
                recipient=GUEST,
                exemption="reverse_charge",
            ),
            "recipient.vat_number",
        ),
    ],
)
def test_what_does_not_fit_is_named(made: Callable[[], Statement], field: str) -> None:
    assert missing_fields(made()) == (field,)


@settings(max_examples=25, deadline=None)
@given(
    text=st.tuples(*[st.text(st.characters(exclude_categories=()), min_size=1, max_size=30)] * 3),
)
def test_whatever_people_type_makes_an_invoice_or_is_named(text: tuple[str, str, str]) -> None:
    name, number, other = text
    made = guest_invoice()
    issuer = replace(SELLER, name=name, address=(other, name), city=other)
    recipient = replace(GUEST, name=other, reference=name)
    made = replace(made, number=number, issuer=issuer, recipient=recipient, payment_terms=other, reference=name)
    if not missing_fields(made):
        xml = e_invoice(made)
        assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
        assert broken_rules(xml) == []


@pytest.mark.parametrize("preset", [name for name in PRESETS if name not in {"guest", "invoice"}])
def test_only_an_invoice_is_one(preset: str) -> None:
    assert "kind" in missing_fields(PRESETS[preset]())
