"""The elliptic curves that meters sign on, by the names and numbers that they are known by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from .small_curves import SECP192K1, SmallCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A curve. `oid` is its number as DER has it, `size` that of a coordinate in bytes, `names` how records spell it.

    `made` is the library's; a `small` one is worked out here.
    """

    name: str
    oid: str
    size: int
    names: tuple[str, ...] = ()
    made: Callable[[], ec.EllipticCurve] | None = None
    small: SmallCurve | None = None


CURVES: Final = (
    Curve(name="secp192k1", oid="06052b8104001f", size=24, small=SECP192K1),
    Curve(name="secp192r1", oid="06082a8648ce3d030101", size=24, names=("prime192v1", "nistp192"), made=ec.SECP192R1),
    Curve(name="secp256k1", oid="06052b8104000a", size=32, made=ec.SECP256K1),
    Curve(name="secp256r1", oid="06082a8648ce3d030107", size=32, names=("prime256v1", "nistp256"), made=ec.SECP256R1),
    Curve(name="secp384r1", oid="06052b81040022", size=48, names=("prime384v1", "nistp384"), made=ec.SECP384R1),
    Curve(name="secp521r1", oid="06052b81040023", size=66, names=("nistp521",), made=ec.SECP521R1),
    Curve(
        name="brainpoolp256r1",
        oid="06092b2403030208010107",
        size=32,
        names=("brainpool256r1",),
        made=ec.BrainpoolP256R1,
    ),
    Curve(
        name="brainpoolp384r1",
        oid="06092b240303020801010b",
        size=48,
        names=("brainpool384r1",),
        made=ec.BrainpoolP384R1,
    ),
)

BY_NAME: Final = {name: curve for curve in CURVES for name in (curve.name, *curve.names)}
BY_OID: Final = {bytes.fromhex(curve.oid): curve for curve in CURVES}
