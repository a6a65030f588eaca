"""OpenEVSE: the contract, and what is peculiar to its HTTP API.

The captures are those of python-openevse-http (WiFi firmware 4.1.2 and 5.1.2). The fake keeps claims as the module
does: an override in RAM, an open box without one, a pilot that is clamped between the box's minimum and maximum.
"""

from base64 import b64encode
from collections.abc import AsyncIterator
import json

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.chargers.openevse import OpenEvse
from custom_components.smart_evse.chargers.port import PhaseSwitching, Restorable
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import BadCredentials, Refused, Silent, WrongDevice

from .contract import ChargerContract, Rig, charge
from .http_box import HttpBox, load_capture

PASSWORD = b64encode(b"admin:ge heim").decode()


class FakeOpenEvse(HttpBox):
    """A box with a password, whose car takes all it is given."""

    def __init__(self, capture: str = "openevse_5.1") -> None:
        super().__init__()
        self.status_page = load_capture(capture, "status")
        self.config = load_capture(capture, "config")
        self.override: dict[str, object] | None = None
        self.plugged = False
        self.settle()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Basic {PASSWORD}":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="openevse-7b2c"'})
        match request.method, request.path:
            case "GET", "/status":
                return web.json_response(self.status_page)
            case "GET", "/config":
                return web.json_response(self.config)
            case "POST", "/override":
                self.override = json.loads(await request.text())
                return web.json_response({"msg": "Created"}, status=201)
            case "DELETE", "/override":
                released, self.override = self.override is not None, None
                return web.json_response({"msg": "Deleted"}, status=200 if released else 500)
        return web.json_response({"msg": "Not found"}, status=404)

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False
        if self.override is not None and self.override["auto_release"]:
            self.override = None

    def pilot(self) -> int:
        """Work the current out as the module does: never above its maximum, never below its minimum."""
        amps = int(str(self.config["max_current_soft"]))
        for key in ("max_current", "charge_current"):
            amps = min(amps, int(str((self.override or {}).get(key, amps))))
        return max(amps, int(str(self.config["min_current_hard"])))

    def given(self, outlet: int = 0) -> float:
        return 0.0 if (self.override or {}).get("state") == "disabled" else float(self.pilot())

    def settle(self) -> None:
        page, amps = self.status_page, self.given() if self.plugged else 0.0
        phases = 3 if self.config.get("is_threephase") else 1
        volts = page["voltage"]
        assert isinstance(volts, int)
        page["state"] = 254 if not self.given() else 3 if self.plugged else 1
        page["vehicle"] = int(self.plugged)
        page["pilot"] = self.pilot()
        page["amp"] = amps * 1000
        if "power" in page:
            page["power"] = amps * volts * phases
        for key, size in (("watthour", 100), ("total_energy", 0.1)):
            register = page.get(key)
            if isinstance(register, int | float):
                page[key] = register + size * (amps > 0)


