"""Makes a statement: the sessions of a span, cut at its borders, at what the preset's method says they are worth.

Only here amounts are rounded, each line once; every total is the sum of what is shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ..sessions.model import Interval
from .amounts import amounts, come_to, waits
from .charged import ChargedSession, Exact, Extra, Valuation, Wanted
from .coins import coin, rounded
from .errors import Incomplete, NotFinal, NothingToState, OtherCurrency
from .fees import administration, exacts, miles
from .model import Fact, Line, Statement, StatementKind, StatementSession
from .needs import Earlier, check, needed
from .parts import Part, intervals_of, parts
from .presets import Method, Preset, Way, preset
from .rounding import REVERSE_CHARGE, Till, lines
from .valuing import Counted, valued

_ZERO = Decimal(0)


def make(wanted: Wanted, sessions: Iterable[ChargedSession], earlier: Iterable[Earlier] = ()) -> Statement:
    """Return the statement that is wanted; a `StatementError` says what is in its way.

    `sessions` are all that may touch the span, of whomever. `earlier` are statements that are not cancelled: in some
    countries the method that was chosen with the first of a year binds for the rest of it.
    """
    chosen = preset(wanted.preset)
    method = chosen.method(wanted.method)
    check(wanted, chosen, method, earlier)
    counted, left_out = _stateable(tuple(_counted(wanted, method, sessions)), wanted, chosen)
    worth = valued(counted, method, wanted)
    till = Till(coin(wanted.currency), wanted.prices_with_vat, wanted.exemption)
    stated = tuple(_stated(till, counted, worth.amounts, method))
    extras, facts = _extras(stated, wanted, chosen, method)
    others = lines(till, exacts(extras, with_vat=wanted.prices_with_vat))
    statement = replace(
        _statement(wanted, till, stated, others),
        kind=chosen.kind,
        method=method.key,
        facts=tuple(dict.fromkeys((*worth.facts, *facts))),
        notes=(*chosen.notes, *method.notes, *_remarks(stated, left_out)),
        left_out=left_out,
    )
    lacking = needed(statement)
    if lacking and not wanted.incomplete:
        raise Incomplete(lacking)
    return statement


def _stateable(
    counted: tuple[Counted, ...], wanted: Wanted, chosen: Preset
) -> tuple[tuple[Counted, ...], tuple[str, ...]]:
    """Return what can be stated, and the sessions that are left out since their price is not known.

    What claims its energy is final: energy that went along without its price would never be asked for.
    """
    late = tuple(dict.fromkeys(one.session.record.id for one in counted if one.waits))
    if late and not wanted.provisional:
        raise NotFinal(late)
    known = tuple(one for one in counted if not (chosen.claims and one.waits))
    if not known and not wanted.extras:
        raise NotFinal(late) if late else NothingToState(f"nothing was charged in {wanted.since}/{wanted.until}")
    return known, late if chosen.claims else ()


def _counted(wanted: Wanted, method: Method, sessions: Iterable[ChargedSession]) -> Iterator[Counted]:
    for session in sorted(sessions, key=lambda one: (one.record.started, one.record.id)):
        if wanted.vehicle not in (None, session.record.vehicle):
            continue
        for value in session.values:
            if value.priced.currency != wanted.currency:
                raise OtherCurrency(session.record.id, value.priced.currency)
        intervals = intervals_of(session.record, session.intervals)
        for part in parts(session.record, intervals, wanted.since, wanted.until, wanted.driver):
            one = Counted(session, intervals, part, waits=_waits(session, intervals, method, part))
            if part.energy or any(amounts(session, intervals, each, part) for each in _valuations(session)):
                yield one


def _valuations(session: ChargedSession) -> Iterable[Valuation]:
    return dict.fromkeys(value.valuation for value in session.values)


def _waits(session: ChargedSession, intervals: tuple[Interval, ...], method: Method, part: Part) -> bool:
    return method.way in (Way.VALUE, Way.CAPPED) and waits(session, intervals, method.valuation, part)


def _stated(
    till: Till, counted: Sequence[Counted], worth: Sequence[tuple[Exact, ...]], method: Method
) -> Iterator[StatementSession]:
    for one, exact in zip(counted, worth, strict=True):
        yield _session(one, one.part, lines(till, exact), _other_values(till, one, method))


def _session(
    one: Counted, part: Part, shown: tuple[Line, ...], others: tuple[tuple[str, Decimal], ...]
) -> StatementSession:
    session, record = one.session, one.session.record
    odometer = record.odometer.stop if record.odometer.stop is not None else record.odometer.start
    return StatementSession(
        id=record.id,
        started=part.started,
        ended=part.ended,
        energy=part.energy,
        meter=session.meter,
        register_start=part.register_start,
        register_stop=part.register_stop,
        from_sun=part.from_sun,
        vehicle=session.vehicle,
        plate=session.plate,
        driver=dict(session.names).get(part.driver or ""),
        driver_id=part.driver,
        card=session.card if part.driver == record.driver else None,
        odometer=None if odometer is None else round(odometer),
        estimated=part.estimated,
        part=not part.whole,
        provisional=one.waits,
        lines=shown,
        net=sum((line.net for line in shown), _ZERO),
        gross=sum((line.gross for line in shown), _ZERO),
        other_values=others,
        evidence=session.evidence,
    )


def _other_values(till: Till, one: Counted, method: Method) -> tuple[tuple[str, Decimal], ...]:
    own = method.valuation if method.way is Way.VALUE else None
    found = []
    for valuation in _valuations(one.session):
        if valuation is not own:
            before, after = come_to(one.session, one.intervals, valuation, one.part)
            found.append((str(valuation), rounded(after, till.smallest) - rounded(before, till.smallest)))
    return tuple(found)


def _extras(
    stated: Sequence[StatementSession], wanted: Wanted, chosen: Preset, method: Method
) -> tuple[list[Extra], list[Fact]]:
    found, facts = administration(stated, wanted) if chosen.administration else ([], [])
    if method.way is Way.MILES:
        driven, rates = miles(sum(one.energy for one in stated), wanted)
        found, facts = driven + found, rates + facts
    return [*found, *wanted.extras], facts


def _remarks(stated: Sequence[StatementSession], left_out: tuple[str, ...]) -> Iterator[str]:
    if any(one.estimated for one in stated):
        yield "estimated"
    if any(one.part for one in stated):
        yield "parts"
    if any(one.provisional for one in stated):
        yield "provisional"
    if left_out:
        yield "left_out"


def _statement(wanted: Wanted, till: Till, stated: tuple[StatementSession, ...], others: tuple[Line, ...]) -> Statement:
    return Statement(
        id=wanted.id,
        kind=StatementKind.LIST,
        preset=wanted.preset,
        issuer=wanted.issuer,
        issuer_id=wanted.issuer_id,
        recipient=wanted.recipient,
        currency=wanted.currency,
        zone=wanted.zone,
        since=wanted.since,
        until=wanted.until,
        made_on=wanted.made_on,
        language=wanted.language,
        due_on=wanted.due_on,
        driver=wanted.driver,
        vehicle=wanted.vehicle,
        prices_with_vat=wanted.prices_with_vat and wanted.exemption != REVERSE_CHARGE,
        sessions=stated,
        lines=others,
        vat=till.rows(),
        energy=sum(one.energy for one in stated),
        net=till.net(),
        total=till.gross(),
        reference=wanted.reference,
        payment_terms=wanted.payment_terms,
    )
