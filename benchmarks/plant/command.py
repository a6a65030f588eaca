"""What a law may say to an outlet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A current for each phase in A and how many phases, or a DC power in W (negative into the house); 0 is off."""

    amps: float = 0.0
    phases: int = 3
    watts: float = 0.0


OFF = Command()
