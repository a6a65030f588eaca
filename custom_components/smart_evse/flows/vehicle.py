"""The questions about a car: what it can take, and when it should be ready."""

from collections.abc import Iterable, Mapping

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import voluptuous as vol

from ..const import (
    CONF_CALENDAR,
    CONF_CAPACITY,
    CONF_CONSUMPTION,
    CONF_DEPARTURES,
    CONF_ENERGY_ENTITY,
    CONF_LIMIT_SOC,
    CONF_MAX_CURRENT,
    CONF_MIN_CURRENT,
    CONF_MINIMUM_SOC,
    CONF_MISS_PRICE,
    CONF_ODOMETER_ENTITY,
    CONF_PERSON,
    CONF_PHASES,
    CONF_PLATE,
    CONF_PLUG_ENTITY,
    CONF_PRECONDITION_POWER,
    CONF_PRECONDITION_TIME,
    CONF_RESERVE_KM,
    CONF_RESERVE_SOC,
    CONF_SLACK,
    CONF_SOC_ENTITY,
    CONF_TARGET_SOC,
    CONF_VEHICLE_IDS,
    SUBENTRY_VEHICLE,
)
from ..engine.model import PILOT_MINIMUM
from ..usual import AT, WEEKDAYS, departures_of
from .equipment import EquipmentFlow, fields_of
from .fields import (
    BIGGEST_CHARGER,
    COMFORT,
    GIVING,
    TEXT,
    TIME,
    WEEK,
    Answers,
    amps,
    choice,
    entity,
    fold,
    given,
    more,
    number,
    percent,
    price,
    watts,
    whole,
)
from .probe import Unfit, told
from .questions import subentry_of
from .sensors import look_at

WORKDAYS = "leaves_workdays"
WEEKEND = "leaves_weekend"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_SPANS: Mapping[str, range] = {WORKDAYS: range(5), WEEKEND: range(5, 7)}

# A car's own integration tells its charge by a sensor; who knows it from elsewhere keeps it in a number.
_CHARGE = EntitySelector(
    EntitySelectorConfig(
        filter=[{"domain": "sensor", "device_class": "battery"}, {"domain": ["number", "input_number"]}]
    )
)


def vehicle_form(currency: str) -> vol.Schema:
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TEXT,
            vol.Optional(CONF_CAPACITY): number(1, 300, 0.1, "kWh"),
            vol.Optional(CONF_SOC_ENTITY): _CHARGE,
            vol.Required(CONF_PHASES, default="3"): choice("vehicle_phases", ["1", "2", "3"]),
            vol.Required(CONF_MAX_CURRENT, default=16): amps(PILOT_MINIMUM, BIGGEST_CHARGER),
            vol.Required(CONF_TARGET_SOC, default=80): percent(),
            vol.Optional(WORKDAYS): TIME,
            vol.Optional(WEEKEND): TIME,
        }
        | fold(
            WEEK,
            {
                **{vol.Optional(day): TIME for day in DAYS},
                vol.Optional(CONF_CALENDAR): entity("calendar"),
                vol.Optional(CONF_SLACK): number(0, 240, 5, "min"),
            },
        )
        | fold(
            COMFORT,
            {
                vol.Optional(CONF_PRECONDITION_TIME): number(0, 240, 5, "min"),
                vol.Optional(CONF_PRECONDITION_POWER): watts(22_000),
            },
        )
        | fold(
            GIVING,
            {vol.Optional(CONF_RESERVE_SOC): percent(), vol.Optional(CONF_RESERVE_KM): number(0, 1000, 1, "km")},
        )
        | more(
            {
                vol.Required(CONF_MIN_CURRENT, default=PILOT_MINIMUM): amps(PILOT_MINIMUM, 32),
                vol.Optional(CONF_CONSUMPTION): number(5, 80, 0.1, "kWh/100 km"),
                vol.Optional(CONF_MINIMUM_SOC): percent(),
                vol.Optional(CONF_LIMIT_SOC): percent(),
                vol.Optional(CONF_MISS_PRICE): price(currency),
                vol.Optional(CONF_PLUG_ENTITY): entity(["binary_sensor", "input_boolean"]),
                vol.Optional(CONF_ODOMETER_ENTITY): entity("sensor"),
                vol.Optional(CONF_ENERGY_ENTITY): entity("sensor", "energy"),
                vol.Optional(CONF_VEHICLE_IDS): TEXT,
                vol.Optional(CONF_PERSON): entity("person"),
                vol.Optional(CONF_PLATE): TEXT,
            }
        )
    )


class VehicleFlow(EquipmentFlow):
    """A car: what it can take, and when it should be ready."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_vehicle("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_vehicle("reconfigure", answers)

    def _ask_vehicle(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if answers is not None:
            said = whole(given(answers), CONF_PHASES)
            with told(errors):
                _check(self.hass, said)
            if not errors:
                name = said.pop(CONF_NAME)
                return self.keep(subentry_of(SUBENTRY_VEHICLE, name, with_departures(said), None))
            suggested = given(answers)
        else:
            known = fields_of(self.present)
            suggested = {**known, **departure_fields(known)}
        return self.ask(step, vehicle_form(self.hass.config.currency), suggested, errors)


def _check(hass: HomeAssistant, said: Answers) -> None:
    """Raise `Unfit` for charges in no order, and for an entity that tells something else."""
    charges = [said.get(key) for key in (CONF_MINIMUM_SOC, CONF_TARGET_SOC, CONF_LIMIT_SOC)]
    known = [charge for charge in charges if charge is not None]
    if known != sorted(known):
        raise Unfit("charges_out_of_order", CONF_TARGET_SOC)
    if entity_id := said.get(CONF_SOC_ENTITY):
        try:
            look_at(hass, CONF_SOC_ENTITY, entity_id)
        except Unfit as err:
            # A car that sleeps may tell nothing for hours, and is the right one all the same.
            if err.key != "entity_unavailable":
                raise


def with_departures(said: Answers) -> Answers:
    """Turn the times of the form into the departures that a vehicle keeps; a day's own time goes first."""
    times: dict[int, str] = {}
    for field, span in _SPANS.items():
        if field in said:
            times |= dict.fromkeys(span, str(said[field]))
    times |= {day: said[name] for day, name in enumerate(DAYS) if name in said}
    weekly = [{AT: at, WEEKDAYS: [day for day in times if times[day] == at]} for at in sorted(set(times.values()))]
    kept = {key: value for key, value in said.items() if key not in (*_SPANS, *DAYS)}
    return kept | ({CONF_DEPARTURES: weekly} if weekly else {})


def departure_fields(vehicle: Mapping[str, object]) -> Answers:
    """Turn the departures of a vehicle back into the times of the form."""
    times = {day: f"{rule.at:%H:%M:%S}" for rule in departures_of(vehicle) for day in sorted(rule.weekdays)}
    fields: Answers = {}
    for field, span in _SPANS.items():
        if span_time := _most(times.get(day) for day in span):
            fields[field] = span_time
    own = {day: at for day, at in times.items() if at != fields.get(WORKDAYS if day in _SPANS[WORKDAYS] else WEEKEND)}
    return fields | {DAYS[day]: at for day, at in own.items()}


def _most(times: Iterable[str | None]) -> str | None:
    """Return the time of most days of a span, `None` where one of them has none."""
    known = list(times)
    return None if None in known else max(known, key=known.count)
