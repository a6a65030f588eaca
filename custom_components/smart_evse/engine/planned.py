"""What the plan says of the car that is plugged in now."""

from .claims import Case
from .plan.model import SlotPlan, StayPlan
from .scene import Scene


def staying(case: Case, scene: Scene) -> StayPlan | None:
    """Return what is planned for the car that is plugged in now."""
    plan = scene.snapshot.plan
    if plan is None:
        return None
    return next((stay for stay in plan.of(case.settings.id) if stay.arrives <= scene.snapshot.utc), None)


def slot_now(case: Case, scene: Scene) -> SlotPlan | None:
    """Return what it is planned to do in this slot."""
    stay = staying(case, scene)
    return None if stay is None else stay.at(scene.snapshot.utc)
