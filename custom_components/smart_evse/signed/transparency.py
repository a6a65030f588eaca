"""A file for the transparency tools, by which whoever pays can verify for themselves what was measured.

It is the container of S.A.F.E.'s transparency software: `values`, each with `signedData` and `publicKey`.
"""

from collections.abc import Iterable, Mapping
import io
from typing import Final
from xml.etree import ElementTree as ET

from .keys import written
from .model import Ocmf, PublicKey, Signed
from .ocmf import NotOcmf, parse
from .verifying import key_of

_CONTEXTS: Final = {"B": "Transaction.Begin", "C": "Sample.Periodic"}
_END: Final = "Transaction.End"


def transparency_file(records: Iterable[Signed], keys: Mapping[str, PublicKey]) -> bytes:
    """Return records as XML, each with the key of its meter: the one in `keys` by number, else the one that came along.

    The records are as they came; a character that XML cannot hold leaves a record out.
    """
    values = ET.Element("values")
    for number, one in enumerate(records, 1):
        if not _fits(one.text):
            continue
        record = _parsed(one)
        value = ET.SubElement(values, "value", {"transactionId": str(number)})
        if record is not None and (context := _context(record)):
            value.set("context", context)
        data = ET.SubElement(value, "signedData", {"format": one.method or "OCMF", "encoding": "plain"})
        data.text = one.text.strip()
        key = None if record is None else keys.get(record.meter or "") or key_of(one, record)
        if key is not None:
            ET.SubElement(value, "publicKey", {"encoding": "hex"}).text = written(key)
    file = io.BytesIO()
    ET.ElementTree(values).write(file, encoding="utf-8", xml_declaration=True)
    return file.getvalue()


def _parsed(signed: Signed) -> Ocmf | None:
    try:
        return parse(signed)
    except NotOcmf:
        return None


def _context(record: Ocmf) -> str | None:
    """Return what the record is for; one that holds begin and end speaks of the end."""
    events = [reading.event for reading in record.readings if reading.event]
    return None if not events else _CONTEXTS.get(events[-1], _END)


def _fits(text: str) -> bool:
    return all(char >= " " or char in "\t\n\r" for char in text)
