"""Opens an epoch where a file turns out to be an older state that came back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from .chain import Entry, Kind
from .epochs import Opening, Tip, opening
from .schema import RECORD
from .writing import append, tip_of


def open_epoch(
    connection: Connection, site: str, known: Iterable[Tip], *, copied: bool, now: datetime
) -> Opening | None:
    """Open a new epoch where one is needed, and put it on record."""
    here = tip_of(connection, site)
    needed = opening(here, known=known, held=lambda tip: holds(connection, site, tip), copied=copied, now=now)
    if needed is None:
        return None
    body = {
        "from": [here.epoch, here.sequence, here.hash],
        "lost": [[tip.epoch, tip.sequence, tip.hash] for tip in needed.lost],
        "copied": copied,
    }
    entry = Entry(kind=Kind.EPOCH, subject=site, body=body, at=now)
    append(connection, site, (entry,), place=needed.place)
    return needed


def holds(connection: Connection, site: str, tip: Tip) -> bool:
    """Whether this very record is there."""
    here = (RECORD.c.site == site) & (RECORD.c.epoch == tip.epoch) & (RECORD.c.sequence == tip.sequence)
    count = select(func.count()).select_from(RECORD).where(here, RECORD.c.hash == tip.hash)
    return connection.execute(count).scalar_one() > 0
