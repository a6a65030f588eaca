"""Numbers of documents: none missing, none twice, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from custom_components.smart_evse.ledger import Entry, Ledger, Numbering, Record
from custom_components.smart_evse.ledger.numbers import numbers
from tests.ledger.house import EVENING, ZONE

HOUSE = Numbering(issuer="house", year=2026)


def document(name: str, numbering: Numbering = HOUSE) -> Entry:
    return Entry(kind="document", subject=name, body={"sum": "1.00"}, at=EVENING, numbering=numbering)


def given(ledger: Ledger, numbering: Numbering = HOUSE) -> tuple[int, ...]:
    with ledger.database.read() as connection:
        return numbers(connection, numbering)


def test_numbers_follow_each_other(ledger: Ledger) -> None:
    first, second = ledger.append(document("a"), document("b"))
    (third,) = ledger.append(document("c"))
    assert [one.read()["number"] for one in (first, second, third)] == [1, 2, 3]
    assert third.read() == {"sum": "1.00", "issuer": "house", "year": 2026, "number": 3}
    assert given(ledger) == (1, 2, 3)


def test_each_issuer_and_year_counts_from_one(ledger: Ledger) -> None:
    other, later = Numbering(issuer="garage", year=2026), Numbering(issuer="house", year=2027)
    told = ledger.append(document("a"), document("b", other), document("c", later), document("d"))
    assert [one.read()["number"] for one in told] == [1, 1, 1, 2]


def test_numbers_begin_where_others_have_stopped(ledger: Ledger) -> None:
    late = replace(HOUSE, first=118)
    told = ledger.append(document("a", late), document("b", late), document("c", replace(HOUSE, first=7)))
    assert [one.read()["number"] for one in told] == [118, 119, 120]
    assert "first" not in told[0].read()
    ledger.append(document("d", replace(HOUSE, first=300)))
    assert given(ledger) == (118, 119, 120, 300)
    assert ledger.verify().good


def test_what_is_not_kept_takes_no_number(ledger: Ledger) -> None:
    ledger.append(document("a"))
    with pytest.raises(TypeError):
        ledger.append(document("b"), Entry(kind="note", subject="x", body={"not JSON": {1, 2}}, at=EVENING))
    ledger.append(document("c"))
    assert given(ledger) == (1, 2)
    assert ledger.verify().good


def test_no_number_is_given_twice_at_once(where: str) -> None:
    """Two sites of one issuer, eight threads."""
    with (
        closing(Ledger.open(where, "north", zone=ZONE)) as north,
        closing(Ledger.open(where, "south", zone=ZONE)) as south,
    ):

        def write(number: int) -> tuple[Record, ...]:
            return (north, south)[number % 2].append(document(f"d{number}"))

        with ThreadPoolExecutor(8) as threads:
            told = [record for records in threads.map(write, range(40)) for record in records]
        assert sorted(one.read()["number"] for one in told) == list(range(1, 41))
        assert given(north) == tuple(range(1, 41))
        assert north.verify().good
        assert south.verify().good
