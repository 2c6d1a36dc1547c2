"""Gain and offset variance of noise: the line through the variances of flat blocks.

Belongs here: the robust line of variance over mean. Which blocks are flat is ``flat.py``; what
follows from the line is ``fitting.py``; its rounds, compiled, are ``line_kernel.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.flat import SPREAD, Points
from napari_autolut.util.optional import compiled

QUICK = "napari_autolut.noise.line_kernel"

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
    points = np.stack([means, variances, counts])
    usual = np.array([[ABOVE], [BELOW]]) ** 2 + (0.5 * SPREAD) ** 2 / counts
    expected, trust = np.maximum(variances, smallest * 10), np.ones(len(means))
    quick = compiled(QUICK)
    refit = quick.refitted if quick else refitted
    gain, offset = refit(points, usual, expected, trust, smallest, MAX_REFITS, SETTLED * largest)
    away = np.abs(variances - expected) / expected
    return gain, offset, float(np.average(away, weights=counts * np.sqrt(trust)))


def refitted(
    points: NDArray[np.float64],
    usual: NDArray[np.float64],
    expected: NDArray[np.float64],
    trust: NDArray[np.float64],
    smallest: float,
    rounds: int,
    settled: float,
) -> tuple[float, float]:
    """Fit a line to points again and again, by what lies far from the last one less and less.

    Parameters
    ----------
    points : ndarray, shape (3, N)
        Means, variances and numbers of blocks.
    usual : ndarray, shape (2, N)
        Squared distance at which a point is trusted less, where it lies above the line and below.
    expected, trust : ndarray, shape (N,)
        Variances by which points are weighted first, and how far each counts; changed to those of
        the line.
    smallest : float
        Variance of the line at least.
    rounds : int
        How many there are at most.
    settled : float
        Change of variances from which there is no more of them.

    Returns
    -------
    gain, offset : float
        The line.
    """
    means, variances, counts = points
    gain = offset = 0.0
    for _ in range(rounds):
        before = expected.copy()
        weights = counts * trust / expected**2
        weights /= weights.sum()
        mean, variance = (points[:2] @ weights).tolist()
        square, product = (points[:2] @ (weights * (means - mean))).tolist()
        gain = product / square if min(product, square) > 0 else 0.0
        offset = variance - gain * mean
        np.maximum(gain * means + offset, smallest, out=expected)
        away = (variances - expected) / expected
        limits = np.where(away > 0, *usual)
        trust[:] = limits / (limits + away**2)
        if float(np.abs(expected - before).max()) <= settled:
            break
    return gain, offset
