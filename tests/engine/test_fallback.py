"""Shares for the time when nobody can tell what the house uses."""

from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.fallback import with_fallbacks

from .plant import garage, site


def test_one_charger_gets_what_the_house_at_its_maximum_leaves() -> None:
    settings = with_fallbacks(site(garage()), 14.0, ())
    assert settings.connectors[0].fallback == 10
    assert settings.connectors[0].unattended is None


def test_a_share_below_the_minimum_is_nothing() -> None:
    assert with_fallbacks(site(garage()), 20.0, ()).connectors[0].fallback == 0
    assert with_fallbacks(site(garage()), 30.0, ()).connectors[0].fallback == 0


def test_a_charger_that_nothing_would_reduce_never_gets_more_than_its_share() -> None:
    settings = with_fallbacks(site(garage(), replace(garage(), id="drive:0")), 8.0, ("drive:0",))
    assert [item.unattended for item in settings.connectors] == [None, 8]


@given(st.floats(0, 70), st.lists(st.sampled_from([(0, 1, 2), (0,), (2,)]), min_size=1, max_size=6))
def test_all_shares_and_the_house_together_fit_every_phase(house: float, maps: list[tuple[int, ...]]) -> None:
    boxes = [garage(phase_map=phases).__replace__(id=str(number)) for number, phases in enumerate(maps)]
    settings = with_fallbacks(site(*boxes, fuse=63.0), house, ())
    for phase in range(3):
        shares = sum(item.fallback for item in settings.connectors if phase in item.phase_map)
        assert shares == 0 or shares + house <= 62.0 + 1e-6
