"""Reading prices before they are accepted, and showing what they come to: surcharges and tax are easily told twice."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..almanac import HassActions
from ..engine.forecast.prices import Contract
from ..engine.forecast.series import Series
from ..links.errors import Silent
from ..states import HassStates
from ..tariffs.price_entities import EntityPrices
from .fields import ANSWER, choice
from .probe import Unfit

RIGHT = "right"
AGAIN = "again"
CHECK_FORM = vol.Schema({vol.Required(ANSWER, default=RIGHT): choice("prices", (RIGHT, AGAIN))})


async def read_prices(hass: HomeAssistant, field: str, entity_ids: Sequence[str]) -> Series:
    """Read market prices once; raises `Unfit` on the field where nothing tells any."""
    source = EntityPrices(HassStates(hass), entity_ids, dt_util.get_default_time_zone(), HassActions(hass))
    try:
        return await source.fetch(dt_util.utcnow())
    except Silent as err:
        raise Unfit("no_prices", field) from err


def in_words(market: Series, contract: Contract, currency: str) -> dict[str, str]:
    """Write what a kWh comes to now, and where that is lowest and highest among the prices that are known."""
    now = dt_util.utcnow()
    spans = [span for span in market.spans if span.end > now] or list(market.spans[-1:])
    prices = [(contract.price(span.value, dt_util.as_local(span.start)) or 0.0, span.start) for span in spans]
    (lowest, cheap), (highest, dear) = min(prices), max(prices)
    spot = market.at(now)
    present = None if spot is None else contract.price(spot, dt_util.now())
    return {
        "now": "\u2013" if present is None else f"{present:.4f} {currency}",
        "lowest": f"{lowest:.4f} {currency}",
        "lowest_at": f"{dt_util.as_local(cheap):%H:%M}",
        "highest": f"{highest:.4f} {currency}",
        "highest_at": f"{dt_util.as_local(dear):%H:%M}",
    }
