"""The driver's word: checked against the connector first, then handed to the coordinator.

Numbers, switches and actions all ask through here, so that all refuse the same things in the same
sentences.
"""

from datetime import datetime

from .coordinator import SiteCoordinator
from .engine.model import ClaimKind, ConnectorId, ConnectorSettings, Mode, Override, Rank
from .errors import mistake


def check_override(coordinator: SiteCoordinator, connector_id: ConnectorId, amps: float, phases: int | None) -> None:
    """Raise `ServiceValidationError` when a connector cannot do what is asked of it.

    `amps` is 0, or at least the minimum and at most the maximum current, negative to discharge.
    """
    connector, settings = coordinator.connectors[connector_id], _settings(coordinator, connector_id)
    if amps < 0 and not settings.max_discharge:
        raise mistake("discharge_not_possible", charger=connector.name)
    highest = settings.max_discharge if amps < 0 else settings.max_current
    if amps != 0 and not settings.min_current <= abs(amps) <= highest:
        bounds = {"minimum": f"{settings.min_current:g}", "maximum": f"{highest:g}"}
        raise mistake("current_out_of_range", charger=connector.name, **bounds)
    if phases is not None and phases != len(connector.phase_map) and not connector.phase_switching:
        raise mistake("phases_not_switchable", charger=connector.name)


async def async_override(
    coordinator: SiteCoordinator,
    connector_id: ConnectorId,
    amps: float,
    *,
    phases: int | None = None,
    until: datetime | None = None,
) -> None:
    """Set a current (A for each phase) until `until` or the unplugging, whichever is first."""
    check_override(coordinator, connector_id, amps, phases)
    await coordinator.async_set_override(connector_id, Override(amps=amps, phases=phases, until=until))


async def async_start(coordinator: SiteCoordinator, connector_id: ConnectorId) -> None:
    """Let a connector charge: by its mode where that would, else as fast as it can until unplugged."""
    override = coordinator.live(connector_id).override
    if override is not None and override.amps > 0:
        return
    if not _would_charge(coordinator, connector_id):
        highest = _settings(coordinator, connector_id).max_current
        await coordinator.async_set_override(connector_id, Override(amps=highest))
    elif override is not None:
        await coordinator.async_clear_override(connector_id)


async def async_stop(coordinator: SiteCoordinator, connector_id: ConnectorId) -> None:
    """Stop a connector until the car is unplugged."""
    await coordinator.async_set_override(connector_id, Override(amps=0.0))


def _would_charge(coordinator: SiteCoordinator, connector_id: ConnectorId) -> bool:
    """Say whether a connector would charge now if nobody had overridden its mode."""
    if coordinator.live(connector_id).mode is Mode.OFF:
        return False
    setpoint = coordinator.data.decision.setpoint(connector_id)
    wishes = (ClaimKind.TARGET, ClaimKind.FLOOR)
    return setpoint is not None and any(
        claim.kind in wishes and claim.rank > Rank.OVERRIDE and claim.amps > 0 for claim in setpoint.chain
    )


def _settings(coordinator: SiteCoordinator, connector_id: ConnectorId) -> ConnectorSettings:
    return next(settings for settings in coordinator.settings().connectors if settings.id == connector_id)
