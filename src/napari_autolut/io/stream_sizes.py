"""What an image codec says of its own size, before what it compressed.

Belongs here: rows, columns and samples by the header of JPEG, JPEG 2000, JPEG XL, JPEG XR, WebP,
PNG and LERC. They decode what their stream declares, whatever the file around it says. What is too
much is decided there.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from napari_autolut.io.jpeg import MAX_SEGMENTS, segments


class StreamSize(NamedTuple):
    """Rows and columns; samples of a pixel, and whether there are several images, where known."""

    rows: int
    columns: int
    samples: int = 1
    several: bool = False


Size = StreamSize | None
"""None where the size is not found."""

FRAMES = {0xF7, *range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG-LS and of JPEG's frame headers."""


def of_jpeg(content: bytes) -> Size:
    """The frame header."""
    walk = islice(segments(content), MAX_SEGMENTS)
    start = next((each.start for each in walk if each.marker in FRAMES), len(content))
    if start + 8 > len(content):
        return None
    return StreamSize(*struct.unpack_from(">HHB", content, start + 3))


def of_jpeg_2000(content: bytes) -> Size:
    """The size marker that follows the start of the codestream: the grid, and where it begins."""
    at = content.find(b"\xff\x4f\xff\x51")
    if at < 0 or len(content) < at + 42:
        return None
    columns, rows, left, top = struct.unpack_from(">4I", content, at + 8)
    (samples,) = struct.unpack_from(">H", content, at + 40)
    return StreamSize(max(0, rows - top), max(0, columns - left), samples)


_JPEG_XL_BOXES = (b"jxlc", 4), (b"jxlp", 8)
_JPEG_XL_HEAD = 64
_JPEG_XL_RATIOS = [Fraction(*each) for each in ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4))]
_JPEG_XL_RATIOS.append(Fraction(2))


class _Bits:
    """Bits of a JPEG XL header, the lowest first (ISO/IEC 18181-1)."""

    def __init__(self, head: bytes) -> None:
        self.left = int.from_bytes(head, "little")

    def taken(self, bits: int) -> int:
        self.left, value = self.left >> bits, self.left & ((1 << bits) - 1)
        return value

    def chosen(self, *widths: int) -> int:
        """A number in one of four widths, which two bits choose."""
        return self.taken(widths[self.taken(2)])

    def size(self) -> tuple[int, int]:
        """SizeHeader: rows and columns."""
        small = self.taken(1)
        rows, ratio = self._side(small), self.taken(3)
        return rows, int(rows * _JPEG_XL_RATIOS[ratio - 1]) if ratio else self._side(small)

    def _side(self, small: int) -> int:
        return 8 * (self.taken(5) + 1) if small else self.chosen(9, 13, 18, 30) + 1

    def extra_channels(self) -> int | None:
        """ImageMetadata as far as the number of channels beside the colours; none if it moves."""
        if self.taken(1):  # all as by default
            return 0
        if self.taken(1):
            self.taken(3)  # orientation
            if self.taken(1):
                self.size()  # as it is meant to be shown
            if self.taken(1) or self.taken(1):
                return None  # a preview, or an animation
        if self.taken(1):  # floats, of which the bits of the exponent follow
            self.chosen(0, 0, 0, 6)
            self.taken(4)
        else:
            self.chosen(0, 0, 0, 6)
        self.taken(1)  # whether 16 bits are enough to decode it
        kind = self.taken(2)
        return self.taken((0, 0, 4, 12)[kind]) + (0, 1, 2, 1)[kind]


def of_jpeg_xl(content: bytes) -> Size:
    """Bits behind the signature, of a file or of the codestream alone."""
    boxes = [content.find(name) + after for name, after in _JPEG_XL_BOXES if name in content]
    start = 0 if content.startswith(b"\xff\x0a") else min(boxes, default=len(content))
    if content[start : start + 2] != b"\xff\x0a":
        return None
    bits = _Bits(content[start + 2 : start + _JPEG_XL_HEAD])
    rows, columns = bits.size()
    extra = bits.extra_channels()
    return StreamSize(rows, columns, 1 + (extra or 0), extra is None)


_JPEG_XR = b"WMPHOTO\0"
_JPEG_XR_SHORT = 0x80


def of_jpeg_xr(content: bytes) -> Size:
    """The header of the codestream (ITU-T T.832, IMAGE_HEADER); the container is not asked."""
    at = content.find(_JPEG_XR)
    if at < 0 or len(content) < at + 20:
        return None
    layout = ">HH" if content[at + 10] & _JPEG_XR_SHORT else ">II"
    columns, rows = struct.unpack_from(layout, content, at + 12)
    return StreamSize(rows + 1, columns + 1)


def of_webp(content: bytes) -> Size:
    """The canvas, or the only image."""
    head = content[:30]
    kind = head[12:16]
    if kind == b"VP8X" and len(head) == 30:
        columns, rows = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        return StreamSize(rows, columns)
    if kind == b"VP8L" and len(head) >= 25 and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return StreamSize((bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1)
    if kind == b"VP8 " and len(head) == 30 and head[23:26] == b"\x9d\x01\x2a":
        columns, rows = struct.unpack_from("<HH", head, 26)
        return StreamSize(rows & 0x3FFF, columns & 0x3FFF)
    return None


def of_png(content: bytes) -> Size:
    """The first chunk, which is the header."""
    if len(content) < 24:
        return None
    columns, rows = struct.unpack_from(">II", content, 16)
    return StreamSize(rows, columns)


_LERC, _LERC_1 = b"Lerc2 ", b"CntZImage "


def of_lerc(content: bytes) -> Size:
    """The first header, in which the number of the version decides where the sides lie.

    There is one for each band, and one band may hold several values a pixel.
    """
    if content.startswith(_LERC_1) and len(content) >= 26:
        rows, columns = struct.unpack_from("<II", content, 18)
        return StreamSize(rows, columns, content.count(_LERC_1))
    if not content.startswith(_LERC) or len(content) < 26:
        return None
    version = content[len(_LERC)]
    rows, columns, depth = struct.unpack_from("<III", content, 14 if version >= 3 else 10)
    return StreamSize(rows, columns, content.count(_LERC) * (depth if version >= 4 else 1))
