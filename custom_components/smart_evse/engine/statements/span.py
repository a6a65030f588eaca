"""Months, quarters, years and own spans, as they begin and end in the site's zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

type Span = tuple[datetime, datetime]
"""Since when (included) and until when (not included), aware UTC."""


def month(year: int, number: int, zone: ZoneInfo) -> Span:
    """Return a month; January is 1."""
    return _months(year, number, 1, zone)


def quarter(year: int, number: int, zone: ZoneInfo) -> Span:
    """Return a quarter of a year; the first is 1."""
    return _months(year, 3 * number - 2, 3, zone)


def year(number: int, zone: ZoneInfo) -> Span:
    """Return a calendar year."""
    return _months(number, 1, 12, zone)


def days(first: date, last: date, zone: ZoneInfo) -> Span:
    """Return the span from the beginning of a day to the end of another or the same."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _months(year: int, first: int, count: int, zone: ZoneInfo) -> Span:
    after = 12 * year + first - 1 + count
    return midnight(date(year, first, 1), zone), midnight(date(after // 12, after % 12 + 1, 1), zone)
