"""Which way the rounding to the charger's steps errs, as the owner has it: what flows once the loop is at rest."""

from hypothesis import example, given, settings as hypothesis, strategies as st

from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.engine.settings import SunBias

from .plant import VOLTS, Charger, Flow, PerPhase, Plant, garage, site

PLATEAU, WATCHED = 240, 60
LITTLE = 20.0
"""What a meter's last digits come to, in W."""

LEVELS = st.lists(st.floats(4_400.0, 10_800.0), min_size=2, max_size=4)
STEPS = st.sampled_from([1.0, 0.5, 0.1])
MODES = st.sampled_from([Mode.SOLAR, Mode.SOLAR_MIN])


def suns(levels: list[float]) -> Flow:
    """Return a house that a sun leaves so many W one after another, from a three-phase inverter."""
    return lambda t: PerPhase(*[-levels[min(t // PLATEAU, len(levels) - 1)] / 3 / VOLTS] * 3)


def at_rest(bias: SunBias, levels: list[float], step: float, mode: Mode) -> list[tuple[float, float]]:
    """Return the mean import and export in W at the end of each level."""
    plant = Plant(site(garage(mode=mode, step=step), sun_bias=bias), suns(levels), [Charger(appetite=16.0)])
    seen = []
    for _ in levels:
        plant.run(PLATEAU - (plant.t == 0))
        flows = plant.grid_watts(WATCHED)
        seen.append((sum(max(0.0, each) for each in flows) / WATCHED, sum(max(0.0, -each) for each in flows) / WATCHED))
    return seen


@hypothesis(max_examples=10, deadline=None)
@given(LEVELS, STEPS, MODES)
@example([7.5 * 690, 6.9 * 690], 1.0, Mode.SOLAR)
def test_never_import_buys_nothing(levels: list[float], step: float, mode: Mode) -> None:
    for bought, sold in at_rest(SunBias.NEVER_IMPORT, levels, step, mode):
        assert bought <= LITTLE
        assert sold <= 1.3 * max(step, 0.2) * 3 * VOLTS + LITTLE


@hypothesis(max_examples=10, deadline=None)
@given(LEVELS, STEPS, MODES)
@example([7.5 * 690, 8.1 * 690], 1.0, Mode.SOLAR)
def test_never_export_sells_nothing_that_the_car_would_take(levels: list[float], step: float, mode: Mode) -> None:
    for bought, sold in at_rest(SunBias.NEVER_EXPORT, levels, step, mode):
        assert sold <= LITTLE
        assert bought <= 1.3 * max(step, 0.2) * 3 * VOLTS + LITTLE


@hypothesis(max_examples=10, deadline=None)
@given(LEVELS, MODES)
def test_between_them_neither_is_more_than_about_half_a_step(levels: list[float], mode: Mode) -> None:
    for bought, sold in at_rest(SunBias.BALANCED, levels, 1.0, mode):
        assert max(bought, sold) <= 0.7 * 3 * VOLTS
