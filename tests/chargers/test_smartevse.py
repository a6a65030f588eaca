"""SmartEVSE: the contract, and what is peculiar to its HTTP API.

`smartevse_3.6.json` is the example of the firmware's own `docs/REST_API.md`; `smartevse_3.10.json` is the same box as
the handler of 3.10 would tell it. The fake follows that handler: the order in which values are taken, what it declines,
and what it stores in flash.
"""

from collections.abc import AsyncIterator
import json

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.chargers.port import PhaseSwitching, Restorable
from custom_components.smart_evse.chargers.smartevse import SmartEvse
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import Refused

from .contract import ChargerContract, Rig, charge
from .http_box import HttpBox, load_capture

MODES = ("OFF", "NORMAL", "SOLAR", "SMART", "PAUSE")
CONTACTORS = ("Not present", "Always Off", "Solar Off", "Always On", "Auto")
NO = "Value not allowed!"


class FakeSmartEvse(HttpBox):
    """A box with a meter for the car, which takes all it is given."""

    def __init__(self, capture: str = "smartevse_3.10") -> None:
        super().__init__()
        self.box = load_capture(capture, "settings")
        self.pauses = capture != "smartevse_3.6"
        self.plugged = False
        self.stubborn = False
        self.flash = 0

    def part(self, key: str) -> dict[str, object]:
        part = self.box[key]
        assert isinstance(part, dict)
        return part

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/settings":
            return web.Response(status=404)
        if request.method == "GET":
            return web.json_response(self.box)
        # The web server of the box waits for a body until it is told that there is none.
        assert request.headers["Content-Length"] == "0"
        answer: dict[str, object] = {}
        if "disable_override_current" in request.query:
            self.part("settings")["override_current"] = 0
            answer["disable_override_current"] = "OK"
        if "mode" in request.query:
            answer["mode"] = self.take_mode(int(request.query["mode"]))
        if "enable_C2" in request.query and not self.stubborn:
            self.flash += 1
            self.part("settings")["enable_C2"] = CONTACTORS[int(request.query["enable_C2"])]
            answer["settings"] = {"enable_C2": self.part("settings")["enable_C2"]}
        # Declined in Solar without a word.
        if "override_current" in request.query and self.part("evse")["mode"] in (0, 1):
            answer["override_current"] = self.take_override(int(request.query["override_current"]))
        return web.json_response(answer)

    def take_mode(self, mode: int) -> str:
        if mode == 4 and not self.pauses:
            return NO
        self.flash += 1
        self.box["mode"], self.box["mode_id"] = MODES[mode], mode
        if 1 <= mode <= 3:
            self.part("evse")["mode"] = {1: 0, 2: 2, 3: 1}[mode]
        return str(mode)

    def take_override(self, tenths: int) -> object:
        settings = self.part("settings")
        low, high = int(str(settings["current_min"])) * 10, int(str(settings["current_max"])) * 10
        if self.part("evse")["loadbl"] not in (0, 1) or not (tenths == 0 or low <= tenths <= high):
            return NO
        settings["override_current"] = tenths
        return tenths

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def given(self, outlet: int = 0) -> float:
        settings = self.part("settings")
        if self.box["mode_id"] != 1:
            return 0.0
        return int(str(settings["override_current"])) / 10 or float(str(settings["current_max"]))

    def settle(self) -> None:
        amps = self.given() if self.plugged else 0.0
        allowed = self.box["mode_id"] not in (0, 4)
        self.box["car_connected"] = self.part("evse")["connected"] = self.plugged
        self.part("evse")["state_id"] = 0 if not self.plugged else 2 if amps else 1 if allowed else 9
        wired = 1 if self.part("settings")["enable_C2"] == "Always Off" else 3
        tenths = [round(amps * 10) if phase < wired else 0 for phase in range(3)]
        meter = self.part("ev_meter")
        meter["currents"] = {"TOTAL": sum(tenths), **dict(zip(("L1", "L2", "L3"), tenths, strict=True))}
        watts = sum(tenths) * 23
        old = "total_kwh" in meter
        meter["import_active_power"] = round(watts / 100) / 10 if old else watts
        register = meter["import_active_energy"]
        assert isinstance(register, int | float)
        meter["import_active_energy"] = register + (0.1 if old else 100) * (watts > 0)


