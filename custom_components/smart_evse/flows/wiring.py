"""The last form about a charger: how it is wired, what it begins with, and what it may do."""

from collections.abc import Callable, Sequence

from homeassistant.const import CONF_NAME
import voluptuous as vol

from ..chargers.port import Feeding
from ..const import (
    CONF_AUTO_PHASES,
    CONF_BACKUP_SOC,
    CONF_CABLE_CURRENT,
    CONF_CALIBRATION_YEAR,
    CONF_CERTIFICATION,
    CONF_CHEAP_PRICE,
    CONF_CIRCUIT,
    CONF_DEAD_TIME,
    CONF_GIVING_CEILING,
    CONF_GIVING_MINIMUM,
    CONF_GRID_FORMING,
    CONF_MAX_CURRENT,
    CONF_MAY_EXPORT,
    CONF_METER_NUMBER,
    CONF_METERING_POINT,
    CONF_MODE,
    CONF_PHASE_MAP,
    CONF_PRIORITY,
    CONF_REACTION_TIME,
    CONF_RESERVE_SOC,
    CONF_STARTS_PER_DAY,
    CONF_SWITCHES_PER_DAY,
    CONF_UNGUARDED,
    CONF_VEHICLE,
    CONF_WEAR_PRICE,
    CONF_WEIGHT,
    SUBENTRY_CIRCUIT,
    SUBENTRY_VEHICLE,
)
from ..engine.model import Mode
from ..engine.statements.model import Certification
from .fields import (
    BIGGEST_CHARGER,
    GIVING,
    METER,
    TEXT,
    YES_OR_NO,
    amps,
    choice,
    fold,
    more,
    named,
    number,
    percent,
    price,
    watts,
)
from .probe import ProbedCharger
from .questions import SiteFacts

WIRING = (
    CONF_AUTO_PHASES,
    CONF_BACKUP_SOC,
    CONF_CABLE_CURRENT,
    CONF_CALIBRATION_YEAR,
    CONF_CERTIFICATION,
    CONF_CHEAP_PRICE,
    CONF_CIRCUIT,
    CONF_DEAD_TIME,
    CONF_GIVING_CEILING,
    CONF_GIVING_MINIMUM,
    CONF_GRID_FORMING,
    CONF_MAX_CURRENT,
    CONF_MAY_EXPORT,
    CONF_METER_NUMBER,
    CONF_METERING_POINT,
    CONF_MODE,
    CONF_PHASE_MAP,
    CONF_PRIORITY,
    CONF_REACTION_TIME,
    CONF_RESERVE_SOC,
    CONF_STARTS_PER_DAY,
    CONF_SWITCHES_PER_DAY,
    CONF_UNGUARDED,
    CONF_VEHICLE,
    CONF_WEAR_PRICE,
    CONF_WEIGHT,
)
"""What a charger's subentry keeps of this form; the rest of it is how the charger is reached."""

_LATEST = 180
"""No charger that could be steered follows later than this, in s."""

_MODES = (Mode.SMART, Mode.SOLAR, Mode.SOLAR_MIN, Mode.CHEAP, Mode.FAST, Mode.OFF)

type Fields = dict[vol.Marker, object]


def wiring_form(  # noqa: PLR0913 (the charger, its site, and what stands around it)
    charger: ProbedCharger,
    site: SiteFacts,
    phase_maps: Sequence[str],
    options_of: Callable[[str], dict[str, str]],
    *,
    begins_with: Mode | None,
    is_demo: bool,
) -> vol.Schema:
    """Return the form; `begins_with` is the mode to recommend, `None` for a charger that has had its say."""
    traits = charger.traits
    fields: Fields = {vol.Required(CONF_NAME): TEXT}
    if site.phases == 3:
        fields[vol.Required(CONF_PHASE_MAP)] = choice("phase_map", phase_maps)
    fields[vol.Required(CONF_MAX_CURRENT)] = amps(
        traits.min_current, charger.identity.max_current or traits.max_current
    )
    if begins_with is not None:
        modes = (*_MODES, Mode.HOUSE) if traits.bidirectional else _MODES
        fields[vol.Required(CONF_MODE, default=begins_with.value)] = choice("mode", [mode.value for mode in modes])
    if can_choose_phases(charger, site):
        fields[vol.Required(CONF_AUTO_PHASES, default=False)] = YES_OR_NO
    if traits.feeding is Feeding.NONE:
        fields[vol.Required(CONF_UNGUARDED, default=is_demo)] = YES_OR_NO
    rare = _rare(charger, site, options_of)
    # Whoever adds a charger wants to charge; documents come later.
    papers = {} if begins_with is not None else _papers()
    return vol.Schema(fields | (_giving(site) if traits.bidirectional else {}) | papers | more(rare))


def can_choose_phases(charger: ProbedCharger, site: SiteFacts) -> bool:
    """Tell whether there is a choice between one phase and three."""
    return charger.switches_phases and site.phases == 3


def _rare(charger: ProbedCharger, site: SiteFacts, options_of: Callable[[str], dict[str, str]]) -> Fields:
    rare: Fields = {vol.Optional(CONF_CABLE_CURRENT): amps(charger.traits.min_current, BIGGEST_CHARGER)}
    for field, kind in ((CONF_CIRCUIT, SUBENTRY_CIRCUIT), (CONF_VEHICLE, SUBENTRY_VEHICLE)):
        if names := options_of(kind):
            rare[vol.Optional(field)] = named(names)
    rare |= {
        vol.Optional(CONF_PRIORITY): number(0, 100),
        vol.Optional(CONF_WEIGHT): number(0.1, 100, 0.1),
        vol.Optional(CONF_CHEAP_PRICE): price(site.currency),
        vol.Optional(CONF_STARTS_PER_DAY): number(1, 1000),
    }
    if can_choose_phases(charger, site):
        rare[vol.Optional(CONF_SWITCHES_PER_DAY)] = number(0, 1000)
    rare[vol.Optional(CONF_REACTION_TIME)] = number(1, _LATEST, 1, "s")
    return rare


def _papers() -> Fields:
    return dict(
        fold(
            METER,
            {
                vol.Optional(CONF_METER_NUMBER): TEXT,
                vol.Optional(CONF_CERTIFICATION): choice("certification", list(Certification)),
                vol.Optional(CONF_CALIBRATION_YEAR): number(1990, 2100),
                vol.Optional(CONF_METERING_POINT): TEXT,
            },
        )
    )


def _giving(site: SiteFacts) -> Fields:
    return dict(
        fold(
            GIVING,
            {
                vol.Optional(CONF_RESERVE_SOC): percent(),
                vol.Optional(CONF_BACKUP_SOC): percent(),
                vol.Optional(CONF_WEAR_PRICE): price(site.currency),
                vol.Optional(CONF_GIVING_CEILING): watts(100_000),
                vol.Optional(CONF_GIVING_MINIMUM): watts(20_000),
                vol.Optional(CONF_DEAD_TIME): number(0, 600, 1, "s"),
                vol.Required(CONF_MAY_EXPORT, default=False): YES_OR_NO,
                vol.Required(CONF_GRID_FORMING, default=False): YES_OR_NO,
            },
        )
    )