@pytest.fixture(params=["openevse_4.1", "openevse_5.1"])
async def fake(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[FakeOpenEvse]:
    fake = FakeOpenEvse(request.param)
    await fake.come_back()
    yield fake
    await fake.vanish()


@pytest.fixture
async def driver(fake: FakeOpenEvse) -> AsyncIterator[OpenEvse]:
    async with ClientSession() as session:
        yield OpenEvse(session, "127.0.0.1", "admin", "ge heim", port=fake.port, timeout=0.5)


@pytest.fixture
async def rig(fake: FakeOpenEvse, driver: OpenEvse) -> Rig:
    return Rig(driver, fake)


class TestOpenEvse(ChargerContract):
    """The contract, on firmware 4 and 5."""

    @pytest.fixture
    async def rig(self, fake: FakeOpenEvse, driver: OpenEvse) -> Rig:
        return Rig(driver, fake)


@pytest.fixture
def current(fake: FakeOpenEvse) -> FakeOpenEvse:
    """Give the fake with the current firmware only."""
    if "power" not in fake.status_page:
        pytest.skip("older firmware")
    return fake


async def test_says_who_it_is(current: FakeOpenEvse, driver: OpenEvse) -> None:
    identity = await driver.identify()
    assert (identity.serial, identity.firmware) == ("1234567890AB", "v5.1.2 (7.1.3)")
    assert (identity.max_current, identity.phases) == (48, 1)
    assert not isinstance(driver, PhaseSwitching)


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_a_wrong_password(fake: FakeOpenEvse, password: str) -> None:
    async with ClientSession() as session:
        driver = OpenEvse(session, "127.0.0.1", "admin" if password else "", password, port=fake.port, timeout=0.5)
        with pytest.raises(BadCredentials):
            await driver.identify()
        with pytest.raises(BadCredentials):
            await driver.read()
        with pytest.raises(BadCredentials):
            await driver.set_limit(0, AcLimit(10))


async def test_a_module_that_is_too_old(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    fake.config["version"] = "2.9.1"
    with pytest.raises(Refused, match="too old"):
        await driver.identify()


async def test_a_build_with_a_name_of_its_own(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    fake.config["version"] = "master_abcd123"
    assert (await driver.identify()).firmware == "master_abcd123 (7.1.3)"


@pytest.mark.parametrize("key", ["state", "pilot"])
async def test_without_what_matters_it_is_something_else(fake: FakeOpenEvse, driver: OpenEvse, key: str) -> None:
    del fake.status_page[key]
    with pytest.raises(WrongDevice):
        await driver.read()


async def test_a_controller_that_is_out_of_reach(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    fake.status_page["evse_connected"] = 0
    with pytest.raises(Silent):
        await driver.read()


async def test_a_ceiling_goes_with_the_current(rig: Rig, fake: FakeOpenEvse) -> None:
    await charge(rig, AcLimit(10.9))
    assert fake.override == {"state": "active", "charge_current": 10, "max_current": 10, "auto_release": False}
    await charge(rig, AcLimit(0))
    assert fake.override == {"state": "disabled", "auto_release": False}


async def test_unplugging_does_not_open_the_box(rig: Rig, fake: FakeOpenEvse) -> None:
    await charge(rig, AcLimit(0))
    fake.unplug()
    fake.plug_in()
    fake.settle()
    assert (await rig.driver.read())[0].state is VehicleState.CONNECTED
    assert fake.given() == 0


async def test_a_restart_shows_in_the_limit(rig: Rig, fake: FakeOpenEvse) -> None:
    assert (await charge(rig, AcLimit(7))).limit == 7
    fake.override = None
    fake.settle()
    assert (await rig.driver.read())[0].limit == 48


async def test_milliamperes_on_one_phase(rig: Rig, fake: FakeOpenEvse) -> None:
    reading = await charge(rig, AcLimit(10))
    assert fake.status_page["amp"] == 10_000
    assert (reading.currents, reading.phases) == (PerPhase(10), 1)
    assert reading.power == pytest.approx(10 * float(str(fake.status_page["voltage"])))


async def test_three_phases_are_told_by_the_power(rig: Rig, current: FakeOpenEvse) -> None:
    current.config["is_threephase"] = True
    reading = await charge(rig, AcLimit(10))
    assert (reading.currents, reading.phases) == (PerPhase(10, 10, 10), 3)
    assert (await rig.driver.identify()).phases == 3


async def test_the_register_is_in_watt_hours(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    expected = 20_127_228.17 if "total_energy" in fake.status_page else 64_582
    assert (await driver.read())[0].energy_in == pytest.approx(expected)


@pytest.mark.parametrize(
    ("code", "vehicle", "told"),
    [
        (0, 0, (None, None)),
        (1, 0, (VehicleState.NOT_CONNECTED, None)),
        (2, 1, (VehicleState.CONNECTED, None)),
        (3, 1, (VehicleState.CHARGING, None)),
        (4, 1, (VehicleState.FAULT, "Ventilation required")),
        (11, 1, (VehicleState.FAULT, "Overcurrent")),
        (254, 1, (VehicleState.CONNECTED, None)),
        (255, 0, (VehicleState.NOT_CONNECTED, None)),
        (254, None, (None, None)),
    ],
)
async def test_states(
    fake: FakeOpenEvse,
    driver: OpenEvse,
    code: int,
    vehicle: int | None,
    told: tuple[VehicleState | None, str | None],
) -> None:
    fake.status_page.update(state=code, vehicle=vehicle)
    outlet = (await driver.read())[0]
    assert (outlet.state, outlet.fault) == told
    assert (outlet.limit == 0) == (code >= 254)


async def test_a_current_that_is_none(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    fake.status_page["amp"] = False
    outlet = (await driver.read())[0]
    assert (outlet.power, outlet.currents, outlet.phases) == (None, None, None)


async def test_a_card_is_told(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    fake.status_page["rfid_auth"] = "04a1b2c3"
    assert (await driver.read())[0].card == "04a1b2c3"


async def test_given_back_as_it_was(fake: FakeOpenEvse, driver: OpenEvse) -> None:
    assert isinstance(driver, Restorable)
    originals = await driver.originals()
    await driver.set_limit(0, AcLimit(7))
    await driver.restore(originals)
    assert fake.override is None
    await driver.restore(originals)