@pytest.fixture(params=["smartevse_3.6", "smartevse_3.10"])
async def fake(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[FakeSmartEvse]:
    fake = FakeSmartEvse(request.param)
    await fake.come_back()
    yield fake
    await fake.vanish()


@pytest.fixture
async def driver(fake: FakeSmartEvse) -> AsyncIterator[SmartEvse]:
    async with ClientSession() as session:
        yield SmartEvse(session, "127.0.0.1", port=fake.port, timeout=0.5)


@pytest.fixture
async def rig(fake: FakeSmartEvse, driver: SmartEvse) -> Rig:
    return Rig(driver, fake)


class TestSmartEvse(ChargerContract):
    """The contract, on the firmware of January 2024 and on the current one."""

    @pytest.fixture
    async def rig(self, fake: FakeSmartEvse, driver: SmartEvse) -> Rig:
        return Rig(driver, fake)


@pytest.fixture
def current(fake: FakeSmartEvse) -> FakeSmartEvse:
    """Give the fake with the current firmware only."""
    if not fake.pauses:
        pytest.skip("older firmware")
    return fake


async def test_tells_its_serial_where_the_firmware_does(current: FakeSmartEvse, driver: SmartEvse) -> None:
    identity = await driver.identify()
    assert (identity.serial, identity.firmware, identity.max_current) == ("51446", "v3.10.0", 16)
    assert identity.switches_phases
    del current.box["serialnr"]
    assert (await driver.identify()).serial is None


async def test_a_box_without_a_second_contactor_switches_no_phases(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    assert isinstance(driver, PhaseSwitching)
    fake.part("settings")["enable_C2"] = "Not present"
    assert (await driver.identify()).switches_phases is False
    assert (await driver.read())[0].phases is None
    with pytest.raises(Refused):
        await driver.set_phases(0, 1)
    assert fake.writes == []


async def test_units_are_told_by_the_release(rig: Rig, fake: FakeSmartEvse) -> None:
    reading = await charge(rig, AcLimit(10))
    assert reading.power == pytest.approx(6900)
    assert reading.currents == PerPhase(10, 10, 10)
    assert reading.energy_in == pytest.approx(5_670_200)


async def test_a_running_charge_is_changed_without_touching_the_flash(rig: Rig, fake: FakeSmartEvse) -> None:
    await charge(rig, AcLimit(10))
    written = fake.flash
    for amps in (12, 8, 6.3):
        await charge(rig, AcLimit(amps))
    assert fake.flash == written
    assert fake.writes[-1] == {"override_current": "63"}


async def test_a_fraction_is_rounded_toward_zero(rig: Rig, fake: FakeSmartEvse) -> None:
    await charge(rig, AcLimit(9.99))
    assert fake.writes[-1]["override_current"] == "99"
    await charge(rig, AcLimit(8.3))
    assert fake.writes[-1]["override_current"] == "83"


async def test_it_is_taken_out_of_its_own_regulation(rig: Rig, fake: FakeSmartEvse) -> None:
    fake.take_mode(2)
    assert (await rig.driver.read())[0].limit == 0
    await charge(rig, AcLimit(10))
    assert fake.box["mode"] == "NORMAL"
    assert fake.given() == 10


async def test_a_stop_is_a_pause_where_there_is_one(rig: Rig, fake: FakeSmartEvse) -> None:
    await charge(rig, AcLimit(10))
    await charge(rig, AcLimit(0))
    assert fake.box["mode"] == ("PAUSE" if fake.pauses else "OFF")
    written = fake.flash
    await charge(rig, AcLimit(0))
    assert fake.flash == written


async def test_a_current_below_its_own_minimum_is_a_stop(rig: Rig, fake: FakeSmartEvse) -> None:
    fake.part("settings")["current_min"] = 8
    await charge(rig, AcLimit(10))
    await charge(rig, AcLimit(7))
    assert fake.given() == 0


async def test_a_current_above_its_own_maximum_is_refused(rig: Rig, fake: FakeSmartEvse) -> None:
    await charge(rig, AcLimit(10))
    with pytest.raises(Refused, match="Value not allowed"):
        await rig.driver.set_limit(0, AcLimit(20))
    assert fake.given() == 10


async def test_a_node_is_left_to_its_master(rig: Rig, fake: FakeSmartEvse) -> None:
    fake.part("evse")["loadbl"] = 2
    with pytest.raises(Refused, match="master"):
        await rig.driver.set_limit(0, AcLimit(10))
    assert fake.writes == []


async def test_switched_off_it_waits_for_a_card(rig: Rig, fake: FakeSmartEvse) -> None:
    fake.take_mode(0)
    fake.part("evse").update(rfid="Ready to read card", rfid_lastread="00000000000000")
    with pytest.raises(Refused, match="card"):
        await rig.driver.set_limit(0, AcLimit(10))
    assert fake.writes == []
    assert (await rig.driver.read())[0].card is None
    fake.part("evse")["rfid_lastread"] = "04A1B2C3D4E5F6"
    assert (await rig.driver.read())[0].card == "04A1B2C3D4E5F6"


async def test_a_reboot_shows_in_the_limit(rig: Rig, fake: FakeSmartEvse) -> None:
    assert (await charge(rig, AcLimit(7))).limit == 7
    fake.part("settings")["override_current"] = 0
    assert (await rig.driver.read())[0].limit == 16


@pytest.mark.parametrize(
    ("state_id", "connected", "state"),
    [
        (0, False, VehicleState.NOT_CONNECTED),
        (0, True, VehicleState.CONNECTED),
        (9, True, VehicleState.CONNECTED),
        (9, False, VehicleState.NOT_CONNECTED),
        (2, True, VehicleState.CHARGING),
        (3, True, VehicleState.VENTILATION),
        (10, True, VehicleState.CHARGING),
        (14, True, VehicleState.CONNECTED),
        (77, True, None),
    ],
)
async def test_states(
    fake: FakeSmartEvse, driver: SmartEvse, state_id: int, connected: object, state: VehicleState | None
) -> None:
    fake.part("evse").update(state_id=state_id, connected=connected)
    assert (await driver.read())[0].state is state


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("None", None),
        ("Communication Error", None),
        ("RCM Tripped", "RCM Tripped"),
        ("Temperature High", "Temperature High"),
    ],
)
async def test_faults(fake: FakeSmartEvse, driver: SmartEvse, error: str, fault: str | None) -> None:
    fake.part("evse")["error"] = error
    outlet = (await driver.read())[0]
    assert outlet.fault == fault
    assert (outlet.state is VehicleState.FAULT) == (fault is not None)


