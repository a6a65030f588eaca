"""Any charger that Home Assistant already knows, by the entities of its own integration.

Reads a status, and where they are mapped power, lifetime energy and currents, a card, what the box read from the car
and what it calls the session; writes a current
(`number` or `input_number`), switches it on and off (`switch` or `input_boolean`) and its phases
(`select` or `switch`).

A charger without a switch is stopped by a current of 0, which its number then has to allow.

How fresh a reading is: while energy flows, as old as the last report of what measures it, new value
or not. At rest, an integration that only speaks of changes says nothing for hours; as long as its
entities are available, what they say holds.

Watchdog and flash: unknown. Many integrations write the current to the box's persistent memory and
offer a "dynamic" one beside it, which is the one to map; nobody can tell from here.
"""

from collections.abc import Mapping
from dataclasses import replace
import re
from types import MappingProxyType
from typing import Final

from ..engine.model import Limit, PerPhase, VehicleState
from ..links.errors import Refused, Unusable
from ..links.states import EntityPort, EntityState, Quantity, measured, required
from .port import Identity, OutletReading, Traits, amps_of
from .status_words import meaning, word_of

TRAITS = Traits(make="entities", max_current=63.0, timeout=25.0, spacing=5.0, settle=20.0, max_age=150.0, wears=True)
"""Whether a current is written to permanent memory nobody can tell from here, so it is taken to be.

Two actions in a row may ask a cloud, and a box that is polled shows its answer a round later."""

FLOWING: Final = 100.0
"""More than any charger uses for itself, in W: a car is being charged."""

STILL: Final = 0.5
"""Below this no current flows into a car, in A."""

_NONE: Final = frozenset({"", "0", "none", "null", "no", "idle", "n_a", "na", "no_card", "no_tag", "not_available"})
"""Words for nothing, as integrations say them."""

_PHASES: Final = re.compile(r"(?:(1|one|single|mono|ein|een)|(3|three|tri|drei|drie))(?:ph?|phas\w*|fas\w*)?")
"""A word that names a number of phases: "1", "3p", "single", "threephasic", "dreiphasig"."""


