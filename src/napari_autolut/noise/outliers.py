"""Hot and dead pixels, which are no noise of the kind that is looked for.

Belongs here: leaving them out of what noise is estimated from. Images themselves keep them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 4
"""Distance of the pixels that tell of an image's range."""

QUANTILES = (0.01, 0.99)

MAX_SHARE = 1e-3
"""Fraction of pixels that may be hot or dead; more of them are an image."""


def without_outliers(plane: NDArray[Any]) -> NDArray[Any]:
    """Give a plane whose single pixels far outside its range are the median of their neighbours.

    One such pixel would be the highest intensity, at which nothing then counts as saturated, and
    is in the whole of a spectrum.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype.

    Returns
    -------
    ndarray, shape (H, W)
        The same where there are none.
    """
    low, high = _bounds(plane)
    if not low < high:
        return plane
    if not (plane.min() < low or plane.max() > high or plane.dtype.kind == "f"):
        return plane
    beyond = (plane < low) | (plane > high)
    if plane.dtype.kind == "f":
        beyond &= np.isfinite(plane)
    places = np.flatnonzero(beyond)
    if not 0 < len(places) <= max(1, MAX_SHARE * plane.size):
        return plane
    mended = plane.copy()
    for place in places.tolist():
        row, column = divmod(place, plane.shape[1])
        around = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
        if np.count_nonzero(beyond[around]) == 1:
            mended[row, column] = np.median(plane[around][~beyond[around]])
    return mended


def _bounds(plane: NDArray[Any]) -> tuple[float, float]:
    """What lies as far outside the middle intensities as these are wide is an outlier."""
    values = plane[::STEP, ::STEP].astype(np.float64).reshape(-1)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 0.0
    low, high = (float(each) for each in np.quantile(values, QUANTILES))
    width = high - low
    if plane.dtype.kind == "f" or not width:
        return low - width, high + width
    return math.ceil(low - width), math.floor(high + width)  # compared in a fifth of the time
