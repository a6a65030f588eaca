"""What is read out of the telegrams of each country."""

from datetime import UTC, datetime

import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.meters.telegram import CADENCES, Damaged, parse, version_of

from .p1_port import FIXTURES, crc16, telegram

VERSIONS = {
    "dsmr_2_2": "2.2",
    "dsmr_4_2": "4",
    "dsmr_5_0": "5",
    "dsmr_5_0_one_phase": "5",
    "fluvius": "5B",
    "luxembourg": "5L",
    "sweden": "5S",
}


def test_every_version_has_a_fixture() -> None:
    assert set(VERSIONS) == {path.stem for path in FIXTURES.glob("*.txt")}
    assert set(VERSIONS.values()) == set(CADENCES)


def test_the_checksum_is_the_known_one() -> None:
    assert crc16(b"123456789") == 0xBB3D


@pytest.mark.parametrize("name", VERSIONS)
def test_fixtures_carry_their_own_checksum(name: str) -> None:
    as_sent = (FIXTURES / f"{name}.txt").read_text().replace("\n", "\r\n")
    assert telegram(name) == as_sent


@pytest.mark.parametrize(("name", "version"), VERSIONS.items())
def test_the_version_is_told_by_the_telegram(name: str, version: str) -> None:
    assert version_of(telegram(name)) == version
    assert parse(telegram(name)) == parse(telegram(name), version)


def test_a_dutch_meter_has_unsigned_whole_amperes_and_a_sign_from_its_power() -> None:
    told = parse(telegram("dsmr_5_0"))
    sample = told.measurement(3)

    assert told.at == datetime(2010, 12, 9, 10, 30, 20, tzinfo=UTC)
    assert sample.power == pytest.approx(1193)
    assert sample.powers == PerPhase(1111.0, -584.0, 666.0)
    assert sample.voltages == PerPhase(230.1, 230.2, 230.3)
    assert sample.currents is not None
    # 1111 W are 4.83 A where the meter says 1 A; 584 W are 2.54 A where it says 2 A; 666 W need only 2.89 of its 3 A.
    assert tuple(sample.currents) == pytest.approx((4.828, -2.537, 3.0), abs=0.001)
    assert sample.energy_in == pytest.approx(246_913_578)
    assert sample.energy_out == pytest.approx(246_913_578)
    assert sample.quarter_hour_average is None
    assert sample.month_peak is None


def test_reactive_current_is_kept() -> None:
    sample = parse(telegram("dsmr_5_0", {"1-0:31.7.0": "009*A"})).measurement(3)
    assert sample.currents is not None
    assert sample.currents.l1 == 9


def test_without_voltages_the_current_is_taken_as_it_is() -> None:
    sample = parse(telegram("dsmr_4_2")).measurement(3)
    assert sample.currents == PerPhase(0.0, 6.0, 2.0)
    assert sample.voltages is None


def test_a_belgian_meter_tells_the_quarter_hour_and_the_month() -> None:
    sample = parse(telegram("fluvius")).measurement(3)
    assert sample.power == pytest.approx(166)
    assert sample.quarter_hour_average == pytest.approx(160)
    assert sample.month_peak == pytest.approx(3506)
    assert sample.currents == PerPhase(-1.05, 2.25, 0.0)
    assert sample.energy_in == pytest.approx(2_336_061)


def test_a_swedish_meter_has_totals_instead_of_tariffs() -> None:
    sample = parse(telegram("sweden")).measurement(3)
    assert sample.power == pytest.approx(532)
    assert sample.currents == PerPhase(-0.5, 3.0, 0.8)
    assert sample.energy_in == pytest.approx(119_841)
    assert sample.energy_out == pytest.approx(533_758)


def test_a_telegram_of_2_2_has_no_clock_and_no_phases() -> None:
    told = parse(telegram("dsmr_2_2"))
    sample = told.measurement(3)
    assert told.at is None
    assert sample.power == pytest.approx(1510)
    assert (sample.currents, sample.powers, sample.voltages) == (None, None, None)


