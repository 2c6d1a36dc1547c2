"""Images that were drawn: what looks like noise in them is none.

Belongs here: telling masks, text and renders from what a detector gave. How much noise there is, is
``estimation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.evenness import white_strength
from napari_autolut.noise.model import NoiseModel

SAMPLE = 8
"""Distance of the rows and columns that are looked at."""

SAME, MIN_STEP = 0.6, 0.5
"""Fraction of neighbours with one intensity from which an image was drawn, where noise is more than
so much of the step between levels: a half would be the same then, as where pixels were doubled."""

FEW = 16
"""Levels up to which the highest may be drawn; of many it may be saturated. The lowest always may
be a place without photons, or cut off."""


GROUND = 4
"""Levels above the lowest up to which most pixels may have one: where noise of a camera without
light is weaker than a step between levels, few pixels are darker than black ground. Bright places
must hold white noise then."""


def is_drawn(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> bool:
    """Whether planes show what noise would have changed.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise, not all of them empty.
    noise : NoiseModel
        What was taken for their noise.

    Returns
    -------
    bool
        True where there are two grey levels, which are not none and one photon. True, too, where
        most neighbours are the same although the noise is as large as a step between levels.
    """
    filled = [plane for plane in planes if plane.size]
    low, high = min(map(np.min, filled)), max(map(np.max, filled))
    rows, columns = [each[::SAMPLE] for each in filled], [each.T[::SAMPLE] for each in filled]
    sample = np.concatenate([row[:, ::SAMPLE].reshape(-1) for row in rows])
    levels, pixels = np.unique(sample, return_counts=True)
    if len(levels) <= 2 and all(bool(((each == low) | (each == high)).all()) for each in filled):
        return noise.gain < (float(high) - float(low)) / 2
    step = np.diff(levels.astype(np.float64)).min(initial=np.inf)
    top = np.inf if len(levels) <= FEW else high

    def shows(black: Any) -> bool:
        if min(_same(rows, black, top), _same(columns, black, top)) < SAME:
            return False
        seen = np.concatenate([row[(row > black) & (row < top)] for row in rows])
        return bool(noise.variance(seen).mean() > (MIN_STEP * step) ** 2)

    if not shows(low):
        return False
    ground = levels[pixels.argmax()]
    if not float(low) < float(ground) <= float(low) + GROUND * step:
        return True
    return shows(ground) or not np.isfinite(white_strength(filled, noise))


def _same(lines: Sequence[NDArray[Any]], low: Any, high: Any) -> float:
    """Fraction of pixels that are as the one before, but for those that may be cut off."""
    inside = [(line[:, 1:] > low) & (line[:, 1:] < high) for line in lines]
    same = [
        np.count_nonzero(use & (line[:, 1:] == line[:, :-1]))
        for line, use in zip(lines, inside, strict=True)
    ]
    return float(sum(same) / max(1, sum(map(np.count_nonzero, inside))))
