"""Intensities that were rounded to levels far apart: the rounding is an error, too.

Belongs here: the distance of levels, and noise with what rounding adds to it. Where noise is weak
beside the distance, most blocks have one level each and no noise that could be seen. Contrast that
was stretched leaves such levels, and few bits do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.darkest import every_other_pixel, levels_with_counts
from napari_autolut.noise.model import NoiseModel

MAX_LEVELS = 1024
"""Levels up to which they may have been rounded to: of more, few pixels have the same one."""

ENOUGH = 2**14
"""Pixels that tell of levels."""

COARSE = 1.5
"""Distance of the levels of whole numbers from which they are coarser than the type: a result is
rounded to the next whole number anyway."""

VARIANCE = 1 / 12
"""Of the rounding, in squared distances."""

HIDDEN, SEEN = 0.25, 0.5
"""Deviation of the noise that was found, in distances of levels, up to which none of the rounding
is in it, and from which all is."""

MAX_GAIN = 0.5
"""Gain in distances of levels from which these are photons, which nobody rounded."""


def with_rounding(noise: NoiseModel, planes: Sequence[NDArray[Any]]) -> NoiseModel:
    """The same noise, and that of rounding where it hides the other.

    Parameters
    ----------
    noise : NoiseModel
        White noise that was found; not none.
    planes : sequence of ndarray, shape (H, W)
        A sample of the planes it was found in.

    Returns
    -------
    NoiseModel
        The same one where levels are close or are photons.
    """
    values = every_other_pixel(planes)
    values = values[:: 1 + len(values) // ENOUGH]
    step = level_distance(values)
    if step < (COARSE if planes[0].dtype.kind in "ui" else np.finfo(float).tiny):
        return noise
    if noise.gain > MAX_GAIN * step:
        return noise
    found = float(np.sqrt(noise.variance(values).mean())) / step
    missing = min(1.0, max(0.0, (SEEN - found) / (SEEN - HIDDEN)))
    more = missing * VARIANCE * step**2
    return replace(noise, offset_variance=noise.offset_variance + more)


def level_distance(values: NDArray[Any]) -> float:
    """How far apart the levels of most pixels are; 0 where there are too many.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Finite intensities.

    Returns
    -------
    float
        In their unit.
    """
    levels, counts = levels_with_counts(values)
    if not 2 < len(levels) <= MAX_LEVELS:
        return 0.0
    distances, pixels = np.diff(levels.astype(np.float64)), np.minimum(counts[1:], counts[:-1])
    order = np.argsort(distances)
    many = np.cumsum(pixels[order])
    return float(distances[order][np.searchsorted(many, many[-1] / 2)])
