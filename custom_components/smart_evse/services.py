"""Actions that people call: on connectors, targeted by device, entity or area, and on whole sites."""

from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .access_actions import ACCESS_ACTIONS
from .action_row import Action, Question, SiteAction
from .analysis_actions import ANALYSIS_ACTIONS
from .car_actions import CAR_ACTIONS
from .closing_actions import CLOSING_ACTIONS
from .const import DOMAIN
from .engine.model import Mode
from .evidence_actions import EVIDENCE_ACTIONS
from .explanation import explain
from .export_actions import EXPORT_ACTIONS
from .grid_actions import SITE_ACTIONS
from .import_actions import IMPORT_ACTIONS
from .ledger_actions import LEDGER_ACTIONS
from .overrides import async_override, async_start, async_stop, check_override
from .payment_actions import PAYMENT_ACTIONS
from .people_actions import PEOPLE_ACTIONS
from .plan_actions import PLAN_QUESTIONS
from .price_preview import PRICE_ACTIONS
from .session_actions import SESSION_ACTIONS
from .settling_actions import SETTLING_ACTIONS
from .statement_actions import STATEMENT_ACTIONS
from .targets import SITE, Target, by_name, resolve, site_of
from .wishes import check_mode

ATTR_AMPS: Final = "amps"
ATTR_DURATION: Final = "duration"
ATTR_MODE: Final = "mode"
ATTR_PHASES: Final = "phases"

_HIGHEST = 80.0
"""No Type 2 connector carries more, in A (IEC 62196-2: 63 A three-phase, 70 A one-phase)."""


def _check_current(target: Target, call: ServiceCall) -> None:
    check_override(target.coordinator, target.connector.id, call.data[ATTR_AMPS], call.data.get(ATTR_PHASES))


async def _set_current(target: Target, call: ServiceCall) -> None:
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    await async_override(
        target.coordinator,
        target.connector.id,
        call.data[ATTR_AMPS],
        phases=call.data.get(ATTR_PHASES),
        until=None if duration is None else dt_util.utcnow() + duration,
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        name="set_charge_current",
        fields={
            vol.Required(ATTR_AMPS): vol.All(vol.Coerce(float), vol.Range(min=-_HIGHEST, max=_HIGHEST)),
            vol.Optional(ATTR_PHASES): vol.All(vol.Coerce(int), vol.In((1, 3))),
            vol.Optional(ATTR_DURATION): cv.positive_time_period,
        },
        do=_set_current,
        check=_check_current,
    ),
    Action(
        name="set_mode",
        fields={vol.Required(ATTR_MODE): vol.Coerce(Mode)},
        do=lambda target, call: target.coordinator.async_set_mode(target.connector.id, call.data[ATTR_MODE]),
        check=lambda target, call: check_mode(target.coordinator, target.connector.id, call.data[ATTR_MODE]),
    ),
    Action(
        name="start_charging",
        fields={},
        do=lambda target, _: async_start(target.coordinator, target.connector.id),
    ),
    Action(
        name="stop_charging",
        fields={},
        do=lambda target, _: async_stop(target.coordinator, target.connector.id),
    ),
    Action(
        name="clear_override",
        fields={},
        do=lambda target, _: target.coordinator.async_clear_override(target.connector.id),
    ),
    *CAR_ACTIONS,
    *ACCESS_ACTIONS,
)


async def _explain(target: Target, call: ServiceCall) -> JsonObjectType:
    return explain(call.hass, target.coordinator, target.connector.id)


QUESTIONS: tuple[Question, ...] = (Question(name="explain", fields={}, tell=_explain), *PLAN_QUESTIONS)


ON_SITES: tuple[SiteAction, ...] = (
    *SITE_ACTIONS,
    *SESSION_ACTIONS,
    *EXPORT_ACTIONS,
    *EVIDENCE_ACTIONS,
    *IMPORT_ACTIONS,
    *CLOSING_ACTIONS,
    *LEDGER_ACTIONS,
    *ANALYSIS_ACTIONS,
    *PEOPLE_ACTIONS,
    *PAYMENT_ACTIONS,
    *STATEMENT_ACTIONS,
    *SETTLING_ACTIONS,
    *PRICE_ACTIONS,
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    for action in ACTIONS:
        _register(hass, action)
    for question in QUESTIONS:
        _register_question(hass, question)
    for site_action in ON_SITES:
        _register_for_site(hass, site_action)


def _register(hass: HomeAssistant, action: Action) -> None:
    async def handle(call: ServiceCall) -> ServiceResponse:
        targets = resolve(call)
        for target in targets:
            action.check(target, call)
        answers = [(target, await action.do(target, call) or {}) for target in targets]
        return by_name(answers) if call.return_response else None

    hass.services.async_register(
        DOMAIN,
        action.name,
        handle,
        schema=cv.make_entity_service_schema(action.fields),
        supports_response=SupportsResponse.OPTIONAL if action.answers else SupportsResponse.NONE,
    )


def _register_question(hass: HomeAssistant, question: Question) -> None:
    async def handle(call: ServiceCall) -> ServiceResponse:
        return by_name([(target, await question.tell(target, call)) for target in resolve(call)])

    hass.services.async_register(
        DOMAIN,
        question.name,
        handle,
        schema=cv.make_entity_service_schema(question.fields),
        supports_response=SupportsResponse.ONLY,
    )


def _register_for_site(hass: HomeAssistant, action: SiteAction) -> None:
    async def handle(call: ServiceCall) -> ServiceResponse:
        answer = await action.do(site_of(call), call)
        return answer if call.return_response else None

    hass.services.async_register(
        DOMAIN,
        action.name,
        handle,
        schema=vol.Schema({vol.Optional(SITE): cv.string, **action.fields}),
        supports_response=_response(action),
    )


def _response(action: SiteAction) -> SupportsResponse:
    if action.answers:
        return SupportsResponse.ONLY
    return SupportsResponse.OPTIONAL if action.may_answer else SupportsResponse.NONE
