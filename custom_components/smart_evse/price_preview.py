"""The action that tells what some energy would cost somebody if it were taken from now on."""

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
from .engine.tariffs.model import Priced, PricedLine
from .engine.tariffs.preview import Wish, preview
from .engine.tariffs.rounding import rounded
from .errors import mistake
from .session_desk import ATTR_CHARGER, ATTR_DRIVER, ATTR_VEHICLE, async_asked
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
        driver=asked.driver(call.data.get(ATTR_DRIVER)),
        vehicle=asked.vehicle(call.data.get(ATTR_VEHICLE)),
        connector=asked.charger(call.data.get(ATTR_CHARGER)),
    )
    now, zone = dt_util.utcnow(), dt_util.get_default_time_zone()
    tariff = site.tariffs.holding(payer, now)
    if tariff is None:
        raise mistake("no_tariff_holds")
    energy, power = round(call.data[ATTR_ENERGY] * _KILO), round(call.data[ATTR_POWER] * _KILO)
    wish = Wish(energy=energy, power=power, from_sun=Decimal(str(call.data[ATTR_SUN])) / 100)
    ahead = timedelta(hours=energy / power) + timedelta(minutes=15)
    priced = preview(tariff, wish, now, zone, tuple(site.charges.prices.between(now, now + ahead)))
    return {
        "site": site.site_name,
        "tariff": tariff.name,
        "currency": priced.currency,
        "energy": energy / _KILO,
        "net": float(rounded(priced.net, priced.currency)),
        "total": float(rounded(priced.gross, priced.currency)),
        "per_kwh": float(round(priced.gross * _KILO / energy, 5)),
        "unpriced": priced.unpriced / _KILO,
        "components": [*_components(priced)],
    }


def _components(priced: Priced) -> list[JsonObjectType]:
    """Return what each price comes to; what was cut by an hour or by a source's change is put together again."""
    together: dict[tuple[object, ...], list[PricedLine]] = {}
    for line in priced.lines:
        together.setdefault((line.dimension, line.source, line.price, line.vat), []).append(line)
    told: list[JsonObjectType] = [
        {
            "what": lines[0].dimension.value,
            "source": None if lines[0].source is None else lines[0].source.value,
            "quantity": float(sum((line.quantity for line in lines), Decimal(0))),
            "price": float(lines[0].price),
            "vat": None if lines[0].vat is None else float(lines[0].vat),
            "net": float(rounded(sum((line.net for line in lines), Decimal(0)), priced.currency)),
            "total": float(rounded(sum((line.gross for line in lines), Decimal(0)), priced.currency)),
        }
        for lines in together.values()
    ]
    if priced.bounded[1]:
        net, gross = (float(rounded(each, priced.currency)) for each in priced.bounded)
        told.append({"what": "bound", "quantity": 1.0, "net": net, "total": gross})
    return told


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
