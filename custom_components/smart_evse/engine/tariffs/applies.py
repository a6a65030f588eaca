"""Whether a restriction holds for a piece of a session."""

from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction

from .model import Restrictions, Source
from .pieces import Piece, seconds

_NOTHING = Decimal(0)


def applies(restrictions: Restrictions, piece: Piece, source: Source | None = None) -> bool:
    """Say whether all that is stated holds. What is not known (a current that nobody measured) holds nothing.

    Only energy has a source: a price for time or for a session that asks for one never applies.
    """
    return (
        _clock(restrictions, piece.local)
        and _day(restrictions, piece.local)
        and _within(restrictions.min_energy, restrictions.max_energy, piece.energy_before / 1000)
        and _within(restrictions.min_duration, restrictions.max_duration, piece.seconds_before)
        and _within(restrictions.min_power, restrictions.max_power, _power(piece))
        and _within(restrictions.min_current, restrictions.max_current, _current(piece))
        and (not restrictions.sources or source in restrictions.sources)
    )


def _clock(restrictions: Restrictions, local: datetime) -> bool:
    begin, end, clock = restrictions.start_time or time.min, restrictions.end_time or time.min, local.time()
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def _day(restrictions: Restrictions, local: datetime) -> bool:
    today = local.date()
    return (
        (restrictions.start_date is None or restrictions.start_date <= today)
        and (restrictions.end_date is None or today < restrictions.end_date)
        and (not restrictions.weekdays or today.weekday() in restrictions.weekdays)
    )


def _within(least: Decimal | int | None, most: Decimal | int | None, value: Decimal | Fraction | None) -> bool:
    """Say whether a value is at least the one and below the other; compared as fractions, which lose nothing."""
    if least is None and most is None:
        return True
    if value is None:
        return False
    number = Fraction(value)
    return (least is None or number >= Fraction(least)) and (most is None or number < Fraction(most))


def _power(piece: Piece) -> Decimal | Fraction | None:
    """Return the power in kW: as measured, else the mean of what flowed."""
    stretch = piece.stretch
    if stretch.power is not None or not stretch.charging:
        return stretch.power or _NOTHING
    whole = seconds(stretch.start, stretch.end)
    return Fraction(stretch.energy) / 1000 / (whole / 3600) if whole else None


def _current(piece: Piece) -> Decimal | None:
    current = piece.stretch.current
    return _NOTHING if current is None and not piece.stretch.charging else current