def test_a_one_phase_meter_on_a_one_phase_site() -> None:
    sample = parse(telegram("dsmr_5_0_one_phase")).measurement(1)
    assert sample.power == pytest.approx(-678)
    assert sample.powers == PerPhase(-678.0)
    assert sample.currents is not None
    assert tuple(sample.currents) == pytest.approx((-678 / 241, 0, 0))


def test_a_one_phase_meter_that_tells_only_its_total() -> None:
    lines = {"1-0:21.7.0": None, "1-0:22.7.0": None}
    sample = parse(telegram("dsmr_5_0_one_phase", lines)).measurement(1)
    assert sample.powers == PerPhase(-678.0)
    assert sample.currents is not None
    assert sample.currents.l1 < -2


@pytest.mark.parametrize("name", ["dsmr_5_0_one_phase", "dsmr_2_2"])
def test_a_meter_that_does_not_tell_every_phase_of_the_site_tells_none(name: str) -> None:
    sample = parse(telegram(name)).measurement(3)
    assert sample.currents is None
    assert sample.powers is None


def test_a_phase_with_current_but_without_power_has_no_sign() -> None:
    sample = parse(telegram("dsmr_5_0", {"1-0:41.7.0": None, "1-0:42.7.0": None})).measurement(3)
    assert sample.currents is None
    assert sample.power == pytest.approx(1193)


def test_a_phase_with_power_but_without_current_is_told_by_its_power() -> None:
    lines = {f"1-0:{code}.7.0": None for code in (31, 51, 71)}
    sample = parse(telegram("dsmr_5_0", lines)).measurement(3)
    assert sample.currents is not None
    assert tuple(sample.currents) == pytest.approx((4.828, -2.537, 2.892), abs=0.001)


def test_a_failed_phase_does_not_make_a_huge_current() -> None:
    sample = parse(telegram("dsmr_5_0", {"1-0:32.7.0": "000.0*V", "1-0:21.7.0": "00.001*kW"})).measurement(3)
    assert sample.currents is not None
    assert sample.currents.l1 == 1


@pytest.mark.parametrize(
    "text",
    [
        telegram("dsmr_5_0").replace("01.193", "09.193"),
        telegram("sweden").replace("!2B41", "!2B42"),
        telegram("dsmr_5_0").replace("!", "!\r\n"),
        telegram("dsmr_2_2").replace("0001.51", "000#.51"),
        telegram("dsmr_2_2").replace("1-0:2.7.0", "1-0:2.x.0"),
        telegram("dsmr_5_0", {"1-0:1.7.0": None, "1-0:2.7.0": None}),
        "/ISk5\r\n!\r\n",
        "",
    ],
)
def test_a_damaged_telegram_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        parse(text)


def test_a_checksum_compared_before_is_not_compared_again() -> None:
    assert parse(telegram("sweden").replace("!2B41", "!0000"), checked=True).power == pytest.approx(532)


@pytest.mark.parametrize(
    ("code", "value"),
    [("0-1:24.2.3", "nonsense)(x"), ("0-0:98.1.0", "7)(1-0:1.6.0"), ("1-0:1.6.0", ")("), ("0-0:96.13.0", "G")],
)
def test_a_strange_line_about_something_else_spoils_nothing(code: str, value: str) -> None:
    assert parse(telegram("fluvius", {code: value})).power == pytest.approx(166)


@pytest.mark.parametrize(
    ("name", "serial", "dsmr", "phases", "cadence"),
    [
        ("dsmr_2_2", "KAL7005079636312", None, None, 10),
        ("dsmr_4_2", "3960221976967177082151037881335713", "42", 3, 10),
        ("dsmr_5_0", "K8EG004046395507", "50", 3, 1),
        ("dsmr_5_0_one_phase", "E0047000007630817", "50", 1, 1),
        ("fluvius", "1SAG3100000000001", "50217", 3, 1),
        ("luxembourg", "SAG1030000000001", "42", 3, 10),
        ("sweden", None, None, 3, 10),
    ],
)
def test_who_the_meter_is(name: str, serial: str | None, dsmr: str | None, phases: int | None, cadence: float) -> None:
    identity = parse(telegram(name)).identity
    assert (identity.serial, identity.firmware, identity.phases) == (serial, dsmr, phases)
    assert identity.cadence == cadence
    assert len(identity.maker) == 3
    assert identity.model
