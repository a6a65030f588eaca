"""Scores as a table on the terminal: the ratio first, what it is made of beside it.

Contactor actions (each closing and each opening), switches of phases, commands and writes are for each outlet: of a
week where money is judged, of a run elsewhere.
"""

from collections.abc import Callable, Iterator, Sequence
import math
from typing import Final

from benchmarks.scores.compared import BOUNDS, Compared
from benchmarks.scores.score import Score

_OF_BOUNDS = frozenset({"captured", "saved EUR", "V2H extra", "given", "given kWh"})

type Column = tuple[str, Callable[[Compared, str], str]]


def _number(value: float, form: str = ".2f") -> str:
    return "-" if math.isnan(value) else format(value, form)


def _captured(group: Compared, law: str) -> str:
    if math.isnan(group.prize):
        return "-"
    text = f"{group.captured(law):5.3f}"
    if not math.isnan(spread := group.spread(law)):
        text += f" ±{spread:.3f}"
    if group.is_void(law):
        return f"void ({text})"
    return text if group.is_judged else f"({text})"


def _fitting(group: Compared, law: str) -> str:
    total = group.total(law)
    return _number(total.from_sun / total.fits if total.fits else math.nan, ".3f")


def _hunting(group: Compared, law: str) -> str:
    total = group.total(law)
    return f"{total.hunting / total.sun:.1%}" if total.sun else "-"


def _times(index: int) -> Callable[[Compared, str], str]:
    return lambda group, law: _number(group.against_ideal(law)[index])


def _each_week(count: Callable[[Score], float]) -> Callable[[Compared, str], str]:
    return lambda group, law: _number(group.total(law).a_week(count(group.total(law))), ".1f")


def _each_run(count: Callable[[Score], float]) -> Callable[[Compared, str], str]:
    return lambda group, law: _number(count(group.total(law)) / len(group.runs[law]), ".1f")


def _effort(each: Callable[[Callable[[Score], float]], Callable[[Compared, str], str]]) -> tuple[Column, ...]:
    """Return what relays, lines and processors go through, for each week or for each run."""
    return (
        ("on/off", each(lambda score: score.actions / score.outlets)),
        ("phases", each(lambda score: score.switches / score.outlets)),
        ("hard", each(lambda score: score.hard / score.outlets)),
        ("commands", each(lambda score: score.commands / score.outlets)),
        ("writes", each(lambda score: score.writes / score.outlets)),
        ("melt", lambda group, law: f"{group.total(law).melt:.2%}"),
        ("beat ms", lambda group, law: _number(group.total(law).beat_ms, ".3f")),
        ("plan ms", lambda group, law: _number(group.total(law).plan_ms, ".0f")),
        ("most", lambda group, law: _number(group.total(law).plan_most_ms, ".0f")),
        ("CPU s", lambda group, law: _number(group.total(law).runtime, ".1f")),
    )


_SUN: Final[tuple[Column, ...]] = (
    ("kWh", lambda group, law: _number(group.total(law).wall, ".1f")),
    ("sun", lambda group, law: _number(group.total(law).solar_share)),
    ("bought", lambda group, law: _number(group.total(law).bought, ".2f")),
    ("hunting", _hunting),
)

COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "money": (
        ("captured", _captured),
        ("saved EUR", lambda group, law: _number(group.saved(law))),
        ("V2H extra", lambda group, law: _number(group.extra_captured(law))),
        ("missing", lambda group, law: f"{group.total(law).missing:.2f} {group.total(law).missing_share:.1%}"),
        *_SUN,
        ("peak kW", lambda group, law: _number(group.total(law).peak, ".1f")),
        *_effort(_each_week),
    ),
    "sun": (("of fitting", _fitting), *_SUN, *_effort(_each_run)),
    "fuse": (
        ("x A·s", _times(0)),
        ("x s", _times(1)),
        ("x safe", _times(2)),
        ("A·s", lambda group, law: f"{group.total(law).over_as:.0f}"),
        ("s", lambda group, law: f"{group.total(law).over_s}"),
        ("safe p95 s", lambda group, law: f"{group.total(law).safe_p95:.1f}"),
        ("kWh", lambda group, law: _number(group.total(law).wall, ".1f")),
        *_effort(_each_run),
    ),
    "safety": (
        ("unsafe s", lambda group, law: f"{group.total(law).unsafe_s:.0f}"),
        ("A·s", lambda group, law: f"{group.total(law).over_as:.0f}"),
        ("safe p95 s", lambda group, law: f"{group.total(law).safe_p95:.1f}"),
        ("kWh", lambda group, law: _number(group.total(law).wall, ".1f")),
        *_effort(_each_run),
    ),
    "energy": (
        ("given", lambda group, law: _number(group.delivered(law), ".3f")),
        ("given kWh", lambda group, law: _number(group.total(law).given, ".0f")),
        ("missing", lambda group, law: f"{group.total(law).missing_share:.1%}"),
        ("peak kW", lambda group, law: _number(group.total(law).peak, ".1f")),
        ("A·s", lambda group, law: f"{group.total(law).over_as:.0f}"),
        *_effort(_each_run),
    ),
}
"""What is shown of a scenario, by what it is judged by."""


def lines(title: str, judged: str, groups: Sequence[Compared]) -> Iterator[str]:
    """Yield a scenario as a table, a block for each group."""
    columns = COLUMNS[judged]
    rows = [[name for name, _ in columns]]
    heads: list[str] = [title]
    for group in groups:
        for law in group.laws:
            rows.append([cell(column, group, law) for column in columns])
            heads.append(f"  {law}")
    width = max(len(head) for head in heads)
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    texts = iter(
        f"{head:<{width}}  " + "  ".join(f"{cell:>{wide}}" for cell, wide in zip(row, widths, strict=True))
        for head, row in zip(heads, rows, strict=True)
    )
    yield next(texts)
    for group in groups:
        prize = "" if math.isnan(group.prize) else f": {group.prize:.2f} EUR to save"
        yield f" {group.name}{prize}"
        yield from (next(texts) for _ in group.laws)


def cell(column: Column, group: Compared, law: str) -> str:
    """Return a figure; a bound has money and nothing else."""
    name, text = column
    return "" if law in BOUNDS and name not in _OF_BOUNDS else text(group, law)
