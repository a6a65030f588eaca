"""What charging costs, told before it begins: component by component, and for a usual amount of energy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
import hashlib
import json
from typing import Final

from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator
from .engine.tariffs.model import Dimension, Priced, Tariff
from .public_pages import Reader
from .records import plain
from .site_tariffs import Payer

USUAL: Final = 20_000
"""The energy of the example, in Wh."""

_UNITS: Final = {Dimension.ENERGY: "kWh", Dimension.TIME: "h", Dimension.IDLE: "h"}


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """What somebody is told. `rows` are name and price, `example` what `USUAL` would cost about, `None`: not known.

    VAT is in all of it, where there is any (`with_vat`).

    `mark` changes whenever the tariff does: whoever agreed to one has agreed to no other.
    """

    tariff: Tariff
    rows: tuple[tuple[str, str], ...]
    example: str | None
    mark: str
    with_vat: bool

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return ", ".join(f"{name} {price}" for name, price in self.rows)


def shown_price(site: SiteCoordinator, payer: Payer, reader: Reader) -> ShownPrice | None:
    """Return what somebody would pay from now on; `None` where it costs nothing."""
    tariff = site.tariffs.holding(payer, dt_util.utcnow())
    if tariff is None or not costs(tariff):
        return None
    priced = site.charges.preview(tariff, USUAL)
    example = None
    if priced is not None and not priced.unpriced:
        example = reader.signs.money(priced.gross, tariff.currency)
    mark = hashlib.sha256(json.dumps(plain(tariff), sort_keys=True).encode()).hexdigest()[:16]
    with_vat = any(each.vat for element in tariff.elements for each in element.components)
    return ShownPrice(tariff, tuple(_rows(tariff, priced, reader)), example, mark, with_vat)


def costs(tariff: Tariff) -> bool:
    """Say whether somebody has to pay anything by a tariff."""
    components = [each for element in tariff.elements for each in element.components]
    least = tariff.least.before_vat or tariff.least.with_vat
    fee = tariff.subscription is not None and tariff.subscription.fee
    return any(each.price or each.follows is not None for each in components) or bool(least or fee)


def _rows(tariff: Tariff, priced: Priced | None, reader: Reader) -> Iterator[tuple[str, str]]:
    for dimension in Dimension:
        found = sorted(set(_prices(tariff, priced, dimension)))
        if not found or not any(found):
            continue
        told = " – ".join(dict.fromkeys(reader.signs.rate(each, tariff.currency) for each in (found[0], found[-1])))
        unit = _UNITS.get(dimension)
        yield reader.told.say("what", dimension.value), told if unit is None else f"{told} / {unit}"
    least = tariff.least.with_vat or tariff.least.before_vat
    if least:
        yield reader.text("least"), reader.signs.money(least, tariff.currency)


def _prices(tariff: Tariff, priced: Priced | None, dimension: Dimension) -> Iterable[Decimal]:
    """Yield prices with VAT: as they are now where they move, as they are written where they do not."""
    if priced is not None:
        for line in priced.lines:
            if line.dimension is dimension and line.quantity:
                yield round(line.gross / line.quantity, 6)
    for element in tariff.elements:
        for each in element.components:
            if each.dimension is dimension and each.follows is None:
                more = Decimal(1) if tariff.vat_included else 1 + (each.vat or Decimal(0)) / 100
                yield round(each.price * more, 6)
