"""Draws the app's icons, an envelope with an open eye on it, as PNG files of the sizes Splunk asks for."""

import pathlib
import struct
import zlib
from typing import Dict, Tuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
Colour = Tuple[int, int, int]

INK, PAPER, ALERT = (20, 62, 78), (244, 248, 249), (240, 128, 48)
# file: (pixels a side, ground, drawing)
ICONS: Dict[str, Tuple[int, Colour, Colour]] = {
    "static/appIcon.png": (36, INK, PAPER),
    "static/appIcon_2x.png": (72, INK, PAPER),
    "static/appIconAlt.png": (36, PAPER, INK),
    "static/appIconAlt_2x.png": (72, PAPER, INK),
    "appserver/static/appIcon.png": (36, INK, PAPER),
}
SAMPLES = 4  # a side of each pixel, for smooth edges


def inside_box(x: float, y: float, box: Tuple[float, float, float, float], radius: float) -> bool:
    """Whether a point lies in a box (left, top, right, bottom) with round corners; in shares of the side."""
    left, top, right, bottom = box
    across = max(left + radius - x, 0, x - right + radius)
    down = max(top + radius - y, 0, y - bottom + radius)
    return left <= x <= right and top <= y <= bottom and across**2 + down**2 <= radius**2


def colour_at(x: float, y: float, ground: Colour, drawing: Colour) -> Tuple[int, int, int, int]:
    """The colour and opacity of one point, from the top layer down."""
    iris = (x - 0.5) ** 2 + (y - 0.62) ** 2
    if iris <= 0.085**2:
        return (*ALERT, 255)
    # An eye is where two large circles meet.
    if (x - 0.5) ** 2 + (y - 0.85) ** 2 <= 0.35**2 and (x - 0.5) ** 2 + (y - 0.39) ** 2 <= 0.35**2:
        return (*ground, 255)
    flap = abs(y - (0.27 + 0.62 * min(x - 0.14, 0.86 - x))) <= 0.03 and y < 0.5
    if inside_box(x, y, (0.14, 0.24, 0.86, 0.8), 0.06):
        return (*(ground if flap else drawing), 255)
    if inside_box(x, y, (0.02, 0.02, 0.98, 0.98), 0.18):
        return (*ground, 255)
    return (*ground, 0)


def pixel(column: int, row: int, side: int, ground: Colour, drawing: Colour) -> bytes:
    """One pixel, RGBA: the mean of its samples."""
    steps = [(index + 0.5) / SAMPLES for index in range(SAMPLES)]
    points = [
        colour_at((column + dx) / side, (row + dy) / side, ground, drawing) for dx in steps for dy in steps
    ]
    return bytes(sum(point[channel] for point in points) // len(points) for channel in range(4))


def png(side: int, ground: Colour, drawing: Colour) -> bytes:
    """A square PNG, 8 bits a channel with transparency (W3C PNG, sections 5 and 11)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"".join(pixel(x, y, side, ground, drawing) for x in range(side)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def main() -> None:
    """Write every icon."""
    for name, (side, ground, drawing) in ICONS.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(side, ground, drawing))


if __name__ == "__main__":
    main()
