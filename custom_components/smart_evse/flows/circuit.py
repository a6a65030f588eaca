"""The questions about a circuit: its fuse, what else hangs on it, and what feeds it."""

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
import voluptuous as vol

from ..const import CONF_LIMIT, CONF_OTHERS, CONF_PARENT, CONF_PHASES, SUBENTRY_CIRCUIT
from .equipment import EquipmentFlow, fields_of
from .fields import BIGGEST_FUSE, ONE_OR_THREE, TEXT, Answers, amps, named, whole
from .questions import named_equipment, subentry_of

CIRCUIT_FORM = vol.Schema(
    {
        vol.Required(CONF_NAME): TEXT,
        vol.Required(CONF_PHASES, default="3"): ONE_OR_THREE,
        vol.Required(CONF_LIMIT, default=16): amps(1, BIGGEST_FUSE),
        vol.Optional(CONF_OTHERS): amps(0, BIGGEST_FUSE),
    }
)


class CircuitFlow(EquipmentFlow):
    """A group behind a fuse of its own: a garage, a sub-panel."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_circuit("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_circuit("reconfigure", answers)

    def _ask_circuit(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if answers is not None:
            if answers.get(CONF_OTHERS, 0) < answers[CONF_LIMIT]:
                kept = {CONF_PARENT: None, **whole(answers, CONF_PHASES)}
                return self.keep(subentry_of(SUBENTRY_CIRCUIT, answers[CONF_NAME], kept, None))
            errors[CONF_OTHERS] = "nothing_left"
        above = self._possible_parents()
        form = CIRCUIT_FORM.extend({vol.Optional(CONF_PARENT): named(above)}) if above else CIRCUIT_FORM
        return self.ask(step, form, fields_of(self.present) if answers is None else answers, errors)

    def _possible_parents(self) -> dict[str, str]:
        """Every circuit of the site but this one and those below it."""
        names = named_equipment(self._get_entry(), SUBENTRY_CIRCUIT)
        if (present := self.present) is None:
            return names
        parents = {key: self._get_entry().subentries[key].data.get(CONF_PARENT) for key in names}
        below = {present.subentry_id}
        while more := {key for key, parent in parents.items() if parent in below} - below:
            below |= more
        return {key: name for key, name in names.items() if key not in below}
