"""Charge detail records of OCPI as a file: a list, each as the tariffs' room has written it."""

from collections.abc import Iterable

from ..engine.tariffs.ocpi_out import json_text
from ..engine.tariffs.ocpi_words import Json


def cdr_bytes(records: Iterable[Json]) -> bytes:
    """Write records, one a line; each number stands as it is, digit by digit."""
    return f"[{',\n'.join(json_text(record) for record in records)}]\n".encode()
