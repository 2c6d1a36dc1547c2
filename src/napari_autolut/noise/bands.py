"""Slow bands: rows that grow brighter and darker together, all across an image.

Belongs here: how strong they are; the words for them are those of line noise, ``rows.py``. A lamp
that flickers or a scanner that drifts gives them. No row differs from its neighbours, and structure
is as soft, but seldom as wide as an image.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_SIDE = 128
"""Rows and columns that tell: in fewer, strips are alike by chance."""

STEP = 2
"""Distance of the rows that are looked at."""

STRIPS, PIXELS = 6, 21
"""Parts of a row, and pixels of each that tell of it, approximately."""

DARKER = 4
"""One in so many of these pixels is darker than what stands for a part: ground, if it has any."""

NARROW, WIDE = 2.0, 8.0
"""Gaussians, in rows that are looked at, between which bands are: 16 to 60 rows of the image."""

CUT_OFF = 2.5
"""In medians of their sizes, deviations beyond which are taken for structure."""

PAIRS = np.array([pair for pair in combinations(range(STRIPS), 2) if pair[1] - pair[0] > 1]).T
"""Parts that are no neighbours, which structure may be in."""

ALIKE = 0.25
"""Correlation of all these pairs but one, from which bands are in all of a row. One of 1,358
micrographs, parts of them and their transposed has more; so have coins in rows, or lines of text.
"""


def slow_bands(pixels: NDArray[Any]) -> float:
    """Deviation of what rows have in common over many rows; 0 where that may be structure.

    Parameters
    ----------
    pixels : ndarray, shape (H, W)
        Finite intensities.

    Returns
    -------
    float
        In their unit.
    """
    if min(pixels.shape) < MIN_SIDE:
        return 0.0
    from scipy.ndimage import gaussian_filter1d  # takes its time to import

    rows = pixels[::STEP]
    width = rows.shape[1] // STRIPS
    strips = rows[:, : width * STRIPS].reshape(len(rows), STRIPS, width)
    strips = strips[:, :, :: max(1, width // PIXELS)]
    place = strips.shape[2] // DARKER
    ground = np.partition(strips, place, axis=2)[:, :, place].astype(np.float64)
    bands = gaussian_filter1d(ground, NARROW, axis=0) - gaussian_filter1d(ground, WIDE, axis=0)
    usual = np.median(np.abs(bands), axis=0)
    if not usual.all():
        return 0.0
    bands = bands.clip(-CUT_OFF * usual, CUT_OFF * usual)
    shared = bands.T @ bands / len(bands)
    deviations = np.sqrt(np.diag(shared))
    first, second = PAIRS
    alike = np.sort(shared[first, second] / (deviations[first] * deviations[second]))
    return float(np.sqrt(np.median(shared[first, second]))) if alike[1] > ALIKE else 0.0
