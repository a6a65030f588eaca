"""How many phases a car uses: learned from what flows, for as long as it is plugged in.

A one-phase car on a three-phase box leaves two phases to others. It is believed once it has charged for a while with
nothing on the others, and no longer once something flows there.
"""

from dataclasses import replace

from .model import ConnectorMemory, ConnectorReading, ConnectorSettings

FLOWING = 1.0
"""More than this on a phase and the phase is in use, in A."""

_NOTHING = 0.5
"""Less than this on a phase and the phase is not in use, in A."""

_SURE = 20.0
"""A car was seen for so long before it is believed, in s: some take their phases one after another."""


def learn_phases(
    settings: ConnectorSettings, memory: ConnectorMemory, reading: ConnectorReading | None, now: float
) -> ConnectorMemory:
    """Return the memory with how many phases this car is known to use."""
    if reading is None or reading.currents is None:
        return memory
    if reading.state is not None and not reading.state.plugged:
        known = memory.car_phases, memory.narrow_since
        return memory if known == (None, None) else replace(memory, car_phases=None, narrow_since=None)
    flows = [abs(reading.currents[phase]) for phase in settings.phase_map]
    used = max((index + 1 for index, amps in enumerate(flows) if amps > FLOWING), default=0)
    if memory.car_phases is not None and used > memory.car_phases:
        return replace(memory, car_phases=None, narrow_since=None)
    switched_on = reading.current_phases or memory.phases or len(flows)
    narrow = 0 < used < min(switched_on, len(flows)) and all(amps < _NOTHING for amps in flows[used:])
    if not narrow:
        return memory if memory.narrow_since is None else replace(memory, narrow_since=None)
    since = now if memory.narrow_since is None else memory.narrow_since
    return replace(memory, narrow_since=since, car_phases=used if now - since >= _SURE else memory.car_phases)
