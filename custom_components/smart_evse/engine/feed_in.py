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

_GROPE = 60.0
"""The pause between two steps into the unknown, in s."""

_KEEP = 1.5
"""So many steps too much are kept."""


def curtailed_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the floor of a connector that follows the sun while sun would be wasted.

    It passes the waiting of mode and plan, but no word of a driver. Once begun it lasts for the minimum run
    where the sun alone carries it.
    """
    limit, grid = scene.settings.curtailed_above, scene.snapshot.grid
    if limit is None or grid is None or scene.house.filtered is None or not _follows(case):
        return
    wasted = _wasted(case, scene, limit)
    least, per_step = case.settings.minimum * case.per_amp, case.settings.step * case.per_amp
    has = (case.memory.amps or 0.0) * case.per_amp
    watts = wasted
    if has > 0 and _is_curtailed(scene, limit):
        groping = scene.now - case.memory.changed_at >= max(_GROPE, case.settings.settle)
        watts = max(wasted, has + per_step if groping else has)
    elif has > 0 and grid.power <= _BAND and has - wasted < _KEEP * per_step:
        watts = max(wasted, has)
    if watts < least and _is_young(case, scene) and -scene.house.filtered >= least - _BAND:
        watts = least
    if watts >= least:
        amps = min(toward_zero(watts / case.per_amp, case.settings.step), case.settings.max_current)
        yield floor(Rank.PLAN, amps, reason(ReasonKey.CURTAILED, watts=max(0.0, wasted)))


def _wasted(case: Case, scene: Scene, limit: float) -> float:
    """Return the sun that may not be fed in and that nobody before this connector takes, in W.

    What an inverter holds back is only known where its forecast is. What the connectors that follow the sun
    take already is in it.
    """
    filtered = scene.house.filtered or 0.0
    others = sum(max(0.0, other.watts or 0.0) for other in scene.cases if not _follows(other))
    left = -filtered - limit - others
    if _is_curtailed(scene, limit):
        left += _BAND + _held_back(scene)
    following = (other for other in scene.cases if _follows(other))
    for other in sorted(following, key=lambda item: (-item.settings.priority, not item.running, item.settings.id)):
        if other.settings.id == case.settings.id:
            break
        if left >= other.settings.minimum * other.per_amp and not takes_nothing(other.memory.appetite):
            left -= min(left, other.settings.max_current * other.per_amp)
    return left


def _held_back(scene: Scene) -> float:
    ahead, sun = scene.snapshot.sun_ahead, scene.snapshot.solar
    if ahead is None or sun is None or scene.now - sun.at > scene.settings.battery_max_age:
        return 0.0
    return max(0.0, ahead - sun.power)


def _is_curtailed(scene: Scene, limit: float) -> bool:
    return scene.snapshot.grid is not None and scene.snapshot.grid.power <= _BAND - limit


def _is_young(case: Case, scene: Scene) -> bool:
    served = case.memory.turn.served_since
    return case.running and served is not None and scene.now - served < case.settings.solar.min_on


def _follows(case: Case) -> bool:
    return case.plugged and case.settings.mode in {Mode.SOLAR, Mode.SOLAR_MIN, Mode.SMART}