@pytest.mark.parametrize(
    ("contactor", "mode", "phases"),
    [
        ("Always Off", 1, 1),
        ("Always On", 1, 3),
        ("Solar Off", 1, 3),
        ("Solar Off", 2, 1),
        ("Auto", 2, 2),
    ],
)
async def test_the_contactor_tells_the_phases(
    fake: FakeSmartEvse, driver: SmartEvse, contactor: str, mode: int, phases: int
) -> None:
    fake.take_mode(mode)
    fake.part("settings")["enable_C2"] = contactor
    # What the box counts by itself matters only where it switches by itself.
    fake.part("evse")["nrofphases"] = 2
    assert (await driver.read())[0].phases == phases


async def test_a_contactor_that_stands_right_is_not_written(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    await driver.set_phases(0, 3)
    assert fake.writes == []
    await driver.set_phases(0, 1)
    assert fake.writes == [{"enable_C2": "1"}]


async def test_a_contactor_that_does_not_take_its_setting(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    assert (await driver.read())[0].phases == 3
    fake.stubborn = True
    with pytest.raises(Refused, match="second contactor"):
        await driver.set_phases(0, 1)


async def test_without_a_meter_nothing_is_made_up(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    fake.part("ev_meter")["description"] = "Disabled"
    outlet = (await driver.read())[0]
    assert (outlet.power, outlet.currents, outlet.energy_in) == (None, None, None)


async def test_a_register_that_was_not_read_yet_is_not_zero(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    fake.part("ev_meter")["import_active_energy"] = 0
    assert (await driver.read())[0].energy_in is None


async def test_a_box_that_cannot_name_its_contactor_keeps_it(fake: FakeSmartEvse, driver: SmartEvse) -> None:
    del fake.part("settings")["enable_C2"]
    assert dict(await driver.originals()) == {"mode": fake.box["mode_id"]}
    await driver.restore({"mode": 3})
    assert fake.writes == [{"disable_override_current": "1", "mode": "3"}]


async def test_given_back_as_it_was(rig: Rig, fake: FakeSmartEvse) -> None:
    driver = rig.driver
    assert isinstance(driver, SmartEvse)
    assert isinstance(driver, Restorable)
    fake.take_mode(3)
    fake.part("settings")["enable_C2"] = "Auto"
    before = json.dumps(fake.box)
    originals = await driver.originals()
    await driver.set_limit(0, AcLimit(10))
    await driver.set_phases(0, 1)
    assert json.dumps(fake.box) != before
    await driver.restore(originals)
    assert json.dumps(fake.box) == before
