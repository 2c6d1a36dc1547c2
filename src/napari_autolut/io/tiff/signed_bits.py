"""Signed integers of a TIFF that fill no whole bytes, such as 12 bits of a detector.

Belongs here: their decoding, which tifffile does for unsigned ones alone. What other samples mean
is ``colours.py``.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import SAMPLEFORMAT, TIFF, TiffFrame, TiffPage, TiffPageSeries

WHOLE_BYTES = (8, 16, 24, 32)
"""Of three bytes, programs store either end first: they are not read."""


def is_signed_bits(page: TiffPage) -> bool:
    """Whether a page holds such samples."""
    bits = page.bitspersample
    return (
        page.sampleformat == SAMPLEFORMAT.INT
        and isinstance(bits, int)
        and 1 < bits < max(WHOLE_BYTES)
        and bits not in WHOLE_BYTES
    )


def dtype_of(series: TiffPageSeries) -> np.dtype[Any]:
    """The type of an image's samples as they are decoded."""
    if is_signed_bits(series.keyframe):
        return np.dtype(f"i{_unsigned(series.keyframe).itemsize}")
    return series.dtype


def decode_signed_bits(page: TiffPage | TiffFrame) -> NDArray[np.signedinteger]:
    """Decode a page as if its samples were unsigned, and spread the sign over the bits above."""
    whole = copy(page.aspage())
    spare = 8 * _unsigned(whole).itemsize - whole.bitspersample
    whole.sampleformat, whole.dtype = SAMPLEFORMAT.UINT, _unsigned(whole)
    whole._dtype = whole.dtype
    values = whole.asarray()
    signed: NDArray[np.signedinteger] = (values << values.dtype.type(spare)).view(
        f"i{values.itemsize}"
    )
    return signed >> spare


def _unsigned(page: TiffPage) -> np.dtype[np.unsignedinteger]:
    return np.dtype(TIFF.SAMPLE_DTYPES[SAMPLEFORMAT.UINT, page.bitspersample])
