"""What the flows of all equipment share: the site is there, and the answers go into it."""

from typing import TYPE_CHECKING, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback

from ..const import CONF_PHASES
from .fields import Answers
from .guess import look_around
from .meters import MeterQuestions, choices, step_of
from .questions import Questions, SiteFacts, facts_of

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator


class EquipmentFlow(ConfigSubentryFlow, Questions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """The questions about one piece of equipment of a site that exists."""

    @property
    @override
    def site(self) -> SiteFacts:
        return facts_of(self._get_entry(), self.hass.config.currency)

    @property
    def present(self) -> ConfigSubentry | None:
        """The equipment that is being asked about again."""
        return self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None

    @property
    def running(self) -> SiteCoordinator | None:
        """The site, if it runs."""
        entry = self._get_entry()
        return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None

    @callback
    def keep(self, made: ConfigSubentryData) -> SubentryFlowResult:
        """Add the equipment, or put it in the place of what it was."""
        title, data, unique_id = made["title"], made["data"], made["unique_id"]
        if present := self.present:
            return self.async_update_and_abort(self._get_entry(), present, title=title, data=data, unique_id=unique_id)
        return self.async_create_entry(title=title, data=data, unique_id=unique_id)


class MeasuringFlow(EquipmentFlow, MeterQuestions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """Add what measures in one role, or change how it is reached."""

    role: str

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self.offer()

    async def offer(self) -> SubentryFlowResult:
        """Offer the kinds of meter that there are for this role."""
        self.known = await look_around(self.hass)
        return self.async_show_menu(step_id="user", menu_options=choices(self.role))

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        present = self._get_reconfigure_subentry()
        self.renews = present
        return await self.connect_meter(step_of(present.subentry_type, present.data))

    @override
    async def metered(self) -> SubentryFlowResult:
        return self.keep(self.meter.subentry())


def fields_of(present: ConfigSubentry | None) -> Answers:
    """Return what is known of a piece of equipment as the fields of its form."""
    if present is None:
        return {}
    return {**present.data, CONF_NAME: present.title, CONF_PHASES: str(present.data[CONF_PHASES])}
