"""What a connector is about to get: the claims on it, and the little that every rule needs to know."""

from dataclasses import dataclass

from .model import Claim, ClaimKind, ConnectorMemory, ConnectorReading, ConnectorSettings, Rank, Reason, ReasonKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One connector at one instant: what is wanted of it, what it says, what is remembered.

    `reading` is `None` when there is none that may be acted on; `last` is then still what it said
    last, if it ever said anything. `phases` are the grid phases in use, `per_amp` the W that one
    ampere on each of them makes.
    """

    settings: ConnectorSettings
    memory: ConnectorMemory
    reading: ConnectorReading | None
    last: ConnectorReading | None
    phases: tuple[int, ...]
    per_amp: float

    @property
    def plugged(self) -> bool:
        """Whether a car may be there: a charger that does not say is taken to have one."""
        return self.reading is not None and (self.reading.state is None or self.reading.state.plugged)

    @property
    def running(self) -> bool:
        """Whether the connector was last allowed to charge."""
        return (self.memory.amps or 0.0) > 0

    @property
    def amps(self) -> float | None:
        """The measured current for each phase in use, positive into the car."""
        if self.reading is None:
            return None
        if self.reading.currents is not None:
            return max((self.reading.currents[phase] for phase in self.phases), key=abs, default=0.0)
        return None if self.reading.power is None else self.reading.power / self.per_amp

    @property
    def watts(self) -> float | None:
        """The measured power, from the currents where the charger tells no power."""
        if self.reading is None:
            return None
        if self.reading.power is not None:
            return self.reading.power
        if self.reading.currents is not None:
            return self.reading.currents.total * self.per_amp / len(self.phases)
        return None


_TENTHS = frozenset({"amps", "headroom", "minimum"})
"""The figures worth a decimal: the others jump about by more than that."""


def reason(key: ReasonKey, **figures: float | str) -> Reason:
    """Make a reason, its figures written as plain numbers (`reasons.py` says which belong to it)."""
    return Reason(key, tuple((name, _plain(name, value)) for name, value in figures.items()))


def _plain(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return value
    if name == "price":
        return f"{value:.3f}"
    return f"{value:.1f}".removesuffix(".0") if name in _TENTHS else f"{value:.0f}"


def phase_name(phase: int) -> str:
    """Return what people call a grid phase (0 to 2)."""
    return f"L{phase + 1}"


def ceiling(rank: Rank, amps: float, why: Reason) -> Claim:
    """Claim that the car takes no more than this."""
    return Claim(rank=rank, kind=ClaimKind.CEILING, amps=max(0.0, amps), reason=why)


def discharge(rank: Rank, amps: float, why: Reason) -> Claim:
    """Claim that the car gives no more than this (an amount, not a negative number)."""
    return Claim(rank=rank, kind=ClaimKind.DISCHARGE, amps=max(0.0, amps), reason=why)


def floor(rank: Rank, amps: float, why: Reason) -> Claim:
    """Claim that the car gets at least this, where it fits."""
    return Claim(rank=rank, kind=ClaimKind.FLOOR, amps=amps, reason=why)


def target(rank: Rank, amps: float, why: Reason) -> Claim:
    """Claim that the car gets this, negative to give."""
    return Claim(rank=rank, kind=ClaimKind.TARGET, amps=amps, reason=why)
