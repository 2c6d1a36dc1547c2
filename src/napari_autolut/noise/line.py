"""Gain and offset variance of noise: the line through the variances of flat blocks.

Belongs here: the robust line of variance over mean. Which blocks are flat is ``flat.py``; what
follows from the line is ``fitting.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.flat import SPREAD, Points

DARK_SHARE = 0.25
"""Part of the variance at the darkest intensity that is taken to be of photons: it cannot be told
from that of read noise, and this is right for neither, but far off for none."""

SMALLEST = 1e-9
"""Part of the largest variance below which there is none, or no difference."""

ROUNDS = 3
"""How often the part of photons in the variance is found from the line, and the line from it."""

ABOVE, BELOW = 0.06, 0.15
"""Distances from the line, as parts of it, at which a point is trusted less: structure only adds
variance. To both comes what noise makes of a point, half a deviation."""

MAX_REFITS, SETTLED = 30, 1e-5
"""How often a robust line is fitted again with new weights, and the change of its variances, as a
part of the largest one, after which it is not."""


def line_through(points: Points) -> tuple[float, float, float]:
    """The line of variance over mean.

    Where noise is Gaussian, the mean of the other pixels is that of the blocks. Photons that make a
    block brighter make its variance larger, too: along the very line, so that the mean of all
    pixels is right. The part of photons in the variance says how far one is to go to the other.

    Parameters
    ----------
    points : Points
        At least one.

    Returns
    -------
    gain : float
        Slope, at least 0.
    offset : float
        Variance at intensity 0.
    misfit : float
        How far points lie from the line, as a fraction of it.
    """
    halves = points.sorted_by, points.others
    means = np.mean(halves, 0)
    for _ in range(ROUNDS):
        gain, offset, _ = _line(means, points.variances, points.counts)
        black = means.min()
        dark = DARK_SHARE * max(gain * black + offset, 0.0)
        variances = np.maximum(gain * means + offset, SMALLEST * points.variances.max())
        photons = np.clip((gain * (means - black) + dark) / variances, 0.0, 1.0)
        means = halves[1] + photons / 2 * (halves[0] - halves[1])
    return _line(means, points.variances, points.counts)


def _line(
    means: NDArray[np.float64], variances: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Gain and offset of a robust line, gain at least 0, and how far points lie from it."""
    largest = float(variances.max())
    smallest = largest * 1e-4
    if len(means) < 2 or np.ptp(means) == 0 or np.ptp(variances) <= SMALLEST * largest:
        return 0.0, float(np.median(variances)), 0.0
    by_chance = (0.5 * SPREAD) ** 2 / counts
    above, below = ABOVE**2 + by_chance, BELOW**2 + by_chance
    both = np.stack([means, variances])
    expected = np.maximum(variances, smallest * 10)
    trusted = counts
    for _ in range(MAX_REFITS):
        before = expected
        weights = trusted / expected**2
        weights /= weights.sum()
        mean, variance = (both @ weights).tolist()
        square, product = (both @ (weights * (means - mean))).tolist()
        gain = max(0.0, product / square)
        offset = variance - gain * mean
        expected = np.maximum(gain * means + offset, smallest)
        away = (variances - expected) / expected
        usual = np.where(away > 0, above, below)
        trusted = counts * usual / (usual + away**2)
        if float(np.abs(expected - before).max()) <= SETTLED * largest:
            break
    misfit = float(np.average(np.abs(away), weights=np.sqrt(counts * trusted)))
    return gain, offset, misfit
