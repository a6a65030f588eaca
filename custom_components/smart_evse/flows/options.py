"""Tuning a site: what may be set, and seldom has to be."""

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from ..const import CONF_FUSE, CONF_HOUSE_MAXIMUM
from .fields import OPTIONS_FORM, Answers


class TuningFlow(OptionsFlow):
    """One form, every field with a default."""

    async def async_step_init(self, answers: Answers | None = None) -> ConfigFlowResult:
        fuse = self.config_entry.data[CONF_FUSE]
        if answers is not None and answers[CONF_HOUSE_MAXIMUM] <= fuse:
            return self.async_create_entry(data=answers)
        errors = {CONF_HOUSE_MAXIMUM: "above_fuse"} if answers is not None else None
        suggested = {CONF_HOUSE_MAXIMUM: fuse, **self.config_entry.options, **(answers or {})}
        form = self.add_suggested_values_to_schema(OPTIONS_FORM, suggested)
        placeholders = {"fuse": f"{fuse:g}"}
        return self.async_show_form(
            step_id="init", data_schema=form, errors=errors, description_placeholders=placeholders
        )
