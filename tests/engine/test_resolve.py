"""Claims in any order: exact ties of the numbers included, they come to the same."""

from random import Random

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.claims import ceiling, discharge, floor, reason, target
from custom_components.smart_evse.engine.model import Claim, ClaimKind, Rank, ReasonKey
from custom_components.smart_evse.engine.resolve import resolve
from tests.engine.examples import examples

AMPS = st.sampled_from([0.0, 6.0, 6.0, 10.0, 16.0])
"""Few values: ties are what this is about."""

RANKS = st.sampled_from(Rank)
REASONS = st.sampled_from(
    [reason(key) for key in ReasonKey] + [reason(ReasonKey.MAIN_FUSE, phase=f"L{i}") for i in "123"]
)
BOUNDS = st.builds(ceiling, RANKS, AMPS, REASONS) | st.builds(discharge, RANKS, AMPS, REASONS)
FLOORS = st.builds(floor, RANKS, AMPS, REASONS)
TARGETS = st.builds(target, RANKS, st.sampled_from([-16.0, -6.0, 0.0, 6.0, 16.0]), REASONS)


def targets(claims: list[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.kind is ClaimKind.TARGET]


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(BOUNDS | FLOORS, max_size=7), st.lists(TARGETS, max_size=3), st.randoms(use_true_random=False))
def test_claims_come_to_the_same_in_any_order(others: list[Claim], wishes: list[Claim], random: Random) -> None:
    mixed = others + wishes
    random.shuffle(mixed)
    # Of wishes of one rank the one heard first is followed: those alone keep their order.
    kept = iter(wishes)
    mixed = [next(kept) if claim.kind is ClaimKind.TARGET else claim for claim in mixed]
    assert targets(mixed) == wishes
    one, other = (resolve(tuple(claims), minimum=6.0, step=1.0) for claims in (wishes + others, mixed))
    assert one == other


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(TARGETS, max_size=4, unique_by=lambda claim: claim.rank).flatmap(st.permutations))
def test_wishes_of_different_ranks_come_in_any_order(wishes: list[Claim]) -> None:
    leave = (discharge(Rank.CHARGER, 16.0, reason(ReasonKey.CHARGER_MAXIMUM)),)
    found = resolve((*wishes, *leave), minimum=6.0, step=1.0)
    best = min(wishes, key=lambda claim: claim.rank, default=None)
    assert found.amps == (0.0 if best is None else best.amps)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(BOUNDS, min_size=1, max_size=6), st.sampled_from([-16.0, 16.0]))
def test_of_equal_ceilings_the_better_rank_is_named(bounds: list[Claim], wish: float) -> None:
    kind = ClaimKind.DISCHARGE if wish < 0 else ClaimKind.CEILING
    found = resolve((*bounds, target(Rank.MODE, wish, reason(ReasonKey.MODE_FAST))), minimum=6.0, step=1.0)
    tight = [claim for claim in bounds if claim.kind is kind]
    least = min((claim.amps for claim in tight), default=None)
    if least is not None and least < abs(wish):
        assert found.rank is min(claim.rank for claim in tight if claim.amps == least)
