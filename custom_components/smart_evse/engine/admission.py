"""Who may not charge is given no current, and takes none back from anybody's house.

It holds whatever else is known: with a silent meter, while the site is starting, whatever mode or driver ask for.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from .access.model import Verdict
from .claims import Case, ceiling, discharge
from .model import Claim, Rank, Reason, ReasonKey
from .scene import Scene

REFUSALS: Final[Mapping[Verdict, ReasonKey]] = {
    Verdict.WAITING: ReasonKey.ACCESS_WAITING,
    Verdict.UNKNOWN_CARD: ReasonKey.ACCESS_UNKNOWN_CARD,
    Verdict.CARD_BLOCKED: ReasonKey.ACCESS_BLOCKED,
    Verdict.NOT_YET_VALID: ReasonKey.ACCESS_NOT_YET,
    Verdict.EXPIRED: ReasonKey.ACCESS_EXPIRED,
    Verdict.WRONG_CHARGER: ReasonKey.ACCESS_ELSEWHERE,
    Verdict.WRONG_TIME: ReasonKey.ACCESS_HOURS,
    Verdict.QUOTA_SPENT: ReasonKey.ACCESS_QUOTA,
}
"""What to say of each; a wrong code changes nothing, and is still a wait for who may charge."""


def access_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the stop of a connector whose car nobody may charge, both ways."""
    if is_refused(case):
        yield ceiling(Rank.ACCESS, 0.0, refusal(case))
        yield discharge(Rank.ACCESS, 0.0, refusal(case))


def is_refused(case: Case) -> bool:
    """Say whether whoever is there may not charge, or nobody has said yet who they are."""
    return not case.settings.access.granted


def refusal(case: Case) -> Reason:
    """Return why not."""
    return Reason(REFUSALS.get(case.settings.access, ReasonKey.ACCESS_WAITING))
