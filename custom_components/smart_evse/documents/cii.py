"""The XML of UN/CEFACT's Cross Industry Invoice (CII D16B/D22B): its namespaces, dates, amounts and numbers."""

from datetime import date
from decimal import Decimal
import re
from typing import Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from ..engine.statements.coins import digits

_SPACES: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")

_DAY: Final = "102"
"""UN/EDIFACT's code for a date written as its year, month and day without signs between them."""


def node(name: str, *content: Element | str | None, **attributes: str) -> Element:
    """Return an element; what is not known is left out. One without any content is not written at all."""
    made = Element(name, attributes)
    for each in content:
        if isinstance(each, str):
            made.text = printable(each)
        elif each is not None and (each.text or len(each)):
            made.append(each)
    return made


def parts(name: str, *fields: tuple[str, str | None]) -> tuple[Element, ...]:
    """Return an element with those of its fields that are known, none without any."""
    known = [node(field, value) for field, value in fields if value]
    return (node(name, *known),) if known else ()


def ident(name: str, value: str | None, scheme: str) -> tuple[Element, ...]:
    """Return an element with an id of a scheme, none without the id."""
    return (node(name, node("ram:ID", value, schemeID=scheme)),) if value else ()


def dated(day: date, space: str = "udt") -> Element:
    """Return a date."""
    return node(f"{space}:DateTimeString", f"{day:%Y%m%d}", format=_DAY)


def amount(value: Decimal, currency: str) -> str:
    """Write money with the coins of its currency."""
    return f"{value + 0:.{digits(currency)}f}"  # minus nothing is nothing


def number(value: Decimal) -> str:
    """Write a quantity or a price with all its decimals and no zeros behind them."""
    text = f"{value + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(root: Element) -> bytes:
    """Return the bytes of a whole invoice."""
    for prefix, space in _SPACES.items():
        root.set(f"xmlns:{prefix}", space)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'.encode()


def printable(text: str) -> str:
    """Return what XML has room for: no control signs and no halves of signs, whoever typed them."""
    return _UNPRINTABLE.sub("", text).strip()
