"""Means of a plane: of squares, of 3 x 3 neighbours, and by a wide Gaussian.

Belongs here: what a denoised plane keeps of the noisy one, and sums in an order that no block
changes. Planes on finer grids are ``bicubic.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import enlarged

SMOOTH_SIGMA = 8.0
"""Deviation in pixels of the Gaussian over which mean intensities are kept."""

SMOOTH_RADIUS = 24
"""Pixels on each side after which that Gaussian is cut off."""


def smooth(plane: NDArray[Any], square: int = 1) -> NDArray[Any]:
    """What is left of a plane of floats behind a wide Gaussian; of squares' means in less time."""
    from scipy.ndimage import gaussian_filter

    means = averaged(plane, square) if square > 1 else plane
    result: NDArray[Any] = gaussian_filter(
        means, SMOOTH_SIGMA / square, radius=SMOOTH_RADIUS // square
    )
    if square > 1:
        result = enlarged(result, square)[: plane.shape[0], : plane.shape[1]]
    return result


def neighbour_mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over 3 x 3 pixels, in one order, so that every pixel has the same bits in any block."""
    padded = np.pad(plane, 1, "edge")
    down = padded[:-2] + padded[1:-1] + padded[2:]
    result: NDArray[np.float32] = (down[:, :-2] + down[:, 1:-1] + down[:, 2:]) * np.float32(1 / 9)
    return result


def averaged(plane: NDArray[Any], square: int) -> NDArray[Any]:
    """Means of squares, of float32 or float64; those beyond the last row and column repeat it."""
    missing = [-side % square for side in plane.shape]
    padded = np.pad(plane, [(0, each) for each in missing], mode="edge") if any(missing) else plane
    dtype = np.float32 if plane.dtype == np.float32 else np.float64
    lines: NDArray[Any] = padded[::square].astype(dtype)
    for row in range(1, square):
        lines += padded[row::square]
    means = lines[:, ::square].copy()
    for column in range(1, square):
        means += lines[:, column::square]
    means /= square * square
    return means
