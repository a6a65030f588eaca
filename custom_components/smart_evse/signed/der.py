"""As much of ASN.1 DER as keys and signatures need: parts one in another, each with a tag and a length."""

from collections.abc import Iterator
from typing import Final

SEQUENCE: Final = 0x30
INTEGER: Final = 0x02
OBJECT: Final = 0x06
BITS: Final = 0x03

_LONG: Final = 0x80


def parts(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each part's tag, its content, and all of it; `ValueError` where they do not fill the data exactly."""
    while data:
        if len(data) < 2:
            raise ValueError("a part without a length")
        length, start = data[1], 2
        if length & _LONG:
            start += length - _LONG
            length = int.from_bytes(data[2:start])
        end = start + length
        if len(data) < end:
            raise ValueError("a part is cut")
        yield data[0], data[start:end], data[:end]
        data = data[end:]


def part(tag: int, content: bytes) -> bytes:
    """Return one part."""
    length = len(content)
    if length < _LONG:
        return bytes((tag, length)) + content
    counted = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG + len(counted))) + counted + content
