"""The action that tells what some energy would cost somebody if it were taken from now on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .coordinator import SiteCoordinator
from .engine.statements.charged import BOUND
from .engine.statements.coins import coin, rounded
from .engine.tariffs.model import Priced, PricedLine
from .engine.tariffs.preview import Wish, preview
from .errors import mistake
from .session_desk import ATTR_CHARGER, ATTR_DRIVER, ATTR_VEHICLE, Asked, async_asked
from .site_tariffs import Payer

ATTR_ENERGY: Final = "energy"
ATTR_POWER: Final = "power"
ATTR_SUN: Final = "from_sun"

_KILO: Final = 1000
_USUAL_ENERGY: Final = 20.0
_USUAL_POWER: Final = 11.0


async def _price_preview(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked = await async_asked(site, call.context)
    payer = Payer(
        driver=asked.driver(call.data.get(ATTR_DRIVER)) or _own(asked),
        vehicle=asked.vehicle(call.data.get(ATTR_VEHICLE)),
        connector=asked.charger(call.data.get(ATTR_CHARGER)),
    )
    now, zone = dt_util.utcnow(), dt_util.get_default_time_zone()
    tariff = site.tariffs.holding(payer, now)
    if tariff is None:
        raise mistake("no_tariff_holds")
    energy, power = round(call.data[ATTR_ENERGY] * _KILO), round(call.data[ATTR_POWER] * _KILO)
    sun = Decimal(str(call.data[ATTR_SUN])) / 100
    wish = Wish(energy=energy, power=power, from_sun=sun, demand=site.charges.demand)
    ahead = timedelta(hours=energy / power) + timedelta(minutes=15)
    priced = preview(tariff, wish, now, zone, tuple(site.charges.prices.between(now, now + ahead)))
    components = [*_components(priced, coin(priced.currency))]
    return {
        "site": site.site_name,
        "tariff": tariff.name,
        "currency": priced.currency,
        "energy": energy / _KILO,
        "net": float(sum((each.net for each in components), Decimal(0))),
        "total": float(sum((each.gross for each in components), Decimal(0))),
        "per_kwh": float(round(priced.gross * _KILO / energy, 5)),
        "unpriced": priced.unpriced / _KILO,
        "components": [_told(each) for each in components],
    }


@dataclass(frozen=True, slots=True)
class _Component:
    """What one price comes to, rounded as on a statement; `line` is the first that it was made of."""

    line: PricedLine | None
    quantity: Decimal
    net: Decimal
    gross: Decimal


def _own(asked: Asked) -> str | None:
    """Return who asks, where that is one driver: nobody has to name themselves."""
    drivers = asked.viewer.drivers or frozenset()
    return next(iter(drivers)) if len(drivers) == 1 else None


def _components(priced: Priced, smallest: Decimal) -> Iterator[_Component]:
    """Yield what each price comes to; what was cut by an hour or by a source's change is put together again."""
    together: dict[tuple[object, ...], list[PricedLine]] = {}
    for line in priced.lines:
        together.setdefault((line.dimension, line.source, line.price, line.vat), []).append(line)
    told: list[_Component] = []
    for lines in together.values():
        sums = zip(*((line.quantity, line.net, line.gross) for line in lines), strict=True)
        quantity, net, gross = (sum(amounts, Decimal(0)) for amounts in sums)
        told.append(_Component(lines[0], quantity, rounded(net, smallest), rounded(gross, smallest)))
    yield from told
    if any(priced.bounded):
        # As on a statement: what is held to a least or most price comes to just that.
        net = rounded(priced.net, smallest) - sum(each.net for each in told)
        yield _Component(None, Decimal(1), net, rounded(priced.gross, smallest) - sum(each.gross for each in told))


def _told(component: _Component) -> JsonObjectType:
    line = component.line
    amounts: JsonObjectType = {
        "quantity": float(component.quantity),
        "net": float(component.net),
        "total": float(component.gross),
    }
    if line is None:
        return {"what": BOUND, **amounts}
    return {
        "what": line.dimension.value,
        "source": None if line.source is None else line.source.value,
        "price": float(line.price),
        "vat": None if line.vat is None else float(line.vat),
        **amounts,
    }


PRICE_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="price_preview",
        fields={
            vol.Optional(ATTR_ENERGY, default=_USUAL_ENERGY): vol.All(vol.Coerce(float), vol.Range(min=0.1, max=1000)),
            vol.Optional(ATTR_POWER, default=_USUAL_POWER): vol.All(vol.Coerce(float), vol.Range(min=0.5, max=500)),
            vol.Optional(ATTR_SUN, default=0.0): vol.All(vol.Coerce(float), vol.Range(min=0, max=100)),
            vol.Optional(ATTR_DRIVER): cv.string,
            vol.Optional(ATTR_VEHICLE): cv.string,
            vol.Optional(ATTR_CHARGER): cv.string,
        },
        do=_price_preview,
        answers=True,
    ),
)
