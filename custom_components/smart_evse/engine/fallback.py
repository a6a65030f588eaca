"""What each connector may have while nobody can tell what the house uses."""

from collections.abc import Iterable
from dataclasses import replace

from .model import ConnectorSettings, SiteSettings
from .resolve import toward_zero


def with_fallbacks(settings: SiteSettings, house_maximum: float, unguarded: Iterable[str]) -> SiteSettings:
    """Give each connector its share of what the house at its declared maximum leaves of the fuse.

    All shares together with `house_maximum` (A on each phase) fit the main fuse; a share below the
    connector's minimum is 0. The connectors named in `unguarded` have no watchdog that would bring
    them down to their share, so they never get more than it.
    """
    left = max(0.0, settings.fuse - settings.margin - house_maximum)
    users = [sum(phase in connector.phase_map for connector in settings.connectors) for phase in range(3)]
    capped = frozenset(unguarded)
    return replace(
        settings,
        connectors=tuple(
            _with_share(connector, left, users, capped=connector.id in capped) for connector in settings.connectors
        ),
    )


def _with_share(connector: ConnectorSettings, left: float, users: list[int], *, capped: bool) -> ConnectorSettings:
    equal = min(left / users[phase] for phase in connector.phase_map)
    share = toward_zero(min(equal, connector.max_current), connector.step)
    share = share if share >= connector.minimum else 0.0
    return replace(connector, fallback=share, unattended=share if capped else None)
