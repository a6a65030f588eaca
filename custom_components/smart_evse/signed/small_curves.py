"""ECDSA on secp192k1, which old meters sign on and the library does not know.

Only signatures are verified here, nothing is secret, so nothing has to take the same time for every number.
"""

from dataclasses import dataclass
from typing import Final

type Point = tuple[int, int] | None
"""A point of a curve; `None` is the one at infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCurve:
    """The curve y² = x³ + ax + b modulo p, with the generator g of order n (SEC 2, version 2.0, 2.2)."""

    p: int
    a: int
    b: int
    g: tuple[int, int]
    n: int

    def holds(self, x: int, y: int) -> bool:
        """Say whether a point lies on the curve."""
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - x**3 - self.a * x - self.b) % self.p == 0

    def add(self, one: Point, other: Point) -> Point:
        """Add two points."""
        if one is None or other is None:
            return one or other
        (x1, y1), (x2, y2) = one, other
        if x1 == x2 and (y1 + y2) % self.p == 0:
            return None
        rise, run = (3 * x1 * x1 + self.a, 2 * y1) if one == other else (y2 - y1, x2 - x1)
        slope = rise * pow(run, -1, self.p)
        x = (slope * slope - x1 - x2) % self.p
        return x, (slope * (x1 - x) - y1) % self.p

    def times(self, number: int, point: Point) -> Point:
        """Add a point to itself so many times."""
        found: Point = None
        while number:
            if number & 1:
                found = self.add(found, point)
            point, number = self.add(point, point), number >> 1
        return found

    def verifies(self, key: tuple[int, int], digest: bytes, signature: tuple[int, int]) -> bool:
        """Say whether a signature (r, s) over a digest is by whoever has this key (SEC 1, version 2.0, 4.1.4)."""
        r, s = signature
        if not self.holds(*key) or not (0 < r < self.n and 0 < s < self.n):
            return False
        # Of a digest that is longer than n, the leftmost bits count.
        hashed = int.from_bytes(digest) >> max(0, 8 * len(digest) - self.n.bit_length())
        inverse = pow(s, -1, self.n)
        found = self.add(self.times(hashed * inverse % self.n, self.g), self.times(r * inverse % self.n, key))
        return found is not None and found[0] % self.n == r


SECP192K1: Final = SmallCurve(
    p=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFEE37,
    a=0,
    b=3,
    g=(0xDB4FF10EC057E9AE26B07D0280B7F4341DA5D1B1EAE06C7D, 0x9B2F2F6D9C5628A7844163D015BE86344082AA88D95E2F9D),
    n=0xFFFFFFFFFFFFFFFFFFFFFFFE26F2FC170F69466A74DEFD8D,
)
