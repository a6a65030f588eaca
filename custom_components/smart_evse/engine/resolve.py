"""The resolver: many claims in, one current and the claim that decided it out."""

from dataclasses import dataclass, replace
import math

from .claims import reason
from .model import Claim, ClaimKind, Rank, Reason, ReasonKey

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the claims come to: a current in A for each phase, what was wanted, and what decided."""

    amps: float
    wanted: Reason
    limited_by: Reason
    rank: Rank


def resolve(claims: tuple[Claim, ...], *, minimum: float, step: float) -> Verdict:
    """Combine the claims on a connector.

    All ceilings hold, always. Rank settles floors and targets only: a floor raises no target of a
    better rank, and one that no longer fits under the ceilings becomes 0. The result is 0 or at
    least `minimum` either way, rounded toward zero to a multiple of `step`. In which order claims were heard matters
    to targets of one rank alone: the first is followed.
    """
    wish = _wish(claims)
    decided = _clip(wish, claims)
    amps = toward_zero(decided.amps, step)
    if abs(amps) >= minimum - _EPSILON or abs(decided.amps) < _EPSILON:
        return decided if amps == decided.amps else replace(decided, amps=amps)
    if decided.limited_by == wish.limited_by:
        # Nobody took anything away: what was asked for is itself too little.
        return replace(
            decided, amps=0.0, limited_by=reason(ReasonKey.BELOW_MINIMUM, amps=abs(wish.amps), minimum=minimum)
        )
    return replace(decided, amps=0.0)


def toward_zero(amps: float, step: float) -> float:
    """Round to a whole number of steps, never up: half an ampere too much is too much."""
    return math.copysign(round(math.floor(abs(amps) / step + _EPSILON) * step, 3), amps) + 0.0


def _wish(claims: tuple[Claim, ...]) -> Verdict:
    targets = [claim for claim in claims if claim.kind is ClaimKind.TARGET]
    if not targets:
        nothing = Reason(ReasonKey.MODE_OFF)
        return Verdict(amps=0.0, wanted=nothing, limited_by=nothing, rank=Rank.MODE)
    best = min(targets, key=lambda claim: claim.rank)
    floors = [claim for claim in claims if claim.kind is ClaimKind.FLOOR and claim.rank <= best.rank]
    deciding = max([best, *sorted(floors, key=_name)], key=lambda claim: claim.amps)
    return Verdict(amps=deciding.amps, wanted=deciding.reason, limited_by=deciding.reason, rank=deciding.rank)


def _clip(wish: Verdict, claims: tuple[Claim, ...]) -> Verdict:
    kind = ClaimKind.DISCHARGE if wish.amps < 0 else ClaimKind.CEILING
    bounds = [claim for claim in claims if claim.kind is kind]
    if not bounds:
        return wish if wish.amps >= 0 else _nothing_given(wish)
    # Of equal ceilings the one of the better rank is named: it is the one nobody can argue with.
    least = min(bounds, key=lambda claim: (claim.amps, claim.rank, *_name(claim)))
    if least.amps >= abs(wish.amps):
        return wish
    amps = math.copysign(least.amps, wish.amps)
    return Verdict(amps=amps, wanted=wish.wanted, limited_by=least.reason, rank=least.rank)


def _name(claim: Claim) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """Return what tells claims apart that say the same."""
    return claim.rank, claim.reason.key, claim.reason.placeholders


def _nothing_given(wish: Verdict) -> Verdict:
    return replace(wish, amps=0.0, limited_by=Reason(ReasonKey.NOT_BIDIRECTIONAL), rank=Rank.CHARGER)
