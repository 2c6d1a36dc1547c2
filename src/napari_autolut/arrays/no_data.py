"""Marks of no data: one number far from all others, such as the lowest float.

Belongs here: how they are told from intensities, so that a range is that of the others. NaN, which
is no number, is ``holes.py``; marks that a file names become NaN when it is read (``io``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIKE = 1e-5
"""Fraction of a range within which a table's rounding is all that is left of differences."""

FEW = 4096
"""Pixels that tell how alike those of an image are."""


def unmarked(pixels: NDArray[Any], lo: float, hi: float) -> NDArray[Any]:
    """Pixels that are no marks; the same array where there are none.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (N,)
        Finite, of a real dtype.
    lo, hi : float
        Limits of nearly all of them. One is a mark if less than half of the pixels have it, and all
        others are alike beside it.
    """
    few = pixels[:: max(1, pixels.size // FEW)]
    others = few[(few != lo) & (few != hi)].astype(np.float64)
    if 2 * others.size <= few.size:
        return pixels
    low, high = np.percentile(others, (5, 95))
    if not 0 < high - low < ALIKE * (hi - lo):
        return pixels
    found: NDArray[Any] = pixels[(pixels != lo) & (pixels != hi)]
    return found
