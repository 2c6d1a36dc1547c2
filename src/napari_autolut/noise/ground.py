"""Black ground beside what is bright: blocks of one mean, which outnumber all that tell of photons.

Belongs here: the line of variance over mean where most blocks have no light. A robust line goes by
the many, and takes the bright ones, which lie far above it, for structure. They are noise where
their variance grows with the mean and not with its square, and their finest frequencies do not
fall.
"""

from __future__ import annotations

import numpy as np

from napari_autolut.noise.flat import SMALLEST, SPREAD, Points

ABOVE = 2.0
"""Variance beside that of the line, from which a point lies far above it."""

MIN_POINTS, MIN_SPAN = 6, 4.0
"""Bright points that tell a line, and how much brighter the last of them is than the first."""

POWER = 0.7, 1.35
"""Exponent of the mean with which the variance of bright points grows: 1 for photons, 2 for
structure."""

MISFIT = 0.25
"""How far bright points lie from their line, as a part of it, at most."""

FALL = 1.1
"""Their lower high frequencies over the highest at most, beside 2 deviations of what noise makes
of it: structure has 1.5 to 2."""


def line_from_ground(
    high: Points, highest: Points, line: tuple[float, float, float]
) -> tuple[float, float, float] | None:
    """The line from black ground through all bright points.

    Parameters
    ----------
    high, highest : Points
        Of the same flat blocks, in all high frequencies and in the highest of them.
    line : tuple of float
        Gain, offset and misfit of the robust line through them.

    Returns
    -------
    tuple of float or None
        None where no bright points lie far above the line, or not as noise does.
    """
    gain, offset, _ = line
    means = (high.sorted_by + high.others) / 2
    near = high.variances <= ABOVE * (gain * means + offset)
    if not near.any():
        return None
    bright = means > means[near].max()
    if np.count_nonzero(bright) < MIN_POINTS or np.count_nonzero(near) < MIN_POINTS:
        return None
    black = float(np.average(means[~bright], weights=high.counts[~bright]))
    ground = float(np.median(high.variances[near]))
    weights = high.counts[bright] / high.counts[bright].sum()
    light, noise = means[bright] - black, high.variances[bright] - ground
    if light.max() < MIN_SPAN * light.min() or noise.min() <= 0:
        return None
    power = np.polyfit(np.log(light), np.log(noise), 1, w=np.sqrt(weights))[0]
    falls = high.variances[bright] / np.maximum(highest.variances[bright], SMALLEST)
    doubt = 2 * SPREAD * float(np.sqrt((weights**2 / high.counts[bright]).sum()))
    if not POWER[0] < power < POWER[1] or float(weights @ falls) > FALL + doubt:
        return None
    slopes = noise / light
    order = np.argsort(slopes)
    steep = float(slopes[order][np.searchsorted(np.cumsum(weights[order]), 0.5)])
    misfit = float(weights @ np.abs(slopes / steep - 1))
    return (steep, ground - steep * black, misfit) if misfit < MISFIT else None
