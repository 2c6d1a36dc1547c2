"""Luma and colour differences (YCbCr) of TIFFs whose codec does not turn them into RGB itself.

Belongs here: the conversion (TIFF 6.0, section 21), and data units of subsampled colours, which
tifffile decodes for JPEG alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TIFF, TiffFrame, TiffPage

COEFFICIENTS_TAG, SUBSAMPLING_TAG, REFERENCE_TAG = 529, 530, 532
BT_601 = (0.299, 0.587, 0.114)

ROOM = 2
"""How many times as large as its pixels a block may be, unpacked."""

WITH_COLOURS_OF_THEIR_OWN = (
    COMPRESSION.OJPEG,
    COMPRESSION.JPEG,
    COMPRESSION.ALT_JPEG,
    COMPRESSION.JPEG_LOSSY,
    COMPRESSION.JPEG2000,
    COMPRESSION.APERIO_JP2000_RGB,
    COMPRESSION.WEBP,
    COMPRESSION.JPEGXL,
    COMPRESSION.JPEGXR,
)
"""Codecs that know of the colour space and give RGB."""


def is_ycbcr(page: TiffPage) -> bool:
    """Whether decoded samples of a page are still luma and colour differences."""
    if page.compression == COMPRESSION.APERIO_JP2000_YCBC:
        return True
    return (
        page.photometric == PHOTOMETRIC.YCBCR and page.compression not in WITH_COLOURS_OF_THEIR_OWN
    )


def rgb_of_ycbcr(samples: NDArray[Any], page: TiffPage) -> NDArray[Any]:
    """Convert (..., 3) samples of 8 or 16 bits by the coefficients that the page gives."""
    full = int(np.iinfo(samples.dtype).max)
    half = full // 2
    whole_range = (0, full, half + 1, full, half + 1, full)
    red, green, blue = _numbers(page, COEFFICIENTS_TAG, BT_601)
    black, white, no_cb, max_cb, no_cr, max_cr = _numbers(page, REFERENCE_TAG, whole_range)
    y, cb, cr = (samples[..., n].astype(np.float64) for n in range(3))
    y = (y - black) * full / (white - black)
    r = y + (2 - 2 * red) * (cr - no_cr) * half / (max_cr - no_cr)
    b = y + (2 - 2 * blue) * (cb - no_cb) * half / (max_cb - no_cb)
    g = (y - blue * b - red * r) / green
    return np.rint(np.stack([r, g, b], -1)).clip(0, full).astype(samples.dtype)


def _numbers(page: TiffPage, tag: int, default: tuple[float, ...]) -> tuple[float, ...]:
    """Rational numbers of a tag."""
    found = page.tags.valueof(tag)
    if not isinstance(found, tuple) or len(found) not in (len(default), 2 * len(default)):
        return default
    if len(found) == len(default):
        return tuple(float(number) for number in found)
    pairs = zip(found[::2], found[1::2], strict=True)
    return tuple(float(Fraction(int(a), int(b))) if b else 0.0 for a, b in pairs)


def is_subsampled(page: TiffPage) -> bool:
    """Whether colour differences are coarser than luma, in a way that tifffile does not decode."""
    return (
        page.compression not in TIFF.IMAGE_COMPRESSIONS
        and is_ycbcr(page)
        and _subsampling(page) != (1, 1)
    )


def _subsampling(page: TiffPage) -> tuple[int, int]:
    found = page.tags.valueof(SUBSAMPLING_TAG)
    # The standard's default is two by two.
    return (int(found[0]), int(found[1])) if isinstance(found, tuple) else (2, 2)


def decode_subsampled(page: TiffPage | TiffFrame) -> NDArray[np.uint8]:
    """Decode a page whose data units hold a block of luma and two colour differences.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        Luma and colour differences, repeated.

    Raises
    ------
    ValueError
        If its layout is another one, or a block of the file is too short.
    """
    keyframe = page.keyframe
    assert keyframe is not None
    if keyframe.planarconfig != 1 or keyframe.bitspersample != 8 or keyframe.samplesperpixel != 3:
        raise ValueError("found subsampled YCbCr in separate planes; expected them interleaved")
    across, down = _subsampling(keyframe)
    if across not in (1, 2, 4) or down not in (1, 2, 4):
        raise ValueError(f"found a chroma subsampling of {across} x {down}, expected 1, 2 or 4")
    _, _, rows, columns, _ = keyframe.shaped
    height = keyframe.tilelength if keyframe.is_tiled else keyframe.rowsperstrip
    width = keyframe.tilewidth if keyframe.is_tiled else columns
    result = np.zeros((rows, columns, 3), np.uint8)
    stream = page.parent.filehandle
    decompress: Callable[[bytes], Any] = bytes
    if keyframe.compression != COMPRESSION.NONE:
        room = ROOM * height * width * 3  # or a strip of some kB might unpack to gigabytes
        decompress = partial(TIFF.DECOMPRESSORS[keyframe.compression], out=room)
    corners = [(y, x) for y in range(0, rows, height) for x in range(0, columns, width)]
    for (y, x), offset, count in zip(corners, page.dataoffsets, page.databytecounts, strict=True):
        stream.seek(offset)
        wanted = height if keyframe.is_tiled else min(height, rows - y)
        block = _block(bytes(decompress(stream.read(count))), (wanted, width), (down, across))
        target = result[y : y + height, x : x + width]
        target[...] = block[: target.shape[0], : target.shape[1]]
    return result


def _block(data: bytes, shape: tuple[int, int], unit: tuple[int, int]) -> NDArray[np.uint8]:
    """Lay out the data units of a strip or tile, in raster order."""
    (height, width), (down, across) = shape, unit
    units_down, units_across = -(-height // down), -(-width // across)
    samples = down * across + 2
    wanted = units_down * units_across * samples
    if len(data) < wanted:
        raise ValueError(f"found {len(data)} bytes in a block, expected {wanted}")
    units = np.frombuffer(data, np.uint8, wanted).reshape(units_down, units_across, samples)
    luma = units[..., :-2].reshape(units_down, units_across, down, across)
    result = np.empty((units_down * down, units_across * across, 3), np.uint8)
    result[..., 0] = luma.swapaxes(1, 2).reshape(result.shape[:2])
    for n in (1, 2):
        result[..., n] = units[..., n - 3].repeat(down, 0).repeat(across, 1)
    return result
