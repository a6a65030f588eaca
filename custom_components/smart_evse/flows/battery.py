"""The questions about a home battery: how it is measured, what it can do, and who goes first."""

from typing import override

from homeassistant.config_entries import SubentryFlowResult
import voluptuous as vol

from ..const import (
    CONF_BATTERY_FEEDS_CAR,
    CONF_BATTERY_POLICY,
    CONF_BATTERY_UNTIL,
    CONF_CAPACITY,
    CONF_CHARGE_POWER,
    CONF_DISCHARGE_POWER,
    CONF_EFFICIENCY,
    SUBENTRY_BATTERY,
)
from ..engine.settings import BatteryPolicy, BatterySettings
from ..meters import BATTERY
from .equipment import MeasuringFlow
from .fields import YES_OR_NO, Answers, choice, given, more, number, percent, watts

_USUAL = BatterySettings()

_POLICY = {
    vol.Required(CONF_BATTERY_POLICY, default=_USUAL.policy.value): choice(
        "battery_policy", [policy.value for policy in BatteryPolicy]
    ),
    vol.Required(CONF_BATTERY_UNTIL, default=_USUAL.until_soc): percent(),
    vol.Required(CONF_BATTERY_FEEDS_CAR, default=_USUAL.may_feed_car): YES_OR_NO,
}
_ABLE = {
    vol.Optional(CONF_CAPACITY): number(0.1, 1000, 0.1, "kWh"),
    **more(
        {
            vol.Optional(CONF_CHARGE_POWER): watts(100_000),
            vol.Optional(CONF_DISCHARGE_POWER): watts(100_000),
            vol.Optional(CONF_EFFICIENCY): number(1, 100, 1, "%"),
        }
    ),
}


class BatteryFlow(MeasuringFlow):
    """A home battery, or one of several. The first says who goes first, for all of them."""

    role = BATTERY

    @override
    async def metered(self) -> SubentryFlowResult:
        return await self.async_step_battery()

    async def async_step_battery(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask what it can do and, where no other battery says so, who gets the sun first."""
        if answers is not None:
            made = self.meter.subentry()
            made["data"] = {**made["data"], **given(answers)}
            return self.keep(made)
        entry = self._get_entry()
        known = {**entry.options, **(self.present.data if self.present else {})}
        return self.ask("battery", vol.Schema(_ABLE if self._is_told() else _POLICY | _ABLE), known)

    def _is_told(self) -> bool:
        """Tell whether another battery says who goes first."""
        return any(
            CONF_BATTERY_POLICY in other.data
            for other in self._get_entry().subentries.values()
            if other.subentry_type == SUBENTRY_BATTERY and other != self.present
        )
