"""What a start, a stop and a change of phases have to save before they are made, in currency.

Contactors and some cars bear only so many of them: each one of a day makes the next dearer. And what the plan foresees
needs little proof: a cloud passes, an evening does not.
"""

_START = 0.002
_STOP = 0.006
_SWITCH = 0.014

_WORN = 0.3
"""By how much each one within a day makes the next dearer, as a share."""

_FORESEEN_START, _FORESEEN_STOP, _FORESEEN_SWITCH = 0.5, 0.4, 0.3
_UNFORESEEN_SWITCH = 1.5
"""What is left of a price where the plan says so too, and what comes on top of it where it does not."""

_RUNS = 1000.0
_RESTS = 100.0
"""The mean W that a plan has for the next while if it means to charge, and if it does not."""


def start_price(today: int, foreseen: float) -> float:
    """Return what a start has to save after so many `today`; `foreseen` is the plan's mean power ahead in W."""
    return _START * _worn(today) * (_FORESEEN_START if foreseen > _RUNS else 1.0)


def stop_price(today: int, foreseen: float) -> float:
    """Return what a stop has to save: whoever stops will have to start again."""
    return _STOP * _worn(today) * (_FORESEEN_STOP if foreseen <= _RESTS else 1.0)


def switch_price(today: int, *, foreseen: bool) -> float:
    """Return what a change of phases has to save after so many `today`; `foreseen`: the plan's power is for them."""
    return _SWITCH * _worn(today) * (_FORESEEN_SWITCH if foreseen else _UNFORESEEN_SWITCH)


def _worn(today: int) -> float:
    return 1 + _WORN * today
