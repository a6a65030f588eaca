"""Files of a statement: what they are called, what is in them, and that they can be made again."""

import csv
from dataclasses import replace
from decimal import Decimal
import io
import json
from pathlib import Path
import subprocess
import sys
import time

from openpyxl import load_workbook
import pytest

from custom_components.smart_evse.documents.e_invoice import e_invoice
from custom_components.smart_evse.documents.invoice_fields import FieldsMissing
from custom_components.smart_evse.documents.separators import DecimalMark
from custom_components.smart_evse.documents.statement_files import Enclosed, Format, statement_files
from custom_components.smart_evse.engine.statements.model import Statement
from tests.documents.statement_samples import PRESETS, de_employer, guest_invoice, line


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_names_say_what_it_is() -> None:
    names = [name for name, _ in statement_files(guest_invoice(), Format, Enclosed(records=({"id": "1"},)))]
    assert names == [
        "Rechnung_2026-0007.pdf",
        "Rechnung_2026-0007_factur-x.xml",
        "Rechnung_2026-0007_sessions.csv",
        "Rechnung_2026-0007_lines.csv",
        "Rechnung_2026-0007.xlsx",
        "Rechnung_2026-0007.json",
        "Rechnung_2026-0007_cdr.json",
    ]


def test_a_list_is_named_after_its_span() -> None:
    names = [name for name, _ in statement_files(PRESETS["se_association"](), ["csv"])]
    assert names[0] == "Debiteringsunderlag_för_laddning_2026-10-01_list.csv"


@pytest.mark.parametrize("number", ["../../etc/passwd", "a/b\\c:d", "7\n8", "."])
def test_no_number_leads_out_of_the_folder(number: str) -> None:
    for name, _ in statement_files(replace(guest_invoice(), number=number), ["json", "csv"]):
        assert not set(name) & set('/\\:\n*?"<>|')


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_statement_makes_the_same_bytes(preset: str) -> None:
    made = PRESETS[preset]()
    forms = [form for form in Format if form not in {Format.E_INVOICE, Format.XML}]
    before = statement_files(made, forms)
    time.sleep(0) if preset != "guest" else _a_second_later()
    assert statement_files(made, forms) == before


def _a_second_later() -> None:
    """Whatever writes down the second it was made in is found out."""
    began = int(time.time())
    while int(time.time()) == began:
        pass


@pytest.mark.parametrize("preset", PRESETS)
def test_sums_in_tables_are_those_of_the_statement(preset: str) -> None:
    made = PRESETS[preset]()
    files = dict(statement_files(made, ["csv"], Enclosed(mark=DecimalMark.COMMA)))
    (lines,) = (rows(content) for name, content in files.items() if name.endswith("_lines.csv"))
    place = [key for key, _ in enumerate(lines[0]) if lines[-1][key]][-1]
    assert Decimal(lines[-1][place].replace(",", ".")) == made.total
    (some,) = (rows(content) for name, content in files.items() if name.endswith("_sessions.csv"))
    assert len(some) == len(made.sessions) + 2


def test_an_association_has_a_row_for_each_apartment() -> None:
    made = PRESETS["no_association"]()
    fee = replace(line("administration", "1", "1", "20.00", "25"), driver="flat-1")
    files = dict(statement_files(replace(made, lines=(fee,)), ["csv"]))
    (found,) = (rows(content) for name, content in files.items() if name.endswith("_list.csv"))
    assert [row[:2] for row in found[1:]] == [["Lgh 1101", "4"], ["Lgh 1102", "4"], ["Lgh 1103", "4"], ["Totalt", "12"]]
    flat = sum((each.gross for each in made.sessions if each.driver == "Lgh 1102"), Decimal(20))
    assert Decimal(found[2][5].replace(",", ".")) == flat


def test_workbook_has_a_sheet_for_each_table() -> None:
    ((_, content),) = statement_files(PRESETS["se_association"](), ["xlsx"])
    assert load_workbook(io.BytesIO(content)).sheetnames == ["Underlag", "Laddningar", "Belopp"]


def test_json_has_money_to_the_last_digit() -> None:
    made = guest_invoice()
    ((_, content),) = statement_files(made, ["json"])
    told = json.loads(content, parse_float=lambda text: pytest.fail(f"{text} is a float"))
    assert told["total"] == str(made.total)
    assert told["kind"] == "invoice"
    assert told["sessions"][0]["lines"][0]["price"] == "0.2499"
    assert told["sessions"][0]["meter"]["certification"] == "mid"
    assert told["since"] == "2026-09-30T22:00:00+00:00"


def test_records_of_a_session_stand_as_they_were_written() -> None:
    record = {"id": "7", "total_energy": Decimal("7.1230"), "total_cost": {"before_taxes": Decimal("0.1")}}
    ((_, content),) = statement_files(guest_invoice(), ["cdr"], Enclosed(records=(record, {"id": "8"})))
    assert b"7.1230" in content
    assert [each["id"] for each in json.loads(content)] == ["7", "8"]
    assert statement_files(guest_invoice(), ["cdr"]) == ()


def test_the_e_invoice_alone() -> None:
    ((_, xml),) = statement_files(guest_invoice(), ["xml"])
    assert xml == e_invoice(guest_invoice())


@pytest.mark.parametrize("form", ["xml", "e_invoice"])
def test_what_cannot_be_an_e_invoice_is_refused(form: str) -> None:
    with pytest.raises(FieldsMissing):
        statement_files(de_employer(), [form])


def test_both_kinds_of_pdf_are_one_file(guest: Statement) -> None:
    assert len(statement_files(guest, ["pdf", "e_invoice"])) == 1


@pytest.fixture
def guest() -> Statement:
    return guest_invoice()


def test_nothing_that_draws_is_loaded_before_it_is_needed() -> None:
    """Home Assistant has not installed any of it when it loads us."""
    room = "custom_components.smart_evse"
    seen = f"import sys, {room}.documents.statement_files; print(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", seen], cwd=root, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "custom_components" in loaded
    assert not loaded & {"fpdf", "segno", "facturx", "lxml", "xlsxwriter", "fontTools"}
