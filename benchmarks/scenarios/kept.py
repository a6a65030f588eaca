"""Runs that are kept: a benchmark of many hours goes on where it was interrupted.

Each job has a file of its own in a folder, with a score for each law and bound. A law that is not in the file is run
and added, so whoever changes a law takes its scores out, and whoever changes the plant or a world takes another folder.
"""

from collections.abc import Mapping
from dataclasses import asdict
import json
from pathlib import Path

from benchmarks.scores.score import Score


def kept(file: Path) -> dict[str, Score]:
    """Return what a job came to so far, by law and bound: nothing where it has not run."""
    if not file.exists():
        return {}
    return {law: Score(**fields) for law, fields in json.loads(file.read_text()).items()}


def keep(file: Path, scores: Mapping[str, Score]) -> None:
    """Write what a job came to, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({law: asdict(score) for law, score in scores.items()}))
    draft.replace(file)
