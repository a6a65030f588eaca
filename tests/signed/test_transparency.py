"""The file for the transparency tools, read as they read it."""

from xml.etree import ElementTree as ET

from custom_components.smart_evse.signed.keys import read_key
from custom_components.smart_evse.signed.model import Signed
from custom_components.smart_evse.signed.transparency import transparency_file
from custom_components.smart_evse.signed.verifying import verify
from tests.signed.meter import SigningMeter, reading

METER = SigningMeter("secp256k1")


def test_records_come_out_as_they_came_in() -> None:
    begin = METER.record(reading("B", 1, TT="<früh> & 0,42 €"))
    end = METER.record(reading("B", 1), reading("E", 2), with_key=False)
    key = read_key(METER.key)
    file = transparency_file([begin, end, Signed(text="AP;0;3", method="ALFEN")], {"1ABC0001": key})
    root = ET.fromstring(file)
    assert file.startswith(b"<?xml")
    assert root.tag == "values"
    assert [(value.get("transactionId"), value.get("context")) for value in root] == [
        ("1", "Transaction.Begin"),
        ("2", "Transaction.End"),
        ("3", None),
    ]
    data = [value.find("signedData") for value in root]
    assert [each.get("format") for each in data if each is not None] == ["OCMF", "OCMF", "ALFEN"]
    for value, told in zip(root, (begin, end), strict=False):
        text, public = value.findtext("signedData"), value.find("publicKey")
        assert text == told.text
        assert public is not None
        assert (public.get("encoding"), public.text) == ("hex", METER.key)
        assert verify(Signed(text=text), [read_key(public.text or "")]).reason == "signed"
    assert root[2].find("publicKey") is None


def test_a_key_that_came_along_stands_in_for_one_that_is_not_known() -> None:
    root = ET.fromstring(transparency_file([METER.record(reading("B", 1))], {}))
    assert root.findtext("value/publicKey") == METER.key
    root = ET.fromstring(transparency_file([METER.record(reading("B", 1), with_key=False), Signed(text="\0")], {}))
    assert root.findtext("value/publicKey") is None
    assert len(root) == 1
