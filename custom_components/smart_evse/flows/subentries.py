"""The flows of all equipment, by its kind; what is short enough to need no file of its own is here."""

from collections.abc import Mapping
from typing import override

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)

from ..const import (
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_CIRCUIT,
    SUBENTRY_INVERTER,
    SUBENTRY_ISSUER,
    SUBENTRY_METER,
    SUBENTRY_RECIPIENT,
    SUBENTRY_TARIFF,
    SUBENTRY_VEHICLE,
)
from ..meters import SOLAR
from .battery import BatteryFlow
from .chargers import ChargerQuestions
from .circuit import CircuitFlow
from .equipment import EquipmentFlow, MeasuringFlow
from .fields import Answers
from .grid import GridFlow
from .issuer import IssuerFlow
from .probe import ProbedCharger, switches
from .questions import named_equipment
from .recipient import RecipientFlow
from .tariff import TariffFlow
from .vehicle import VehicleFlow


class ChargerFlow(EquipmentFlow, ChargerQuestions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """Add a charger to a site, or change how it is reached and wired."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self.async_step_charger()

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self.ask_again(self._get_reconfigure_subentry())

    @override
    async def try_charger(self) -> ProbedCharger:
        """Take the running site's word while the connection stays: many chargers serve one client."""
        entry, present = self._get_entry(), self.present
        if present and entry.state is ConfigEntryState.LOADED and self.is_where_it_was(present):
            line = entry.runtime_data.equipment.chargers.get(present.subentry_id)
            if line is not None and line.identity is not None:
                return ProbedCharger(line.identity, line.charger.traits, (), switches(line.charger, line.identity))
        return await super().try_charger()

    @override
    async def wired(self, charger: ConfigSubentryData) -> SubentryFlowResult:
        return self.keep(charger)

    @override
    def options_of(self, kind: str) -> dict[str, str]:
        return named_equipment(self._get_entry(), kind)


class InverterFlow(MeasuringFlow):
    """A site may have several inverters: the sun is their sum."""

    role = SOLAR


EQUIPMENT: Mapping[str, type[ConfigSubentryFlow]] = {
    SUBENTRY_CHARGER: ChargerFlow,
    SUBENTRY_METER: GridFlow,
    SUBENTRY_INVERTER: InverterFlow,
    SUBENTRY_BATTERY: BatteryFlow,
    SUBENTRY_CIRCUIT: CircuitFlow,
    SUBENTRY_VEHICLE: VehicleFlow,
    SUBENTRY_TARIFF: TariffFlow,
    SUBENTRY_ISSUER: IssuerFlow,
    SUBENTRY_RECIPIENT: RecipientFlow,
}
