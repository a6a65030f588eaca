"""The least and the most that a session costs."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from .amounts import exact
from .model import Bound, PricedLine, Tariff

_ZERO = Decimal(0)


def bounded(tariff: Tariff, lines: Sequence[PricedLine], *, final: bool = True) -> tuple[Decimal, Decimal]:
    """Return what is added to the amount without and with VAT (negative where the most was passed).

    Each bound holds for the amount it is stated for, without or with VAT. Where a tariff states only one of the two,
    the other amount moves along at the session's own VAT. Nothing is raised to a least price while the amount is not
    `final`.
    """
    net = sum((line.net for line in lines), _ZERO)
    gross = sum((line.gross for line in lines), _ZERO)
    rate = _rate(tariff, lines, net, gross)
    low, high = _both(tariff.least, rate), _both(tariff.most, rate)
    if not final:
        low = (None, None)
    return _moved(net, low[0], high[0]), _moved(gross, low[1], high[1])


def _moved(amount: Decimal, least: Decimal | None, most: Decimal | None) -> Decimal:
    held = amount if least is None else max(amount, least)
    held = held if most is None else min(held, most)
    return held - amount


def _both(bound: Bound, rate: Fraction) -> tuple[Decimal | None, Decimal | None]:
    """Return a bound without and with VAT, at `rate` (1 and the VAT) where only one is stated."""
    before, after = bound.before_vat, bound.with_vat
    if before is None and after is not None:
        before = exact(Fraction(after) / rate)
    elif after is None and before is not None:
        after = exact(Fraction(before) * rate)
    return before, after


def _rate(tariff: Tariff, lines: Sequence[PricedLine], net: Decimal, gross: Decimal) -> Fraction:
    """Return how the amounts with and without VAT go together: as in the session, else as in the tariff's prices."""
    if net and gross / net >= 1:
        return Fraction(gross) / Fraction(net)
    told = [each.vat for element in tariff.elements for each in element.components if each.vat is not None]
    return 1 + Fraction(max(told, default=_ZERO)) / 100
