"""Why a connector does what it does: the decision, its chain of limits and the readings, in sentences."""

from collections.abc import Iterator
import math

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.json import JsonObjectType, JsonValueType

from .coordinator import SiteCoordinator
from .engine.model import (
    AcLimit,
    Claim,
    ClaimKind,
    ConnectorId,
    ConnectorReading,
    GridReading,
    Limit,
    Override,
    PerPhase,
    PowerReading,
    Reason,
    ReasonKey,
    Setpoint,
    Snapshot,
)
from .errors import home_assistant_error
from .sentences import advice, sentence


@callback
def explain(hass: HomeAssistant, coordinator: SiteCoordinator, connector_id: ConnectorId) -> JsonObjectType:
    """Explain one connector as JSON. Powers in W, currents in A, energies in Wh, ages in s."""
    data, live = coordinator.data, coordinator.live(connector_id)
    setpoint = data.decision.setpoint(connector_id)
    told: JsonObjectType = {
        "connector": connector_id,
        "site": coordinator.site_name,
        "site_state": data.decision.site.state.value,
        "mode": live.mode.value,
        "override": _override(live.override),
        "readings": _readings(data.snapshot, connector_id),
        "error": _error(coordinator, connector_id),
        "withheld": coordinator.equipment.is_withheld(connector_id),
    }
    if setpoint is None:
        return _tidy(told)
    whole: JsonObjectType = told | {
        "limit": _limit(setpoint.limit),
        "reason": setpoint.reason.key.value,
        "sentence": sentence(hass, setpoint.reason),
        "limited_by": _reason(hass, setpoint.limited_by),
        "chain": [_claim(hass, claim) for claim in sorted(setpoint.chain, key=lambda claim: claim.rank)],
        "what_would_help": [{"reason": key.value, "sentence": advice(hass, key)} for key in obstacles(setpoint)],
    }
    return _tidy(whole)


def _tidy(told: JsonObjectType) -> JsonObjectType:
    """Leave out the decimals that no meter has."""
    return {key: _rounded(item) for key, item in told.items()}


def _rounded(value: JsonValueType) -> JsonValueType:
    match value:
        case float():
            return round(value, 2)
        case dict():
            return _tidy(value)
        case list():
            return [_rounded(item) for item in value]
    return value


def obstacles(setpoint: Setpoint) -> list[ReasonKey]:
    """Return what keeps a connector from charging, the first to be cleared first; empty when nothing does."""
    return list(dict.fromkeys(_obstacles(setpoint)))


def _obstacles(setpoint: Setpoint) -> Iterator[ReasonKey]:
    if setpoint.limit is not None and _amount(setpoint.limit) > 0:
        if setpoint.reason.key is ReasonKey.VEHICLE_NOT_CHARGING:
            yield setpoint.reason.key
        return
    chain = sorted(setpoint.chain, key=lambda claim: claim.rank)
    yield from (claim.reason.key for claim in chain if claim.kind is ClaimKind.CEILING and claim.amps <= 0)
    yield setpoint.reason.key
    wishes = [claim for claim in chain if claim.kind is ClaimKind.TARGET]
    # Only the wish that is heard first counts: behind a driver's word the mode changes nothing.
    yield from (claim.reason.key for claim in wishes[:1] if claim.amps <= 0)


def _amount(limit: Limit) -> float:
    return limit.amps if isinstance(limit, AcLimit) else limit.watts


def _limit(limit: Limit | None) -> JsonValueType:
    match limit:
        case None:
            return None
        case AcLimit(amps=amps, phases=phases):
            return {"amps": amps, "phases": phases}
    return {"watts": limit.watts}


def _error(coordinator: SiteCoordinator, connector_id: ConnectorId) -> str | None:
    """Return what is wrong on the line to the charger."""
    connector = coordinator.connectors[connector_id]
    error = coordinator.equipment.chargers[connector.subentry_id].error
    return None if error is None else str(home_assistant_error(error, connector.name))


def _override(override: Override | None) -> JsonValueType:
    if override is None:
        return None
    until = None if override.until is None else override.until.isoformat()
    return {"amps": override.amps, "phases": override.phases, "until": until}


def _reason(hass: HomeAssistant, reason: Reason) -> JsonObjectType:
    return {"reason": reason.key.value, "sentence": sentence(hass, reason)}


def _claim(hass: HomeAssistant, claim: Claim) -> JsonObjectType:
    amps = claim.amps if math.isfinite(claim.amps) else None
    bound: JsonObjectType = {"rank": claim.rank.name.lower(), "kind": claim.kind.value, "amps": amps}
    return bound | _reason(hass, claim.reason)


def _readings(snapshot: Snapshot, connector_id: ConnectorId) -> JsonObjectType:
    return {
        "grid": _grid(snapshot.grid, snapshot.now),
        "solar": _power(snapshot.solar, snapshot.now),
        "battery": _power(snapshot.battery, snapshot.now),
        "charger": _charger(snapshot.connector(connector_id), snapshot.now),
    }


def _grid(reading: GridReading | None, now: float) -> JsonValueType:
    if reading is None:
        return None
    return {"age": _age(reading.at, now), "power": reading.power, "currents": _phases(reading.currents)}


def _power(reading: PowerReading | None, now: float) -> JsonValueType:
    if reading is None:
        return None
    return {"age": _age(reading.at, now), "power": reading.power, "soc": reading.soc}


def _charger(reading: ConnectorReading | None, now: float) -> JsonValueType:
    if reading is None:
        return None
    return {
        "age": _age(reading.at, now),
        "state": None if reading.state is None else reading.state.name.lower(),
        "power": reading.power,
        "currents": _phases(reading.currents),
        "energy": reading.energy_in,
        "energy_discharged": reading.energy_out,
        "limit": reading.limit,
        "soc": reading.soc,
        "fault": reading.fault,
    }


def _phases(values: PerPhase | None) -> JsonValueType:
    return None if values is None else list(values)


def _age(at: float, now: float) -> float:
    return round(max(0.0, now - at), 1)
