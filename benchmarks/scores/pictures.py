"""The page's pictures. The one room that needs matplotlib."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.laws.table import OURS, OURS_ONE_WAY
from benchmarks.scores.compared import BOUNDS

_WIDE = 10.0
_ROW = 0.28
_OURS, _BOUND, _OTHER = "#2e7d57", "#c8b273", "#8a9bb0"
_MOST = 4.0
"""Bars longer than this many times the ideal end there."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How long a bar is, and the words at its end."""

    length: float
    text: str


def draw_bars(file: Path, label: str, groups: Mapping[str, Mapping[str, Bar]]) -> None:
    """Draw a bar for each law in each group."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    height = 1.2 + _ROW * sum(len(bars) + 1 for bars in groups.values())
    figure = Figure(figsize=(_WIDE, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    ticks: list[tuple[float, str]] = []
    at = 0.0
    for name, bars in groups.items():
        ticks.append((at, name))
        for law, bar in bars.items():
            at += 1.0
            length = min(max(0.0, bar.length), _MOST)
            axes.barh(at, length, color=_colour(law))
            axes.text(length, at, f" {law} {bar.text}", va="center", fontsize=8)
        at += 1.5
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110)


def _colour(law: str) -> str:
    if law in (OURS, OURS_ONE_WAY):
        return _OURS
    return _BOUND if law in BOUNDS else _OTHER
