"""Sun that would be wasted: what the site may not feed in, a car takes first.

An inverter that curtails hides what it could do: the meter stands at the limit, whatever the sun. So a car beside it
gropes its way up, a step at a time, for as long as the feed-in stays where it is. The step that was one too many
is kept where it only costs feed-in: taking it back would mean groping for it again.
"""

from collections.abc import Iterator

from .claims import Case, floor, reason
from .model import Claim, Mode, Rank, ReasonKey
from .resolve import toward_zero
from .scene import Scene
from .turns import takes_nothing

_BAND = 150.0
"""Feed-in this close to its limit is curtailed, in W: no inverter holds it better."""

_GROPE = 20.0
"""The pause between two steps into the unknown, in s."""

_PAUSE = 60.0
"""The pause between a stop and the next start, in s."""

_KEEP = 2.0
"""One step too many is kept, and so many bands: the step may have been groped for from the edge of one."""


def curtailed_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the floor of a connector that follows the sun while sun would be wasted.

    It passes the waiting of mode and plan, but no word of a driver. Once begun it lasts for the minimum run,
    and then as long as the sun alone carries it.
    """
    limit = scene.settings.curtailed_above
    if limit is None or scene.snapshot.grid is None or scene.house.filtered is None or not _follows(case):
        return
    wasted, least = _wasted(case, scene, limit), case.settings.minimum * case.per_amp
    watts = _kept(case, scene, wasted, limit) if case.running else _begun(case, scene, wasted, limit)
    if case.running and watts < least and _lasts(case, scene, least, limit):
        watts = least
    if watts >= least:
        amps = min(toward_zero(watts / case.per_amp, case.settings.step), case.settings.max_current)
        yield floor(Rank.PLAN, amps, reason(ReasonKey.CURTAILED, watts=max(0.0, wasted)))


def _begun(case: Case, scene: Scene, wasted: float, limit: float) -> float:
    """Return what a start would take in W: the minimum where only a forecast knows what is held back."""
    if scene.now - case.memory.changed_at < _PAUSE:
        return 0.0
    least = case.settings.minimum * case.per_amp
    hidden = _BAND + _held_back(scene) if _is_curtailed(scene, limit) else 0.0
    return max(wasted, least) if wasted + hidden >= least else 0.0


def _kept(case: Case, scene: Scene, wasted: float, limit: float) -> float:
    """Return what a running connector takes in W: what it has, more while the feed-in stands at its limit."""
    has, per_step = (case.memory.amps or 0.0) * case.per_amp, case.settings.step * case.per_amp
    since = scene.now - case.memory.changed_at
    if scene.snapshot.grid is not None and scene.snapshot.grid.power > _BAND:
        return wasted
    if since < case.settings.settle:
        return max(has, wasted)
    if _is_curtailed(scene, limit):
        return max(wasted, has + per_step if since >= _GROPE else has)
    return max(has, wasted) if has - wasted < per_step + _KEEP * _BAND else wasted


def _lasts(case: Case, scene: Scene, least: float, limit: float) -> bool:
    served = case.memory.turn.served_since
    if served is not None and scene.now - served < case.settings.solar.min_on:
        return True
    return _wasted(case, scene, limit) + limit >= least


def _wasted(case: Case, scene: Scene, limit: float) -> float:
    """Return the sun that may not be fed in and that nobody before this connector takes, in W.

    What the connectors that follow the sun take already is in it; what an inverter holds back is not. A glint
    starts nobody; what is running answers to the sun of this second.
    """
    surplus = -((scene.house.base if case.running else scene.house.filtered) or 0.0)
    others = sum(max(0.0, other.watts or 0.0) for other in scene.cases if not _follows(other))
    left = surplus - limit - others
    following = (other for other in scene.cases if _follows(other))
    for other in sorted(following, key=lambda item: (-item.settings.priority, not item.running, item.settings.id)):
        if other.settings.id == case.settings.id:
            break
        if left >= other.settings.minimum * other.per_amp and not takes_nothing(other.memory.appetite):
            left -= min(left, other.settings.max_current * other.per_amp)
    return left


def _held_back(scene: Scene) -> float:
    """Return what an inverter seems to hold back in W: only its forecast tells."""
    ahead, sun = scene.snapshot.sun_ahead, scene.snapshot.solar
    if ahead is None or sun is None or scene.now - sun.at > scene.settings.battery_max_age:
        return 0.0
    return max(0.0, ahead - sun.power)


def _is_curtailed(scene: Scene, limit: float) -> bool:
    return scene.snapshot.grid is not None and scene.snapshot.grid.power <= _BAND - limit


def _follows(case: Case) -> bool:
    return case.plugged and case.settings.mode in {Mode.SOLAR, Mode.SOLAR_MIN, Mode.SMART}
