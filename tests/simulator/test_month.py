"""The demo's month: recorded stays at the demo's house, every Wh of them laid into its quarter once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from simulator.demo.backfill import fill
from simulator.demo.cars import BAYS
from simulator.demo.month import Weeks, stays

ZONE = ZoneInfo("Etc/GMT-3")
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


def test_recorded_stays_end_by_yesterday_at_the_same_time_of_the_week() -> None:
    known = stays(NOW, ZONE)
    assert len(known) == 33
    last = max(stay.left for stay in known)
    today = NOW.astimezone(ZONE).date()
    assert today - timedelta(days=7) <= last.astimezone(ZONE).date() < today
    # The last of them left on a Sunday evening.
    assert f"{last.astimezone(ZONE):%a %H:%M}" == "Sun 20:09"
    assert sum(stay.energy for stay in known) == 788_110


@pytest.mark.parametrize("charger", ["keba", "alfen"])
def test_a_charger_has_one_car_at_a_time(charger: str) -> None:
    mine = [stay for stay in stays(NOW, ZONE) if stay.charger == charger]
    assert all(before.left <= after.came for before, after in pairwise(mine))


def test_each_stay_is_laid_into_its_quarters_whole() -> None:
    weeks = Weeks(ZONE)
    for stay in stays(NOW, ZONE):
        charged = weeks.charge(stay)
        assert sum(each.energy for each in charged) == stay.energy
        assert (charged[0].start, charged[-1].end) == (stay.came, stay.left)
        assert all(each.from_sun >= 0 and each.from_grid >= 0 for each in charged)
        assert all(before.end == after.start for before, after in pairwise(charged))
        assert all(each.end.minute % 15 == 0 for each in charged[:-1])


def test_a_part_comes_from_the_sun_and_two_cars_never_share_the_same() -> None:
    weeks = Weeks(ZONE)
    charged = [each for stay in stays(NOW, ZONE) for each in weeks.charge(stay)]
    share = sum(each.from_sun for each in charged) / sum(each.energy for each in charged)
    assert 0.2 < share < 0.5
    assert all(each.from_sun == 0 for each in charged if each.start.astimezone(ZONE).hour < 4)


def test_the_ledger_has_it_as_if_it_had_kept_it_all_along(tmp_path: Path) -> None:
    equipment = {name: f"id of {name}" for bay in BAYS for name in (bay.name, bay.car)}
    file = tmp_path / "made" / "ledger.db"
    assert fill(file, "site", ZONE.key, equipment) == 33
    ledger = Ledger.open(file, "site", zone=ZONE.key)
    book = SessionsBook(ledger)
    records = book.sessions()
    assert sum(record.energy_in for record in records) == 788_110
    assert {record.connector for record in records} == {"id of Garage:0", "id of Carport:0"}
    assert all(sum(each.energy_in for each in book.intervals(record.id)) == record.energy_in for record in records)
    assert {driver.name for driver in PeopleBook(ledger).drivers()} == {"Alex", "Robin"}
    # A charger's counter goes on where it stopped.
    mine = sorted((record for record in records if "Garage" in record.connector), key=lambda record: record.started)
    assert all(before.taken.stop == after.taken.start for before, after in pairwise(mine))
    assert ledger.verify().good
    ledger.close()
