"""A table in every form that it is sent on in: the same figures everywhere, and totals of what is shown."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import io
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
from openpyxl import load_workbook
import pytest

from custom_components.smart_evse.documents.csv_file import clock, csv_bytes
from custom_components.smart_evse.documents.json_file import json_bytes
from custom_components.smart_evse.documents.separators import DecimalMark, Separators, separators
from custom_components.smart_evse.documents.spreadsheet import spreadsheet_bytes
from custom_components.smart_evse.documents.table import Cell, Column, Kind, Table

POINT = Separators(decimal=".", column=",")
COMMA = Separators(decimal=",", column=";")
PARIS = ZoneInfo("Europe/Paris")
COLUMNS = (
    Column(key="charger"),
    Column(key="started", kind=Kind.TIME),
    Column(key="duration", kind=Kind.DURATION, summed=True),
    Column(key="energy", kind=Kind.ENERGY, decimals=3, summed=True),
    Column(key="cost", kind=Kind.MONEY, decimals=2, summed=True),
    Column(key="share", kind=Kind.SHARE, decimals=1),
)
HEADINGS = {"sessions": "Sessions", "total": "Total", **{column.key: column.key.title() for column in COLUMNS}}


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table(title="sessions", columns=COLUMNS, rows=rows, headings=HEADINGS)


FIRST = ("Garage", datetime(2026, 3, 1, 18, 5, tzinfo=PARIS), 5400, Decimal("7.123"), Decimal("1.99"), Decimal("12.5"))
SECOND = ("Carport", datetime(2026, 3, 2, 8, 0, tzinfo=PARIS), 90_061, Decimal("30.877"), None, None)


def rows_of(content: bytes, signs: Separators) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=signs.column))


def test_csv_has_headings_rows_and_totals() -> None:
    assert rows_of(csv_bytes(table(FIRST, SECOND), COMMA), COMMA) == [
        ["Charger", "Started", "Duration", "Energy", "Cost", "Share"],
        ["Garage", "2026-03-01 18:05:00", "1:30:00", "7,123", "1,99", "12,5"],
        ["Carport", "2026-03-02 08:00:00", "25:01:01", "30,877", "", ""],
        ["Total", "", "26:31:01", "38,000", "1,99", ""],
    ]


def test_csv_tells_office_programs_that_it_is_utf8() -> None:
    assert csv_bytes(table(FIRST), POINT).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=1+1", "+31 6", "-x", "@SUM(A1)", "\tx"])
def test_nothing_that_a_person_wrote_is_run_as_a_formula(text: str) -> None:
    row = rows_of(csv_bytes(table((text, *FIRST[1:])), POINT), POINT)[1]
    assert row[0] == f"'{text}"
    sheet = load_workbook(io.BytesIO(spreadsheet_bytes(table((text, *FIRST[1:])))))["Sessions"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value == text


def test_a_comma_within_a_name_parts_nothing() -> None:
    assert rows_of(csv_bytes(table(("Garage, left", *FIRST[1:])), POINT), POINT)[1][0] == "Garage, left"


@given(st.lists(st.integers(-(10**9), 10**9), max_size=30), st.lists(st.integers(0, 10**9), max_size=30))
def test_totals_are_the_sum_of_what_is_read(cents: list[int], watt_hours: list[int]) -> None:
    rows = [
        ("x", None, None, Decimal(energy).scaleb(-3), Decimal(cent).scaleb(-2), None)
        for cent, energy in zip(cents, watt_hours, strict=False)
    ]
    read = rows_of(csv_bytes(table(*rows), COMMA), COMMA)
    for place in (3, 4):
        shown = [Decimal(row[place].replace(",", ".")) for row in read[1:-1]]
        total = read[-1][place].replace(",", ".")
        assert Decimal(total or 0) == sum(shown)


def test_json_has_keys_numbers_and_offsets() -> None:
    told = json.loads(json_bytes({"site": "Home"}, table(FIRST, SECOND)))
    assert told["site"] == "Home"
    assert told["sessions"][0] == {
        "charger": "Garage",
        "started": "2026-03-01T18:05:00+01:00",
        "duration": 5400,
        "energy": 7.123,
        "cost": 1.99,
        "share": 12.5,
    }
    assert told["sessions"][1]["cost"] is None
    assert told["totals"] == {"sessions": {"duration": 95_461, "energy": 38, "cost": 1.99}}


def test_a_workbook_counts_as_everybody_does() -> None:
    content = spreadsheet_bytes(table(FIRST, SECOND))
    values = load_workbook(io.BytesIO(content), data_only=True)["Sessions"]
    assert [cell.value for cell in values[1]] == ["Charger", "Started", "Duration", "Energy", "Cost", "Share"]
    assert values["B2"].value == datetime(2026, 3, 1, 18, 5)  # noqa: DTZ001 (a workbook knows no zones)
    assert values["C3"].value == timedelta(seconds=90_061)
    assert values["D2"].value == 7.123
    assert values["E3"].value is None
    assert values["A4"].value == "Total"
    assert values["D4"].value == pytest.approx(38.0)
    formulas = load_workbook(io.BytesIO(content))["Sessions"]
    assert (formulas["D4"].value, formulas["E4"].value) == ("=SUM(D2:D3)", "=SUM(E2:E3)")
    assert formulas["F4"].value is None


def test_a_table_without_rows_is_one_all_the_same() -> None:
    assert len(rows_of(csv_bytes(table(), POINT), POINT)) == 2
    sheet = load_workbook(io.BytesIO(spreadsheet_bytes(table())))["Sessions"]
    assert sheet.max_row == 2


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00:00"), (59, "0:00:59"), (360_000, "100:00:00")])
def test_a_duration_may_be_longer_than_a_day(seconds: int, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("language", "country", "signs"),
    [
        ("en", "NL", COMMA),
        ("de", "DE", COMMA),
        ("de", "CH", Separators(decimal=".", column=";")),
        ("en", "GB", POINT),
        ("nl", None, COMMA),
        ("sv-SE", None, COMMA),
        ("en-GB", None, POINT),
        ("es", "MX", POINT),
        ("fr", "CA", COMMA),
        ("en", "CA", POINT),
    ],
)
def test_signs_are_those_of_the_country(language: str, country: str | None, signs: Separators) -> None:
    assert separators(language, country) == signs


def test_who_asks_for_a_mark_gets_it() -> None:
    assert separators("de", "DE", DecimalMark.POINT) == POINT


def test_times_are_aware() -> None:
    """The zone is dropped only where the file knows none, so that it is the clock at the site."""
    assert b"2026-03-01 17:05:00" in csv_bytes(table(("x", datetime(2026, 3, 1, 17, 5, tzinfo=UTC), *FIRST[2:])), POINT)
