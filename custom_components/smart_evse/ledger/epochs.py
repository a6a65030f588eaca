"""Which epoch a ledger writes in.

A backup that is restored goes on from an old state: what it would number next has been numbered before, perhaps on a
replica, perhaps on a document that somebody holds. So it opens an epoch of its own, above everything that is known.

An epoch is named by the millisecond in which it was opened: two that were opened from the same backup, neither knowing
of the other, differ all the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from .chain import GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The last record of a site as somebody knows it. Keep it outside of the file, and tell it when it is opened."""

    epoch: int = 0
    sequence: int = 0
    hash: str = GENESIS

    def after(self) -> Tip:
        """Return the place of the next record, with the hash that it holds on to."""
        return Tip(epoch=self.epoch, sequence=self.sequence + 1, hash=self.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A new epoch: its first place, and what is known to be lost."""

    place: Tip
    lost: tuple[Tip, ...] = ()

    @property
    def restored(self) -> bool:
        """Whether it is an old state that came back, and not the first record of a new site."""
        return bool(self.lost) or self.place.sequence > 1


def opening(
    here: Tip,
    *,
    known: Iterable[Tip],
    held: Callable[[Tip], bool],
    copied: bool,
    now: datetime,
) -> Opening | None:
    """Return the epoch to open; `None` to go on in the one that is.

    `here` is the last record of this file, `known` what others say was the last: a token kept outside of it, a replica.
    `held` tells whether this file has that very record. `copied` says that this file was made by a backup.
    """
    lost = tuple(tip for tip in known if tip.sequence and not held(tip))
    if here.sequence and not lost and not copied:
        return None
    everything = (here, *lost)
    epoch = max(int(now.timestamp() * 1000), max(tip.epoch for tip in everything) + 1)
    sequence = max(tip.sequence for tip in everything) + 1
    return Opening(place=Tip(epoch=epoch, sequence=sequence, hash=here.hash), lost=lost)
