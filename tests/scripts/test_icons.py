"""The icons in the repository are those that the script draws."""

import struct
import zlib

import pytest

from scripts import icons


def pixels(data):
    """Width, height and raw rows of a PNG; packing is left aside, since libraries differ in it."""
    place, packed = 8, b""
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + body)
        packed += body if kind == b"IDAT" else b""
        place += 12 + length
    return struct.unpack(">II", data[16:24]), zlib.decompress(packed)


@pytest.mark.parametrize("name", icons.ICONS)
def test_the_icon_is_what_the_script_draws(root, name):
    size, rows = pixels((root / name).read_bytes())
    assert (size, rows) == pixels(icons.png(*icons.ICONS[name]))
    assert len(rows) == size[1] * (size[0] * 4 + 1)
