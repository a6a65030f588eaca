"""What each connector may have while nobody can tell what the house uses."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from .model import ConnectorSettings, SiteSettings
from .resolve import toward_zero
from .rooms import MAIN, path


def with_fallbacks(settings: SiteSettings, house_maximum: float, unguarded: Iterable[str]) -> SiteSettings:
    """Give each connector its share of what the house at its declared maximum leaves of the fuse.

    All shares together with `house_maximum` (A on each phase) fit every fuse; a share below the
    connector's minimum is 0. The connectors named in `unguarded` have no watchdog that would bring
    them down to their share, so they never get more than it.
    """
    room = {(MAIN, phase): max(0.0, settings.fuse - settings.margin - house_maximum) for phase in range(3)}
    room |= {
        (item.id, phase): max(0.0, item.limit - settings.margin - item.others)
        for item in settings.circuits
        for phase in range(3)
    }
    loads = {
        item.id: [(name, phase) for name in (MAIN, *path(item.circuit, settings.circuits)) for phase in item.phase_map]
        for item in settings.connectors
    }
    users = Counter(conductor for each in loads.values() for conductor in each)
    capped = frozenset(unguarded)
    return replace(
        settings,
        connectors=tuple(
            _with_share(item, min(room[each] / users[each] for each in loads[item.id]), capped=item.id in capped)
            for item in settings.connectors
        ),
    )


def _with_share(connector: ConnectorSettings, equal: float, *, capped: bool) -> ConnectorSettings:
    share = toward_zero(min(equal, connector.max_current), connector.step)
    share = share if share >= connector.minimum else 0.0
    return replace(connector, fallback=share, unattended=share if capped else None)