class EntityCharger:
    """A charger behind entities, one outlet.

    `entities` maps `status`, `current_number` and, where there are such, `power`, `energy`,
    `enable`, `phase_select`, `current_l1` to `current_l3` (the charger's own phases), `card`, `vehicle_id` and
    `stay` (what the charger calls a session or transaction) to entity ids. `states` says what the words of the status
    mean, as the letters of IEC 61851-1.
    """

    def __init__(
        self, port: EntityPort, entities: Mapping[str, str], states: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        for key in ("status", "current_number"):
            if key not in entities:
                raise Unusable(f"no entity for {key}")
        self._port = port
        self._entities = dict(entities)
        self._states = {word_of(word): _letter(letter) for word, letter in states.items()}
        self._enabled: bool | None = None
        self._traits = replace(TRAITS, has_register="energy" in entities)

    @property
    def traits(self) -> Traits:
        """What the number allows, as soon as it was seen; it keeps its last word while it is away."""
        number = self._get("current_number")
        if number is not None and number.known and number.unit in Quantity.CURRENT.units:
            self._traits = _within(self._traits, number)
        return self._traits

    async def identify(self) -> Identity:
        """Look at every entity once: each has to be there and measure the right thing.

        `Silent` while one of those that are needed is away, `Unusable` when the charger could not
        be controlled by what was mapped.
        """
        status = required(self._get("status"), self._entities["status"])
        number = required(self._get("current_number"), self._entities["current_number"])
        least = _bound(number, "min", 0.0)
        if "enable" not in self._entities and least > 0:
            raise Unusable(f"{number.entity_id} does not go down to 0, and there is no switch to stop a charge")
        self._reading(status)
        return Identity(
            maker="Home Assistant",
            model=_name(status),
            max_current=min(_bound(number, "max", TRAITS.max_current), TRAITS.max_current),
            switches_phases="phase_select" in self._entities,
        )

    async def read(self) -> tuple[OutletReading, ...]:
        """Return what the entities say now; `Silent` while nobody knows the status."""
        return (self._reading(required(self._get("status"), self._entities["status"])),)

    async def set_limit(self, outlet: int, limit: Limit) -> None:
        """Set the current, then switch on; a limit of 0 switches off and leaves the current alone."""
        amps = amps_of(self.traits, outlet, limit)
        if amps == 0:
            await self._stop()
            return
        await self._set_current(amps)
        if "enable" in self._entities:
            await self._switch(on=True)

    async def set_phases(self, outlet: int, phases: int) -> None:
        """Choose between one phase and three; `Refused` when there is nothing to choose with."""
        if outlet != 0 or phases not in (1, 3):
            raise Refused(f"outlet {outlet} has no {phases} phases to choose")
        entity_id = self._entities.get("phase_select")
        if entity_id is None:
            raise Refused("no entity for the phases")
        state = required(self._port.get(entity_id), entity_id)
        domain = _domain(entity_id)
        if domain in ("select", "input_select"):
            await self._port.act(domain, "select_option", entity_id, option=_option(state, phases))
        else:
            on = phases == _switched_on_phases(state)
            await self._port.act(domain, "turn_on" if on else "turn_off", entity_id)

    async def _stop(self) -> None:
        if "enable" in self._entities:
            await self._switch(on=False)
        else:
            await self._set_current(0.0)

    async def _switch(self, *, on: bool) -> None:
        """Switch unless it is as we left it: to some boxes a second "on" is a new start."""
        entity_id = self._entities["enable"]
        state = required(self._port.get(entity_id), entity_id)
        if self._enabled is on and state.value == ("on" if on else "off"):
            return
        self._enabled = None
        await self._port.act(_domain(entity_id), "turn_on" if on else "turn_off", entity_id)
        self._enabled = on

    async def _set_current(self, amps: float) -> None:
        entity_id = self._entities["current_number"]
        number = required(self._port.get(entity_id), entity_id)
        least, most, step = _bound(number, "min", 0.0), _bound(number, "max", amps), _bound(number, "step", 1.0)
        if amps < least:
            raise Refused(f"{entity_id} does not go below {least:g} A")
        # Some boxes lower their maximum to that of the cable; less than was asked for is always safe.
        steps = int((min(amps, most) - least) / step + 1e-6) if step > 0 else 0
        value = round((least + steps * step) / _factor(number), 6)
        await self._port.act(_domain(entity_id), "set_value", entity_id, value=value)

    def _reading(self, status: EntityState) -> OutletReading:
        power = self._measured("power", Quantity.POWER)
        currents = self._currents()
        state = self._state(status, power)
        resting = state is not None and not state.charging and not _flows(power, currents)
        return OutletReading(
            state=state,
            power=power,
            currents=currents,
            energy_in=self._measured("energy", Quantity.ENERGY),
            limit=self._limit(),
            phases=self._phases(),
            card=self._told("card"),
            vehicle_id=self._told("vehicle_id"),
            stay=self._told("stay"),
            fault=status.value if state is not None and state.faulty else None,
            ago=0.0 if resting else self._ago(),
        )

    def _state(self, status: EntityState, power: float | None) -> VehicleState | None:
        kind = status.attributes.get("device_class")
        state = meaning(status.value, self._states, kind if isinstance(kind, str) else None)
        if kind == "plug" and state is VehicleState.CONNECTED and _flows(power, None):
            return VehicleState.CHARGING
        return state

    def _limit(self) -> float | None:
        enable = self._get("enable")
        if enable is not None and enable.value == "off":
            return 0.0
        return self._measured("current_number", Quantity.CURRENT)

    def _currents(self) -> PerPhase | None:
        """The currents of all phases that were mapped; one that is not known leaves all unknown."""
        keys = [key for key in ("current_l1", "current_l2", "current_l3") if key in self._entities]
        known = {key: self._measured(key, Quantity.CURRENT) for key in keys}
        if not keys or None in known.values():
            return None
        return PerPhase(**{key.removeprefix("current_"): value for key, value in known.items() if value is not None})

    def _phases(self) -> int | None:
        state = self._get("phase_select")
        if state is None or not state.known:
            return None
        if state.value in ("on", "off"):
            on = _switched_on_phases(state)
            return on if state.value == "on" else 4 - on
        return _spelled(state.value)

    def _ago(self) -> float:
        """How old the measurement is, or the status where nothing measures."""
        keys = ("power", "current_l1", "current_l2", "current_l3")
        ages = [state.ago for key in keys if (state := self._get(key)) is not None and state.known]
        if not ages and (status := self._get("status")) is not None:
            return status.ago
        return min(ages, default=0.0)

    def _get(self, key: str) -> EntityState | None:
        entity_id = self._entities.get(key)
        return None if entity_id is None else self._port.get(entity_id)

    def _told(self, key: str) -> str | None:
        """Return a word that is told; some say in a word that there is none."""
        state = self._get(key)
        if state is None or not state.known or word_of(state.value) in _NONE:
            return None
        return state.value

    def _measured(self, key: str, quantity: Quantity) -> float | None:
        return measured(self._get(key), quantity)


def _letter(letter: str) -> VehicleState:
    try:
        return VehicleState(letter.upper())
    except ValueError as err:
        raise Unusable(f"{letter} is no state of a vehicle") from err


def _flows(power: float | None, currents: PerPhase | None) -> bool:
    return (power is not None and abs(power) > FLOWING) or any(abs(amps) > STILL for amps in currents or ())


def _within(traits: Traits, number: EntityState) -> Traits:
    least = max(_bound(number, "min", 0.0), TRAITS.min_current)
    step = _bound(number, "step", 1.0)
    return replace(
        traits,
        min_current=least,
        max_current=max(least, min(_bound(number, "max", TRAITS.max_current), TRAITS.max_current)),
        step=step if 0 < step <= 1 else 1.0,
    )


def _bound(number: EntityState, name: str, default: float) -> float:
    """Return what the number says of its own range, in A."""
    value = number.attributes.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return value * _factor(number)


def _factor(number: EntityState) -> float:
    if (factor := Quantity.CURRENT.units.get(number.unit or "")) is None:
        raise Unusable(f"{number.entity_id} is in {number.unit or 'no unit'}, and that is no current")
    return factor


def _domain(entity_id: str) -> str:
    return entity_id.partition(".")[0]


def _name(state: EntityState) -> str:
    name = state.attributes.get("friendly_name")
    return name if isinstance(name, str) and name else state.entity_id


def _spelled(text: str) -> int | None:
    """Read "3 phases", "three_phase", "Single", "1p"; `None` when both or neither are named ("auto 1/3")."""
    matches = [match for word in word_of(text).split("_") if (match := _PHASES.fullmatch(word))]
    found = {1 if match[1] else 3 for match in matches}
    return found.pop() if len(found) == 1 else None


def _option(state: EntityState, phases: int) -> str:
    options = state.attributes.get("options")
    for option in options if isinstance(options, list | tuple) else ():
        if isinstance(option, str) and _spelled(option) == phases:
            return option
    raise Refused(f"{state.entity_id} has no option for {phases} phases")


def _switched_on_phases(state: EntityState) -> int:
    """Say what "on" stands for: a switch is named for what it does ("force single phase", "three phases")."""
    return 1 if _spelled(f"{state.entity_id.partition('.')[2]} {_name(state)}") == 1 else 3
