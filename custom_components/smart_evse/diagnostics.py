"""What somebody who helps needs to see of a site, without what is nobody's business.

Addresses, serial numbers, cards, names of people's entities and anything that opens a door are
taken out by their key, and wherever else they appear (an error likes to name the host).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime
import json
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .configuration import Connector
from .const import (
    CONF_ADDRESS,
    CONF_ASK_WITH,
    CONF_BANK_ACCOUNT,
    CONF_BIC,
    CONF_CALENDAR,
    CONF_CITY,
    CONF_COMPANY_NUMBER,
    CONF_CONTACT,
    CONF_ENTITIES,
    CONF_METER_NUMBER,
    CONF_METERING_POINT,
    CONF_PERSON,
    CONF_PLATE,
    CONF_POSTCODE,
    CONF_REFERENCE,
    CONF_REPLICA_URL,
    CONF_SERIAL,
    CONF_SERIAL_PORT,
    CONF_STATEMENT_NOTIFY,
    CONF_STRIPE_ACCOUNT,
    CONF_STRIPE_KEY,
    CONF_SWISH,
    CONF_TAX_NUMBER,
    CONF_VAT_NUMBER,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
)
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.late_meter import learned_delay
from .explanation import explain

type Json = dict[str, Any]

REDACT: Final = frozenset(
    {
        "card",
        CONF_HOST,
        CONF_NAME,
        CONF_PASSWORD,
        CONF_PLATE,
        CONF_REPLICA_URL,
        CONF_SERIAL,
        CONF_SERIAL_PORT,
        CONF_STRIPE_ACCOUNT,
        CONF_STRIPE_KEY,
        CONF_TOKEN,
        CONF_USERNAME,
        CONF_WEBHOOK_SECRET,
        "title",
        "unique_id",
    }
)

_OF_PARTIES: Final = frozenset(
    {
        CONF_ADDRESS,
        CONF_BANK_ACCOUNT,
        CONF_BIC,
        CONF_CITY,
        CONF_COMPANY_NUMBER,
        CONF_CONTACT,
        CONF_METER_NUMBER,
        CONF_METERING_POINT,
        CONF_POSTCODE,
        CONF_REFERENCE,
        CONF_SWISH,
        CONF_TAX_NUMBER,
        CONF_VAT_NUMBER,
    }
)
"""What is taken out where it stands and not wherever its digits appear: a postcode is a number like any other."""

_OF_ENTITIES = ("_entity", "_entities", CONF_CALENDAR, CONF_PERSON, CONF_ASK_WITH, CONF_STATEMENT_NOTIFY)
"""How the keys of people's entities and phones end."""

_SHORTEST = 4
"""A secret shorter than this in letters would take harmless text with it."""


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: SmartEvseConfigEntry) -> Json:
    """Return everything about one site."""
    site = entry.runtime_data
    return _without_secrets(
        entry,
        {
            "configuration": _configuration(entry),
            "beat": {"decision": site.data.decision.site, "setpoints": site.data.decision.setpoints},
            "snapshot": site.data.snapshot,
            "sessions": site.data.sessions,
            "settings": site.settings(),
            "meters": {key: _meter(site, key) for key in site.equipment.meters},
            "chargers": {key: _charger(site, key) for key in site.equipment.chargers},
            "broken": {key: str(err) for key, err in site.equipment.broken.items()},
            "decisions": site.log,
            "plan": _plan(site),
            "forecasts": _forecasts(site),
            "delays": _delays(site),
            "orders": {"set": site.store.kept.site.orders, "log": site.store.order_log.events},
            "ledger": _ledger(site),
        },
    )


async def async_get_device_diagnostics(hass: HomeAssistant, entry: SmartEvseConfigEntry, device: DeviceEntry) -> Json:
    """Return everything about one connector, or about the site for the site's own device."""
    site = entry.runtime_data
    keys = {key for domain, key in device.identifiers if domain == DOMAIN}
    connector = next((connector for key, connector in site.connectors.items() if key in keys), None)
    if connector is None:
        return await async_get_config_entry_diagnostics(hass, entry)
    return _without_secrets(
        entry,
        {
            "configuration": _configuration(entry),
            "connector": _connector(hass, site, connector),
            "charger": _charger(site, connector.subentry_id),
            "decisions": [logged for logged in site.log if logged.connector == connector.id],
        },
    )


def _configuration(entry: SmartEvseConfigEntry) -> Json:
    return {
        "data": dict(entry.data),
        "options": dict(entry.options),
        "subentries": [
            {
                "id": subentry.subentry_id,
                "type": subentry.subentry_type,
                "title": subentry.title,
                "unique_id": subentry.unique_id,
                "data": dict(subentry.data),
            }
            for subentry in entry.subentries.values()
        ],
    }


