"""Prices that an integration tells only when it is asked: Home Assistant's own ones keep no lists in their entities."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from ..engine.forecast.series import Series, Span
from ..links.errors import DeviceError
from .lists import Reader, Words
from .port import Actions

type Values = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One integration's action: its name, what it wants to know for a day, and the scale of its prices."""

    action: str
    values: Callable[[str, date, tzinfo], Values]
    scale: float = 1.0


def _of_day(entry_id: str, day: date, zone: tzinfo) -> Values:
    return {"config_entry": entry_id, "date": day.isoformat()}


def _with_vat(entry_id: str, day: date, zone: tzinfo) -> Values:
    return {"config_entry": entry_id, "incl_vat": True, **_between(day, zone)}


def _between(day: date, zone: tzinfo) -> Values:
    start = datetime.combine(day, time(), zone)
    return {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}


QUESTIONS: Final[Mapping[str, Question]] = {
    "nordpool": Question(action="get_prices_for_date", values=_of_day, scale=0.001),
    "energyzero": Question(action="get_energy_prices", values=_with_vat),
    "easyenergy": Question(action="get_energy_usage_prices", values=_with_vat),
    "omie": Question(action="get_prices_for_date", values=lambda _entry, day, _zone: {"date": day.isoformat()}),
    "tibber": Question(action="get_prices", values=lambda _entry, day, zone: _between(day, zone)),
}
"""Which integrations answer, and how: Nord Pool in currency per MWh, the others per kWh."""

_ROWS = Words(attributes=("rows",), values={"price": None})


async def ask(actions: Actions, domain: str, entry_id: str, zone: tzinfo, now: datetime) -> Series:
    """Return the prices of today and tomorrow; empty where an integration has no such action."""
    question = QUESTIONS.get(domain)
    if question is None:
        return Series()
    today = now.astimezone(zone).date()
    answer = await actions.ask(domain, question.action, **question.values(entry_id, today, zone))
    found = _spans(answer, question, zone, now)
    try:
        # Tomorrow's are not out before the afternoon, and not every integration says so quietly.
        tomorrow = question.values(entry_id, today + timedelta(days=1), zone)
        found += _spans(await actions.ask(domain, question.action, **tomorrow), question, zone, now)
    except DeviceError:
        pass
    return Series.of(found)


def _spans(answer: Mapping[str, object], question: Question, zone: tzinfo, now: datetime) -> list[Span]:
    rows = next(_lists(answer), [])
    return list(Reader(words=_ROWS, unit=question.scale, zone=zone).read({"rows": rows}, now).spans)


def _lists(answer: object) -> Iterator[list[object]]:
    """Find the rows, below the name of an area or of a home or just below `prices`."""
    if isinstance(answer, list):
        if answer:
            yield answer
    elif isinstance(answer, Mapping):
        for content in answer.values():
            yield from _lists(content)
