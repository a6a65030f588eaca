"""Sessions as a table, one row each, and their intervals as another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

from ..engine.sessions.model import Mark
from .account import Account, Quarter, kilowatt_hours, rounded
from .table import Cell, Column, Kind, Table

SESSIONS: Final = "sessions"
INTERVALS: Final = "intervals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """For whom a table is made: the clock at the site, the words of a language by their key, and now (UTC)."""

    zone: tzinfo
    words: Callable[[str], str]
    now: datetime


def _energy(key: str) -> Column:
    return Column(key=key, kind=Kind.ENERGY, decimals=3, summed=True)


def _money(key: str, decimals: int = 2) -> Column:
    return Column(key=key, kind=Kind.MONEY, decimals=decimals, summed=True)


SITE_COLUMN: Final = Column(key="site")

SESSION_COLUMNS: Final[tuple[Column, ...]] = (
    Column(key="charger"),
    Column(key="vehicle"),
    Column(key="plate"),
    Column(key="driver"),
    Column(key="known_by"),
    Column(key="started", kind=Kind.TIME),
    Column(key="ended", kind=Kind.TIME),
    Column(key="duration", kind=Kind.DURATION, summed=True),
    _energy("energy"),
    _energy("energy_discharged"),
    Column(key="meter_start", kind=Kind.ENERGY, decimals=3),
    Column(key="meter_stop", kind=Kind.ENERGY, decimals=3),
    _energy("from_sun"),
    _energy("from_battery"),
    _energy("from_grid"),
    _energy("unattributed"),
    Column(key="solar_share", kind=Kind.SHARE, decimals=1),
    _money("cost"),
    Column(key="price", kind=Kind.PRICE, decimals=4),
    _money("grid_cost"),
    _money("saving"),
    _energy("unpriced"),
    Column(key="currency"),
    Column(key="co2", kind=Kind.FIGURE, decimals=3, summed=True),
    Column(key="soc_start", kind=Kind.SHARE, decimals=0),
    Column(key="soc_stop", kind=Kind.SHARE, decimals=0),
    Column(key="odometer_start", kind=Kind.FIGURE, decimals=0),
    Column(key="odometer_stop", kind=Kind.FIGURE, decimals=0),
    Column(key="marks"),
    Column(key="note"),
    Column(key="session"),
)

INTERVAL_COLUMNS: Final[tuple[Column, ...]] = (
    Column(key="charger"),
    Column(key="driver"),
    Column(key="started", kind=Kind.TIME),
    Column(key="ended", kind=Kind.TIME),
    Column(key="started_utc", kind=Kind.TIME),
    _energy("energy"),
    _energy("energy_discharged"),
    _energy("from_sun"),
    _energy("from_battery"),
    _energy("from_grid"),
    _energy("unattributed"),
    Column(key="mean_power", kind=Kind.FIGURE),
    Column(key="peak_power", kind=Kind.FIGURE),
    Column(key="vehicle_energy", kind=Kind.ENERGY, decimals=3),
    Column(key="import_price", kind=Kind.PRICE, decimals=5),
    Column(key="export_price", kind=Kind.PRICE, decimals=5),
    _money("cost", 5),
    _money("grid_cost", 5),
    Column(key="co2_intensity", kind=Kind.FIGURE),
    Column(key="marks"),
    Column(key="session"),
)


def session_table(accounts: Sequence[Account], edition: Edition) -> Table:
    """Return one row for each session. Money of several currencies has no total."""
    rows = ((*_site(account), *_session_row(account, edition)) for account in accounts)
    return _table(SESSIONS, _columns(SESSION_COLUMNS, accounts), rows, edition)


def interval_table(accounts: Sequence[Account], edition: Edition) -> Table:
    """Return one row for each interval of each session. Money of several currencies has no total."""
    rows = (
        (*_site(account), *_interval_row(account, quarter, edition))
        for account in accounts
        for quarter in account.quarters
    )
    return _table(INTERVALS, _columns(INTERVAL_COLUMNS, accounts), rows, edition)


def mark_words(marks: Iterable[Mark], words: Callable[[str], str]) -> list[str]:
    """Say what is not as it was measured, in an order that stays."""
    return [words(f"mark_{mark}") for mark in sorted(marks)]


def _columns(columns: tuple[Column, ...], accounts: Sequence[Account]) -> tuple[Column, ...]:
    if len({account.record.currency for account in accounts}) > 1:
        columns = tuple(replace(each, summed=each.summed and each.kind is not Kind.MONEY) for each in columns)
    return (SITE_COLUMN, *columns) if any(map(_site, accounts)) else columns


def _site(account: Account) -> tuple[str, ...]:
    """Return where it was, in front of everything else, where there are several sites."""
    return () if account.site is None else (account.site,)


def _table(title: str, columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]], edition: Edition) -> Table:
    keys = ("total", title, *(column.key for column in columns))
    return Table(
        title=title,
        columns=columns,
        rows=tuple(rows),
        headings={key: edition.words(f"column_{key}") for key in keys},
    )


def _session_row(account: Account, edition: Edition) -> tuple[Cell, ...]:
    record, local = account.record, edition.zone
    return (
        account.charger,
        account.vehicle,
        account.plate,
        account.driver,
        edition.words(f"known_by_{record.known_by}"),
        record.started.astimezone(local),
        None if record.ended is None else record.ended.astimezone(local),
        account.duration(edition.now),
        kilowatt_hours(record.energy_in),
        kilowatt_hours(record.energy_out),
        _register(record.taken.start),
        _register(record.taken.stop),
        kilowatt_hours(account.from_sun),
        kilowatt_hours(account.from_battery),
        kilowatt_hours(account.from_grid),
        kilowatt_hours(account.unattributed),
        account.solar_share,
        account.booked_cost,
        _mean_price(account),
        account.booked_reference,
        account.saving,
        kilowatt_hours(account.unpriced),
        record.currency,
        None if account.co2 is None else rounded(Decimal(account.co2), 0).scaleb(-3),
        _whole(record.soc.start),
        _whole(record.soc.stop),
        _whole(record.odometer.start),
        _whole(record.odometer.stop),
        "; ".join(mark_words(record.marks, edition.words)) or None,
        account.note,
        record.id,
    )


def _interval_row(account: Account, quarter: Quarter, edition: Edition) -> tuple[Cell, ...]:
    interval, local = quarter.interval, edition.zone
    return (
        account.charger,
        quarter.driver,
        interval.start.astimezone(local),
        interval.end.astimezone(local),
        interval.start.astimezone(UTC),
        kilowatt_hours(interval.energy_in),
        kilowatt_hours(interval.energy_out),
        kilowatt_hours(interval.from_sun),
        kilowatt_hours(interval.from_battery),
        kilowatt_hours(interval.from_grid),
        kilowatt_hours(interval.unattributed),
        _whole(interval.mean_power),
        _whole(interval.peak_power),
        _register(interval.vehicle_energy),
        _money_of(interval.import_price),
        _money_of(interval.export_price),
        _money_of(quarter.cost),
        _money_of(quarter.reference),
        _whole(interval.co2),
        "; ".join(mark_words(interval.marks, edition.words)) or None,
        account.record.id,
    )


def _mean_price(account: Account) -> Decimal | None:
    """Return what a kWh cost on average, as far as prices are known."""
    priced = account.record.energy_in - account.unpriced
    if account.cost is None or priced <= 0:
        return None
    return rounded(account.cost * 1000 / priced, 4)


def _register(watt_hours: float | None) -> Decimal | None:
    return None if watt_hours is None else kilowatt_hours(watt_hours)


def _whole(figure: float | None) -> int | None:
    return None if figure is None else round(figure)


def _money_of(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount, 5)
