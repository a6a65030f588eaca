"""What the plan says of the car that is plugged in now."""

from .claims import Case
from .model import Mode
from .plan.model import SlotPlan, StayPlan
from .scene import Scene


def staying(case: Case, scene: Scene) -> StayPlan | None:
    """Return what is planned for the car that is plugged in now."""
    plan = scene.snapshot.plan
    if plan is None:
        return None
    return next((stay for stay in plan.of(case.settings.id) if stay.arrives <= scene.snapshot.utc), None)


def spare(case: Case, scene: Scene) -> float | None:
    """Return how long a planned car could still do nothing and be ready in time, in s; `None` without a plan."""
    stay = staying(case, scene) if case.settings.mode is Mode.SMART else None
    return None if stay is None or stay.latest is None else (stay.latest - scene.snapshot.utc).total_seconds()


def slot_now(case: Case, scene: Scene) -> SlotPlan | None:
    """Return what it is planned to do in this slot."""
    stay = staying(case, scene)
    return None if stay is None else stay.at(scene.snapshot.utc)
