"""From exact amounts to lines, VAT and totals.

Each line is rounded once, with VAT where prices hold it and without where they do not. What is shown of a part of a
session is what the line has come to at its end, rounded, less what it had come to at its beginning, rounded: so parts
come to what the whole is shown with, wherever it is cut. VAT is taken once for each rate from the sum of its lines. The
other amount of a line is what it adds to that of its rate, so that lines without VAT add up to the sum without VAT, and
lines with VAT to the sum with it, whichever of the two was rounded.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .charged import BOUND, Exact
from .coins import rounded
from .model import Line, VatRow

_HUNDRED = Decimal(100)
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(slots=True)
class Till:
    """Rounds amounts one after the other, and knows what they come to.

    `exemption` is why no VAT is charged at all: then the price is what it was with it; but without it where the
    recipient owes the VAT.
    """

    smallest: Decimal
    prices_with_vat: bool
    exemption: str | None = None
    _sums: dict[Decimal | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def line(self, exact: Exact, shown: Decimal | None = None) -> Line:
        """Return an amount as it is shown, or as it has to be `shown` where others decide."""
        vat = _ZERO if self.exemption else exact.vat
        price = _price(exact, with_vat=self._gross_first) if shown is None else shown
        shown = self._shown((exact,)) if shown is None else shown
        before = self._row(vat)
        self._sums[vat] += shown
        after = self._row(vat)
        return Line(
            what=exact.what,
            quantity=exact.quantity.normalize() + 0,
            unit=exact.unit,
            price=price,
            vat=vat,
            net=after.net - before.net,
            gross=after.gross - before.gross,
            source=exact.source,
            tariff=exact.tariff,
            driver=exact.driver,
        )

    def left(self, exact: Iterable[Exact], told: Iterable[Line]) -> Decimal:
        """Return what is left to show of some amounts together, after lines that tell a part of it."""
        return self._shown(exact) - sum((line.gross if self._gross_first else line.net for line in told), _ZERO)

    @property
    def _gross_first(self) -> bool:
        return self.exemption != REVERSE_CHARGE and (self.prices_with_vat or bool(self.exemption))

    def _shown(self, exact: Iterable[Exact]) -> Decimal:
        ahead, reached = _ZERO, _ZERO
        for one in exact:
            amount, before = (one.gross, one.gross_before) if self._gross_first else (one.net, one.net_before)
            ahead, reached = ahead + before, reached + before + amount
        return rounded(reached, self.smallest) - rounded(ahead, self.smallest)

    def rows(self) -> tuple[VatRow, ...]:
        """Return what each rate comes to; none where no VAT was told of anything."""
        told = sorted(vat for vat in self._sums if vat is not None)
        without = [None] if told and None in self._sums else []
        return tuple(self._row(vat) for vat in (*without, *told))

    def net(self) -> Decimal:
        return sum((self._row(vat).net for vat in self._sums), _ZERO)

    def gross(self) -> Decimal:
        return sum((self._row(vat).gross for vat in self._sums), _ZERO)

    def _row(self, told: Decimal | None) -> VatRow:
        shown, rate = self._sums[told], told or _ZERO
        exemption = OUTSIDE if told is None else None if rate else self.exemption
        if self.prices_with_vat or self.exemption:
            vat = rounded(shown * rate / (_HUNDRED + rate), self.smallest)
            return VatRow(rate=rate, net=shown - vat, vat=vat, gross=shown, exemption=exemption)
        vat = rounded(shown * rate / _HUNDRED, self.smallest)
        return VatRow(rate=rate, net=shown, vat=vat, gross=shown + vat, exemption=exemption)


REVERSE_CHARGE = "reverse_charge"
"""The words' key of why a business is charged none: it owes it itself."""

OUTSIDE = "outside_scope"
"""The words' key of why there is no VAT on what none was told of, beside amounts that have one."""


def lines(till: Till, exact: Iterable[Exact]) -> tuple[Line, ...]:
    """Return what is shown of some amounts; what comes to nothing and is of nothing is left out.

    A session that is held to its least or most price comes to just that: its last line is what the others leave.
    """
    found = tuple(exact)
    told = [till.line(one) for one in found if one.what != BOUND and (one.quantity or one.net or one.gross)]
    for bound in (one for one in found if one.what == BOUND):
        if left := till.left(found, told):
            told.append(till.line(replace(bound, quantity=_ONE), left))
    return tuple(told)


def _price(exact: Exact, *, with_vat: bool) -> Decimal:
    """Return the price per unit in the statement's own manner, with VAT or without."""
    if exact.with_vat == with_vat or not exact.vat:
        return exact.price
    factor = (_HUNDRED + exact.vat) / _HUNDRED
    return exact.price * factor if with_vat else (exact.price / factor).quantize(_SIX)


_SIX = Decimal("0.000001")