def _plan(site: SiteCoordinator) -> Json:
    planning = site.planning
    return {"plan": site.data.plan, "problem": planning.problem, "solver_missing": planning.solver_missing}


def _ledger(site: SiteCoordinator) -> Json:
    books, replication = site.sessions.books, site.sessions.upkeep.replication
    return {
        "trouble": books.trouble,
        "waiting": len(site.store.journal.waiting),
        "refused": len(site.store.journal.refused),
        "tip": site.store.journal.tip,
        "broken": site.sessions.upkeep.broken,
        "replica": {
            "waiting": replication.waiting,
            "since": replication.since,
            "lost": replication.is_lost,
            "conflict": replication.conflict,
        },
    }


def _forecasts(site: SiteCoordinator) -> Json:
    expectations, learned = site.planning.expectations, site.store.learned.site
    feeds = {} if expectations is None else expectations.feeds
    return {
        "sources": {
            key: {"fetched": feed.fetched, "spans": len(feed.told.spans), "trouble": feed.trouble}
            for key, feed in feeds.items()
        },
        "sun": {"error": learned.sun_score.doubt, "tallies": learned.sun_score.tallies},
        "house": {"error": learned.house_score.doubt, "tallies": learned.house_score.tallies},
    }


def _delays(site: SiteCoordinator) -> Json:
    """Tell how long the meter and each charger with its car were seen to take, in s."""
    memory = site.data.decision.memory
    delay = learned_delay(memory.late)
    return {
        "meter": {"seconds": delay, "found": memory.late.found},
        "chargers": {
            key: {
                "seconds": known.latency.seconds,
                "samples": known.latency.samples,
                "with_meter": None if delay is None or known.latency.seconds is None else known.latency.seconds + delay,
            }
            for key, known in memory.connectors
        },
    }


def _meter(site: SiteCoordinator, key: str) -> Json:
    line = site.equipment.meters[key]
    return {
        "role": site.equipment.roles.get(key),
        "identity": line.identity,
        "latest": line.latest,
        "age": None if line.at is None else site.data.snapshot.now - line.at,
        "cadence": line.cadence.cadence,
        "max_age": line.cadence.max_age,
        "frozen": line.cadence.frozen,
        "error": _error(line.error),
    }


def _charger(site: SiteCoordinator, key: str) -> Json:
    line = site.equipment.chargers[key]
    return {
        "identity": line.identity,
        "traits": line.charger.traits,
        "guarded": line.guarded,
        "error": _error(line.error),
        "commands": line.commander.commands,
        "last_commands": line.commander.history,
        "outlets": [line.commander.memory(outlet) for outlet in range(line.charger.traits.outlets)],
    }


def _connector(hass: HomeAssistant, site: SiteCoordinator, connector: Connector) -> Json:
    return {
        "phase_map": connector.phase_map,
        "phase_switching": connector.phase_switching,
        "explanation": explain(hass, site, connector.id),
        "settings": [settings for settings in site.settings().connectors if settings.id == connector.id],
        "session": site.data.sessions.get(connector.id),
    }


def _error(err: Exception | None) -> str | None:
    return None if err is None else f"{type(err).__name__}: {err}"


def _without_secrets(entry: SmartEvseConfigEntry, told: Json) -> Json:
    known = (entry.options, *(subentry.data for subentry in entry.subentries.values()))
    secrets = {secret for data in known for secret in _secrets(data)}
    secrets |= {entry.title, *(subentry.title for subentry in entry.subentries.values())}
    text = json.dumps(told, default=_as_json)
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(json.dumps(secret)[1:-1], REDACTED)
    # "Unlimited" is a number to the engine and none to JSON.
    plain: Json = json.loads(text, parse_constant=lambda _: None)
    return async_redact_data(plain, REDACT | _OF_PARTIES)


def _secrets(data: Mapping[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key == CONF_ENTITIES and isinstance(value, Mapping):
            yield from (entity.partition(".")[2] for entity in value.values() if isinstance(entity, str))
        elif key == CONF_REPLICA_URL and isinstance(value, str):
            yield from _of_address(value)
        elif key in REDACT and isinstance(value, str):
            yield value
        elif key.endswith(_OF_ENTITIES):
            named = [value] if isinstance(value, str) else value or ()
            yield from (entity for entity in named if isinstance(entity, str))


def _of_address(url: str) -> Iterator[str]:
    """Yield what a database's address gives away: an error likes to name host and user."""
    yield url
    with suppress(ValueError):
        parts = urlsplit(url)
        yield from (part for part in (parts.hostname, parts.username, parts.password) if part)


def _as_json(value: object) -> object:
    """Return what JSON has no word for in words it has."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Iterable) else str(value)
