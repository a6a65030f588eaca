"""Sessions as a table: what an employer, a landlord and a tax office ask for, in the clock and words of the site."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from custom_components.smart_evse.documents.account import Account, Quarter
from custom_components.smart_evse.documents.session_tables import (
    INTERVAL_COLUMNS,
    SESSION_COLUMNS,
    Edition,
    interval_table,
    session_table,
)
from custom_components.smart_evse.documents.table import Cell, Table
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, Rung, SessionRecord

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
EDITION = Edition(zone=ZoneInfo("Europe/Amsterdam"), words=lambda key: key, now=START + timedelta(hours=5))

RECORD = SessionRecord(
    id="s1",
    connector="c1",
    started=START,
    ended=START + timedelta(hours=2),
    energy_in=7_500,
    taken=Ends(start=1_234_500.0, stop=1_242_000.0),
    soc=Ends(start=20.4, stop=35.6),
    odometer=Ends(start=12_345.6),
    known_by=Rung.CARD,
    currency="EUR",
    marks=frozenset({Mark.PROVISIONAL, Mark.GAP}),
)
ACCOUNT = Account(
    record=RECORD,
    charger="Garage",
    vehicle="Van",
    driver="Ada",
    note="to work",
    from_sun=2_500,
    from_grid=5_000,
    cost=Decimal("1.23456"),
    reference=Decimal("2.105"),
    co2=1234.5,
    quarters=(
        Quarter(
            interval=Interval(
                start=START, end=START + timedelta(minutes=15), energy_in=2_500, from_sun=2_500, mean_power=9_999.6
            ),
            cost=Decimal("0.123456789"),
        ),
    ),
)


def only(table: Table) -> dict[str, Cell]:
    (row,) = table.named_rows()
    return row


def test_a_row_has_what_people_ask_for() -> None:
    row = only(session_table([ACCOUNT], EDITION))
    assert (row["charger"], row["vehicle"], row["driver"], row["note"]) == ("Garage", "Van", "Ada", "to work")
    assert (row["meter_start"], row["meter_stop"]) == (Decimal("1234.500"), Decimal("1242.000"))
    assert (row["energy"], row["from_sun"], row["from_grid"]) == (Decimal("7.500"), Decimal("2.500"), Decimal("5.000"))
    assert (row["solar_share"], row["price"]) == (Decimal("33.3"), Decimal("0.1646"))
    assert (row["cost"], row["grid_cost"], row["saving"]) == (Decimal("1.23"), Decimal("2.11"), Decimal("0.88"))
    assert (row["soc_start"], row["odometer_start"], row["odometer_stop"]) == (20, 12_346, None)
    assert row["co2"] == Decimal("1.235")
    assert row["marks"] == "mark_gap; mark_provisional"
    assert row["known_by"] == "known_by_card"


def test_times_are_those_of_the_clock_at_the_site() -> None:
    """In this night the clock leaps from two to three: it shows three hours where two went by."""
    row = only(session_table([ACCOUNT], EDITION))
    assert (f"{row['started']:%H:%M}", f"{row['ended']:%H:%M}") == ("01:30", "04:30")
    assert row["duration"] == 7_200


def test_a_session_that_runs_has_no_end_and_lasts_until_now() -> None:
    running = Account(record=SessionRecord(id="s2", connector="c1", started=START), charger="Garage")
    row = only(session_table([running], EDITION))
    assert (row["ended"], row["duration"]) == (None, 5 * 3600)
    assert (row["cost"], row["saving"], row["solar_share"], row["price"]) == (None, None, None, None)


def test_intervals_name_their_session_and_both_clocks() -> None:
    row = only(interval_table([ACCOUNT], EDITION))
    assert (row["session"], row["charger"]) == ("s1", "Garage")
    assert (f"{row['started']:%H:%M}", f"{row['started_utc']:%H:%M}") == ("01:30", "00:30")
    assert (row["cost"], row["grid_cost"], row["mean_power"]) == (Decimal("0.12346"), None, 10_000)


def test_money_of_two_currencies_has_no_total() -> None:
    crowns = Account(
        record=SessionRecord(id="s3", connector="c1", started=START, currency="SEK"), charger="Garage", cost=Decimal(20)
    )
    table = session_table([ACCOUNT, crowns], EDITION)
    totals = dict(zip((column.key for column in table.columns), table.totals, strict=True))
    assert (totals["cost"], totals["energy"]) == (None, Decimal("7.500"))


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), min_size=1, max_size=40))
def test_totals_are_the_sum_of_what_is_shown(amounts: list[tuple[int, int]]) -> None:
    """Each session is rounded once; nobody finds a cent too many at the bottom."""
    accounts = [
        Account(record=RECORD, charger="Garage", cost=Decimal(cost).scaleb(-9), reference=Decimal(other).scaleb(-9))
        for cost, other in amounts
    ]
    table = session_table(accounts, EDITION)
    totals = dict(zip((column.key for column in table.columns), table.totals, strict=True))
    for key in ("cost", "grid_cost", "saving", "energy"):
        assert totals[key] == sum(row[key] for row in table.named_rows())
    assert totals["saving"] == totals["grid_cost"] - totals["cost"]


def test_every_column_has_a_heading() -> None:
    for table, columns in (
        (session_table([ACCOUNT], EDITION), SESSION_COLUMNS),
        (interval_table([ACCOUNT], EDITION), INTERVAL_COLUMNS),
    ):
        assert set(table.headings) == {"total", table.title, *(column.key for column in columns)}
