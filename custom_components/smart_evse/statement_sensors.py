"""What can be seen of statements: the last one of a site, what is open of all invoices, and of each driver's."""

from collections.abc import Callable
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.helpers.typing import StateType

from .coordinator import SiteData
from .engine.statements.model import StatementState
from .sensor_row import CURRENCY, SiteSensorDescription
from .session_sensors import whole_cents
from .statement_figures import Stated

OPEN_AMOUNT: Final = "open_amount"


def _is_there(data: SiteData) -> bool:
    return data.figures.statements.last is not None


def _of_last(tell: Callable[[Stated], StateType]) -> Callable[[SiteData], StateType]:
    def told(data: SiteData) -> StateType:
        last = data.figures.statements.last
        return None if last is None else tell(last)

    return told


def _open(data: SiteData) -> StateType:
    return whole_cents(data.figures.statements.open_of(None, data.figures.currency))


STATEMENT_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(key="last_statement", seen_fn=_is_there, value_fn=_of_last(lambda one: one.called)),
    SiteSensorDescription(
        key="last_statement_state",
        device_class=SensorDeviceClass.ENUM,
        options=[state.value for state in StatementState],
        seen_fn=_is_there,
        value_fn=_of_last(lambda one: one.state.value),
    ),
    SiteSensorDescription(
        key="last_statement_total",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        seen_fn=_is_there,
        value_fn=_of_last(lambda one: whole_cents(one.total)),
    ),
    SiteSensorDescription(
        key=OPEN_AMOUNT,
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        seen_fn=_is_there,
        value_fn=_open,
    ),
)
