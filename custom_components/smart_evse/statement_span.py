"""The span that a statement is asked for: a month, a quarter, a year, the last of them, one session, or days."""

from datetime import date, datetime, timedelta
import re
from typing import Final
from zoneinfo import ZoneInfo

from .engine.statements.span import Span, month, quarter, year
from .errors import mistake

PERIOD: Final = r"^([12]\d{3}(-(0[1-9]|1[0-2])|-?[qQ][1-4])?|(last|this)_(month|quarter|year))$"
"""`2026-10`, `2026-Q4`, `2026`, or the last or the running one of them."""


def span_of(period: str, today: date, zone: ZoneInfo) -> Span:
    """Return when a period begins and ends."""
    named = re.fullmatch(r"(last|this)_(month|quarter|year)", period)
    if named is not None:
        return _around(named[2], today, zone, back=named[1] == "last")
    number = int(period[:4])
    rest = period[4:].lstrip("-").upper()
    if not rest:
        return year(number, zone)
    return quarter(number, int(rest[1:]), zone) if rest.startswith("Q") else month(number, int(rest), zone)


def own_span(since: datetime | None, until: datetime | None) -> Span:
    """Return a span of the owner's; a mistake where it has no beginning, no end or no length."""
    if since is None or until is None:
        raise mistake("statement_without_span")
    if until <= since:
        raise mistake("span_is_empty")
    return since, until


def name_of_span(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """Return how a span is called: `2026-10`, `2026-Q4`, `2026`, else its first and last day."""
    first, last = since.astimezone(zone).date(), (until - timedelta.resolution).astimezone(zone).date()
    for name in (f"{first:%Y}", f"{first:%Y}-Q{(first.month + 2) // 3}", f"{first:%Y-%m}"):
        if span_of(name, first, zone) == (since, until):
            return name
    return f"{first.isoformat()} – {last.isoformat()}"


def _around(what: str, today: date, zone: ZoneInfo, *, back: bool) -> Span:
    if what == "year":
        return year(today.year - back, zone)
    if what == "quarter":
        counted = 4 * today.year + (today.month - 1) // 3 - back
        return quarter(counted // 4, counted % 4 + 1, zone)
    counted = 12 * today.year + today.month - 1 - back
    return month(counted // 12, counted % 12 + 1, zone)
