"""Smart EVSE: the front door. Builds one site for each config entry and opens the platforms."""

import asyncio
from functools import partial
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import chargers
from .attention import Attention
from .card_page import CardPage
from .const import DOMAIN, SUBENTRY_CHARGER
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .devices import async_follow_meters, async_make_devices, async_remove_stale
from .equipment import Equipment, KeptOriginals, load_drivers
from .exports import EXPORTS, Exports, ExportView
from .figures_reader import FiguresReader
from .guest_page import GuestPage
from .link_page import Pace
from .links.charger import ChargerLine, Hooks, Originals, Wiring
from .links.errors import DeviceError
from .lost_payments import LostPayments
from .pay_page import PayDocument, PayPage
from .payment_hook import PaymentHook
from .payment_news import async_start_tills
from .repairs import async_sync_issues
from .services import async_setup_services
from .session_billing import SessionBilling
from .session_desk import async_drivers_of
from .statement_run import StatementRun
from .stay_page import StayPage
from .store import SiteStore
from .wires import HassWires, temporary_wires
from .witness import follow_signed

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.DATETIME,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]

_TRY_AGAIN = 300.0
"""How long until a charger that was removed and could not be reached is tried again, in s."""

_GOODBYE = 15.0
"""How long a charger that is removed may take to be put back as it was, in s."""


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions and what hands out files, which are there whether a site is loaded or not."""
    async_setup_services(hass)
    hass.data[EXPORTS] = Exports(hass)
    hass.http.register_view(GuestPage())
    hass.http.register_view(PaymentHook())
    pace = Pace()
    for page in (StayPage, PayPage, PayDocument, CardPage):
        hass.http.register_view(page(pace))
    hass.http.register_view(ExportView(partial(async_drivers_of, hass)))
    return True


async def async_setup_entry(hass: HomeAssistant, entry: SmartEvseConfigEntry) -> bool:
    """Set up one site. No device has to answer for that: each is waited for on its own line."""
    store = SiteStore(hass, entry.entry_id)
    await store.async_load()
    wires = HassWires(hass, entry)
    attention = Attention(hass, entry)
    await hass.async_add_import_executor_job(load_drivers, entry)
    originals = KeptOriginals(keep=partial(_keep, entry, store), before=store.originals)
    equipment = Equipment(entry, wires, originals, attention.trouble)

    async def close() -> None:
        await equipment.close()
        await wires.close()

    # Before anything that may fail: what was opened is closed however far the setup came.
    entry.async_on_unload(close)
    coordinator = SiteCoordinator(hass, entry, store, equipment)
    entry.runtime_data = coordinator
    await coordinator.sessions.async_open()
    await coordinator.access.async_open(coordinator.sessions.books)
    async_make_devices(hass, entry)
    coordinator.start()
    FiguresReader(coordinator).start()
    follow_signed(coordinator)
    async_start_tills(coordinator)
    LostPayments(coordinator).start()
    SessionBilling(coordinator).start()
    StatementRun(coordinator).start()
    store.refusals.watch(entry, coordinator.access.door, coordinator.connectors)
    attention.watch(coordinator)
    async_follow_meters(hass, coordinator)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_remove_stale(hass, coordinator)
    entry.async_on_unload(entry.add_update_listener(_reload))
    entry.async_create_background_task(hass, _put_back_removed(hass, entry, store), f"{DOMAIN} {entry.title} put back")
    return True


async def async_unload_entry(hass: HomeAssistant, entry: SmartEvseConfigEntry) -> bool:
    """Unload a site. Its chargers keep what they have until it is back or their watchdogs end it."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.sessions.async_close()
        await entry.runtime_data.store.async_close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing behind: not in the chargers, not on the repairs page, not on disk."""
    store = SiteStore(hass, entry.entry_id)
    await store.async_load()
    for subentry_id in list(store.kept.touched):
        await _put_back(hass, store, subentry_id)
    async_sync_issues(hass, entry.entry_id, ())
    await hass.data[EXPORTS].async_remove(entry.entry_id)
    await store.async_remove()


async def _reload(hass: HomeAssistant, entry: SmartEvseConfigEntry) -> None:
    await hass.config_entries.async_reload(entry.entry_id)


async def _keep(entry: SmartEvseConfigEntry, store: SiteStore, subentry_id: str, originals: Originals) -> None:
    subentry = entry.subentries.get(subentry_id)
    if subentry is not None:
        await store.async_keep_originals(subentry_id, subentry.data, dict(originals))


async def _put_back_removed(hass: HomeAssistant, entry: SmartEvseConfigEntry, store: SiteStore) -> None:
    """Put back the chargers that were deleted; one that cannot be reached is tried again until it can."""
    present = {key for key, sub in entry.subentries.items() if sub.subentry_type == SUBENTRY_CHARGER}
    while removed := set(store.kept.touched) - present:
        for subentry_id in removed:
            if await _put_back(hass, store, subentry_id):
                await store.async_forget(subentry_id)
        await asyncio.sleep(_TRY_AGAIN)


async def _put_back(hass: HomeAssistant, store: SiteStore, subentry_id: str) -> bool:
    """Put one charger back as it was before us; says whether that is settled."""
    touched = store.kept.touched[subentry_id]
    async with temporary_wires(hass) as wires:
        try:
            async with asyncio.timeout(_GOODBYE):
                charger = chargers.open_charger(touched["config"], wires)
                line = ChargerLine(charger, Wiring(), _nobody(), hass.loop.time)
                await line.put_back(touched["originals"])
                await line.close()
        except (DeviceError, TimeoutError) as err:
            _LOGGER.warning("A removed charger could not be put back as it was yet: %s", err)
            return False
        except Exception:
            _LOGGER.exception("A removed charger could not be put back as it was")
    return True


def _nobody() -> Hooks:
    async def keep(_originals: Originals) -> None:
        return

    return Hooks(heard=lambda: None, trouble=lambda _err: None, keep=keep)
