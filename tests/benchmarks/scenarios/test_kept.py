"""A benchmark that was interrupted goes on with what is not done yet."""

from pathlib import Path

from benchmarks.scenarios.kept import keep, kept
from benchmarks.scenarios.running import Job, run
from benchmarks.scores.score import Score

SCORES = {"ours": Score(cost=12.345678, actions=7, days=7.0), "another": Score(missing=0.1)}


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "runs.json"
    keep(file, SCORES)
    assert kept(file, frozenset(SCORES)) == SCORES
    assert list(file.parent.iterdir()) == [file]


def test_what_was_not_run_with_all_laws_is_run_again(tmp_path: Path) -> None:
    keep(tmp_path / "runs.json", SCORES)
    assert kept(tmp_path / "runs.json", frozenset({"ours", "a third"})) is None
    assert kept(tmp_path / "none.json", frozenset()) is None


def test_a_job_that_is_done_is_not_run_again(tmp_path: Path) -> None:
    job = Job(scenario="S13", group="a new house", seed=3, only=("ours",), keep=tmp_path)
    keep(tmp_path / "S13_a_new_house_3_as_usual.json", SCORES)
    assert run(job) == SCORES
