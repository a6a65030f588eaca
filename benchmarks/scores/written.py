"""Scores as JSON: for each scenario, group and law the total, each run, and what it is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
import math

from benchmarks.scores.compared import Compared

type Json = dict[str, object]


def as_json(results: Mapping[str, Sequence[Compared]]) -> Json:
    """Return everything that was measured; `None` for what is not known."""
    return {name: {group.name: _group(group) for group in groups} for name, groups in results.items()}


def _group(group: Compared) -> Json:
    laws = {law: _law(group, law) for law in group.laws}
    return {"prize": _known(group.prize), "judged": group.is_judged, "laws": laws}


def _law(group: Compared, law: str) -> Json:
    times = group.against_ideal(law)
    return {
        "captured": _known(group.captured(law)),
        "spread": _known(group.spread(law)),
        "saved": _known(group.saved(law)),
        "extra": _known(group.extra_captured(law)),
        "delivered": _known(group.delivered(law)),
        "void": group.is_void(law),
        "against_ideal": {"A·s": _known(times[0]), "s": _known(times[1]), "time_to_safe": _known(times[2])},
        "total": asdict(group.total(law)),
        "runs": [asdict(score) for score in group.runs[law]],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
