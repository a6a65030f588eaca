"""Transfers find their statements, by what banks really write."""

from datetime import date
from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.documents.iban import creditor_reference
from custom_components.smart_evse.payments.bank_transfer import Fit, OpenStatement, match
from custom_components.smart_evse.payments.camt import BankEntry, read_camt
from custom_components.smart_evse.payments.errors import Unreadable

ENTRY = """<Ntry><NtryRef>{ref}</NtryRef><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>
<Sts>{status}</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>{id}</AcctSvcrRef>
<NtryDtls>{details}</NtryDtls></Ntry>"""


def camt(*entries: str, version: str = "02", head: str = "") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    body = f'<Document xmlns="{space}"><BkToCstmrStmt><Stmt>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{body}'.encode()


def entry(details: str = "", **values: str) -> str:
    filled = {"ref": "1", "currency": "EUR", "amount": "12.34", "way": "CRDT", "status": "BOOK", "id": "B1"} | values
    return ENTRY.format(details=details, **filled)


STRUCTURED = """<TxDtls><Refs><AcctSvcrRef>T1</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>A. Driver</Nm></Dbtr></RltdPties>
<RmtInf><Strd><CdtrRefInf><Ref>RF18 5390 0754 7034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"""

NEWER = """<TxDtls><Refs><AcctSvcrRef>T2</AcctSvcrRef></Refs><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>B. Driver</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>Invoice</Ustrd><Ustrd>2026/0007 thanks</Ustrd></RmtInf></TxDtls>"""


def test_an_old_and_a_new_version() -> None:
    (old,) = read_camt(camt(entry(STRUCTURED)))
    assert old == BankEntry(
        id="T1",
        amount=Decimal("12.34"),
        currency="EUR",
        booked_on=date(2026, 11, 20),
        reference="RF18 5390 0754 7034",
        text="NOTPROVIDED",
        payer="A. Driver",
    )
    (new,) = read_camt(camt(entry(NEWER, amount="5.00", status="<Cd>BOOK</Cd>"), version="08"))
    assert (new.id, new.amount, new.text, new.payer) == ("T2", Decimal(5), "Invoice 2026/0007 thanks", "B. Driver")


def test_a_batch_is_its_payments() -> None:
    first = NEWER.replace("T2", "T3").replace("5.00", "7.00")
    entries = read_camt(camt(entry(NEWER + first, amount="12.00")))
    assert [(each.id, each.amount) for each in entries] == [("T2", Decimal(5)), ("T3", Decimal(7))]
    assert read_camt(camt(entry(STRUCTURED + STRUCTURED))) == ()


@pytest.mark.parametrize("values", [{"way": "DBIT"}, {"status": "PDNG"}, {"amount": "-1"}, {"amount": "x"}])
def test_what_did_not_come_in(values: dict[str, str]) -> None:
    assert read_camt(camt(entry(**values))) == ()


def test_what_was_sent_back() -> None:
    assert read_camt(camt(entry().replace("<Sts>", "<RvslInd>true</RvslInd><Sts>"))) == ()


def test_entries_without_a_name_get_one_each() -> None:
    nameless = entry(id="", ref="")
    first, second = read_camt(camt(nameless, nameless))
    assert first.id != second.id
    assert read_camt(camt(nameless, nameless)) == (first, second)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<html/>",
        b"<Document/>",
        camt()[:-3],
        b"\xff\xfe\x00",
        camt(entry("&x;"), head='<!DOCTYPE d [<!ENTITY x "y">]>'),
        camt(head='<!DOCTYPE d [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'),
        camt(head='<!DOCTYPE d SYSTEM "file:///etc/passwd">'),
        camt(head="<!DOCTYPE d>"),
    ],
)
def test_what_is_no_account_statement(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_camt(content)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_camt(content)


def statement(number: str, amount: str = "12.34", currency: str = "EUR") -> OpenStatement:
    return OpenStatement(
        id=f"id-{number}",
        number=number,
        reference=creditor_reference(number),
        open=Decimal(amount),
        currency=currency,
    )


def transfer(text: str = "", amount: str = "12.34", reference: str | None = None, name: str = "B1") -> BankEntry:
    return BankEntry(
        id=name,
        amount=Decimal(amount),
        currency="EUR",
        booked_on=date(2026, 11, 20),
        reference=reference,
        text=text,
        payer=None,
    )


OPEN = (statement("2026-0001"), statement("2026-0012"), statement("EVSE-7"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-0001", "2026-0001"),
        ("Rechnung 2026/0001, danke", "2026-0001"),
        ("re.20260001", "2026-0001"),
        (creditor_reference("2026-0012"), "2026-0012"),
        ("RF" + creditor_reference("2026-0012")[2:4] + " 2026 0012", "2026-0012"),
        ("evse 7 of october", "EVSE-7"),
        ("12026-00012", None),
        ("EVSE-77", None),
        ("", None),
        ("rent", None),
    ],
)
def test_what_a_payer_writes(text: str, found: str | None) -> None:
    matching = match([transfer(text)], OPEN)
    assert [each.statement for each in matching.proposals] == ([] if found is None else [f"id-{found}"])
    assert len(matching.unmatched) == (found is None)


def test_the_structured_reference_counts_more_than_what_was_written() -> None:
    matching = match([transfer("2026-0001", reference=creditor_reference("2026-0012"))], OPEN)
    assert [each.statement for each in matching.proposals] == ["id-2026-0012"]


def test_two_at_once_are_for_a_person() -> None:
    matching = match([transfer("2026-0001 and 2026-0012", "24.68")], OPEN)
    assert (matching.proposals, len(matching.ambiguous)) == ((), 1)


@pytest.mark.parametrize(
    ("amounts", "fits", "left"),
    [
        (["12.34"], [Fit.EXACT], "0"),
        (["10"], [Fit.PARTIAL], "2.34"),
        (["15"], [Fit.OVER], "-2.66"),
        (["10", "2.34"], [Fit.PARTIAL, Fit.EXACT], "0"),
        (["12.34", "12.34"], [Fit.EXACT, Fit.OVER], "-12.34"),
    ],
)
def test_amounts(amounts: list[str], fits: list[Fit], left: str) -> None:
    entries = [transfer("2026-0001", amount, name=f"B{n}") for n, amount in enumerate(amounts)]
    matching = match(entries, OPEN)
    assert [each.fit for each in matching.proposals] == fits
    assert matching.proposals[-1].left == Decimal(left)


def test_another_currency_is_told_and_not_counted() -> None:
    (proposal,) = match([transfer("2026-0001")], [statement("2026-0001", currency="SEK")]).proposals
    assert (proposal.fit, proposal.left) == (Fit.OTHER_CURRENCY, Decimal("12.34"))


def test_the_same_file_again_proposes_nothing() -> None:
    entries = read_camt(camt(entry(STRUCTURED)))
    listed = [statement("539007547034")]
    assert [each.fit for each in match(entries, listed).proposals] == [Fit.EXACT]
    again = match(entries, listed, known=frozenset(each.id for each in entries))
    assert (again.proposals, again.unmatched) == ((), ())
