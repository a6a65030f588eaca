"""What the ledger has on record, read as any SQL tool would: by its views, while Home Assistant writes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Final

from .home import SITE

_FILE: Final = Path("smart_evse") / "ledger.db"
_SESSIONS: Final = """
SELECT s.session, s.connector, s.energy_in_kwh, s.started, s.ended, s.marks,
  (SELECT COALESCE(SUM(i.energy_in_kwh), 0) FROM v_interval i WHERE i.site = s.site AND i.session = s.session)
FROM v_session s WHERE s.site = ? AND s.ended IS NOT NULL ORDER BY s.started
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One session on record: energies in Wh, as it says itself and as its intervals add up."""

    id: str
    charger: str
    energy: int
    in_intervals: int
    started: str
    ended: str
    marks: str


def charges(folder: Path) -> tuple[Charge, ...]:
    """Return the sessions that have ended; none as long as there is no ledger."""
    with _reading(folder) as connection:
        rows = [] if connection is None else connection.execute(_SESSIONS, (SITE,)).fetchall()
    return tuple(
        Charge(
            id=key,
            charger=connector.partition(":")[0],
            energy=round(energy * 1000),
            in_intervals=round(intervals * 1000),
            started=started,
            ended=ended,
            marks=marks,
        )
        for key, connector, energy, started, ended, marks, intervals in rows
    )


def verified(folder: Path) -> list[str]:
    """Look at every seal of the ledger, once nobody writes any more; return what is wrong."""
    # Whoever only wants to know how much is on record needs none of it.
    from custom_components.smart_evse.ledger import Ledger  # noqa: PLC0415

    ledger = Ledger.open(folder / _FILE, SITE)
    try:
        found = ledger.verify()
    finally:
        ledger.close()
    broken = [f"record {each.epoch}/{each.sequence} is {each.flaw}" for each in found.findings]
    return broken if found.records else ["there is nothing in the ledger"]


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection | None]:
    if not (folder / _FILE).exists():
        yield None
        return
    with closing(sqlite3.connect(f"file:{folder / _FILE}?mode=ro", uri=True, timeout=30)) as connection:
        try:
            connection.execute("SELECT 1 FROM v_session LIMIT 0")
        except sqlite3.OperationalError:
            # It is being made.
            yield None
            return
        yield connection
