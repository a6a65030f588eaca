"""Actions about what meters sign: which keys are theirs, and a file by which anybody can verify it."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .coordinator import SiteCoordinator
from .errors import mistake
from .exports import EXPORTS, Export
from .ledger import EvidenceBook
from .session_accounts import find_one
from .session_desk import async_asked, async_look_up
from .signed.judging import keys_by_meter
from .signed.keys import UnreadableKey, read_key, written
from .signed.model import KeyState, MeterKey, PublicKey, Signed
from .signed.transparency import transparency_file
from .viewers import async_only_admins

ATTR_KEY: Final = "key"
ATTR_METER: Final = "meter"
ATTR_SESSION: Final = "session"
ATTR_TRUST: Final = "trust"

_POINT: Final = "secp256r1"
"""The curve of a key of which only the point is told: the format's default."""


async def _trust_meter_key(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    meter: str = call.data[ATTR_METER]
    state = KeyState.CONFIRMED if call.data[ATTR_TRUST] else KeyState.REFUSED
    known = await site.sessions.books.async_read(lambda ledger: EvidenceBook(ledger).keys())
    key = _key(call.data.get(ATTR_KEY), meter, known, state)
    await site.sessions.evidence.async_trust(meter, key, state, call.context.user_id)
    site.async_update_listeners()
    return {"site": site.site_name, "meter": meter, "key": key, "state": state.value}


def _key(told: str | None, meter: str, known: tuple[MeterKey, ...], state: KeyState) -> str:
    """Return the key that is meant: the one that is told, or the only one that somebody has to speak of."""
    mine = [one for one in known if one.meter == meter]
    if told is None:
        asked = [one.key for one in mine if one.state is KeyState.SEEN] or [
            one.key for one in mine if one.state is not state
        ]
        if len(asked) != 1:
            raise mistake("which_meter_key", meter=meter, meters=", ".join(sorted({one.meter for one in known})) or "–")
        return asked[0]
    # A label often shows the bare point, or nothing but the end of what came over the wire.
    bare = "".join(told.split()).lower()
    ends = [one.key for one in mine if len(bare) >= 2 * 48 and one.key.endswith(bare)]
    if ends:
        return ends[0]
    try:
        return written(read_key(told, _POINT))
    except UnreadableKey as err:
        raise mistake("meter_key_unreadable") from err


async def _export_signed_values(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    asked, session = await async_asked(site, call.context), call.data[ATTR_SESSION]
    found = await async_look_up(site, lambda book: find_one(book, session, asked.viewer, asked.names, asked.running))
    if found is None or found.account.partial:
        raise mistake("unknown_session", session=session)
    records, keys = await site.sessions.books.async_read(lambda ledger: _signed(EvidenceBook(ledger), session))
    if not records:
        raise mistake("nothing_signed", session=session)
    exports, whose = call.hass.data[EXPORTS], {found.account.record.driver, *found.account.others}
    export = Export(
        site=site.config_entry.entry_id,
        made=dt_util.utcnow(),
        drivers=frozenset(driver for driver in whose if driver is not None),
        anybody=None in whose,
        user=call.context.user_id,
    )
    started = dt_util.as_local(found.account.record.started)
    title = f"{site.site_name} {started:%Y-%m-%d} signed"
    name = await exports.async_keep(title, "xml", transparency_file(records, keys), export)
    return {
        "site": site.site_name,
        "records": len(records),
        "files": [{"name": name, "path": str(exports.path(name)), "url": exports.link(name)}],
    }


def _signed(book: EvidenceBook, session: str) -> tuple[list[Signed], dict[str, PublicKey]]:
    """Return what was signed over a session, and the key of each meter: the one last confirmed, if one is."""
    kept = book.of([session]).get(session, ())
    known = book.keys()
    keys = {meter: keys.confirmed[-1] for meter, keys in keys_by_meter(known).items() if keys.confirmed}
    return [value.signed for value in kept if value.signed is not None], keys


EVIDENCE_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="trust_meter_key",
        fields={
            vol.Required(ATTR_METER): cv.string,
            vol.Optional(ATTR_KEY): cv.string,
            vol.Optional(ATTR_TRUST, default=True): cv.boolean,
        },
        do=_trust_meter_key,
        may_answer=True,
    ),
    SiteAction(
        name="export_signed_values",
        fields={vol.Required(ATTR_SESSION): cv.string},
        do=_export_signed_values,
        answers=True,
    ),
)
