"""The brand images, in the sizes that Home Assistant asks for."""

from pathlib import Path
import struct

import pytest

from tests.checks.tree import INTEGRATION

BRAND = INTEGRATION / "brand"
PNG = b"\x89PNG\r\n\x1a\n"


def size(path: Path) -> tuple[int, int]:
    """Width and height out of the header (PNG specification, 11.2.2)."""
    head = path.read_bytes()[:24]
    assert head[:8] == PNG
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.parametrize("name", ["icon", "dark_icon"])
def test_icon_is_square(name: str) -> None:
    assert size(BRAND / f"{name}.png") == (256, 256)
    assert size(BRAND / f"{name}@2x.png") == (512, 512)


@pytest.mark.parametrize("name", ["logo", "dark_logo"])
def test_logo_lies_and_doubles(name: str) -> None:
    width, height = size(BRAND / f"{name}.png")
    assert width > height
    assert 128 <= min(width, height) <= 256
    assert size(BRAND / f"{name}@2x.png") == (2 * width, 2 * height)
