"""What a session is worth by a valuation, cut to a part of it: amounts before they are rounded."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from ..sessions.model import Interval
from ..tariffs.model import Dimension, Priced, PricedLine
from .charged import BOUND, ChargedSession, Exact, Valuation, Value
from .joining import joined
from .parts import Part, Window
from .sharing import shared

UNITS = {Dimension.ENERGY: "kWh", Dimension.TIME: "h", Dimension.IDLE: "h", Dimension.FLAT: "1"}


def amounts(
    session: ChargedSession,
    intervals: tuple[Interval, ...],
    valuation: Valuation,
    part: Part,
    windows: tuple[Window, ...] | None = None,
) -> tuple[Exact, ...]:
    """Return what a part, or some windows of it, is worth: lines of a kind made into one.

    Which lines those are is seen from the whole session, so that each goes on in the next part where it ends in this.
    """
    found = tuple(joined(_lines_of(session, intervals, valuation, part, part.windows if windows is None else windows)))
    told = tuple(one for one in found if one.quantity or one.net or one.gross)
    bounds = tuple(one for one in found if one.what == BOUND)
    if not (told and bounds):
        return told
    # What holds a session to its least or most price is what is left to it: it has to know all that came before.
    silent = [one for one in found if one not in told and one not in bounds]
    first = replace(
        bounds[0],
        net_before=sum((one.net_before for one in silent), bounds[0].net_before),
        gross_before=sum((one.gross_before for one in silent), bounds[0].gross_before),
    )
    return (*(one for one in told if one not in bounds), first, *bounds[1:])


def come_to(
    session: ChargedSession, intervals: tuple[Interval, ...], valuation: Valuation, part: Part
) -> tuple[Decimal, Decimal]:
    """Return what a session has come to, VAT included, where a part of it begins and where that ends."""
    found = tuple(_lines_of(session, intervals, valuation, part, part.windows))
    before = sum((one.gross_before for one in found), Decimal(0))
    return before, sum((one.gross for one in found), before)


def _lines_of(
    session: ChargedSession,
    intervals: tuple[Interval, ...],
    valuation: Valuation,
    part: Part,
    windows: tuple[Window, ...],
) -> Iterator[Exact]:
    """Yield each line, cut to some windows of a part; also those that have nothing there."""
    whole = part.whole and windows == part.windows
    for value in _of(session, valuation, part):
        yield from _cut(session, intervals, value, windows, whole=whole)


def waits(session: ChargedSession, intervals: tuple[Interval, ...], valuation: Valuation, part: Part) -> bool:
    """Whether a price of some energy in a part is not known yet, or of none of the session by this valuation.

    Where others pay for theirs, what is of somebody without a tariff costs nothing, now and later.

    The least or most price of a session belongs to each part: it may wait for energy of another one.
    """
    values = tuple(_of(session, valuation, part))
    nobody = all(value.valuation is not valuation for value in session.values)
    if (part.energy > 0 and nobody) or any(value.priced.bound_waits for value in values):
        return True
    return any(
        shared(line, intervals, _own(session, intervals, value), part.windows).quantity
        for value in values
        for line in value.priced.without_price
    )


def _of(session: ChargedSession, valuation: Valuation, part: Part) -> Iterator[Value]:
    for value in session.values:
        if value.valuation is valuation and value.driver in (None, part.driver):
            yield value


def _cut(
    session: ChargedSession, intervals: tuple[Interval, ...], value: Value, windows: tuple[Window, ...], *, whole: bool
) -> Iterator[Exact]:
    own = _own(session, intervals, value)
    for line, known in _lines(value.priced, intervals):
        if whole:
            yield known
            continue
        share = shared(line, intervals, own, windows)
        once = known.what == BOUND and (share.net or share.gross)
        yield replace(
            known,
            quantity=known.quantity if once else share.quantity,
            net=share.net,
            gross=share.gross,
            net_before=share.net_before,
            gross_before=share.gross_before,
        )


def _own(session: ChargedSession, intervals: tuple[Interval, ...], value: Value) -> tuple[int, ...]:
    """Return the places of the intervals that a valuation was made of."""
    whose = session.record.driver
    return tuple(
        place for place, each in enumerate(intervals) if value.driver is None or (each.driver or whose) == value.driver
    )


def _lines(priced: Priced, intervals: tuple[Interval, ...]) -> Iterator[tuple[PricedLine, Exact]]:
    for line in priced.lines:
        yield line, _exact(line, priced.tariff)
    net, gross = priced.bounded
    if intervals and (net or gross):
        line = _bound(priced, intervals)
        yield line, replace(_exact(line, priced.tariff), what=BOUND, unit="1", with_vat=True)


def _bound(priced: Priced, intervals: tuple[Interval, ...]) -> PricedLine:
    """Return what a least or most price added as a line that goes with the energy, at the VAT of most of the rest."""
    net, gross = priced.bounded
    most = max(priced.lines, key=lambda line: abs(line.gross), default=None)
    return PricedLine(
        dimension=Dimension.ENERGY,
        start=min(each.start for each in intervals),
        end=max(each.end for each in intervals),
        quantity=Decimal(1),
        price=gross,
        vat=most.vat if most else None,
        net=net,
        gross=gross,
    )


def _exact(line: PricedLine, tariff: str) -> Exact:
    stated = line.quantity * line.price
    return Exact(
        what=line.dimension,
        quantity=line.quantity,
        unit=UNITS[line.dimension],
        price=line.price,
        vat=line.vat,
        net=line.net,
        gross=line.gross,
        source=line.source,
        tariff=tariff,
        with_vat=abs(line.gross - stated) <= abs(line.net - stated),
    )
