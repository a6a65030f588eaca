"""The book of evidence: what meters signed over sessions, and the keys that they are known by."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
import hashlib
from itertools import batched
import json

from sqlalchemy import select

from ..signed.model import KeptValue, KeyState, MeterKey, Signed
from .chain import Entry, Kind
from .ledger import Ledger
from .schema import METER_KEY, PERSON, SIGNED_VALUE
from .writing import append

_MANY = 500


class EvidenceBook:
    """What one site's meters have signed. Nothing is judged here: who asks judges by the keys that hold then."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def keep(
        self, session: str, signed: Signed, *, meter: str | None, driver: str | None, at: datetime | None = None
    ) -> str:
        """Put on record what was signed over a session, as it came; return the session that it is kept with.

        Told again it changes nothing, and stays with the session it was first told of. `meter` is the number of who
        signed. What is signed may name a card: it goes when the `driver` goes.
        """
        text_hash = hashlib.sha256(signed.text.encode()).hexdigest()
        with self.ledger.database.write() as connection:
            here = (SIGNED_VALUE.c.site == self.ledger.site) & (SIGNED_VALUE.c.text_hash == text_hash)
            known: str | None = connection.execute(select(SIGNED_VALUE.c.session).where(here).limit(1)).scalar()
            if known is not None:
                return known
            entry = Entry(
                kind=Kind.SIGNED,
                subject=session,
                body={"meter": meter, "text_hash": text_hash},
                at=at or datetime.now(UTC),
                personal=asdict(signed),
                owner=driver,
            )
            append(connection, self.ledger.site, (entry,))
        return session

    def of(self, sessions: Iterable[str]) -> dict[str, tuple[KeptValue, ...]]:
        """Return what is kept of sessions, in the order in which it came; nothing for those that have none."""
        found: dict[str, tuple[KeptValue, ...]] = {}
        rows = select(SIGNED_VALUE, PERSON.c.body).outerjoin(PERSON, PERSON.c.digest == SIGNED_VALUE.c.digest)
        rows = rows.where(SIGNED_VALUE.c.site == self.ledger.site)
        rows = rows.order_by(SIGNED_VALUE.c.epoch, SIGNED_VALUE.c.sequence)
        with self.ledger.database.read() as connection:
            for some in batched(sessions, _MANY, strict=False):
                for row in connection.execute(rows.where(SIGNED_VALUE.c.session.in_(some))):
                    kept = KeptValue(
                        session=row.session,
                        at=datetime.fromisoformat(row.at),
                        meter=row.meter,
                        signed=None if row.body is None else Signed(**json.loads(row.body)),
                    )
                    found[row.session] = (*found.get(row.session, ()), kept)
        return found

    def pin(self, meter: str, key: str, state: KeyState, *, by: str | None = None, at: datetime | None = None) -> bool:
        """Put on record that a meter signs with a key (hex of DER), or that it does not; say whether that is news.

        That a key was seen is no news once anything is known of it. `by` is the id of who confirmed or refused it.
        """
        known = {one.key: one.state for one in self.keys() if one.meter == meter}
        if known.get(key) is state or (state is KeyState.SEEN and key in known):
            return False
        body = {"key": key, "state": state.value, "by": by}
        self.ledger.append(Entry(kind=Kind.METER_KEY, subject=meter, body=body, at=at or datetime.now(UTC)))
        return True

    def keys(self) -> tuple[MeterKey, ...]:
        """Return all keys that are known, by meter, the first one first."""
        rows = select(METER_KEY).where(METER_KEY.c.site == self.ledger.site)
        with self.ledger.database.read() as connection:
            found = connection.execute(rows.order_by(METER_KEY.c.meter, METER_KEY.c.number)).all()
        return tuple(
            MeterKey(meter=row.meter, key=row.key, state=KeyState(row.state), at=datetime.fromisoformat(row.at))
            for row in found
        )
