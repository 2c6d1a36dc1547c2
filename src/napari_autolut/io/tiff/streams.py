"""What an image codec says of its own size in a strip or tile, asked before it is decoded.

Belongs here: JPEG, JPEG 2000, JPEG XL, WebP, PNG and LERC, which decode what their stream declares,
whatever the page says. What pages declare is ``declared.py``, how often a JPEG goes over its pixels
``io/jpeg.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tifffile import COMPRESSION, TiffPage, TiffPageSeries

from napari_autolut.io.jpeg import check_jpeg

HEAD_BYTES = 2**16
"""How much of a stream is searched for its size."""

MAX_TILE_PIXELS = 2**26
TOLERATED_PIXELS = 2**20
"""Tiles that reach beyond their page, at most, and pixels that codecs add to fill their blocks."""

JPEGS = (COMPRESSION.JPEG, COMPRESSION.JPEG_99, COMPRESSION.ALT_JPEG, COMPRESSION.JPEG_LOSSY)
"""Those whose streams are JPEG files; the old one (6) may have scans without a header."""

Size = tuple[int, int] | None
"""Rows and columns; None where they are not found."""


def check_streams(series: TiffPageSeries) -> None:
    """Have the strips and tiles of an image refused that hold far more pixels than its pages.

    Parameters
    ----------
    series : TiffPageSeries
        The image, of any compression; what decodes its pages is changed.
    """
    if (size_of := SIZES.get(series.keyframe.compression)) is None:
        return
    keyframes = {id(page.keyframe): page.keyframe for page in series.pages if page is not None}
    for page in keyframes.values():
        assert page is not None  # all pages of a series have one
        page.decode = _checked(page, size_of)


def _checked(page: TiffPage, size_of: Callable[[bytes], Size]) -> Callable[..., Any]:
    plain, own = page.decode, page.imagelength * page.imagewidth * page.imagedepth
    tile = min(page.tilelength * page.tilewidth, MAX_TILE_PIXELS)
    most = 2 * max(own, tile) + TOLERATED_PIXELS

    def decode(data: bytes | None, index: int, /, **options: Any) -> Any:
        size = size_of(bytes(data[:HEAD_BYTES])) if data is not None else None
        if data is not None and page.compression in JPEGS:
            check_jpeg(data)
        if size and size[0] * size[1] > most:
            rows, columns = size
            raise ValueError(
                f"a strip or tile holds {columns:,} x {rows:,} pixels, and the page is of "
                f"{page.imagewidth:,} x {page.imagelength:,}"
            )
        return plain(data, index, **options)

    return decode


def _jpeg(head: bytes) -> Size:
    """The frame header, behind segments that have their lengths before them."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _numbers(">HH", head, at + 5)
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None


def _jpeg_2000(head: bytes) -> Size:
    """The size marker that follows the start of the codestream: the grid, and where it begins."""
    at = head.find(b"\xff\x4f\xff\x51")
    if at < 0 or len(head) < at + 24:
        return None
    columns, rows, left, top = struct.unpack_from(">4I", head, at + 8)
    return max(0, rows - top), max(0, columns - left)


_JPEG_XL_BOXES = (b"jxlc", 4), (b"jxlp", 8)
_JPEG_XL_BITS = 9, 13, 18, 30
_JPEG_XL_RATIOS = [Fraction(*each) for each in ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4))]
_JPEG_XL_RATIOS.append(Fraction(2))


def _jpeg_xl(head: bytes) -> Size:
    """Bits behind the signature, the lowest first (ISO/IEC 18181-1, SizeHeader)."""
    boxes = [head.find(name) + after for name, after in _JPEG_XL_BOXES if name in head]
    start = 0 if head.startswith(b"\xff\x0a") else min(boxes, default=len(head))
    if head[start : start + 2] != b"\xff\x0a":
        return None
    left = int.from_bytes(head[start + 2 : start + 14], "little")

    def taken(bits: int) -> int:
        nonlocal left
        left, value = left >> bits, left & ((1 << bits) - 1)
        return value

    def side() -> int:
        return 8 * (taken(5) + 1) if small else taken(_JPEG_XL_BITS[taken(2)]) + 1

    small = taken(1)
    rows, ratio = side(), taken(3)
    return rows, int(rows * _JPEG_XL_RATIOS[ratio - 1]) if ratio else side()


def _webp(head: bytes) -> Size:
    """The canvas, or the only image."""
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        columns, rows = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        return rows, columns
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    size = _numbers("<HH", head, 26) if kind == b"VP8 " else None
    return size and (size[1] & 0x3FFF, size[0] & 0x3FFF)


def _png(head: bytes) -> Size:
    size = _numbers(">II", head, 16)
    return size and (size[1], size[0])


def _lerc(head: bytes) -> Size:
    """The header of version 2, in which the number of the version decides where it lies."""
    if not head.startswith(b"Lerc2 ") or len(head) < 10:
        return None
    return _numbers("<II", head, 14 if head[6] >= 3 else 10)


def _numbers(layout: str, head: bytes, at: int) -> Size:
    if len(head) < at + struct.calcsize(layout):
        return None
    first, second = struct.unpack_from(layout, head, at)
    return first, second


SIZES: dict[int, Callable[[bytes], Size]] = {
    **dict.fromkeys((*JPEGS, COMPRESSION.OJPEG), _jpeg),
    COMPRESSION.JPEG2000: _jpeg_2000,
    COMPRESSION.JPEG_2000_LOSSY: _jpeg_2000,
    COMPRESSION.APERIO_JP2000_RGB: _jpeg_2000,
    COMPRESSION.APERIO_JP2000_YCBC: _jpeg_2000,
    COMPRESSION.JPEGXL: _jpeg_xl,
    COMPRESSION.JPEGXL_DNG: _jpeg_xl,
    COMPRESSION.WEBP: _webp,
    COMPRESSION.PNG: _png,
    COMPRESSION.LERC: _lerc,
}
"""By the number of the codec."""
