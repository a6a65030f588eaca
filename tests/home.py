"""A site to test with: a real config entry whose charger and meter say what the test wants.

Time stands still: it passes, and devices speak, only when the test says so.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any, Protocol

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, State, SupportsResponse
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.chargers.port import Identity, OutletReading, Traits
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.coordinator import SiteCoordinator
from custom_components.smart_evse.engine.model import Limit, PerPhase, VehicleState
from custom_components.smart_evse.links.errors import Silent
from custom_components.smart_evse.meters.port import Measurement, MeterIdentity

AC = Traits(make="box", max_current=16.0)
V2G = Traits(make="box", max_current=32.0, dc=True, bidirectional=True, phases=1)

CONNECTED = OutletReading(
    state=VehicleState.CONNECTED,
    power=0.0,
    currents=PerPhase(),
    voltages=PerPhase(231.0, 230.0, 229.0),
    energy_in=1_234_000.0,
    limit=0.0,
    phases=3,
)
CHARGING = replace(CONNECTED, state=VehicleState.CHARGING, power=6900.0, currents=PerPhase(10.0, 10.1, 9.9), limit=10.0)


@dataclass(slots=True)
class Box:
    """A charger that says what it is told to say, and notes what it is commanded."""

    traits: Traits
    says: tuple[OutletReading, ...] = (CONNECTED,)
    error: Exception | None = None
    limits: list[tuple[int, Limit]] = field(default_factory=list)

    async def identify(self) -> Identity:
        return Identity(maker="Maker", model="Box", serial="SN123456", firmware="1.2")

    async def read(self) -> tuple[OutletReading, ...]:
        if self.error is not None:
            raise self.error
        return self.says

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        self.limits.append((outlet, limit))


class SwitchingBox(Box):
    """A charger that can switch its phases."""

    async def set_phases(self, outlet: int, phases: int) -> None:
        return


@dataclass(slots=True)
class Meter:
    """A meter that says what it is told to say."""

    publish: Callable[[Measurement], None] | None = None

    async def identify(self) -> MeterIdentity:
        return MeterIdentity(maker="Maker", model="Meter", cadence=1.0)

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        self.publish = publish
        await asyncio.Event().wait()


@dataclass(slots=True)
class Site:
    """A site under test. Chargers and meters are in the order of their subentries."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    entry: MockConfigEntry
    boxes: list[Box]
    meters: list[Meter]

    @property
    def coordinator(self) -> SiteCoordinator:
        coordinator: SiteCoordinator = self.entry.runtime_data
        return coordinator

    @property
    def connector(self) -> str:
        """The id of the first connector."""
        return next(iter(self.coordinator.connectors))

    async def settle(self) -> None:
        """Let everything that is due happen; the lines to the devices run on."""
        for _ in range(20):
            await asyncio.sleep(0)
        await self.hass.async_block_till_done()

    async def read(self, *says: OutletReading, box: int = 0) -> None:
        """Let a charger say something a second later, and beat."""
        self.freezer.tick(1)
        self.boxes[box].says = says
        list(self.coordinator.equipment.chargers.values())[box].reader.hurry()
        await self.settle()
        self.coordinator.beat()
        await self.settle()

    async def sample(self, power: float, *, currents: PerPhase | None = None) -> None:
        """Let the grid meter say something: W and A, positive on import."""
        publish = self.meters[0].publish
        assert publish is not None
        publish(Measurement(power=power, currents=currents or PerPhase(*[power / 3 / 230] * 3)))
        await self.settle()

    async def wait(self, seconds: float) -> None:
        """Let time pass and nothing happen."""
        self.freezer.tick(seconds)

    async def silence(self, box: int = 0) -> None:
        """Let a charger fall silent for longer than it may."""
        self.boxes[box].error = Silent("no answer")
        self.freezer.tick(60)
        self.coordinator.beat()
        await self.settle()

    def state(self, platform: str, key: str, owner: str | None = None) -> State:
        """Return the state of an entity of the first connector, or of another owner."""
        state = self.hass.states.get(self.entity_id(platform, key, owner))
        assert state is not None, f"{platform} {key} has no state"
        return state

    def entity_id(self, platform: str, key: str, owner: str | None = None) -> str:
        """Return the entity of a row's key."""
        unique_id = f"{owner or self.connector}_{key}"
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, f"there is no {platform} {key}"
        return entity_id

    async def call(self, domain: str, action: str, **data: object) -> dict[str, Any]:
        """Call an action and wait for what comes of it."""
        answers = self.hass.services.supports_response(domain, action) is SupportsResponse.ONLY
        answer = await self.hass.services.async_call(domain, action, data, blocking=True, return_response=answers)
        await self.settle()
        return dict(answer or {})


class MakeSite(Protocol):
    """Sets up a site with the given chargers and their subentries."""

    async def __call__(
        self,
        *boxes: Box,
        chargers: tuple[ConfigSubentryData, ...] = (),
        others: tuple[ConfigSubentryData, ...] = (),
        options: Mapping[str, object] | None = None,
        title: str = "Home",
    ) -> Site: ...


def charger(title: str = "Garage", *, unique_id: str = "", **data: object) -> ConfigSubentryData:
    """Return the subentry of a charger."""
    known: Mapping[str, object] = {"make": "demo", "phase_map": "123", "max_current": 16.0, "unguarded": True}
    return ConfigSubentryData(
        data={**known, **data}, subentry_type="charger", title=title, unique_id=unique_id or f"demo_{title}"
    )


GRID = ConfigSubentryData(data={"kind": "demo"}, subentry_type="meter", title="Meter at the door", unique_id=None)


@pytest.fixture
def make_site(hass: HomeAssistant, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch) -> MakeSite:
    """Return what sets up a site with the given chargers and their subentries."""

    async def make(
        *boxes: Box,
        chargers: tuple[ConfigSubentryData, ...] = (),
        others: tuple[ConfigSubentryData, ...] = (),
        options: Mapping[str, object] | None = None,
        title: str = "Home",
    ) -> Site:
        known = list(boxes) or [Box(AC)]
        waiting, meters = cycle(known), list[Meter]()

        def open_meter(*_: object) -> Meter:
            meters.append(Meter())
            return meters[-1]

        # The drivers have tests of their own: what is tested here begins where they end.
        monkeypatch.setattr("custom_components.smart_evse.chargers.open_charger", lambda *_: next(waiting))
        monkeypatch.setattr("custom_components.smart_evse.meters.open_meter", open_meter)
        config = MockConfigEntry(
            domain=DOMAIN,
            title=title,
            data={"name": title, "phases": 3, "fuse": 25.0},
            options={"house_maximum": 10.0, **(options or {})},
            subentries_data=[*(chargers or (charger(),)), GRID, *others],
        )
        config.add_to_hass(hass)
        assert await hass.config_entries.async_setup(config.entry_id)
        site = Site(hass, freezer, config, known, meters)
        await site.settle()
        await site.sample(1000.0)
        return site

    return make
