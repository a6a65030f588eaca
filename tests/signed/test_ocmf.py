"""Records as devices write them."""

from decimal import Decimal
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.signed.model import Flow, Signed
from custom_components.smart_evse.signed.ocmf import NotOcmf, parse
from tests.signed.meter import SigningMeter, reading

METER = SigningMeter()


def test_the_payload_is_every_byte_between_the_bars() -> None:
    text = METER.signed(' {"MS" : "ü" , "RD":[ ] } ')
    assert parse(Signed(text=f"\n{text}  ")).payload == ' {"MS" : "ü" , "RD":[ ] } '.encode()
    assert parse(Signed(text=text, charset="latin-1")).payload == ' {"MS" : "ü" , "RD":[ ] } '.encode("latin-1")


def test_what_a_reading_leaves_out_is_that_of_the_one_before() -> None:
    record = parse(
        METER.record(reading("B", 57.584, RI="1-0:1.8.0"), {"RV": 4.405, "RI": "1-0:2.8.0"}, {"TX": "E", "RV": 5})
    )
    first, second, third = record.readings
    assert (first.flow, second.flow, third.flow) == (Flow.IMPORT, Flow.EXPORT, Flow.EXPORT)
    assert (second.event, second.at, second.status) == ("B", first.at, "G")
    assert third.energy == 5000


@pytest.mark.parametrize(
    ("value", "unit", "energy"),
    [
        (7753, "Wh", Decimal(7753)),
        (2935.6, "kWh", Decimal(2935600)),
        ("      48.542", "kWh", Decimal(48542)),
        ("00000000.000", "kWh", Decimal(0)),
        ("0,5", "kwh", Decimal(500)),
        ("      30", "sec", None),
        (0.01, "mOhm", None),
        ("", "kWh", None),
        ("NaN", "kWh", None),
        ("1e99999", "kWh", None),
        (None, "kWh", None),
    ],
)
def test_values_come_as_numbers_and_as_text(value: object, unit: str, energy: Decimal | None) -> None:
    (one,) = parse(METER.record(reading("B", value, RU=unit))).readings
    assert one.energy == energy


def test_digits_are_kept() -> None:
    text = METER.text(reading("B", 1.5)).replace("1.5", "62500.1270")
    (one,) = parse(Signed(text=text)).readings
    assert str(one.energy) == "62500127.0000"


@pytest.mark.parametrize(
    ("code", "flow"),
    [
        ("1-b:1.8.0", Flow.IMPORT),
        ("1-0:1.8.0*198", Flow.IMPORT),
        ("1-b:1.8.e", Flow.IMPORT),
        ("01-00:01.08.00.FF", Flow.IMPORT),
        ("01-00:98.08.00.FF", Flow.IMPORT),
        ("01-00:B2.08.00*FF", Flow.IMPORT),
        ("1-0:2.8.0.FF", Flow.EXPORT),
        ("01-00:C3.08.00*FF", Flow.EXPORT),
        ("01-00:00.08.06.FF", None),
        ("1-0:32.7.0", None),
        ("", None),
    ],
)
def test_registers_by_their_obis_code(code: str, flow: Flow | None) -> None:
    (one,) = parse(METER.record(reading("B", 1, RI=code))).readings
    assert one.flow is flow


@pytest.mark.parametrize(
    ("stamp", "at", "clock"),
    [
        ("2021-10-06T13:13:56,000+0200 R", "2021-10-06T13:13:56+02:00", "R"),
        ("1970-01-01T01:21:45,000+0100 U", "1970-01-01T01:21:45+01:00", "U"),
        ("2026-11-20T17:54:05.152Z", "2026-11-20T17:54:05.152000+00:00", ""),
        ("2026-11-20T17:54:05", None, ""),
        ("yesterday S", None, "S"),
    ],
)
def test_times_have_a_comma_and_a_state(stamp: str, at: str | None, clock: str) -> None:
    (one,) = parse(METER.record(reading("B", 1, TM=stamp))).readings
    assert (None if one.at is None else one.at.isoformat(), one.clock) == (at, clock)


def test_the_meter_is_named_before_the_box_around_it() -> None:
    assert parse(METER.record(reading("B", 1))).meter == "1ABC0001"
    assert parse(SigningMeter(number=None).record(reading("B", 1))).meter == "gateway"
    assert parse(SigningMeter(number=None).record(reading("B", 1), GS="")).meter is None


def test_a_key_behind_a_third_bar_is_told() -> None:
    assert parse(Signed(text=f"{METER.text(reading('B', 1))}|{METER.key}")).key == METER.key


GOOD = METER.text(reading("B", 1))
HEAD, PAYLOAD, SECTION = GOOD.split("|")


# Each run signs anew: a case is named by what is wrong with it, not by its bytes.
@pytest.mark.parametrize(
    "text",
    [
        "",
        "OCMF",
        f"OCMA|{PAYLOAD}|{SECTION}",
        f"OCMF|{PAYLOAD}",
        f"OCMF|{PAYLOAD}|{{}}",
        f"OCMF|{PAYLOAD}|[]",
        f"OCMF|[]|{SECTION}",
        f"OCMF|{{}}|{SECTION}",
        f'OCMF|{{"RD":[1]}}|{SECTION}',
        f'OCMF|{{"RD":[{{"RV":NaN}}]}}|{SECTION}',
        f"OCMF|{'[' * 20_000}|{SECTION}",
        f"OCMF|{PAYLOAD}|{SECTION}|key|more",
        f"OCMF|{' ' * 70_000}{PAYLOAD}|{SECTION}",
        f'OCMF|{PAYLOAD}|{{"SD":"not hex"}}',
        f'OCMF|{PAYLOAD}|{{"SD":"?","SE":"base64"}}',
        f"OCMF|{PAYLOAD}\ud800|{SECTION}",
    ],
    ids=[
        "nothing",
        "only the word",
        "another word",
        "no signature",
        "an empty signature",
        "a list for a signature",
        "a list for a payload",
        "an empty payload",
        "a number for a reading",
        "no number for a register",
        "nested without end",
        "too many bars",
        "too long",
        "no hex",
        "no base64",
        "no letter at all",
    ],
)
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(NotOcmf):
        parse(Signed(text=text))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["TM", "RV", "RD", "ST", "x"]), inner),
    max_leaves=8,
)


@given(ANYTHING, ANYTHING)
def test_nothing_else_happens_to_whatever_a_device_writes(one: object, other: object) -> None:
    payload = json.dumps(
        {"RD": [{"RV": one, "TM": other}, {"RI": one, "EF": other, "TX": one}], "MS": one, "PG": other}
    )
    for text in (f"OCMF|{payload}|{SECTION}", f"OCMF|{json.dumps(one)}|{json.dumps({'SD': other, 'SA': one})}"):
        try:
            parse(Signed(text=text))
        except NotOcmf:
            continue
