"""What is made of sessions by tariffs is an e-invoice without another rounding."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from facturx import xml_check_xsd
import pytest

from custom_components.smart_evse.documents.e_invoice import Preceding, e_invoice
from custom_components.smart_evse.engine.statements import figures
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Extra
from custom_components.smart_evse.engine.statements.credit import credit_note
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import Statement
from tests.documents.schematron import broken_rules
from tests.engine.statements.house import ANNA, COMPANY, at, fact, quarters, wanted
from tests.engine.statements.test_by_tariff import TARIFFS, session

FEE: Final = Extra(
    what="subscription", quantity=Decimal(1), unit="month", price=Decimal("4.99"), vat=Decimal(6), driver="anna"
)
BUSINESS: Final = replace(ANNA, vat_number="BE0987654321")
VARIANTS: Final[dict[str, dict[str, object]]] = {
    "prices with VAT": {},
    "prices without VAT": {"prices_with_vat": False},
    "small business": {"exemption": "small_business", "extras": ()},
    "reverse charge": {"exemption": "reverse_charge", "extras": (), "recipient": BUSINESS},
}


def evenings(tariff: str) -> list[ChargedSession]:
    """Eight evenings whose prices move."""
    made = []
    for day in range(2, 10):
        told = quarters(at(f"2026-03-{day:02}T21:00"), [1500 + day, 2000, 777, 0])
        moving = tuple(replace(one, import_price=Decimal(place * 7 - 3) / 100) for place, one in enumerate(told))
        one = session(TARIFFS[tariff], moving)
        made.append(replace(one, record=replace(one.record, id=f"s{day}")))
    return made


def invoice(tariff: str, variant: str) -> Statement:
    known: dict[str, object] = {
        "issuer": COMPANY,
        "recipient": ANNA,
        "driver": "anna",
        "due_on": date(2026, 4, 20),
        "extras": (FEE,),
        "facts": (fact(figures.PER_CENT, "5", "%"),),
        **VARIANTS[variant],
    }
    return replace(make(wanted("invoice", **known), evenings(tariff)), number="2026-0007")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("tariff", TARIFFS)
def test_an_invoice_passes_the_rules_of_the_norm(tariff: str, variant: str) -> None:
    whole = invoice(tariff, variant)
    note = replace(credit_note(whole, id="c", made_on=date(2026, 4, 22)), number="2026-0008")
    for xml in (e_invoice(whole), e_invoice(note, Preceding(number="2026-0007", made_on=whole.made_on))):
        assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
        assert broken_rules(xml) == []
