"""When Home Assistant is killed, and what the cars do meanwhile: the same for the same seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

_LONGEST: Final = 10.0
_STARTING: Final = 2.5
"""Within so many s of its start a Home Assistant is still reading its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One life of Home Assistant, which ends `after` s: of its start, or of being up.

    `leaves` is the charger whose car leaves in this life and makes way for the next. With `unseen` it does so after the
    kill: nobody looks.
    """

    after: float
    while_starting: bool = False
    leaves: str | None = None
    unseen: bool = False


def rounds(kills: int, seed: int, chargers: Sequence[str]) -> Iterator[Round]:
    """Draw so many lives; every fourth ends while it starts, in every third a car leaves, now and then unseen."""
    rng = Random(seed)
    for number in range(kills):
        leaves = chargers[number // 3 % len(chargers)] if number % 3 == 1 else None
        if number % 4 == 3 and leaves is None:
            yield Round(after=rng.uniform(0.2, _STARTING), while_starting=True)
        else:
            unseen = leaves is not None and number % 2 == 0
            yield Round(after=rng.uniform(0.0, _LONGEST), leaves=leaves, unseen=unseen)
