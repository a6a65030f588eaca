"""What a row of a table of sensors says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.helpers.typing import StateType

from .coordinator import SiteData
from .engine.model import Reason
from .entity import ConnectorRow, SiteRow
from .views import ConnectorView

ATTR_SLOTS = "slots"

CURRENCY = "{currency}"
"""Stands for Home Assistant's own currency in `unit_of_money`."""


@dataclass(frozen=True, kw_only=True)
class ConnectorSensorDescription(ConnectorRow, SensorEntityDescription):
    """A sensor of a connector.

    `reason_fn` names the reason that its sentence tells. `attributes_fn` tells what hangs on it, `detail_fn` what
    that is made of. A sensor of money has its unit in `unit_of_money`, with `CURRENCY` in it.
    """

    value_fn: Callable[[ConnectorView], StateType | datetime]
    last_reset_fn: Callable[[ConnectorView], datetime | None] | None = None
    reason_fn: Callable[[ConnectorView], Reason | None] | None = None
    detail_fn: Callable[[ConnectorView], object] | None = None
    attributes_fn: Callable[[ConnectorView], Mapping[str, object]] | None = None
    unit_of_money: str | None = None


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SiteRow, SensorEntityDescription):
    """A sensor of a site. One of money has its unit in `unit_of_money`, with `CURRENCY` in it."""

    value_fn: Callable[[SiteData], StateType | datetime]
    last_reset_fn: Callable[[SiteData], datetime | None] | None = None
    unit_of_money: str | None = None
