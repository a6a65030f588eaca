"""A session as OCPI's charge detail record."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.engine.tariffs.cdr import Place, Record, Signed, Token, cdr_object
from custom_components.smart_evse.engine.tariffs.model import Bound, Stretch
from custom_components.smart_evse.engine.tariffs.ocpi_out import json_text
from custom_components.smart_evse.engine.tariffs.ocpi_words import NotInOcpi, Operator, Version
from custom_components.smart_evse.engine.tariffs.presets import (
    Heading,
    dynamic_price,
    night_and_day,
    start_energy_idle,
)

BERLIN = ZoneInfo("Europe/Berlin")
US = Operator(country="DE", party="SEV")
START = datetime(2026, 3, 2, 20, tzinfo=UTC)
HEADING = Heading(id="T", name="T", currency="EUR", vat=Decimal(25), vat_included=False)
RECORD = Record(
    id="R1",
    session="S1",
    operator=US,
    place=Place(
        id="site",
        address="Hauptstrasse 1",
        city="Berlin",
        country="DEU",
        latitude="52.5",
        longitude="13.4",
        evse_uid="left",
        evse_id="DE*SEV*E1",
        connector_id="1",
    ),
    token=Token(operator=US, uid="04AABBCC", contract_id="DE-SEV-C1"),
    last_updated=START,
)
SESSION = [
    Stretch(start=START, end=START + timedelta(hours=2), energy=8000),
    Stretch(start=START + timedelta(hours=2), end=START + timedelta(hours=3), charging=False),
]


def read(content: object) -> dict[str, object]:
    """What a receiver reads from the text that is sent."""
    found: dict[str, object] = json.loads(json_text(content), parse_float=Decimal)
    return found


def test_record_of_2_3_0() -> None:
    tariff = start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(2))
    found = read(cdr_object(RECORD, tariff, SESSION, BERLIN, Version.V2_3_0))
    assert found["total_cost"] == {
        "before_taxes": Decimal("6.2000"),
        "taxes": [{"name": "VAT", "percentage": 25, "amount": Decimal("1.5500")}],
    }
    assert (found["total_energy"], found["total_time"], found["total_parking_time"]) == (8, 3, 1)
    assert found["charging_periods"] == [
        {
            "start_date_time": "2026-03-02T20:00:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 8}, {"type": "TIME", "volume": 2}],
            "tariff_id": "T",
        },
        {
            "start_date_time": "2026-03-02T22:00:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 0}, {"type": "PARKING_TIME", "volume": 1}],
            "tariff_id": "T",
        },
    ]
    fixed, energy, parking = (found[f"total_{each}_cost"] for each in ("fixed", "energy", "parking"))
    assert [each["before_taxes"] for each in (fixed, energy, parking)] == [1, Decimal("3.2"), 2]
    assert len(found["tariffs"]) == 1
    assert {"credit", "home_charging_compensation", "signed_data", "meter_id", "total_time_cost"}.isdisjoint(found)


def test_record_of_2_2_1() -> None:
    tariff = start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(2))
    found = read(cdr_object(RECORD, tariff, SESSION, BERLIN, Version.V2_2_1))
    assert found["total_cost"] == {"excl_vat": Decimal("6.2000"), "incl_vat": Decimal("7.7500")}


def test_credit_takes_back_the_total_alone() -> None:
    tariff = replace(
        start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(2)),
        most=Bound(before_vat=Decimal(5), with_vat=Decimal(6)),
    )
    record = replace(RECORD, id="R1-C", credits="R1", at_home=True, invoice="2026-7", meter="M9", remark="No")
    found = read(cdr_object(record, tariff, SESSION, BERLIN, Version.V2_3_0))
    total = found["total_cost"]
    assert total["before_taxes"] == -5
    assert sum(tax["amount"] for tax in total["taxes"]) == -1
    assert found["total_energy_cost"]["before_taxes"] == Decimal("3.2")
    assert (found["credit"], found["credit_reference_id"]) == (True, "R1")
    assert found["home_charging_compensation"] is True
    assert (found["invoice_reference_id"], found["meter_id"], found["remark"]) == ("2026-7", "M9", "No")


def test_a_period_begins_where_a_price_does() -> None:
    tariff = night_and_day(HEADING, Decimal("0.40"), Decimal("0.20"), time(22), time(6))
    found = read(cdr_object(RECORD, tariff, SESSION, BERLIN, Version.V2_3_0))
    starts = [each["start_date_time"][11:16] for each in found["charging_periods"]]
    assert starts == ["20:00", "21:00", "22:00"]


def test_waiting_is_no_parking() -> None:
    waiting = Stretch(start=START - timedelta(hours=1), end=START, charging=False, waiting=True)
    tariff = start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(2))
    found = read(cdr_object(RECORD, tariff, [waiting, *SESSION], BERLIN, Version.V2_3_0))
    assert (found["total_time"], found["total_parking_time"]) == (4, 1)
    assert found["total_parking_cost"]["before_taxes"] == 2


def test_signed_values_travel_along() -> None:
    signed = Signed(encoding="OCMF", values=(("End", "plain", "c2lnbmVk"),), public_key="key")
    tariff = start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(2))
    found = read(cdr_object(replace(RECORD, signed=signed), tariff, SESSION, BERLIN, Version.V2_2_1))
    assert found["signed_data"] == {
        "encoding_method": "OCMF",
        "public_key": "key",
        "signed_values": [{"nature": "End", "plain_data": "plain", "signed_data": "c2lnbmVk"}],
    }


def test_a_tariff_ocpi_cannot_tell_is_named_only() -> None:
    session = [replace(each, site_price=Decimal("0.2")) for each in SESSION]
    found = read(cdr_object(RECORD, dynamic_price(HEADING, Decimal("0.05")), session, BERLIN, Version.V2_3_0))
    assert "tariffs" not in found
    assert found["charging_periods"][0]["tariff_id"] == "T"
    assert found["total_cost"]["before_taxes"] == 2


@pytest.mark.parametrize(("session", "what"), [([], "session"), (SESSION, "unpriced")])
def test_no_record_of_what_is_not_final(session: list[Stretch], what: str) -> None:
    with pytest.raises(NotInOcpi, match=what):
        cdr_object(RECORD, dynamic_price(HEADING, Decimal("0.05")), session, BERLIN, Version.V2_3_0)
