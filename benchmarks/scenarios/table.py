"""All scenarios, a row each."""

from typing import Final

from benchmarks.laws.table import IDEAL, OURS, OURS_ONE_WAY, PLUG
from benchmarks.scenarios.case import Judged, Scenario
from benchmarks.scenarios.days import (
    cloud_case,
    cloud_groups,
    fault_case,
    fault_groups,
    fuse_case,
    fuse_groups,
    restart_case,
    restart_groups,
)
from benchmarks.scenarios.garages import block_case, block_groups, workplace_case, workplace_groups
from benchmarks.scenarios.sensitivity import changed_case, changed_groups
from benchmarks.scenarios.weeks import (
    blind_case,
    blind_groups,
    nth_case,
    nth_groups,
    peak_case,
    peak_groups,
    v2h_case,
    v2h_groups,
)

_TIMED, _FINE, _SMOOTHED, _PRICE = "30 s / 1 A", "10 s / 0.1 A", "smoothed surplus", "price only"
_ALL = (PLUG, _PRICE, _SMOOTHED, _TIMED, _FINE, OURS)
_GARAGE = (PLUG, "first come", "all alike", "first to leave", "least laxity", OURS)
_WEEKS: Final = tuple(
    Scenario(
        name=f"S{number + 1}",
        title=f"a week, the {order} of the year",
        judged=Judged.MONEY,
        laws=_ALL,
        groups=nth_groups(number),
        case=nth_case(number),
    )
    for number, order in enumerate(("first", "second", "third", "fourth", "fifth"))
)

SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        *_WEEKS,
        Scenario(
            name="S6",
            title="the day with the steepest sun, following it",
            judged=Judged.SUN,
            laws=(PLUG, _SMOOTHED, _TIMED, _FINE, OURS),
            groups=cloud_groups,
            case=cloud_case,
        ),
        Scenario(
            name="S7",
            title="a car as fast as it may at 3 x 25 A",
            judged=Judged.FUSE,
            laws=(PLUG, _TIMED, _FINE, IDEAL, OURS),
            groups=fuse_groups,
            case=fuse_case,
        ),
        Scenario(
            name="S8",
            title="twenty cars below thirty homes",
            judged=Judged.ENERGY,
            laws=_GARAGE,
            groups=block_groups,
            case=block_case,
        ),
        Scenario(
            name="S9",
            title="a working day at a workplace",
            judged=Judged.ENERGY,
            laws=_GARAGE,
            groups=workplace_groups,
            case=workplace_case,
        ),
        Scenario(
            name="S10",
            title="power back to the house, prices by the quarter-hour",
            judged=Judged.MONEY,
            laws=(PLUG, _PRICE, OURS_ONE_WAY, OURS),
            groups=v2h_groups,
            case=v2h_case,
            note="Beside a home battery the bound is loose: its own may wait for a better hour, a real one does not.",
        ),
        Scenario(
            name="S11",
            title="a price on the highest quarter-hour",
            judged=Judged.MONEY,
            laws=(PLUG, _PRICE, _TIMED, OURS),
            groups=peak_groups,
            case=peak_case,
            note="The bound has the peak's price in it; it need not be reached where the car has to make the peak.",
        ),
        Scenario(
            name="S12",
            title="every fault of the meter",
            judged=Judged.SAFETY,
            laws=(PLUG, _TIMED, OURS),
            groups=fault_groups,
            case=fault_case,
        ),
        Scenario(
            name="S13",
            title="the controller gone for 45 s",
            judged=Judged.SAFETY,
            laws=(_TIMED, OURS),
            groups=restart_groups,
            case=restart_case,
        ),
        Scenario(
            name="S14",
            title="prices missing, forecasts wrong",
            judged=Judged.MONEY,
            laws=(PLUG, _PRICE, _TIMED, OURS),
            groups=blind_groups,
            case=blind_case,
        ),
    )
}

SENSITIVITY: Final = Scenario(
    name="sensitivity",
    title="a week with one thing changed",
    judged=Judged.MONEY,
    laws=(PLUG, _TIMED, OURS),
    groups=changed_groups,
    case=changed_case,
)
"""What a slow meter, a late charger or a bad forecast costs; run when asked for."""


def scenario(name: str) -> Scenario:
    """Return a scenario by its name."""
    return SENSITIVITY if name == SENSITIVITY.name else SCENARIOS[name]
