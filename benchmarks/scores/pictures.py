"""The page's pictures. The one room that needs matplotlib."""

from collections.abc import Mapping
import math
from pathlib import Path

_WIDE = 10.0
_ROW = 0.28
_COLOURS = ("#9aa5b1", "#c8b273", "#8fb996", "#6a8caf", "#4d6fa0", "#7d6b9e", "#b57a7a", "#2e7d57")
_OURS = "#2e7d57"
_MOST = 4.0
"""Bars longer than this many times the ideal end there."""


def draw_bars(file: Path, label: str, groups: Mapping[str, Mapping[str, float]]) -> None:
    """Draw a bar for each law in each group."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    laws = list(dict.fromkeys(law for bars in groups.values() for law in bars))
    height = 1.2 + _ROW * sum(len(bars) + 1 for bars in groups.values())
    figure = Figure(figsize=(_WIDE, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    ticks: list[tuple[float, str]] = []
    at = 0.0
    for name, bars in groups.items():
        ticks.append((at, name))
        for law, value in bars.items():
            at += 1.0
            length = 0.0 if math.isnan(value) else min(value, _MOST)
            colour = _OURS if law == "ours" else _COLOURS[laws.index(law) % (len(_COLOURS) - 1)]
            axes.barh(at, length, color=colour)
            axes.text(length, at, f" {law} {value:.2f}", va="center", fontsize=8)
        at += 1.5
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110)
