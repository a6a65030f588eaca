"""A meter by the entities that Home Assistant already has of it: of the grid, the sun or a home battery.

The power comes as one signed entity, as an import and an export, or phase by phase; currents may
come beside it. Of a circuit below the main fuse the currents are enough. A sample is one round of
reports: what belongs together is handed over once all of it has been reported again, be it with the
same value. A direction in which nothing flows may rest at 0 without a word while the other one speaks.

An entity that is unavailable, or one that has fallen silent, leaves no sample at all: a phase that
is left out is never taken for an idle one. A battery's state of charge is slow and waited for by nobody.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from ..engine.model import VOLTAGE, PerPhase
from ..links.errors import DeviceError, Silent, Unusable
from ..links.states import EntityPort, EntityState, Quantity, measured, required
from .currents import Phase, per_phase
from .port import Measurement, MeterIdentity

ROUND: Final = 0.3
"""How long the entities of one round may take to come in, in s; two topics of one telegram arrive apart."""

SILENCE: Final[Mapping[str, float]] = {"grid": 90.0, "solar": 900.0, "battery": 900.0}
"""How long no sample may come, in s, by role: an inverter sleeps at night, a grid meter never."""

_LINES: Final = ("l1", "l2", "l3")
_CURRENTS: Final = ("current_l1", "current_l2", "current_l3")
_QUANTITIES: Final[Mapping[str, Quantity]] = {
    **dict.fromkeys(("power", "import", "export", *_LINES), Quantity.POWER),
    **dict.fromkeys(_CURRENTS, Quantity.CURRENT),
    "soc": Quantity.SHARE,
}


class EntityMeter:
    """A meter behind entities.

    `entities` maps `power`, or `import` and `export`, or `l1` to `l3`, and beside them `current_l1`
    to `current_l3` and, of a battery, `soc` to entity ids. Power is positive on import (`role`
    "grid") or on discharge ("battery"), the other way round with `invert`; of the sun ("solar") only
    the amount counts. `phases` and `voltage` (V) are the site's. `silence` is in s. The meter of a
    `circuit` may have currents alone.
    """

    def __init__(  # noqa: PLR0913 (what to listen to, and what to make of it at this site)
        self,
        port: EntityPort,
        entities: Mapping[str, str],
        *,
        role: str = "grid",
        phases: int = 3,
        voltage: float = VOLTAGE,
        invert: bool = False,
        circuit: bool = False,
        silence: float | None = None,
    ) -> None:
        self._port = port
        self._entities = {key: entity_id for key, entity_id in entities.items() if key in _QUANTITIES}
        known = self._entities.keys()
        if not known & {"power", "import", "l1"}:
            if not circuit or not known >= {*_CURRENTS[:phases]}:
                raise Unusable("no entity for the power")
        elif not known & {"power", "import"} and not known >= {*_LINES[:phases]}:
            raise Unusable("not every phase has an entity for its power")
        self._solar = role == "solar"
        self._phases = phases
        self._voltage = voltage
        self._sign = -1.0 if invert else 1.0
        self._silence = SILENCE[role] if silence is None else silence
        self._taken: dict[str, float] = {}

    async def identify(self) -> MeterIdentity:
        """Look at every entity once; `Silent` while one is away, `Unusable` when one measures something else."""
        states = [self._required(key) for key in self._entities]
        name = states[0].attributes.get("friendly_name")
        return MeterIdentity(
            maker="Home Assistant",
            model=name if isinstance(name, str) and name else states[0].entity_id,
            phases=len(_LINES) if self._entities.keys() >= {*_LINES} or self._entities.keys() >= {*_CURRENTS} else None,
        )

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over each round of reports once, as soon as it is whole."""
        rounds = _Rounds(self, publish)
        stop = self._port.listen(set(self._entities.values()), rounds.heard)
        try:
            rounds.look()
            await rounds.watch(self._silence)
        finally:
            rounds.end()
            stop()

    def sample(self, *, late: bool) -> Measurement | None:
        """Return a sample that was not handed over yet, `None` while its round is not whole.

        `late` says that the round has had its time: a direction that rests is not waited for any more.
        """
        states = {key: self._port.get(entity_id) for key, entity_id in self._entities.items()}
        values = {key: measured(state, _QUANTITIES[key]) for key, state in states.items()}
        awaited = self._entities.keys() - {"soc"}
        if any(values[key] is None for key in awaited):
            return None
        known = {key: state for key, state in states.items() if state is not None and key in awaited}
        new = {key for key, state in known.items() if state.serial != self._taken.get(key)}
        missing = known.keys() - new
        resting = {key for key in missing & {"import", "export"} if late and values[key] == 0}
        if not new or missing - resting:
            return None
        self._taken = {key: state.serial for key, state in known.items()}
        return self._measurement(values, max(known[key].ago for key in new))

    def _measurement(self, values: Mapping[str, float | None], ago: float) -> Measurement:
        power = self._power(values)
        if self._solar:
            return Measurement(power=abs(power), ago=ago)
        powers = per_phase([self._turned(values.get(key)) for key in _LINES], self._phases)
        return Measurement(
            power=power,
            powers=powers,
            currents=self._currents(values, power),
            soc=values.get("soc"),
            ago=ago,
        )

    def _power(self, values: Mapping[str, float | None]) -> float:
        if (power := values.get("power")) is not None:
            return self._sign * power
        if "import" in values:
            # Some meters tell what is exported as a negative number.
            return self._sign * ((values["import"] or 0.0) - abs(values.get("export") or 0.0))
        if "l1" in values:
            return self._sign * sum(values.get(key) or 0.0 for key in _LINES)
        return self._voltage * sum(self._own_sign(values.get(key)) or 0.0 for key in _CURRENTS)

    def _currents(self, values: Mapping[str, float | None], power: float) -> PerPhase | None:
        """Sign each current by the power of its phase.

        Without that power an export is one that the entity itself calls negative. Everything else
        counts as import, which can only be too careful.
        """
        found: list[float | None] = []
        for line, key in zip(_LINES, _CURRENTS, strict=True):
            watts = self._turned(values.get(line))
            if watts is None and self._phases == 1:
                watts = power
            current = values.get(key)
            phase = Phase(power=watts, current=current, voltage=self._voltage)
            found.append(self._own_sign(current) if watts is None else phase.signed_current)
        return per_phase(found, self._phases)

    def _own_sign(self, current: float | None) -> float | None:
        return abs(current) if current is not None and self._sign < 0 else current

    def _turned(self, value: float | None) -> float | None:
        return None if value is None else self._sign * value

    def _required(self, key: str) -> EntityState:
        state = required(self._port.get(self._entities[key]), self._entities[key])
        measured(state, _QUANTITIES[key])
        return state


class _Rounds:
    """Waits for the rounds of one run."""

    def __init__(self, meter: EntityMeter, publish: Callable[[Measurement], None]) -> None:
        self._meter = meter
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()
        self._error: DeviceError | None = None

    def heard(self, entity_id: str) -> None:
        """Take a report of one of the entities."""
        if not self.look() and self._timer is None:
            self._timer = self._loop.call_later(ROUND, self._give_up_waiting)

    def look(self, *, late: bool = False) -> bool:
        """Hand over a sample if there is a new one."""
        try:
            sample = self._meter.sample(late=late)
        except DeviceError as err:
            self._error = err
            self._news.set()
            return False
        if sample is None:
            return False
        self.end()
        self._news.set()
        self._publish(sample)
        return True

    async def watch(self, silence: float) -> None:
        """Return never; raise when nothing has come for `silence` s or an entity cannot be used."""
        while self._error is None:
            self._news.clear()
            try:
                async with asyncio.timeout(silence):
                    await self._news.wait()
            except TimeoutError as err:
                raise Silent(f"its entities have reported nothing whole for {silence:g} s") from err
        raise self._error

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up_waiting(self) -> None:
        self._timer = None
        self.look(late=True)
