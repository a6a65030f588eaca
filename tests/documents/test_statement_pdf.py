"""What a reader finds on the paper: looked at as text, as pictures, and as files within."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
import io
import re

from facturx import get_xml_from_pdf, parse_ubl_cii_xml
from hypothesis import given, settings, strategies as st
from PIL import Image
import pypdf
import pypdfium2
import pytest
import zxingcpp

from custom_components.smart_evse.documents.e_invoice import Preceding, e_invoice
from custom_components.smart_evse.documents.statement_files import Enclosed, Format, statement_files
from custom_components.smart_evse.documents.words import LANGUAGES, words
from custom_components.smart_evse.engine.statements.model import Certification, Statement, StatementKind
from tests.documents.statement_samples import (
    GARAGE,
    PRESETS,
    credit_note,
    de_employer,
    flat,
    guest_invoice,
    sessions,
    statement,
)

LINK = "https://pay.example.org/c/cs_test_a1B2c3"


def drawn(made: Statement, enclosed: Enclosed | None = None) -> bytes:
    ((_, content),) = statement_files(made, [Format.PDF], enclosed)
    return content


def pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    found = [page.get_textpage().get_text_range() for page in document]
    return [text.replace("\N{NO-BREAK SPACE}", " ").replace("\r\n", "\n") for text in found]


def pictures(content: bytes) -> Iterator[Image.Image]:
    for page in pypdfium2.PdfDocument(content):
        yield page.render(scale=3).to_pil()


def codes(content: bytes) -> list[str]:
    return [code.text for picture in pictures(content) for code in zxingcpp.read_barcodes(picture)]


def logo(mode: str = "RGBA") -> bytes:
    picture = io.BytesIO()
    Image.new(mode, (300, 100)).save(picture, "PNG")
    return picture.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_in_every_language(preset: str, language: str) -> None:
    made = replace(PRESETS[preset](), language=language)
    text = "\n".join(pages(drawn(made)))
    assert made.recipient.name in text
    assert "\N{REPLACEMENT CHARACTER}" not in text
    assert "{" not in text


@pytest.mark.parametrize("preset", PRESETS)
def test_totals_and_registers_are_on_it(preset: str) -> None:
    made = PRESETS[preset]()
    text = re.sub(r"[^\w\n]", "", "\n".join(pages(drawn(made))))
    assert re.sub(r"\D", "", str(made.total)) in text
    for session in made.sessions:
        assert str(session.register_start) in text
        assert str(session.register_stop) in text


def test_sixty_sessions_break_between_rows_under_the_same_headings() -> None:
    made = statement("de_employer", StatementKind.REIMBURSEMENT, sessions(60, flat("0.34")))
    found = pages(drawn(made))
    assert len(found) >= 3
    for place, text in enumerate(found, start=1):
        assert f"Seite {place} von {len(found)}" in text
    with_rows = ["geprüft" in text for text in found]
    assert ["Kennzeichen" in text for text in found] == with_rows
    assert sum(with_rows) >= 2
    assert len(re.findall(r"geprüft", "".join(found))) == 60


def test_no_session_is_said_in_words() -> None:
    text = "\n".join(pages(drawn(statement("de_employer", StatementKind.REIMBURSEMENT, ()))))
    assert "In diesem Zeitraum wurde nicht geladen." in text


def test_long_names_stay_on_the_page() -> None:
    name = "Gesellschaft für außergewöhnlich lange Namen " * 4
    made = de_employer()
    party = replace(made.recipient, name=name, address=(name, name), reference="R" * 60)
    meter = replace(GARAGE, charger=name, number="9" * 40, point="8" * 40)
    many = tuple(replace(each, meter=meter, plate="W" * 30, driver=name) for each in made.sessions)
    made = replace(made, recipient=party, issuer=replace(made.issuer, name=name), sessions=many, vehicle=name)
    for page in pypdfium2.PdfDocument(drawn(made)):
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            assert left >= 50
            assert right <= page.get_width() - 50
            assert bottom >= 20
            assert top <= page.get_height()


def test_what_a_meter_is_certified_for_is_said_and_nothing_beyond() -> None:
    made = de_employer()
    for certification, said in ((Certification.NONE, "keine angegeben"), (Certification.EICHRECHT, "Eichrecht")):
        meter = replace(GARAGE, certification=certification)
        text = "\n".join(
            pages(drawn(replace(made, sessions=tuple(replace(each, meter=meter) for each in made.sessions))))
        )
        assert re.search(rf"1EBZ0101234567\s+{said}", text)
        assert "wird nicht behauptet" in text.replace("\n", " ")


def test_figures_of_offices_have_their_source_and_date() -> None:
    text = " ".join("\n".join(pages(drawn(de_employer()))).split())
    assert "BMF 11.11.2025, Destatis 61243-0001" in text
    assert "01.01.2026 bis 31.12.2026" in text


def test_the_codes_are_read_from_the_page() -> None:
    content = drawn(guest_invoice(), Enclosed(link=LINK, logo=logo()))
    transfer = next(code for code in codes(content) if code.startswith("BCD"))
    assert transfer.split("\n")[6:] == ["DE89370400440532013000", f"EUR{guest_invoice().total}", "", "RF18539007547034"]
    assert LINK in codes(content)


def test_swish_is_read_from_the_page() -> None:
    made = replace(guest_invoice(), currency="SEK", language="sv")
    assert f"C1234567890;{str(made.total).replace('.', ',')};RF18539007547034;0" in codes(
        drawn(made, Enclosed(swish="123 456 78 90"))
    )


def test_the_link_can_be_clicked() -> None:
    links = [
        note.get_object()["/A"]["/URI"]
        for page in pypdf.PdfReader(io.BytesIO(drawn(guest_invoice(), Enclosed(link=LINK)))).pages
        for note in page.get("/Annots", ())
    ]
    assert set(links) == {LINK}
    assert len(links) == 2


def test_nothing_asks_for_money_where_nothing_is_to_be_paid() -> None:
    for made in (PRESETS["se_association"](), credit_note(guest_invoice())):
        content = drawn(made, Enclosed(link=LINK))
        assert codes(content) == []
        assert LINK not in "".join(pages(content))


def test_what_was_paid_is_taken_off_what_is_asked_for() -> None:
    made, received = guest_invoice(), Decimal("2.50")
    due = made.total - received
    content = drawn(made, Enclosed(link=LINK, received=received))
    transfer = next(code for code in codes(content) if code.startswith("BCD"))
    assert transfer.split("\n")[7] == f"EUR{due}"
    assert LINK in codes(content)
    text = "\n".join(pages(content))
    german = {name: str(amount).replace(".", ",") for name, amount in (("due", due), ("total", made.total))}
    left = words("de")("label_left")
    assert f"Gesamt {german['total']} €\nBezahlt -2,50 €\n{left} {german['due']} €" in text
    assert f"{left}\n{german['due']} €" in text
    assert f"Betrag {german['due']} €" in text
    assert "Zu zahlen" not in text
    xml = parse_ubl_cii_xml(get_xml_from_pdf(content)[1])
    assert (xml["BT-112"], xml["BT-113"], xml["BT-115"]) == (str(made.total), "2.50", str(due))


def test_what_is_paid_asks_for_nothing() -> None:
    made = guest_invoice()
    for enclosed in (Enclosed(link=LINK, received=made.total), Enclosed(received=made.total, settled=True)):
        content = drawn(made, enclosed)
        text = "\n".join(pages(content))
        assert codes(content) == []
        assert LINK not in text
        assert "Zahlung" not in text
        assert f"{words('de')('label_left')}\n0,00 €" in text
        assert parse_ubl_cii_xml(get_xml_from_pdf(content)[1])["BT-115"] == "0.00"


def test_the_e_invoice_within_is_what_was_made() -> None:
    content = drawn(guest_invoice())
    name, xml = get_xml_from_pdf(content)
    assert name == "factur-x.xml"
    assert xml == e_invoice(guest_invoice())


def test_a_claim_has_no_e_invoice_within() -> None:
    assert pypdf.PdfReader(io.BytesIO(drawn(de_employer()))).attachments == {}


def test_it_says_that_it_is_for_the_archive() -> None:
    reader = pypdf.PdfReader(io.BytesIO(drawn(guest_invoice())))
    root = reader.trailer["/Root"]
    said = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in said
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in said
    assert root["/AF"][0].get_object()["/AFRelationship"] == "/Alternative"
    assert root["/OutputIntents"]
    assert root["/Lang"] == "de"


def test_a_credit_note_names_what_it_takes_back() -> None:
    content = drawn(credit_note(guest_invoice()), Enclosed(preceding=Preceding(number="2026-0007")))
    text = "\n".join(pages(content))
    assert "Gutschrift 2026-0008" in text
    assert re.search(r"Korrigiert\s+2026-0007", text)
    assert "-20,91 €" in text


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L", "P", "1", "LA", "CMYK"])
def test_any_picture_is_a_logo(mode: str) -> None:
    picture = io.BytesIO()
    Image.new(mode, (40, 400)).save(picture, "JPEG" if mode == "CMYK" else "PNG")
    assert pages(drawn(guest_invoice(), Enclosed(logo=picture.getvalue())))


@pytest.mark.parametrize("broken", [b"", b"no picture", b"<svg/>", b"\x89PNG\r\n\x1a\n\x00\x00", logo()[:60]])
def test_a_logo_that_cannot_be_read_keeps_nobody_from_the_document(broken: bytes) -> None:
    made = guest_invoice()
    text = "\n".join(pages(drawn(made, Enclosed(logo=broken))))
    assert text.startswith(made.issuer.name)


def test_other_values_are_summed_for_information() -> None:
    made = de_employer()
    valued = tuple(replace(each, other_values=(("grid_reference", Decimal("1.11")),)) for each in made.sessions)
    made = replace(made, sessions=valued)
    text = " ".join("\n".join(pages(drawn(made, Enclosed(other_values=True)))).split())
    assert "Wenn alles aus dem Netz gekommen wäre 12,21" in text


def test_nobody_learns_what_the_site_pays_unless_the_owner_says_so() -> None:
    made = guest_invoice()
    valued = tuple(replace(each, other_values=(("paid", Decimal("1.23")),)) for each in made.sessions)
    for form in (Format.PDF, Format.JSON):
        ((_, content),) = statement_files(replace(made, sessions=valued), [form])
        assert content == statement_files(made, [form])[0][1]


def test_marks_are_said_and_explained() -> None:
    made = de_employer()
    first = replace(
        made.sessions[0], estimated=True, part=True, register_start=None, started=datetime(2026, 10, 1, tzinfo=UTC)
    )
    text = " ".join("\n".join(pages(drawn(replace(made, sessions=(first, *made.sessions[1:]))))).split())
    assert "(Teil) (geschätzt)" in text
    assert "keine Differenz zweier Zählerstände" in text


def test_a_link_too_long_to_be_scanned_is_clicked() -> None:
    link = f"{LINK}?{'x' * 2500}"
    content = drawn(guest_invoice(), Enclosed(link=link))
    assert [code[:3] for code in codes(content)] == ["BCD"]
    notes = [
        note.get_object() for page in pypdf.PdfReader(io.BytesIO(content)).pages for note in page.get("/Annots", ())
    ]
    assert [note["/A"]["/URI"] for note in notes] == [link]


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)] * 3))
def test_whatever_people_type_is_drawn(text: tuple[str, str, str]) -> None:
    name, number, other = text
    made = guest_invoice()
    meter = replace(GARAGE, charger=name, number=number, point=other)
    charged = tuple(replace(each, meter=meter, plate=number, driver=other) for each in made.sessions)
    issuer, recipient = replace(made.issuer, name=name, address=(other,)), replace(made.recipient, name=other)
    assert drawn(replace(made, number=number, issuer=issuer, recipient=recipient, reference=other, sessions=charged))
