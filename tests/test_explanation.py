"""What would help: what an explanation says of a car that gives."""

import pytest

from custom_components.smart_evse.engine.model import Override, ReasonKey
from custom_components.smart_evse.explanation import obstacles
from tests.engine.plant import Plant, site
from tests.engine.test_house_mode import box, car, planned, steps


@pytest.mark.parametrize(("hours", "told"), [(3.0, ReasonKey.OVERRIDE_MISSES), (12.0, ReasonKey.OVERRIDE)])
def test_who_lets_a_car_give_is_advised_about_its_departure(hours: float, told: ReasonKey) -> None:
    plan = planned(value=0.1, target=48_000.0, hours=hours)
    plant = Plant(
        site(box(override=Override(amps=-10.0))),
        steps((0, 5000.0)),
        [car(soc=60.0)],
        told=lambda _: {"plan": plan},
    )
    plant.run(60)
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert obstacles(setpoint) == [told]
