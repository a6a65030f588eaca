"""In short: the right groups, and nothing where nothing was run."""

from benchmarks.laws.table import IDEAL, OURS, PLUG
from benchmarks.scores.compared import BOUND, Compared
from benchmarks.scores.score import Score
from benchmarks.scores.summary import summary


def group(name: str, **costs: float) -> Compared:
    names = {"plug": PLUG, "bound": BOUND}
    runs = {names.get(law, law): [Score(cost=cost, wanted=10.0, days=7.0, actions=8)] for law, cost in costs.items()}
    return Compared(name, runs)


def test_each_figure_is_that_of_its_groups() -> None:
    weeks = [group("all weeks, fixed", plug=30.0, ours=21.0, bound=20.0), group("all weeks, dynamic", plug=3.0)]
    shown = {label: (ours, others) for label, ours, others, _ in summary({"weeks": weeks})}
    assert shown["saving captured, fixed price"] == ("0.90", "-")
    assert "saving captured, prices by the hour" not in shown
    assert shown["contactor actions a week"] == ("8", "-")


def test_a_meter_is_not_taken_for_another() -> None:
    runs = {IDEAL: [Score(over_as=100.0)], OURS: [Score(over_as=110.0)]}
    worse = {IDEAL: [Score(over_as=100.0)], OURS: [Score(over_as=300.0)]}
    meters = [Compared("10 s meter", runs), Compared("10 s meter, cloud charger", worse)]
    above = [row for row in summary({"S7": meters}) if "A·s" in row[0]]
    assert [(label.rpartition(", ")[2], ours) for label, ours, *_ in above] == [("meter every 10 s", "1.10")]


def test_the_worst_is_that_of_everything() -> None:
    found = {
        "S7": [Compared("1 s meter", {OURS: [Score(melt=0.001)]})],
        "S12": [Compared("gap, charging", {OURS: [Score(melt=0.02, unsafe_s=3.0)]})],
    }
    shown = {label: ours for label, ours, *_ in summary(found)}
    assert shown["melting time of a fuse used, worst of all"] == "2.00%"
    assert shown["seconds not safe, worst of all faults and restarts"] == "3"


def test_what_was_not_run_is_not_told() -> None:
    assert list(summary({})) == []
