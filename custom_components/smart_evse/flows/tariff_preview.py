"""What a tariff would make of a typical session, in the words of a form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..bookkeeping import LedgerClosed
from ..const import DOMAIN
from ..documents.notation import Notation, notation
from ..engine.sessions.model import Interval, SessionRecord
from ..engine.tariffs.evaluate import price
from ..engine.tariffs.model import Priced, Tariff
from ..engine.tariffs.preview import Wish, preview
from ..engine.tariffs.stretches import stretches_of
from ..running_charges import amounts_by_dimension

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator
    from ..ledger import Ledger

_LATELY: Final = timedelta(days=30)
_EXAMPLE: Final = Wish(energy=10_000, power=11_000)

type Session = tuple[SessionRecord, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown: `real` says that there was such a session."""

    real: bool
    words: Mapping[str, str]


async def async_shown(hass: HomeAssistant, entry: ConfigEntry, tariff: Tariff) -> Shown:
    """Return what a tariff makes of the middle one of the last sessions, or of 10 kWh from now on."""
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    words = {key.rpartition(".")[2]: text for key, text in texts.items()}
    signs = notation(hass.config.language, hass.config.country, hass.config.time_zone)
    zone, now = dt_util.get_default_time_zone(), dt_util.utcnow()
    site: SiteCoordinator | None = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
    found = None if site is None else await _typical(site)
    priced = None if found is None else price(tariff, stretches_of(*found), zone)
    if found is None or priced is None or (priced.unpriced and not priced.lines):
        # What the price follows is on record for no session yet, or there is none.
        ahead = () if site is None else tuple(site.charges.prices.between(now, now + timedelta(hours=2)))
        wish = _EXAMPLE if site is None else replace(_EXAMPLE, demand=site.charges.demand)
        return Shown(real=False, words=_in_words(preview(tariff, wish, now, zone, ahead), words, signs))
    record, intervals = found
    return Shown(real=True, words=_of_session(record, intervals, signs) | _in_words(priced, words, signs))


async def _typical(site: SiteCoordinator) -> Session | None:
    try:
        return await site.sessions.books.async_read(_middle)
    except LedgerClosed:
        return None


def _middle(ledger: Ledger) -> Session | None:
    from ..ledger import SessionFilter, SessionsBook  # noqa: PLC0415 - in a thread: a database library takes a while

    found = SessionsBook(ledger).with_intervals(SessionFilter(since=dt_util.utcnow() - _LATELY))
    over = sorted(
        (each for each in found if each[0].ended is not None and each[0].energy_in > 0),
        key=lambda each: (each[0].energy_in, each[0].started),
    )
    return over[len(over) // 2] if over else None


def _of_session(record: SessionRecord, intervals: tuple[Interval, ...], signs: Notation) -> dict[str, str]:
    took = timedelta() if record.ended is None else record.ended - record.started
    sun = sum(each.from_sun for each in intervals)
    return {
        "energy": signs.number(Decimal(record.energy_in) / 1000, 1),
        "hours": signs.number(Decimal(round(took.total_seconds())) / 3600, 1),
        "sun": signs.number(Decimal(100 * sun) / record.energy_in, 0),
    }


def _in_words(priced: Priced, words: Mapping[str, str], signs: Notation) -> dict[str, str]:
    """Write what it comes to and what that is made of; what has no price yet is said, and not left out."""
    money = partial(signs.money, currency=priced.currency)
    parts = [
        f"{words.get(f'tariff_{what}', what)} {money(amount)}" for what, amount in amounts_by_dimension(priced).items()
    ]
    if priced.bounded[1]:
        parts.append(f"{words.get('tariff_bounded', '')} {money(priced.bounded[1])}")
    if priced.unpriced:
        parts.append(f"{signs.number(Decimal(priced.unpriced) / 1000, 1)} kWh {words.get('tariff_unpriced', '')}")
    return {"total": money(priced.gross), "parts": ", ".join(parts) or "\u2013"}
