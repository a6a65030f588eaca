"""Drivers who have not charged for long: the owner is asked whether to forget them, and nobody is forgotten unasked."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .bookkeeping import Bookkeeper, LedgerClosed
from .const import CONF_FORGET_AFTER
from .journal import Journal
from .ledger import Ledger, PeopleBook
from .ledger.retention import idle_drivers
from .repairs import Issue

if TYPE_CHECKING:
    from .coordinator import SiteCoordinator

ISSUE: Final = "drivers_idle"

_MONTH: Final = timedelta(days=365.25) / 12
_FIELD: Final = "drivers"


class IdleDrivers:
    """Looks for them at one site, once its owner has said after how many months; by id and name in `found`."""

    def __init__(self, entry: ConfigEntry[Any], books: Bookkeeper, journal: Journal) -> None:
        self._entry = entry
        self._books = books
        self._journal = journal
        self.months = int(entry.options.get(CONF_FORGET_AFTER) or 0)
        self.found: dict[str, str] = {}

    async def async_look(self) -> None:
        """Look anew; without a number of months there is nobody."""
        if not self.months:
            self.found = {}
            return
        before = dt_util.utcnow() - self.months * _MONTH
        known = await self._books.async_read(lambda ledger: _idle(ledger, before))
        here = {state.identity.driver for state in self._journal.states.values() if state.active}
        self.found = {driver: name for driver, name in known.items() if driver not in here}

    @callback
    def issue(self) -> Issue | None:
        """Return the question, without names: everybody may read it, and only administrators answer it."""
        if not self.found:
            return None
        told = {"site": self._entry.title, "months": str(self.months), "drivers": str(len(self.found))}
        return Issue(id=f"{ISSUE}_{self._entry.entry_id}", key=ISSUE, placeholders=told, fixable=True)


class ForgetDrivers(RepairsFlow):
    """Names them, and forgets those who are chosen. The others are kept, and asked about again when as long is over."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site

    @classmethod
    def of(cls, hass: HomeAssistant, entry_id: str) -> Self | None:
        """Return the flow of a site, `None` while it does not run."""
        entry = hass.config_entries.async_get_entry(entry_id)
        running = entry is not None and entry.state is ConfigEntryState.LOADED
        return cls(entry.runtime_data) if entry is not None and running else None

    async def async_step_init(self, answers: dict[str, list[str]] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, answers: dict[str, list[str]] | None = None) -> RepairsFlowResult:
        """Ask which of them to forget."""
        idle, desk = self._site.sessions.upkeep.idle, self._site.access.desk
        try:
            # Somebody may have charged since the question was put.
            await idle.async_look()
            if answers is None:
                told = {"months": str(idle.months)}
                return self.async_show_form(
                    step_id="confirm", data_schema=_form(idle.found), description_placeholders=told
                )
            chosen = answers.get(_FIELD, [])
            for driver in tuple(idle.found):
                if driver in chosen:
                    await desk.async_forget(driver)
                elif (kept := desk.people.drivers.get(driver)) is not None:
                    # Looked at today: that counts like a change.
                    await desk.async_put(kept)
                del idle.found[driver]
        except LedgerClosed:
            return self.async_abort(reason="ledger_closed")
        self._site.async_apply()
        return self.async_create_entry(data={})


def _idle(ledger: Ledger, before: datetime) -> dict[str, str]:
    names = {driver.id: driver.name for driver in PeopleBook(ledger).drivers()}
    return {driver: names[driver] for driver in idle_drivers(ledger, before) if driver in names}


def _form(found: dict[str, str]) -> vol.Schema:
    options = [SelectOptionDict(value=driver, label=name) for driver, name in found.items()]
    config = SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    return vol.Schema({vol.Optional(_FIELD, default=list(found)): SelectSelector(config)})
