"""The time between two cars, and the beginning of a session.

A connector without a car remembers its register. What the register shows when we look again after a restart has
gone into some car: into the one that is there now, or into one that came and went unseen.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from ..model import ConnectorId
from .counter import Counter, Step, begin, read
from .model import Ends, Interval, Mark, SessionRecord
from .moment import Identity, Moment
from .opened import OpenInterval, OpenSession, Terms
from .passing import passed

_OWN_USE = 10.0
"""What a box takes for itself at most, in W: some registers count it."""


def session_id(connector: ConnectorId, started: datetime, register: float | None) -> str:
    """Return the id of a session: the same whenever the same session is told again. `register` is in Wh."""
    shown = None if register is None else round(register)
    return blake2b(f"{connector} {started.isoformat()} {shown}".encode(), digest_size=10).hexdigest()


def fresh(moment: Moment) -> OpenSession:
    """Begin a session with this reading."""
    identity = moment.identity
    return OpenSession(
        id=session_id(moment.connector, moment.at, moment.energy_in),
        connector=moment.connector,
        started=moment.at,
        updated=moment.at,
        until=moment.at,
        at=moment.at,
        now=moment.now,
        run=moment.run,
        heard=moment.now,
        heard_run=moment.run,
        interval=OpenInterval(
            start=moment.at,
            terms=Terms(
                import_price=moment.import_price,
                export_price=moment.export_price,
                driver=identity.driver,
                tariff=identity.tariff,
            ),
        ),
        taken=begin(moment.energy_in),
        given=begin(moment.energy_out),
        power=moment.power or 0.0,
        vehicle_counter=moment.vehicle_energy,
        soc=Ends(start=moment.soc, stop=moment.soc),
        odometer=Ends(start=moment.odometer, stop=moment.odometer),
        identity=identity,
        charger_session=moment.charger_session,
        currency=moment.currency,
    )


def empty(moment: Moment) -> OpenSession:
    """Look at a connector for the first time, and at its register: the first car ever begins there."""
    nobody = replace(moment, power=None, vehicle_energy=None, soc=None, odometer=None, identity=Identity())
    return replace(fresh(nobody), id="", active=False, charger_session=None)


def begun_unseen(idle: OpenSession, moment: Moment) -> OpenSession:
    """Begin a session at the reading before this one, the last without a car, if the register has moved since.

    While readings follow each other closely the car came with this one all the same.
    """
    new = fresh(moment)
    taken, given = unseen(idle, moment)
    if not taken and not given:
        return new
    began = moment.at if passed(idle, moment).watched else min(idle.until, moment.at)
    return replace(
        new,
        id=session_id(moment.connector, began, idle.taken.last),
        started=began,
        until=began,
        at=idle.at,
        now=idle.now,
        run=idle.run,
        interval=replace(new.interval, start=began),
        taken=_from(idle.taken, new.taken),
        given=_from(idle.given, new.given),
        power=0.0,
    )


def _from(idle: Counter, new: Counter) -> Counter:
    return new if idle.last is None or new.last is None else Counter(first=idle.last, last=idle.last)


def unseen(idle: OpenSession, moment: Moment) -> tuple[int, int]:
    """Return the Wh that registers show more than when they were last read without a car, beyond a box's own use."""
    time = passed(idle, moment)
    step = Step(seconds=time.seconds, most=moment.most)
    own = _OWN_USE * time.seconds / 3600
    taken, given = _shown(idle.taken, moment.energy_in, step), _shown(idle.given, moment.energy_out, step)
    return (taken, given) if max(taken, given) > own else (0, 0)


def _shown(counter: Counter, value: float | None, step: Step) -> int:
    """Return the Wh that one register shows more; one that ran backwards or leapt shows nothing."""
    if counter.last is None or value is None:
        return 0
    plain = Counter(first=counter.last, last=counter.last)
    return read(plain, value, step).counter.booked


def waiting(idle: OpenSession, moment: Moment) -> OpenSession:
    """Carry a connector without a car on: its register is where the next session begins."""
    return replace(
        idle,
        at=moment.at,
        now=moment.now,
        run=moment.run,
        heard=moment.now,
        heard_run=moment.run,
        until=moment.at,
        stray=False,
        taken=_read_again(idle.taken, moment.energy_in),
        given=_read_again(idle.given, moment.energy_out),
        charger_session=None,
    )


def _read_again(counter: Counter, value: float | None) -> Counter:
    return counter if value is None else replace(counter, last=round(value), doubted=None, room=0.0)


def passed_unseen(idle: OpenSession, moment: Moment, energy: tuple[int, int]) -> tuple[SessionRecord, Interval]:
    """Put a stay on record that nobody saw: some car took or gave this energy in Wh while nobody looked."""
    taken, given = energy
    left = waiting(idle, moment)
    start, end = min(idle.until, moment.at), moment.at
    marks = frozenset({Mark.RECONSTRUCTED})
    interval = Interval(
        start=start,
        end=end,
        energy_in=taken,
        energy_out=given,
        unattributed=taken,
        marks=marks | {Mark.PROVISIONAL} if moment.currency is not None and taken else marks,
    )
    told = SessionRecord(
        id=session_id(idle.connector, start, idle.taken.last),
        connector=idle.connector,
        started=start,
        ended=end,
        energy_in=taken,
        energy_out=given,
        taken=_over(idle.taken, left.taken),
        given=_over(idle.given, left.given),
        currency=moment.currency,
        marks=interval.marks,
    )
    return told, interval


def _over(before: Counter, after: Counter) -> Ends:
    return Ends() if before.last is None or after.last is None else Ends(start=before.last, stop=after.last)
