"""The page for users: what was compared, how it came out, and how to see for yourself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
import math
from pathlib import Path
from typing import Final

from benchmarks.scores.compared import BOUND, SPARING, Compared
from benchmarks.scores.pictures import Bar, draw_bars
from benchmarks.scores.shown import COLUMNS, cell
from benchmarks.scores.summary import Results, summary

type Titles = Mapping[str, tuple[str, str]]
"""The title of each scenario, and what it is judged by."""

_HEAD = """\
# How good is it?

Smart EVSE against the laws that others use, in a house that is simulated second by second: a car that notices late and
takes less than it is offered, a charger that rounds and lags, a meter that speaks every 10 s. House, sun, prices and
plug-in times are recorded ones; `benchmarks/plant` holds the rest, and its tests hold it to what it claims.

This page was made by

```
{command}
```

and is not edited by hand.

- **captured** is the part of the possible saving: 0 is plugging in and going, 1 the *device bound*: a charger of the
  same steps that knows the whole future. In brackets where there were less than 5 EUR to save, void where more than
  0.5 % of the energy was not there at departure. ± is the spread over weeks and seeds.
- **{sparing}** is the part that the same charger can capture at most, whatever it knows, if its
  contactor closes and opens no more often than that, all together.
- Plug in and go heeds neither the fuse nor a peak.
- Beside a home battery the bound is loose: its own may wait for a better hour, a real one gives and takes at once. With
  a price on the highest quarter-hour that price is in the bound.
- Our law is asked to have the car ready 10 minutes before it leaves, and the sun of these minutes is lost to it. It
  starts every week without any knowledge of the house.
- **x A·s** is what flowed above the fuse as a multiple of a law that knows the house and loses no time.
- **of fitting** is the sun taken, of all that fits a charger of whole amperes without buying.
- **hunting** is energy bought within five minutes of feeding in, as a part of the sun.
"""

_SOURCES = """\
## Where the data come from

Each week is put together from recordings of several places, because nobody has recorded all of it in one:

- the house: "Individual household electric power consumption", France 2007, G. Hebrail, EDF, UCI, CC BY 4.0; its
  seconds are modelled
- the sun: irradiance measured at DTU, the Technical University of Denmark, in Lyngby, 2024 and 2025; the roof is
  modelled
- the prices: day-ahead auction of the Netherlands on the days of that sun; Ember, European wholesale electricity price
  data, CC BY 4.0, and EPEX
- when cars come and go, and how much they want: Sørensen et al., garages of apartment buildings in Trondheim, 2018 to
  2020, doi 10.17632/jbks2rcwyj.1, CC BY 4.0; for the garage ACN-Data, Caltech, March 2019
- what arrives in the battery of what a charger takes: ev2gym 2.0.0, MIT, S. Orfanoudakis and others
"""

_SHIPPED = """\
The days are those that the project ships: `benchmarks/worlds/sample/README.md` says where they come from.
"""

_LEFT_OUT = frozenset({"beat ms", "plan ms", "most", "CPU s", "hard", "writes"})


def _captured(group: Compared, law: str) -> Bar:
    return Bar(0.0, "void") if group.is_void(law) else _bar(group.captured(law))


def _bar(figure: float) -> Bar:
    return Bar(0.0, "-") if math.isnan(figure) else Bar(figure, f"{figure:.2f}")


def _taken(group: Compared, law: str) -> Bar:
    total = group.total(law)
    return _bar(total.from_sun / total.fits if total.fits else math.nan)


_FIGURES: Final[dict[str, tuple[str, Callable[[Compared, str], Bar]]]] = {
    "money": ("saving captured", _captured),
    "sun": ("sun taken of what fits", _taken),
    "fuse": ("A·s above the fuse, times the ideal", lambda group, law: _bar(group.against_ideal(law)[0])),
    "energy": ("energy delivered of the optimum", lambda group, law: _bar(group.delivered(law))),
}
"""The one figure that a scenario is judged by."""


def write_page(file: Path, results: Results, titles: Titles, command: str, *, shipped: bool) -> None:
    """Write the page, and its pictures beside it; `shipped` says that its days are those of the project."""
    folder = file.parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_HEAD.format(command=command, sparing=SPARING), "## In short\n", "\n".join(_in_short(results)) + "\n"]
    for name, groups in results.items():
        title, judged = titles[name]
        parts.append(f"## {title}\n")
        if picture := _picture(folder, name, judged, groups):
            parts.append(f"![{title}](images/{picture})\n")
        parts.append("\n".join(_table(judged, groups)) + "\n")
    parts.append(_SHIPPED if shipped else _SOURCES)
    file.write_text("\n".join(parts), encoding="utf-8")


def _in_short(results: Results) -> Iterator[str]:
    yield "| | ours | 30 s / 1 A | goal |"
    yield "|---|---:|---:|---:|"
    yield from (f"| {' | '.join(row)} |" for row in summary(results))


def _picture(folder: Path, name: str, judged: str, groups: Sequence[Compared]) -> str | None:
    """Draw the one figure that a scenario is judged by, and return the picture's name."""
    if judged not in _FIGURES or (judged == "money" and not any(BOUND in group.runs for group in groups)):
        return None
    label, figure = _FIGURES[judged]
    picture = f"how-good-{name.lower()}.png"
    bars = {group.name: {law: figure(group, law) for law in group.laws} for group in groups}
    draw_bars(folder / picture, label, bars)
    return picture


def _table(judged: str, groups: Sequence[Compared]) -> Iterator[str]:
    columns = [column for column in COLUMNS[judged] if column[0] not in _LEFT_OUT]
    yield "| | " + " | ".join(name for name, _ in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for group in groups:
        yield f"| **{group.name}** |" + " |" * len(columns)
        for law in group.laws:
            yield f"| {law} | " + " | ".join(cell(column, group, law) for column in columns) + " |"
