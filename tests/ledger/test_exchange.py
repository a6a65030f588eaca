"""A whole ledger as lines, and back into an empty one, a fuller one, or another engine."""

from contextlib import closing
import hashlib
import json
from pathlib import Path

import pytest

from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.errors import Broken, NotALedger
from custom_components.smart_evse.ledger.exchange import exported, imported
from tests.ledger.house import ZONE
from tests.ledger.test_verification import fill


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    with closing(Ledger.open(tmp_path / "source.db", "home", zone=ZONE)) as ledger:
        fill(ledger)
        return list(exported(ledger.database))


def test_a_ledger_moves_house(ledger: Ledger, lines: list[str], tmp_path: Path) -> None:
    received = imported(ledger.database, lines)
    assert (received.seen, received.new, received.conflicts) == (len(lines) - 2, len(lines) - 2, ())
    with closing(Ledger.open(tmp_path / "source.db", "home", zone=ZONE)) as source:
        for ask in (
            lambda one: SessionsBook(one).with_intervals(SessionFilter()),
            lambda one: SessionsBook(one).year_totals(2026),
            lambda one: (PeopleBook(one).drivers(), PeopleBook(one).cards()),
        ):
            assert ask(ledger) == ask(source)
    assert ledger.verify().good


def test_imported_again_it_changes_nothing(ledger: Ledger, lines: list[str]) -> None:
    imported(ledger.database, lines)
    before = SessionsBook(ledger).year_totals(2026), list(exported(ledger.database))
    received = imported(ledger.database, lines)
    assert (received.seen, received.new) == (len(lines) - 2, 0)
    assert (SessionsBook(ledger).year_totals(2026), list(exported(ledger.database))) == before


def test_without_what_is_personal(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    text = "".join(exported(ledger.database, people=False))
    assert "Anna" not in text
    assert "04AB12" not in text
    with closing(Ledger.open(tmp_path / "other.db", "other", zone=ZONE)) as other:
        assert imported(other.database, text.splitlines(keepends=True)).new > 0


@pytest.mark.parametrize(
    "what", ["a line less", "no end", "other order", "no head", "no JSON", "nothing", "twice the end"]
)
def test_half_a_file_is_not_taken_for_a_whole_one(ledger: Ledger, lines: list[str], what: str) -> None:
    spoiled = {
        "a line less": [*lines[:4], *lines[5:]],
        "no end": lines[:-1],
        "other order": [lines[0], lines[2], lines[1], *lines[3:]],
        "no head": lines[1:],
        "no JSON": [*lines[:3], "{", *lines[3:]],
        "nothing": [],
        "twice the end": [lines[0], lines[-1], *lines[1:]],
    }[what]
    before = ledger.tip
    with pytest.raises(NotALedger):
        imported(ledger.database, spoiled)
    assert ledger.tip == before
    assert SessionsBook(ledger).sessions() == ()


@pytest.mark.parametrize(("old", "new"), [('"energy_in', '"energy_ix'), ("Anna", "Hanna")])
def test_a_changed_record_is_not_taken_in(ledger: Ledger, lines: list[str], old: str, new: str) -> None:
    number = next(number for number, line in enumerate(lines) if old in line.replace('\\"', '"'))
    told = json.loads(lines[number])
    told["record"]["body"] = told["record"]["body"].replace(old, new)
    if "person" in told:
        told["person"]["body"] = told["person"]["body"].replace(old, new)
    records = [*lines[1:number], json.dumps(told) + "\n", *lines[number + 1 : -1]]
    # Whoever changes a record can also write the last line anew.
    digest = hashlib.sha256("".join(records).encode()).hexdigest()
    end = json.dumps({"records": len(records), "sha256": digest})
    with pytest.raises(Broken):
        imported(ledger.database, [lines[0], *records, end])
    assert SessionsBook(ledger).sessions() == ()
