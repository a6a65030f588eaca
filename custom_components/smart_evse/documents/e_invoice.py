"""A statement as an e-invoice: EN 16931 in its UN/CEFACT form (CII), as Factur-X and ZUGFeRD use it.

`BT` and `BG` are the terms and groups of terms of EN 16931. Amounts are those of the statement.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from ..engine.statements.model import Party, Statement, VatRow
from .cii import amount, dated, ident, node, number, parts, written
from .iban import compact, valid_iban
from .invoice_fields import FieldsMissing, missing_fields
from .invoice_lines import InvoiceLine, invoice_lines
from .vat_category import category
from .words import Words, words

GUIDELINE: Final = "urn:cen.eu:en16931:2017"
FILE_NAME: Final = "factur-x.xml"
"""The name that Factur-X and ZUGFeRD give it inside a PDF."""

_INVOICE: Final = "380"
_CREDIT_NOTE: Final = "381"
_SEPA_TRANSFER: Final = "58"
_TRANSFER: Final = "30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """The invoice that a credit note takes back: its number and date."""

    number: str
    made_on: date | None = None


def e_invoice(statement: Statement, preceding: Preceding | None = None, received: Decimal = Decimal(0)) -> bytes:
    """Return the XML. `FieldsMissing` where a statement is no invoice or lacks what one needs.

    `received` is what of it has been paid by now (BT-113); the rest is due (BT-115).
    """
    if missing := missing_fields(statement):
        raise FieldsMissing(missing)
    told = words(statement.language)
    lines = invoice_lines(statement, told)
    return written(
        node(
            "rsm:CrossIndustryInvoice",
            node(
                "rsm:ExchangedDocumentContext",
                node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", GUIDELINE)),
            ),
            _document(statement, told),
            node(
                "rsm:SupplyChainTradeTransaction",
                *(_line(place, line, statement) for place, line in enumerate(lines, start=1)),
                _agreement(statement),
                node("ram:ApplicableHeaderTradeDelivery", _delivered(statement)),
                _settlement(statement, lines, preceding, received, told),
            ),
        )
    )


def is_credit(statement: Statement) -> bool:
    """Tell whether it takes back what was invoiced. Its amounts are written positive: the type says which way."""
    return statement.corrects is not None


def last_day(statement: Statement) -> date:
    """Return the last day of the span by the clock of the site: `until` is not part of it."""
    return (statement.until - timedelta(microseconds=1)).astimezone(ZoneInfo(statement.zone)).date()


def _document(statement: Statement, told: Words) -> Element:
    notes = [told.say("note", key) for key in statement.notes]
    return node(
        "rsm:ExchangedDocument",
        node("ram:ID", statement.number),
        node("ram:TypeCode", _CREDIT_NOTE if is_credit(statement) else _INVOICE),
        node("ram:IssueDateTime", dated(statement.made_on)),
        *(node("ram:IncludedNote", node("ram:Content", note)) for note in notes),
    )


def _line(place: int, line: InvoiceLine, statement: Statement) -> Element:
    rate = category(line.vat, statement.vat)
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", node("ram:LineID", str(place))),
        node("ram:SpecifiedTradeProduct", node("ram:Name", line.name), node("ram:Description", line.description)),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:NetPriceProductTradePrice", node("ram:ChargeAmount", number(line.price))),
        ),
        node(
            "ram:SpecifiedLineTradeDelivery",
            node("ram:BilledQuantity", number(line.quantity), unitCode=line.unit),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            node(
                "ram:ApplicableTradeTax",
                node("ram:TypeCode", "VAT"),
                node("ram:CategoryCode", rate.code),
                node("ram:RateApplicablePercent", rate.percent),
            ),
            _period(line.first, line.last),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                node("ram:LineTotalAmount", amount(line.net, statement.currency)),
            ),
        ),
    )


def _agreement(statement: Statement) -> Element:
    recipient = statement.recipient
    outside = any(category(row, statement.vat).code == "O" for row in statement.vat)
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", recipient.reference),
        _party("ram:SellerTradeParty", statement.issuer, with_vat=not outside, seller=True),
        _party("ram:BuyerTradeParty", recipient, with_vat=not outside),
    )


def _party(role: str, party: Party, *, with_vat: bool, seller: bool = False) -> Element:
    named = party.company_number or (with_vat and party.vat_number)
    return node(
        role,
        node("ram:ID", party.tax_number or party.vat_number) if seller and not named else None,
        node("ram:Name", party.name),
        *parts("ram:SpecifiedLegalOrganization", ("ram:ID", party.company_number)),
        node(
            "ram:PostalTradeAddress",
            node("ram:PostcodeCode", party.postcode),
            *(
                node(f"ram:Line{name}", line)
                for name, line in zip(("One", "Two", "Three"), _three_lines(party.address), strict=False)
            ),
            node("ram:CityName", party.city),
            node("ram:CountryID", party.country),
        ),
        *(ident("ram:SpecifiedTaxRegistration", compact(party.vat_number or ""), "VA") if with_vat else ()),
        *(ident("ram:SpecifiedTaxRegistration", party.tax_number, "FC") if seller else ()),
    )


def _three_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """There is room for three."""
    return lines if len(lines) <= 3 else (*lines[:2], ", ".join(lines[2:]))


def _delivered(statement: Statement) -> Element:
    return node("ram:ActualDeliverySupplyChainEvent", node("ram:OccurrenceDateTime", dated(last_day(statement))))


def _settlement(
    statement: Statement, lines: tuple[InvoiceLine, ...], preceding: Preceding | None, received: Decimal, told: Words
) -> Element:
    sign = -1 if is_credit(statement) else 1
    first = statement.since.astimezone(ZoneInfo(statement.zone)).date()
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:PaymentReference", statement.reference),
        node("ram:InvoiceCurrencyCode", statement.currency),
        *_means(statement),
        *(_tax(row, sign, statement, told) for row in statement.vat),
        _period(first, last_day(statement)),
        *_terms(statement),
        _sums(statement, lines, received, sign),
        *_taken_back(preceding),
    )


def _means(statement: Statement) -> tuple[Element, ...]:
    issuer = statement.issuer
    if not issuer.account or is_credit(statement):
        return ()
    known = valid_iban(issuer.account)
    iban, other = (compact(issuer.account), None) if known else (None, issuer.account)
    sepa = known and statement.currency == "EUR"
    return (
        node(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            node("ram:TypeCode", _SEPA_TRANSFER if sepa else _TRANSFER),
            node(
                "ram:PayeePartyCreditorFinancialAccount",
                node("ram:IBANID", iban),
                node("ram:AccountName", issuer.name),
                node("ram:ProprietaryID", other),
            ),
            *parts("ram:PayeeSpecifiedCreditorFinancialInstitution", ("ram:BICID", issuer.bic)),
        ),
    )


def _tax(row: VatRow, sign: int, statement: Statement, told: Words) -> Element:
    rate, currency = category(row, statement.vat), statement.currency
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", amount(sign * row.vat, currency)),
        node("ram:TypeCode", "VAT"),
        node("ram:ExemptionReason", told.say("exemption", row.exemption) if row.exemption else None),
        node("ram:BasisAmount", amount(sign * row.net, currency)),
        node("ram:CategoryCode", rate.code),
        node("ram:RateApplicablePercent", rate.percent),
    )


def _period(first: date | None, last: date | None) -> Element | None:
    if first is None or last is None:
        return None
    return node(
        "ram:BillingSpecifiedPeriod", node("ram:StartDateTime", dated(first)), node("ram:EndDateTime", dated(last))
    )


def _terms(statement: Statement) -> tuple[Element, ...]:
    due = None if statement.due_on is None else node("ram:DueDateDateTime", dated(statement.due_on))
    if due is None and statement.payment_terms is None:
        return ()
    return (node("ram:SpecifiedTradePaymentTerms", node("ram:Description", statement.payment_terms), due),)


def _sums(statement: Statement, lines: tuple[InvoiceLine, ...], received: Decimal, sign: int) -> Element:
    currency = statement.currency
    tax = sum((row.vat for row in statement.vat), Decimal(0)) * sign
    net = sum((row.net for row in statement.vat), Decimal(0)) * sign
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        node("ram:LineTotalAmount", amount(sum((line.net for line in lines), Decimal(0)), currency)),
        node("ram:TaxBasisTotalAmount", amount(net, currency)),
        node("ram:TaxTotalAmount", amount(tax, currency), currencyID=currency),
        node("ram:GrandTotalAmount", amount(net + tax, currency)),
        node("ram:TotalPrepaidAmount", amount(received, currency) if received else None),
        node("ram:DuePayableAmount", amount(net + tax - received, currency)),
    )


def _taken_back(preceding: Preceding | None) -> tuple[Element, ...]:
    if preceding is None:
        return ()
    day = None if preceding.made_on is None else node("ram:FormattedIssueDateTime", dated(preceding.made_on, "qdt"))
    return (node("ram:InvoiceReferencedDocument", node("ram:IssuerAssignedID", preceding.number), day),)
