"""HomeWizard's devices over real sockets, in both versions of their API."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import (
    BadCredentials,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    WrongDevice,
)
from custom_components.smart_evse.meters.homewizard import HomeWizard, pair
from custom_components.smart_evse.meters.port import Measurement

from .homewizard_box import TOKEN, Authority, HomeWizardBox
from .p1_port import telegram, ticking

FAST = 0.01
"""How often the box is asked, in s: nobody has to wait for it here."""

SOON = 0.1


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def dongle() -> AsyncIterator[HomeWizardBox]:
    """A P1 dongle with version 1 of the API."""
    box = HomeWizardBox("homewizard_v1_p1")
    await box.start()
    yield box
    await box.stop()


@pytest.fixture
async def kwh_meter() -> AsyncIterator[HomeWizardBox]:
    box = HomeWizardBox("homewizard_v1_kwh1")
    await box.start()
    yield box
    await box.stop()


@pytest.fixture
async def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HomeWizardBox]:
    """A P1 dongle with version 2, whose authority is trusted here."""
    authority = Authority(tmp_path)
    monkeypatch.setattr("homewizard_energy.v2.CACERT", authority.pem)
    monkeypatch.setattr("homewizard_energy.v2.cacert.CACERT", authority.pem)
    box = HomeWizardBox("homewizard_v2_p1")
    await box.start(authority.server)
    yield box
    await box.stop()


class Samples(asyncio.Queue[Measurement]):
    async def next(self) -> Measurement:
        return await asyncio.wait_for(self.get(), 5)


@asynccontextmanager
async def running(meter: HomeWizard) -> AsyncIterator[Samples]:
    samples = Samples()
    task = asyncio.create_task(meter.run(samples.put_nowait))
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def failure(work: Coroutine[Any, Any, object]) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await asyncio.wait_for(work, 20)
    return caught.value


async def test_the_dongle_hands_out_its_telegrams(dongle: HomeWizardBox, session: ClientSession) -> None:
    dongle.telegrams = list(ticking("dsmr_5_0", 3))
    async with running(HomeWizard(dongle.host, session=session, interval=FAST)) as samples:
        for _ in range(2):
            sample = await samples.next()
            assert sample.powers == PerPhase(1111.0, -584.0, 666.0)
            assert sample.voltages == PerPhase(230.1, 230.2, 230.3)
        await dongle.asked_for("/api/v1/telegram", 8)
        assert samples.empty()


async def test_line_ends_of_a_telegram_do_not_matter(dongle: HomeWizardBox, session: ClientSession) -> None:
    dongle.telegrams = [telegram("fluvius").replace("\r\n", "\n")]
    async with running(HomeWizard(dongle.host, session=session, interval=FAST)) as samples:
        assert (await samples.next()).month_peak == pytest.approx(3506)


async def test_a_damaged_telegram_is_left_out(dongle: HomeWizardBox, session: ClientSession) -> None:
    first, second, third = ticking("dsmr_5_0", 3)
    dongle.telegrams = [first, second, "/ISk5\r\n\r\n!\r\n", third]
    async with running(HomeWizard(dongle.host, session=session, interval=FAST)) as samples:
        await samples.next()
        await samples.next()
        assert samples.empty()


async def test_without_telegrams_the_values_are_taken(dongle: HomeWizardBox, session: ClientSession) -> None:
    async with running(HomeWizard(dongle.host, session=session, interval=FAST)) as samples:
        sample = await samples.next()
        assert sample.power == -543
        assert sample.powers == PerPhase(-676, 133, 0)
        assert sample.currents == PerPhase(-4, 2, 0)
        assert sample.energy_in == 13_779_338
        assert sample.energy_out == 0
        assert sample.quarter_hour_average == 123
        assert sample.month_peak == 1111
        await dongle.asked_for("/api/v1/data", 5)
        assert samples.empty()
        dongle.data["active_power_w"] = 900
        assert (await samples.next()).power == 900


async def test_what_is_no_value_does_not_make_a_new_sample(dongle: HomeWizardBox, session: ClientSession) -> None:
    async with running(HomeWizard(dongle.host, session=session, interval=FAST)) as samples:
        await samples.next()
        dongle.data["wifi_strength"] = 40
        await dongle.asked_for("/api/v1/data", 5)
        assert samples.empty()


async def test_a_device_that_stands_still_is_silent(dongle: HomeWizardBox, session: ClientSession) -> None:
    meter = HomeWizard(dongle.host, session=session, interval=FAST, silence=SOON)
    samples = Samples()
    for _ in range(2):
        assert type(await failure(meter.run(samples.put_nowait))) is Silent
    assert samples.qsize() == 1


async def test_a_kwh_meter_of_one_phase(kwh_meter: HomeWizardBox, session: ClientSession) -> None:
    async with running(HomeWizard(kwh_meter.host, session=session, phases=1)) as samples:
        sample = await samples.next()
        assert sample.power == -1543
        assert sample.currents == PerPhase(-6.681)
    async with running(HomeWizard(kwh_meter.host, session=session)) as samples:
        assert (await samples.next()).currents is None


@pytest.mark.parametrize(("measured", "sun"), [(-1543, 1543), (4, 0)])
async def test_a_kwh_meter_behind_solar_panels(
    kwh_meter: HomeWizardBox, session: ClientSession, measured: float, sun: float
) -> None:
    kwh_meter.data["active_power_w"] = measured
    async with running(HomeWizard(kwh_meter.host, session=session, producing=True)) as samples:
        sample = await samples.next()
        assert sample.power == sun
        assert sample.energy_in == 85_951


async def test_who_it_is(dongle: HomeWizardBox, session: ClientSession) -> None:
    identity = await HomeWizard(dongle.host, session=session).identify()
    assert (identity.maker, identity.serial, identity.firmware) == ("HomeWizard", "5c2fafaabbcc", "4.19")
    assert (identity.phases, identity.cadence) == (3, 1)
    dongle.data["smr_version"] = 42
    assert (await HomeWizard(dongle.host, session=session).identify()).cadence == 10


async def test_a_local_api_that_is_switched_off(dongle: HomeWizardBox, session: ClientSession) -> None:
    dongle.enabled = False
    meter = HomeWizard(dongle.host, session=session)
    assert type(await failure(meter.identify())) is Refused
    assert type(await failure(meter.run(lambda _: None))) is Refused


async def test_another_device_of_the_same_maker(dongle: HomeWizardBox, session: ClientSession) -> None:
    dongle.api["product_type"] = "HWE-WTR"
    assert type(await failure(HomeWizard(dongle.host, session=session).identify())) is WrongDevice


@pytest.mark.parametrize("body", ["<!doctype html>", "{}", "[]", '{"product_type": "toaster"}'])
async def test_something_else(dongle: HomeWizardBox, session: ClientSession, body: str) -> None:
    dongle.body = body
    assert type(await failure(HomeWizard(dongle.host, session=session).identify())) is WrongDevice


async def test_a_dongle_that_has_not_heard_its_meter(dongle: HomeWizardBox, session: ClientSession) -> None:
    del dongle.data["active_power_w"]
    assert type(await failure(HomeWizard(dongle.host, session=session).run(lambda _: None))) is Silent


async def test_nobody_there(dongle: HomeWizardBox, session: ClientSession) -> None:
    await dongle.stop()
    assert type(await failure(HomeWizard(dongle.host, session=session).identify())) is Unreachable


async def test_version_2_pushes(newer: HomeWizardBox, session: ClientSession) -> None:
    async with running(HomeWizard(newer.host, TOKEN, session=session)) as samples:
        newer.push({})
        sample = await samples.next()
        assert sample.power == -543
        assert sample.currents == PerPhase(-4, 2, 0)
        assert sample.energy_in == 13_779_338
        newer.push({"power_w": 999})
        newer.push({"power_w": 700, "timestamp": "2024-06-28T14:12:35"})
        assert (await samples.next()).power == 700
        assert samples.empty()


async def test_version_2_wants_a_token(newer: HomeWizardBox, session: ClientSession) -> None:
    meter = HomeWizard(newer.host, "F" * 32, session=session)
    assert type(await failure(meter.identify())) is BadCredentials
    assert type(await failure(meter.run(lambda _: None))) is BadCredentials


async def test_version_2_tells_who_it_is(newer: HomeWizardBox, session: ClientSession) -> None:
    identity = await HomeWizard(newer.host, TOKEN, session=session).identify()
    assert (identity.serial, identity.firmware) == ("5c2fafaabbcc", "6.00")


async def test_version_2_hangs_up(newer: HomeWizardBox, session: ClientSession) -> None:
    newer.push(None)
    assert type(await failure(HomeWizard(newer.host, TOKEN, session=session).run(lambda _: None))) is Unreachable


async def test_version_2_falls_silent(newer: HomeWizardBox, session: ClientSession) -> None:
    samples = Samples()
    newer.push({})
    meter = HomeWizard(newer.host, TOKEN, session=session, silence=1.0)
    assert type(await failure(meter.run(samples.put_nowait))) is Silent
    assert samples.qsize() == 1


async def test_a_stranger_with_a_certificate_of_its_own(
    newer: HomeWizardBox, session: ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homewizard_energy.v2.cacert.CACERT", Authority(tmp_path).pem)
    assert type(await failure(HomeWizard(newer.host, TOKEN, session=session).run(lambda _: None))) is WrongDevice


async def test_pairing_needs_a_press_on_the_button(newer: HomeWizardBox, session: ClientSession) -> None:
    assert type(await failure(pair(newer.host, session, "smart-evse"))) is Refused
    newer.button = True
    token = await pair(newer.host, session, "smart-evse")
    assert (await HomeWizard(newer.host, token, session=session).identify()).serial == "5c2fafaabbcc"
