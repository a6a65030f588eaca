"""A connector whose car nobody may charge stays at 0, whatever else happens."""

import pytest

from custom_components.smart_evse.engine.access.model import Verdict
from custom_components.smart_evse.engine.admission import REFUSALS
from custom_components.smart_evse.engine.model import Mode, Override, ReasonKey, SiteState

from .plant import Charger, Plant, garage, site, steady


def plant(
    verdict: Verdict = Verdict.WAITING, charger: Charger | None = None, house: float = 2.0, **changes: object
) -> Plant:
    settings = site(garage(access=verdict, fallback=10.0, **changes))
    return Plant(settings, steady(house), [charger or Charger()])


def test_nothing_flows_until_somebody_is_known() -> None:
    waiting = plant()
    waiting.run(60)
    assert waiting.chargers[0].energy == 0
    assert waiting.why() is ReasonKey.ACCESS_WAITING
    waiting.change(access=Verdict.DRIVER)
    waiting.run(60)
    assert waiting.amps() == 16


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if not verdict.granted])
def test_access_that_ends_stops_the_car_and_says_why(verdict: Verdict) -> None:
    running = plant(Verdict.DRIVER)
    running.run(60)
    running.change(access=verdict)
    running.run(10)
    assert (running.amps(), running.chargers[0].drawn) == (0, 0)
    assert running.why() is REFUSALS.get(verdict, ReasonKey.ACCESS_WAITING)


@pytest.mark.parametrize("mode", Mode)
def test_no_mode_and_no_word_of_a_driver_opens_it(mode: Mode) -> None:
    refused = plant(mode=mode, override=Override(amps=16.0))
    refused.run(120)
    assert refused.chargers[0].energy == 0
    assert refused.why() is ReasonKey.ACCESS_WAITING


def test_it_stays_at_0_while_the_meter_is_silent() -> None:
    blind = plant(Verdict.DRIVER)
    blind.run(60)
    blind.meter = lambda _: False
    blind.run(60)
    assert (blind.state, blind.amps()) == (SiteState.DEGRADED, 10)
    blind.change(access=Verdict.QUOTA_SPENT)
    blind.run(5)
    assert (blind.state, blind.amps()) == (SiteState.DEGRADED, 0)


def test_a_charge_that_runs_while_the_site_is_starting_goes_on_only_for_who_may() -> None:
    for verdict, limit in ((Verdict.DRIVER, 16), (Verdict.WAITING, 0)):
        starting = plant(verdict, Charger(limit=16.0))
        starting.meter = lambda _: False
        starting.run(10)
        assert starting.state is SiteState.STARTING
        assert starting.chargers[0].limit == limit


def test_a_silent_charger_is_told_to_stop() -> None:
    silent = plant(Verdict.DRIVER)
    silent.run(60)
    silent.change(access=Verdict.EXPIRED, max_age=5.0)
    silent.chargers[0].cadence = 10**6
    silent.run(20)
    assert silent.chargers[0].limit == 0
    assert silent.amps() is None


def test_nothing_is_taken_out_of_the_car_of_a_stranger() -> None:
    car = Charger(soc=80.0, capacity=60_000.0)
    giving = plant(Verdict.DRIVER, car, house=12.0, override=Override(amps=-8.0), max_discharge=16.0)
    giving.run(120)
    assert giving.chargers[0].given > 0
    giving.change(access=Verdict.WAITING)
    giving.run(10)
    before = giving.chargers[0].given
    giving.run(60)
    assert giving.chargers[0].given == before


def test_a_car_without_access_leaves_its_room_to_the_others() -> None:
    crowd = [Charger(id=f"garage:{number}") for number in range(2)]
    settings = site(garage(id="garage:0", access=Verdict.WAITING, priority=1), garage(id="garage:1"))
    shared = Plant(settings, steady(8.0), crowd)
    shared.run(120)
    assert (shared.amps("garage:0"), shared.amps("garage:1")) == (0, 16)
