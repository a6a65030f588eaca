"""In short: the figures that a controller is judged by, and what each has to reach."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Final

from benchmarks.bounds.sparing import ACTIONS
from benchmarks.laws.table import OURS
from benchmarks.scores.compared import Compared, together
from benchmarks.scores.score import Score

_USUAL: Final = "30 s / 1 A"

type Results = Mapping[str, Sequence[Compared]]
type Figure = Callable[[Compared, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure of these scenarios, of all when empty; of one `group`, of all when empty; and its goal."""

    label: str
    figure: Figure
    goal: str
    scenarios: tuple[str, ...] = ()
    group: str = ""
    form: str = ".2f"


def _a_week(count: Callable[[Score], float]) -> Figure:
    return lambda group, law: group.total(law).a_week(count(group.total(law)))


def _of(value: Callable[[Score], float]) -> Figure:
    return lambda group, law: value(group.total(law))


def _hunting(score: Score) -> float:
    return score.hunting / score.sun if score.sun else math.nan


def _above(group: Compared, law: str) -> float:
    return group.against_ideal(law)[0]


_WEEKS: Final = ("weeks",)

ROWS: Final = (
    Row(
        label="saving captured, fixed price",
        figure=Compared.captured,
        goal="0.85",
        scenarios=_WEEKS,
        group="all weeks, fixed",
    ),
    Row(
        label="saving captured, prices by the hour",
        figure=Compared.captured,
        goal="0.93",
        scenarios=_WEEKS,
        group="all weeks, dynamic",
    ),
    Row(
        label="with a perfect sun forecast, fixed price",
        figure=Compared.captured,
        goal="0.97",
        scenarios=("sensitivity",),
        group="fixed, perfect forecast",
    ),
    Row(
        label="with a perfect sun forecast, prices by the hour",
        figure=Compared.captured,
        goal="0.97",
        scenarios=("sensitivity",),
        group="dynamic, perfect forecast",
    ),
    Row(
        label="missing at departure",
        figure=_of(lambda score: score.missing_share),
        goal="at most 0.5 %",
        scenarios=_WEEKS,
        form=".1%",
    ),
    Row(
        label="contactor actions a week",
        figure=_a_week(lambda score: score.actions),
        goal=f"at most {ACTIONS}",
        scenarios=_WEEKS,
        form=".0f",
    ),
    Row(
        label="switches of phases a week",
        figure=_a_week(lambda score: score.switches),
        goal="at most 6",
        scenarios=_WEEKS,
        form=".1f",
    ),
    Row(
        label="power back to the house: part of what it can save",
        figure=Compared.extra_captured,
        goal="0.65",
        scenarios=("S10",),
    ),
    Row(
        label="A·s above the fuse, times the ideal, meter every second",
        figure=_above,
        goal="at most 1.2",
        scenarios=("S7",),
        group="1 s meter",
    ),
    Row(
        label="A·s above the fuse, times the ideal, meter every 10 s",
        figure=_above,
        goal="at most 1.2",
        scenarios=("S7",),
        group="10 s meter",
    ),
    Row(
        label="melting time of a fuse used, worst of all",
        figure=_of(lambda score: score.melt),
        goal="below 1 %",
        form=".2%",
    ),
    Row(
        label="seconds not safe, worst of all faults and restarts",
        figure=_of(lambda score: score.unsafe_s),
        goal="0",
        scenarios=("S12", "S13"),
        form=".0f",
    ),
    Row(
        label="bought while there was sun to spare, a cloudy day",
        figure=_of(_hunting),
        goal="at most 3 %",
        scenarios=("S6",),
        form=".1%",
    ),
    Row(
        label="garage at a 30 kW connection: energy delivered of the optimum",
        figure=Compared.delivered,
        goal="0.97",
        scenarios=("S9",),
        group="30 kW",
    ),
)


def summary(results: Results) -> Iterator[tuple[str, str, str, str]]:
    """Yield each figure that these results have: its label, ours, that of a law as most have it, and its goal."""
    for row in ROWS:
        group = together(row.label, _groups(results, row))
        if OURS in group.runs:
            yield row.label, _shown(row, group, OURS), _shown(row, group, _USUAL), row.goal


def _groups(results: Results, row: Row) -> Iterator[Compared]:
    for name in row.scenarios or results:
        yield from (group for group in results.get(name, ()) if row.group in ("", group.name))


def _shown(row: Row, group: Compared, law: str) -> str:
    value = row.figure(group, law) if law in group.runs else math.nan
    return "-" if math.isnan(value) else format(value, row.form)
