"""Records of real meters: each gives the verdict that the transparency software's own tests give it."""

import json
import os
from pathlib import Path

import pytest

from custom_components.smart_evse.engine.statements.model import Evidence
from custom_components.smart_evse.signed.carriage import from_ocpp
from custom_components.smart_evse.signed.keys import read_key
from custom_components.smart_evse.signed.model import Reason, Signed
from custom_components.smart_evse.signed.ocmf import NotOcmf, parse
from custom_components.smart_evse.signed.verifying import curve_named, verify

HERE = Path(__file__).parents[1] / "fixtures" / "signed" / "ocmf.json"
ELSEWHERE = os.environ.get("OCMF_SAMPLES")

type Sample = dict[str, str]


def samples() -> list[Sample]:
    found: list[Sample] = json.loads(HERE.read_text(encoding="utf-8"))
    if ELSEWHERE is not None:
        found = json.loads(Path(ELSEWHERE).read_text(encoding="utf-8"))["samples"]
    return found


EVERYTHING = samples()


@pytest.mark.parametrize("sample", EVERYTHING, ids=[each["name"] for each in EVERYTHING])
def test_a_recorded_one_gives_its_verdict(sample: Sample) -> None:
    signed = Signed(text=sample["record"], key=sample["public_key"])
    if sample["expect"] == "malformed":
        with pytest.raises(NotOcmf):
            parse(signed)
        assert verify(signed, ()).reason is Reason.MALFORMED
        return
    key = read_key(sample["public_key"], curve_named(parse(signed).algorithm))
    wanted = Evidence.VERIFIED if sample["expect"] == "valid" else Evidence.NOT_VERIFIED
    assert verify(signed, [key]).evidence is wanted
    # The same key, known only because it came along, proves nothing; a wrong signature is wrong all the same.
    without = verify(signed, ())
    assert without.evidence is (Evidence.NOT_CHECKABLE if sample["expect"] == "valid" else Evidence.NOT_VERIFIED)


@pytest.mark.parametrize("sample", [each for each in EVERYTHING if "ocpp_wrapper" in each] or [None])
def test_what_came_over_ocpp_is_the_record_itself(sample: dict[str, dict[str, str]] | None) -> None:
    if sample is None:
        pytest.skip("those that came over OCPP are in the longer list")
    carried = from_ocpp(json.dumps(sample["ocpp_wrapper"]))
    assert (carried.text, carried.method) == (sample["record"], "OCMF")
    assert carried.key is not None
    assert read_key(carried.key) == read_key(f"{sample['public_key']}")
