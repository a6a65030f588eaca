"""Signed values as OCPP carries them."""

import base64
import json

import pytest

from custom_components.smart_evse.signed.carriage import NotSigned, from_ocpp
from custom_components.smart_evse.signed.keys import read_key, written
from tests.signed.meter import SigningMeter, reading

METER = SigningMeter()
TEXT = METER.text(reading("B", 1, TT="früh"))


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_one_point_six_has_json_within_the_value() -> None:
    told = {
        "signedMeterData": b64(TEXT),
        "encodingMethod": "OCMF",
        "signingMethod": "",
        "publicKey": b64(f"oca:base16:asn1:{METER.key}"),
    }
    for value in (json.dumps(told), told):
        signed = from_ocpp(value)
        assert (signed.text, signed.method) == (TEXT, "OCMF")
        assert written(read_key(signed.key or "")) == METER.key


def test_bare_records_and_hex_are_taken_too() -> None:
    assert from_ocpp(TEXT).text == TEXT
    assert from_ocpp(TEXT.encode().hex()).text == TEXT
    assert from_ocpp({"signedMeterData": TEXT}).text == TEXT


def test_another_format_keeps_its_name() -> None:
    signed = from_ocpp({"signedMeterData": b64("AP;0;3;ALCV3ABB"), "encodingMethod": "ALFEN", "publicKey": " "})
    assert (signed.text, signed.method, signed.key) == ("AP;0;3;ALCV3ABB", "ALFEN", None)
    assert from_ocpp("AP;0;3;ALCV3ABB").method == ""


def test_bytes_that_are_no_text_can_be_made_again() -> None:
    data = b"\xff\xfeOCMF"
    signed = from_ocpp({"signedMeterData": base64.b64encode(data).decode(), "encodingMethod": "EDL"})
    assert signed.text.encode(signed.charset) == data


@pytest.mark.parametrize("value", ["", " ", "{}", '{"signedMeterData": 3}', '{"signedMeterData": "é!"}', {}])
def test_where_nothing_is_signed_nothing_is_carried(value: str) -> None:
    with pytest.raises(NotSigned):
        from_ocpp(value)
