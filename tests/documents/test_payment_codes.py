"""Codes for payment, as an independent reader sees them."""

from dataclasses import replace
from decimal import Decimal
import io

from hypothesis import given, strategies as st
from PIL import Image
import pytest
import zxingcpp

from custom_components.smart_evse.documents.iban import (
    creditor_reference,
    in_groups,
    valid_creditor_reference,
    valid_iban,
)
from custom_components.smart_evse.documents.payment_codes import (
    NotPayable,
    Transfer,
    code_png,
    payment_codes,
    swish_payload,
    transfer_payload,
)
from tests.documents.statement_samples import PRESETS, credit_note, de_employer, guest_invoice

IBANS = (
    "DE89 3704 0044 0532 0130 00",
    "BE68539007547034",
    "NL91ABNA0417164300",
    "GB29NWBK60161331926819",
    "SE4550000000058398257466",
    "NO9386011117947",
    "FR1420041010050500013M02606",
)


def read(payload: str) -> str:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(code_png(payload))))
    return str(code.text)


@pytest.mark.parametrize("iban", IBANS)
def test_accounts_are_known_by_their_check_digits(iban: str) -> None:
    assert valid_iban(iban)
    assert not valid_iban(iban[:-1] + ("1" if iban[-1] != "1" else "2"))
    assert not valid_iban(iban + "0")


@pytest.mark.parametrize("other", ["", "DE", "12-3456", "DE00370400440532013000", "XX"])
def test_anything_else_is_no_account(other: str) -> None:
    assert not valid_iban(other)


def test_a_reference_is_that_of_the_standard() -> None:
    """ISO 11649's own example."""
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert valid_creditor_reference("RF18 5390 0754 7034")
    assert not valid_creditor_reference("RF18539007547035")
    assert in_groups("rf18539007547034") == "RF18 5390 0754 7034"


@given(st.text("ABCXYZabc0123456789-/. ", min_size=1, max_size=40).filter(lambda text: any(map(str.isalnum, text))))
def test_every_number_makes_a_reference_that_banks_take(number: str) -> None:
    assert valid_creditor_reference(creditor_reference(number))


def test_nothing_makes_no_reference() -> None:
    with pytest.raises(ValueError, match="neither"):
        creditor_reference("--")


def test_transfer_reads_as_it_was_meant() -> None:
    payload = transfer_payload(
        Transfer(
            name="Jana Müller-Østergård",
            account=IBANS[0],
            amount=Decimal("35.70"),
            reference="RF18 5390 0754 7034",
            bic="COBADEFFXXX",
        )
    )
    assert read(payload).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "COBADEFFXXX",
        "Jana Müller-Østergård",
        "DE89370400440532013000",
        "EUR35.70",
        "",
        "RF18539007547034",
    ]


def test_a_reference_without_check_digits_goes_into_the_text() -> None:
    lines = transfer_payload(
        Transfer(name="A", account=IBANS[1], amount=Decimal(5), reference="RE-2026-7", text="Oct")
    ).split("\n")
    assert lines[7:] == ["EUR5.00", "", "", "RE-2026-7 Oct"]


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000000"])
def test_some_amounts_cannot_be_transferred(amount: str) -> None:
    with pytest.raises(NotPayable, match="amount"):
        transfer_payload(Transfer(name="A", account=IBANS[0], amount=Decimal(amount)))


def test_a_wrong_account_makes_no_code() -> None:
    with pytest.raises(NotPayable, match="IBAN"):
        transfer_payload(Transfer(name="A", account="DE89370400440532013001", amount=Decimal(1)))


@given(name=st.text(min_size=1, max_size=200), text=st.text(max_size=300), amount=st.integers(1, 99_999_999_999))
def test_every_transfer_fits_the_largest_code(name: str, text: str, amount: int) -> None:
    payload = transfer_payload(Transfer(name=name, account=IBANS[0], amount=Decimal(amount).scaleb(-2), text=text))
    assert len(payload.encode()) <= 331
    assert payload.count("\n") <= 10


def test_halves_of_signs_are_left_out_of_a_code() -> None:
    to = Transfer(name="A\ud800B", account=IBANS[0], amount=Decimal(5), text="\x07x")
    lines = transfer_payload(to).split("\n")
    assert (lines[5], lines[10]) == ("AB", "x")


def test_swish_locks_what_is_to_be_paid() -> None:
    payload = swish_payload(number="123 456 78 90", amount=Decimal("1234.5"), message="Faktura 7 å")
    assert read(payload) == "C1234567890;1234,50;Faktura%207%20%C3%A5;0"


@pytest.mark.parametrize(("number", "amount"), [("12", "1"), ("1234567890", "0"), ("1234567890", "0.005"), ("x", "1")])
def test_not_everything_is_a_swish_payment(number: str, amount: str) -> None:
    with pytest.raises(NotPayable):
        swish_payload(number=number, amount=Decimal(amount), message="x")


def test_a_statement_has_the_codes_that_fit_it() -> None:
    link = "https://pay.example.org/c/1"
    assert [code.words for code in payment_codes(guest_invoice(), link=link)] == ["scan_link", "scan_epc"]
    assert [code.words for code in payment_codes(PRESETS["uk_employer"]())] == []
    assert payment_codes(PRESETS["se_association"](), link=link) == ()
    assert payment_codes(credit_note(guest_invoice()), link=link) == ()
    swedish = replace(de_employer(), currency="SEK")
    assert [code.words for code in payment_codes(swedish, swish="1234567890")] == ["scan_swish"]
    (left,) = payment_codes(guest_invoice(), due=Decimal("1.25"))
    assert left.payload.split("\n")[7] == "EUR1.25"
    (left,) = payment_codes(swedish, due=Decimal("1.25"), swish="1234567890")
    assert ";1,25;" in left.payload
    assert payment_codes(guest_invoice(), due=Decimal(0), link=link) == ()
    assert payment_codes(replace(de_employer(), issuer=replace(de_employer().issuer, account="12 34"))) == ()
