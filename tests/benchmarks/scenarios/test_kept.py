"""A benchmark that was interrupted goes on with what is not done yet."""

from pathlib import Path

from benchmarks.scenarios.kept import keep, kept
from benchmarks.scenarios.running import Job, run
from benchmarks.scenarios.table import scenario
from benchmarks.scores.score import Score

SCORES = {"ours": Score(cost=12.345678, actions=7, days=7.0), "another": Score(missing=0.1)}


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "runs.json"
    keep(file, SCORES)
    assert kept(file) == SCORES
    assert list(file.parent.iterdir()) == [file]


def test_what_has_not_run_is_not_known(tmp_path: Path) -> None:
    assert kept(tmp_path / "none.json") == {}


def test_a_job_that_is_done_is_not_run_again(tmp_path: Path) -> None:
    job = Job(scenario="S13", group="a new house", seed=3, only=("ours",), keep=tmp_path)
    keep(tmp_path / "S13_a_new_house_3_as_usual.json", SCORES)
    assert run(job) == SCORES


def test_a_law_that_is_missing_is_run_and_put_in_its_place(tmp_path: Path) -> None:
    job = Job(scenario="S13", group=scenario("S13").groups(None)[0], seed=1, only=("30 s / 1 A", "ours"), keep=tmp_path)
    file = tmp_path / f"S13_{job.group.replace(' ', '_').replace(',', '')}_1_as_usual.json"
    known = {"device bound": Score(cost=1.0), "ours": Score(actions=7)}
    keep(file, known)
    scores = run(job)
    assert list(scores) == ["30 s / 1 A", "ours", "device bound"]
    assert scores["ours"] == known["ours"]
    assert scores["30 s / 1 A"].beats + scores["30 s / 1 A"].commands > 0
    assert kept(file) == scores
