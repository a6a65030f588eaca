"""go-e: the contract, and what is peculiar to its HTTP API v2.

`goe_v3.json` is composed from go-e's list of keys. The fake does what go-e's developers and users say of it: an unknown
key in the filter answers 400 with the rest, unplugging makes the force neutral, a switched-off API is not found.
"""

from collections.abc import AsyncIterator

from aiohttp import ClientSession, web
import pytest

from custom_components.smart_evse.chargers.goe import GoE
from custom_components.smart_evse.chargers.port import Restorable
from custom_components.smart_evse.engine.model import AcLimit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import BadCredentials, Busy, Refused, WrongDevice

from .contract import ChargerContract, Rig, charge
from .http_box import HttpBox, load_capture


class FakeGoE(HttpBox):
    """A box whose car takes all it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.box = load_capture("goe_v3", "status")
        self.allowed = True
        self.plugged = False

    def whole(self, key: str) -> int:
        value = self.box[key]
        assert isinstance(value, int)
        return value

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if not self.allowed or request.method != "GET":
            return web.Response(text="This URI does not exist", status=404)
        if request.path == "/api/status":
            return self.tell(request.query["filter"].split(","))
        if request.path == "/api/set":
            answer = {key: self.take(key, int(value)) for key, value in request.query.items()}
            return web.json_response(answer, status=200 if all(said is True for said in answer.values()) else 400)
        return web.Response(status=404)

    def tell(self, keys: list[str]) -> web.StreamResponse:
        known = {key: self.box[key] for key in keys if key in self.box}
        return web.json_response(known, status=200 if len(known) == len(keys) else 400)

    def take(self, key: str, value: int) -> bool | str:
        amps = range(6, self.whole("ama") + 1)
        allowed = {"amp": amps, "frc": range(3), "psm": range(3), "acs": range(3), "trx": range(11)}
        if value not in allowed[key]:
            return "value out of range"
        self.box[key] = value
        return True

    def plug_in(self, outlet: int = 0) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False
        self.box["frc"] = 0
        self.box["trx"] = None

    def given(self, outlet: int = 0) -> float:
        asks = self.box["acs"] == 1 and self.box["trx"] is None
        return 0.0 if self.box["frc"] == 1 or asks else float(self.whole("amp"))

    def settle(self) -> None:
        amps = self.given() if self.plugged else 0.0
        single = self.box["psm"] == 1
        phases = [amps, 0 if single else amps, 0 if single else amps]
        powers = [round(each * 230) for each in phases]
        self.box["car"] = 1 if not self.plugged else 2 if amps else 4
        self.box["fsp"] = single
        self.box["acu"] = int(amps)
        self.box["nrg"] = [230, 230, 230, 0, *phases, *powers, 0, sum(powers), 0, 0, 0, 0]
        self.box["eto"] = self.whole("eto") + sum(powers) // 60


@pytest.fixture
async def fake(socket_enabled: None) -> AsyncIterator[FakeGoE]:
    fake = FakeGoE()
    await fake.come_back()
    yield fake
    await fake.vanish()


@pytest.fixture
async def driver(fake: FakeGoE) -> AsyncIterator[GoE]:
    async with ClientSession() as session:
        yield GoE(session, "127.0.0.1", fake.port, timeout=0.5)


@pytest.fixture
async def rig(fake: FakeGoE, driver: GoE) -> Rig:
    return Rig(driver, fake)


class TestGoE(ChargerContract):
    """The contract."""

    @pytest.fixture
    async def rig(self, fake: FakeGoE, driver: GoE) -> Rig:
        return Rig(driver, fake)


async def test_says_who_it_is(driver: GoE) -> None:
    identity = await driver.identify()
    assert (identity.maker, identity.model, identity.serial) == ("go-e", "go-eCharger_V3", "123456")
    assert (identity.firmware, identity.max_current) == ("055.8", 32)


@pytest.mark.parametrize(("var", "ama", "amps"), [(11, 32, 16), (22, 20, 20), (7, 16, 16)])
async def test_the_lower_of_rating_and_setting_is_its_maximum(
    fake: FakeGoE, driver: GoE, var: int, ama: int, amps: float
) -> None:
    fake.box.update(var=var, ama=ama)
    assert (await driver.identify()).max_current == amps


async def test_a_key_that_this_model_lacks_does_not_matter(fake: FakeGoE, driver: GoE) -> None:
    for key in ("trx", "var", "acu", "fsp", "lccfi", "rbc"):
        del fake.box[key]
    assert (await driver.identify()).max_current == 32
    outlet = (await driver.read())[0]
    assert (outlet.limit, outlet.phases, outlet.card) == (16, None, None)


@pytest.mark.parametrize("key", ["amp", "car"])
async def test_without_what_matters_it_is_something_else(fake: FakeGoE, driver: GoE, key: str) -> None:
    del fake.box[key]
    with pytest.raises(WrongDevice):
        await driver.read()


async def test_an_api_that_is_not_allowed(fake: FakeGoE, driver: GoE) -> None:
    fake.allowed = False
    with pytest.raises(Refused, match="allow it in the go-e app"):
        await driver.identify()
    with pytest.raises(Refused, match="allow it in the go-e app"):
        await driver.set_limit(0, AcLimit(10))


async def test_a_password_that_nobody_gave(fake: FakeGoE, driver: GoE) -> None:
    fake.status = 401
    with pytest.raises(BadCredentials):
        await driver.read()


async def test_busy_with_itself(fake: FakeGoE, driver: GoE) -> None:
    fake.status = 500
    with pytest.raises(Busy):
        await driver.read()


async def test_each_phase_is_told(rig: Rig) -> None:
    reading = await charge(rig, AcLimit(10))
    assert reading.currents == PerPhase(10, 10, 10)
    assert reading.voltages == PerPhase(230, 230, 230)
    assert reading.power == 6900


async def test_current_and_force_go_together(rig: Rig, fake: FakeGoE) -> None:
    await charge(rig, AcLimit(10.7))
    assert fake.writes == [{"amp": "10", "frc": "2"}]
    await charge(rig, AcLimit(0))
    assert fake.writes[1:] == [{"frc": "1"}]


async def test_a_value_that_is_declined(rig: Rig, fake: FakeGoE) -> None:
    fake.box["ama"] = 16
    with pytest.raises(Refused, match="out of range"):
        await rig.driver.set_limit(0, AcLimit(20))


async def test_a_value_that_is_passed_over(fake: FakeGoE, driver: GoE) -> None:
    fake.body = b'{"amp": true}'
    with pytest.raises(Refused, match="frc"):
        await driver.set_limit(0, AcLimit(10))


async def test_unplugging_forgets_the_stop_and_shows_it(rig: Rig, fake: FakeGoE) -> None:
    await charge(rig, AcLimit(10))
    assert (await charge(rig, AcLimit(0))).limit == 0
    fake.unplug()
    fake.settle()
    outlet = (await rig.driver.read())[0]
    assert (outlet.state, outlet.limit) == (VehicleState.NOT_CONNECTED, 10)


async def test_a_cable_holds_the_current_back(rig: Rig, fake: FakeGoE) -> None:
    await charge(rig, AcLimit(20))
    fake.box["acu"] = 13
    assert (await rig.driver.read())[0].limit == 13


@pytest.mark.parametrize(
    ("car", "err", "told"),
    [
        (0, 0, (None, None)),
        (None, None, (None, None)),
        (1, 0, (VehicleState.NOT_CONNECTED, None)),
        (2, 0, (VehicleState.CHARGING, None)),
        (3, 0, (VehicleState.CONNECTED, None)),
        (4, 0, (VehicleState.CONNECTED, None)),
        (5, 0, (VehicleState.FAULT, "Unknown")),
        (5, 8, (VehicleState.FAULT, "No ground")),
        (3, 99, (VehicleState.FAULT, "Error 99")),
        (6, 0, (None, None)),
    ],
)
async def test_states(
    fake: FakeGoE, driver: GoE, car: int | None, err: int | None, told: tuple[VehicleState | None, str | None]
) -> None:
    fake.box.update(car=car, err=err)
    outlet = (await driver.read())[0]
    assert (outlet.state, outlet.fault) == told


@pytest.mark.parametrize(("trx", "card"), [(None, None), (0, None), (3, "3")])
async def test_a_card_is_told_by_its_place(fake: FakeGoE, driver: GoE, trx: int | None, card: str | None) -> None:
    fake.box["trx"] = trx
    assert (await driver.read())[0].card == card


@pytest.mark.parametrize(
    ("told", "stay"),
    [
        ({"lccfi": 5_369_660, "rbc": 12, "car": 2}, "12-5369660"),
        ({"lccfi": 5_369_660, "rbc": 13, "car": 4}, "13-5369660"),
        ({"lccfi": 5_369_660, "rbc": 12, "car": 1}, None),
        # A box that has just started finds a car that was there before.
        ({"lccfi": 21_000, "rbc": 13, "car": 2}, None),
        ({"lccfi": None, "rbc": 12, "car": 2}, None),
        ({"lccfi": 5_369_660, "rbc": None, "car": 2}, None),
    ],
)
async def test_a_stay_is_named_by_when_the_car_came(
    fake: FakeGoE, driver: GoE, told: dict[str, int | None], stay: str | None
) -> None:
    fake.box.update(told)
    assert (await driver.read())[0].stay == stay


@pytest.mark.parametrize("nrg", [None, [], [1, 2, 3], ["a"] * 16])
async def test_energies_that_are_none(fake: FakeGoE, driver: GoE, nrg: object) -> None:
    fake.box["nrg"] = nrg
    outlet = (await driver.read())[0]
    assert (outlet.power, outlet.currents, outlet.voltages) == (None, None, None)


async def test_given_back_as_it_was(fake: FakeGoE, driver: GoE) -> None:
    assert isinstance(driver, Restorable)
    before = dict(fake.box)
    originals = await driver.originals()
    await driver.set_limit(0, AcLimit(7))
    await driver.set_phases(0, 1)
    assert fake.box != before
    await driver.restore(originals)
    assert fake.box == before


async def test_locked_it_gives_nothing_before_somebody_is_admitted(fake: FakeGoE, driver: GoE) -> None:
    fake.box["trx"] = None
    before = await driver.originals()
    await driver.lock()
    fake.plug_in()
    await driver.set_limit(0, AcLimit(10.0))
    assert fake.given() == 0
    await driver.admit(0)
    assert fake.given() == 10
    fake.unplug()
    fake.plug_in()
    assert fake.given() == 0
    await driver.restore(before)
    assert fake.given() > 0


async def test_a_card_that_the_box_took_is_not_talked_over(fake: FakeGoE, driver: GoE) -> None:
    fake.box["trx"] = 3
    await driver.lock()
    await driver.admit(0)
    assert fake.box["trx"] == 3
    (reading,) = await driver.read()
    assert reading.card == "3"


async def test_an_access_control_of_another_kind_is_left_alone(fake: FakeGoE, driver: GoE) -> None:
    fake.box["acs"] = 2
    await driver.lock()
    assert fake.box["acs"] == 2
    del fake.box["acs"]
    await driver.lock()
    assert "lock" not in await driver.originals()
