"""Strips and tiles whose codec says that they hold far more than their page are not decoded.

Belongs here: the comparison. What streams say is ``io/stream_sizes.py``, how often a JPEG goes over
its pixels ``io/jpeg.py``, what pages declare ``declared.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tifffile import COMPRESSION, TiffPage, TiffPageSeries

from napari_autolut.io.jpeg import check_jpeg
from napari_autolut.io.stream_sizes import (
    Size,
    of_jpeg,
    of_jpeg_2000,
    of_jpeg_xl,
    of_jpeg_xr,
    of_lerc,
    of_png,
    of_webp,
)

HEAD_BYTES = 2**16
"""How much of a single strip that holds all tiles is searched for its size."""

MAX_TILE_PIXELS = 2**26
TOLERATED_PIXELS = 2**20
"""Tiles that reach beyond their page, at most, and pixels that codecs add to fill their blocks."""

TOLERATED_SAMPLES = 5
"""Samples of a pixel that need no word of the page: inks with alpha."""

JPEGS = (COMPRESSION.JPEG, COMPRESSION.JPEG_99, COMPRESSION.ALT_JPEG, COMPRESSION.JPEG_LOSSY)
"""Those whose streams are JPEG files; the old one (6) may have scans without a header."""

STRIP_OFFSETS = 273

SIZES: dict[int, Callable[[bytes], Size]] = {
    **dict.fromkeys((*JPEGS, COMPRESSION.OJPEG), of_jpeg),
    COMPRESSION.JPEG2000: of_jpeg_2000,
    COMPRESSION.JPEG_2000_LOSSY: of_jpeg_2000,
    COMPRESSION.APERIO_JP2000_RGB: of_jpeg_2000,
    COMPRESSION.APERIO_JP2000_YCBC: of_jpeg_2000,
    COMPRESSION.JPEGXL: of_jpeg_xl,
    COMPRESSION.JPEGXL_DNG: of_jpeg_xl,
    COMPRESSION.JPEGXR: of_jpeg_xr,
    COMPRESSION.JPEGXR_NDPI: of_jpeg_xr,
    COMPRESSION.WEBP: of_webp,
    COMPRESSION.PNG: of_png,
    COMPRESSION.LERC: of_lerc,
}
"""By the number of the codec."""


def check_streams(series: TiffPageSeries) -> None:
    """Have the strips and tiles of an image refused that hold far more pixels than its pages.

    Parameters
    ----------
    series : TiffPageSeries
        The image, of any compression; what decodes its pages is changed.

    Raises
    ------
    ValueError
        If that is so of a strip that tifffile decodes in one piece.
    """
    if (size_of := SIZES.get(series.keyframe.compression)) is None:
        return
    keyframes = {id(page.keyframe): page.keyframe for page in series.pages if page is not None}
    for page in keyframes.values():
        assert page is not None  # all pages of a series have one
        if page.jpegheader is not None and STRIP_OFFSETS in page.tags:
            file = page.parent.filehandle  # of Hamamatsu, which finds tiles in a single strip
            file.seek(page.tags[STRIP_OFFSETS].value[0])
            _check(page, size_of(file.read(HEAD_BYTES)))
        page.decode = _checked(page, size_of)


def _checked(page: TiffPage, size_of: Callable[[bytes], Size]) -> Callable[..., Any]:
    plain = page.decode

    def decode(data: bytes | None, index: int, /, **options: Any) -> Any:
        if data is not None:
            _check(page, size_of(bytes(data)))
            if page.compression in JPEGS:
                check_jpeg(data)
        return plain(data, index, **options)

    return decode


def _check(page: TiffPage, size: Size) -> None:
    if size is None:
        return
    own = page.imagelength * page.imagewidth * page.imagedepth
    tile = min(page.tilelength * page.tilewidth, MAX_TILE_PIXELS)
    if size.rows * size.columns > 2 * max(own, tile) + TOLERATED_PIXELS:
        raise ValueError(
            f"a strip or tile holds {size.columns:,} x {size.rows:,} pixels, and the page is of "
            f"{page.imagewidth:,} x {page.imagelength:,}"
        )
    if size.several:
        raise ValueError("a strip or tile holds an animation, expected one image")
    if size.samples > max(page.samplesperpixel, TOLERATED_SAMPLES):
        raise ValueError(
            f"a strip or tile holds {size.samples:,} samples a pixel, and the page has "
            f"{page.samplesperpixel:,}"
        )
