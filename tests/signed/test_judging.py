"""What all records of a session come to."""

from decimal import Decimal

import pytest

from custom_components.smart_evse.engine.statements.model import Evidence
from custom_components.smart_evse.signed.judging import MeterKeys, SessionEvidence, judge
from custom_components.smart_evse.signed.keys import read_key
from custom_components.smart_evse.signed.model import Flow, Reason, Signed, Spoilt
from tests.signed.meter import SigningMeter, reading

METER = SigningMeter()
KEYS = {"1ABC0001": MeterKeys(confirmed=(read_key(METER.key),))}


def judged(*records: Signed, taken: int | None = None, given: int | None = None) -> SessionEvidence:
    evidence = judge(records, KEYS, taken, given)
    assert evidence is not None
    return evidence


def remarks(evidence: SessionEvidence) -> set[str]:
    return {remark.key for remark in evidence.remarks}


def test_of_a_session_without_records_nothing_is_said() -> None:
    assert judge((), KEYS) is None


def test_a_session_from_begin_to_end() -> None:
    evidence = judged(*METER.charge(10.0, 17.5), taken=7500)
    assert (evidence.verdict.evidence, evidence.verdict.reason) == (Evidence.VERIFIED, Reason.SIGNED)
    assert [(one.flow, one.energy) for one in evidence.amounts] == [(Flow.IMPORT, Decimal(7500))]
    assert evidence.meters == ("1ABC0001",)
    assert evidence.remarks == ()
    assert not evidence.spoils(Spoilt.ENERGY)


def test_one_record_may_hold_both_ends_and_be_told_with_them() -> None:
    both = METER.record(reading("B", 10), reading("E", 17))
    assert judged(both).amounts[0].energy == 7000
    begin, end = METER.charge(10, 17)
    assert judged(begin, end, both).amounts[0].energy == 7000


def test_several_charges_within_a_stay_add_up() -> None:
    evidence = judged(*METER.charge(10, 12), *METER.charge(12, 15.5), taken=5500)
    assert evidence.amounts[0].energy == 5500
    assert evidence.remarks == ()


def test_the_worst_record_speaks_for_all() -> None:
    begin, end = METER.charge(10, 17.5)
    forged = Signed(text=end.text.replace("17.5", "27.5"), key=end.key)
    evidence = judged(begin, forged)
    assert evidence.verdict.reason is Reason.SIGNATURE_WRONG
    assert [one.evidence for one in evidence.each] == [Evidence.VERIFIED, Evidence.NOT_VERIFIED]
    assert judged(begin, end, Signed(text="AP;0", method="ALFEN")).verdict.reason is Reason.UNKNOWN_FORMAT


@pytest.mark.parametrize(("which", "missing"), [(0, "no_end"), (1, "no_begin")])
def test_a_session_that_lacks_an_end_proves_no_amount(which: int, missing: str) -> None:
    evidence = judged(METER.charge(10, 17)[which], taken=7000)
    assert evidence.verdict.reason is Reason.INCOMPLETE
    assert evidence.verdict.evidence is Evidence.NOT_CHECKABLE
    assert remarks(evidence) == {missing}
    assert evidence.spoils(Spoilt.ENERGY)


@pytest.mark.parametrize(
    ("fields", "key", "spoils", "detail"),
    [
        ({"ST": "E"}, "meter_status", Spoilt.ENERGY, "E"),
        ({"EF": "E"}, "energy_unusable", Spoilt.ENERGY, None),
        ({"EF": "t"}, "time_unusable", Spoilt.TIME, None),
        ({"TM": "1970-01-01T01:21:45,000+0100 U"}, "clock_unset", Spoilt.TIME, None),
        ({"TM": "2026-11-21T10:00:00,000+0100"}, "clock_unset", Spoilt.TIME, None),
        ({"TM": "2026-11-21T10:00:00,000+0100 I"}, "clock_informative", Spoilt.TIME, None),
    ],
)
def test_what_the_meter_says_of_itself(fields: dict[str, str], key: str, spoils: Spoilt, detail: str | None) -> None:
    evidence = judged(METER.record(reading("B", 1, **fields), reading("E", 2)), taken=1000)
    assert [(one.key, one.spoils, one.detail) for one in evidence.remarks] == [(key, spoils, detail)]
    assert evidence.verdict.evidence is Evidence.VERIFIED


def test_an_error_in_between_spoils_both() -> None:
    evidence = judged(METER.record(reading("B", 1), reading("X", 2), reading("E", 3)))
    assert {(one.key, one.spoils) for one in evidence.remarks} == {
        ("exception", Spoilt.ENERGY),
        ("exception", Spoilt.TIME),
    }


@pytest.mark.parametrize(("taken", "differs"), [(7500, False), (7420, False), (7700, True), (0, True), (None, False)])
def test_the_sessions_own_register_is_held_beside_it(taken: int | None, *, differs: bool) -> None:
    evidence = judged(*METER.charge(10, 17.5), taken=taken)
    assert ("differs" in remarks(evidence)) is differs
    if differs:
        assert evidence.remarks[0].detail == f"7500 ≠ {taken} Wh"


def test_energy_given_back_has_a_register_of_its_own() -> None:
    out = {"RI": "1-0:2.8.0.FF"}
    evidence = judged(
        METER.record(
            reading("B", 0, RI="1-0:98.8.0.FF"),
            reading("E", 1, RI="1-0:98.8.0.FF"),
            reading("B", 1, **out),
            reading("E", 3, **out),
        ),
        taken=1000,
        given=1000,
    )
    assert [(one.flow, one.energy) for one in evidence.amounts] == [(Flow.IMPORT, 1000), (Flow.EXPORT, 2000)]
    assert [one.detail for one in evidence.remarks] == ["2000 ≠ 1000 Wh"]


def test_of_two_registers_of_one_flow_one_has_to_fit() -> None:
    mains, device = {"RI": "01-00:B2.08.00*FF"}, {"RI": "01-00:B3.08.00*FF"}
    record = METER.record(
        reading("B", 0, **mains), reading("B", 0, **device), reading("E", 9, **mains), reading("E", 8, **device)
    )
    assert judged(record, taken=8000).remarks == ()
    assert [one.detail for one in judged(record, taken=5000).remarks] == ["9000 / 8000 ≠ 5000 Wh"]


def test_a_register_that_runs_backwards_and_one_that_changes_meters() -> None:
    assert remarks(judged(*METER.charge(10, 9))) == {"backwards"}
    other = SigningMeter(number="2XYZ")
    evidence = judged(METER.charge(10, 12)[0], other.charge(10, 12)[1])
    assert evidence.remarks[-1].detail == "1ABC0001, 2XYZ"
    assert remarks(judged(METER.record())) == {"no_register"}
