"""Runs that are kept: a benchmark of many hours goes on where it was interrupted.

Each job has a file of its own in a folder. It is for one state of the code: whoever changes that takes another folder.
"""

from collections.abc import Mapping
from dataclasses import asdict
import json
from pathlib import Path

from benchmarks.scores.score import Score


def kept(file: Path, laws: frozenset[str]) -> dict[str, Score] | None:
    """Return what a job came to, or `None` where it was not run with all these laws."""
    if not file.exists():
        return None
    scores = {law: Score(**fields) for law, fields in json.loads(file.read_text()).items()}
    return scores if laws <= scores.keys() else None


def keep(file: Path, scores: Mapping[str, Score]) -> None:
    """Write what a job came to, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({law: asdict(score) for law, score in scores.items()}))
    draft.replace(file)
