"""The resolver: many claims in, one current and the claim that decided it out."""

from dataclasses import dataclass
import math

from .claims import reason
from .model import Claim, ClaimKind, Rank, Reason, ReasonKey

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the claims come to: a current in A for each phase, and what decided it."""

    amps: float
    limited_by: Reason
    rank: Rank


def resolve(claims: tuple[Claim, ...], *, minimum: float, step: float) -> Verdict:
    """Combine the claims on a connector.

    All ceilings hold, always. Rank settles floors and targets only: a floor raises no target of a
    better rank, and one that no longer fits under the ceilings becomes 0. The result is 0 or at
    least `minimum` either way, rounded toward zero to a multiple of `step`.
    """
    wanted = _wanted(claims)
    decided = _clip(wanted, claims)
    rounded = toward_zero(decided.amps, step)
    if 0 < abs(rounded) < minimum - _EPSILON or abs(rounded) < _EPSILON < abs(decided.amps):
        if decided.rank is not wanted.rank or decided.limited_by != wanted.limited_by:
            return Verdict(amps=0.0, limited_by=decided.limited_by, rank=decided.rank)
        why = reason(ReasonKey.BELOW_MINIMUM, amps=abs(decided.amps), minimum=minimum)
        return Verdict(amps=0.0, limited_by=why, rank=decided.rank)
    return Verdict(amps=rounded, limited_by=decided.limited_by, rank=decided.rank)


def highest(claims: tuple[Claim, ...], kind: ClaimKind) -> float:
    """Return the least of the ceilings (or discharge amounts), infinite where nobody named one."""
    return min((claim.amps for claim in claims if claim.kind is kind), default=math.inf)


def toward_zero(amps: float, step: float) -> float:
    """Round to a whole number of steps, never up: half an ampere too much is too much."""
    return math.copysign(round(math.floor(abs(amps) / step + _EPSILON) * step, 3), amps) + 0.0


def _wanted(claims: tuple[Claim, ...]) -> Verdict:
    targets = [claim for claim in claims if claim.kind is ClaimKind.TARGET]
    if not targets:
        return Verdict(amps=0.0, limited_by=Reason(ReasonKey.MODE_OFF), rank=Rank.MODE)
    best = min(targets, key=lambda claim: claim.rank)
    floors = [claim for claim in claims if claim.kind is ClaimKind.FLOOR and claim.rank <= best.rank]
    deciding = max([best, *floors], key=lambda claim: claim.amps)
    return Verdict(amps=deciding.amps, limited_by=deciding.reason, rank=deciding.rank)


def _clip(wanted: Verdict, claims: tuple[Claim, ...]) -> Verdict:
    kind = ClaimKind.DISCHARGE if wanted.amps < 0 else ClaimKind.CEILING
    bounds = [claim for claim in claims if claim.kind is kind]
    if not bounds:
        return (
            wanted
            if wanted.amps >= 0
            else Verdict(amps=0.0, limited_by=Reason(ReasonKey.NOT_BIDIRECTIONAL), rank=Rank.CHARGER)
        )
    # Of equal ceilings the one of the better rank is named: it is the one nobody can argue with.
    least = min(bounds, key=lambda claim: (claim.amps, claim.rank))
    if least.amps >= abs(wanted.amps):
        return wanted
    return Verdict(amps=math.copysign(least.amps, wanted.amps), limited_by=least.reason, rank=least.rank)
