import pytest

from simulator.car import CarModel
from simulator.house import DC_BOX, House, Plan
from simulator.record import Flows, Record
from tests.simulator.conftest import NOON


def test_however_time_is_cut_the_same_happens() -> None:
    whole, pieces = House(Plan(start=NOON)), House(Plan(start=NOON))
    for house in (whole, pieces):
        house.plug("keba", "zappy")
    whole.step(120)
    for _ in range(480):
        pieces.step(0.25)
    assert pieces.ticks == whole.ticks
    assert pieces.grid == whole.grid
    assert pieces.record.deliveries == whole.record.deliveries


def test_another_seed_is_another_house() -> None:
    one, other = House(Plan(start=NOON, seed=1)), House(Plan(start=NOON, seed=2))
    one.step(10)
    other.step(10)
    assert one.load != other.load


def test_what_comes_in_is_what_goes_out(house: House) -> None:
    house.plug("keba")
    house.plug("alfen", "city")
    for _ in range(60):
        house.step(1)
        assert house.grid.power == pytest.approx(sum(house.house_load) + sum(house.powers.values()) - house.solar)


def test_energies_add_up(house: House) -> None:
    house.plug("keba")
    house.step(1800)
    delivery = house.record.deliveries["keba"]
    assert delivery.from_sun + delivery.from_grid == pytest.approx(house.stations["keba"].energy, rel=1e-3)
    assert delivery.from_sun > delivery.from_grid > 0


def test_the_sun_feeds_in_what_nobody_uses(house: House) -> None:
    house.step(3600)
    assert house.record.exported > 5_000
    assert house.record.imported == 0


def test_a_car_uses_the_phases_it_has(house: House) -> None:
    house.step(1)
    before = house.grid.amps
    house.plug("keba", "hybrid")
    house.step(60)
    assert house.grid.amps[0] - before[0] > 14
    assert house.grid.amps[1] == pytest.approx(before[1], abs=1)


def test_the_grid_gives_way(house: House) -> None:
    house.step(1)
    fed = house.grid.volts[0]
    house.switch_on("kettle", 0)
    house.switch_on("washer", 0)
    house.step(1)
    assert house.grid.volts[0] < fed


def test_a_kettle_boils_and_ends(house: House) -> None:
    house.step(1)
    house.switch_on("kettle", 1)
    house.step(1)
    assert house.house_load[1] > 2200
    house.step(200)
    assert house.house_load[1] < 2200


def test_the_dc_box_works_on_l1(house: House) -> None:
    house.plug(DC_BOX, soc=60)
    house.dc_box.timeout = 0
    house.dc_box.command(watts=-5000, running=True)
    house.step(60)
    assert house.record.deliveries[DC_BOX].given > 0
    assert house.grid.watts[0] < house.grid.watts[1] - 4000
    house.unplug(DC_BOX)
    assert house.battery(DC_BOX) is None


def test_everything_above_the_fuse_is_on_record() -> None:
    house = House(Plan(start=NOON, fuse=20.0, kwp=0.0))
    house.plug("keba", CarModel(max_current=16.0, shortfall=0.0))
    house.step(60)
    assert house.record.above == 0
    house.switch_on("kettle", 2, seconds=10)
    house.step(30)
    assert house.record.longest_above == pytest.approx(10, abs=0.3)
    assert house.record.ampere_seconds == pytest.approx(10 * (house.record.highest - 20), rel=0.1)


def test_the_record_tells_stretches_apart() -> None:
    record = Record(25.0)
    for amps in (26.0, 26.0, 24.0, 30.0):
        record.tick(1.0, (amps, 0.0, 0.0), Flows())
    assert (record.above, record.longest_above, record.ampere_seconds, record.highest) == (3.0, 2.0, 7.0, 30.0)


def test_too_much_the_other_way_counts_as_well() -> None:
    record = Record(25.0)
    record.tick(1.0, (-27.0, 0.0, -26.0), Flows())
    assert record.ampere_seconds == 3.0


def test_there_is_a_sample_a_second(house: House) -> None:
    house.step(90)
    assert [sample.at for sample in house.record.last(3)] == pytest.approx([88, 89, 90])


def test_what_is_not_there_cannot_be_plugged(house: House) -> None:
    with pytest.raises(KeyError):
        house.plug("tesla")
    with pytest.raises(KeyError):
        house.plug("keba", "tractor")
    with pytest.raises(KeyError):
        house.switch_on("kettle", 3)
