"""What reaches the battery of what is drawn from the wall: the losses that make slow charging dear.

A car's own electronics take as much at 6 A as at 16 A. The means of eight cars measured at each
current, from the EV models of ev2gym 2.0.0 (MIT licence), at 230 V.
"""

from ..model import VOLTAGE
from ..plan.curve import Curve, Point, concave, share_at

AC_EFFICIENCY: dict[int, tuple[Point, ...]] = {
    1: (
        (6.0, 0.761), (8.0, 0.795), (10.0, 0.821), (12.0, 0.836),
        (14.0, 0.859), (16.0, 0.862), (24.0, 0.880), (32.0, 0.890),
    ),
    3: ((6.0, 0.878), (8.0, 0.885), (10.0, 0.904), (16.0, 0.904), (32.0, 0.904)),
}  # fmt: skip
"""Wall to battery by current in A, for one phase and for three."""

DC_EFFICIENCY: tuple[Point, ...] = ((300.0, 0.0), (1000.0, 0.85), (4000.0, 0.93))
"""One way through a bidirectional DC charger by power in W: nothing small gets through."""

_DC_POWERS = (300.0, 450.0, 600.0, 800.0, 1000.0, 1500.0, 2500.0, 4000.0)
"""Where the curve is drawn: it bends between the rows of its efficiency."""


def ac_curve(phases: int, least: float, most: float, voltage: float = VOLTAGE, scale: float = 1.0) -> Curve:
    """What an AC charger brings into the battery between `least` and `most` A on each of `phases`.

    `scale` is what this car was found to reach of the usual efficiency.
    """
    amps = [least, *(amp for amp, _ in AC_EFFICIENCY[1 if phases < 3 else 3] if least < amp < most), most]
    per_amp = phases * voltage
    points = [(amp * per_amp, amp * per_amp * min(1.0, _efficiency(phases, amp) * scale)) for amp in sorted({*amps})]
    return Curve(tuple(points) if 0 < least <= most else ())


def switching_curve(least: float, most: float, voltage: float = VOLTAGE, scale: float = 1.0) -> Curve:
    """What a charger that may choose between one phase and three brings in: at each power the better of both.

    Between the most of one phase and the least of three it is drawn straight, as a slot spent partly on each.
    """
    one, three = ac_curve(1, least, most, voltage, scale), ac_curve(3, least, most, voltage, scale)
    powers = sorted({power for power, _ in one.points + three.points})
    reached = [(power, max(_within(one, power), _within(three, power))) for power in powers]
    return Curve(concave(reached))


def dc_charge(most: float, scale: float = 1.0) -> Curve:
    """What a bidirectional DC charger brings into the battery of up to `most` W from the wall."""
    return _dc(most, scale)


def dc_discharge(most: float, scale: float = 1.0) -> Curve:
    """What it brings to the wall of battery power, up to `most` W at the wall."""
    curve = _dc(most * 2, scale)
    return _dc(curve.inverse(most), scale) if curve.usable else curve


def _dc(most: float, scale: float) -> Curve:
    powers = [*(power for power in _DC_POWERS if power < most), most] if most > _DC_POWERS[0] else []
    points = ((power, power * min(1.0, share_at(DC_EFFICIENCY, power) * scale)) for power in powers)
    # A curve begins where something comes out.
    return Curve(tuple((power, out) for power, out in points if out > 0))


def _efficiency(phases: int, amps: float) -> float:
    if phases == 2:
        return (share_at(AC_EFFICIENCY[1], amps) + share_at(AC_EFFICIENCY[3], amps)) / 2
    return share_at(AC_EFFICIENCY[phases], amps)


def _within(curve: Curve, power: float) -> float:
    """What comes out, nothing beyond the curve's end."""
    return curve.at(power) if power <= curve.most else 0.0
