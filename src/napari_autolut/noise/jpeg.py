"""Images that were saved as JPEG, which rounds the finest frequencies of 8 x 8 pixels away.

Belongs here: telling them by the grid of these squares, and the words for it. Of noise that was
there before, the finest part is gone, and by it noise is told from structure: what is found says
little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel
from napari_autolut.util.samples import middle

SQUARE = 8
"""Rows and columns that JPEG transforms together."""

ORDER = 6
"""Of the differences along rows: they reach over 7 pixels, within a square or across its edge."""

SIDE = 512
"""Rows and columns in the middle of a plane that are looked at."""

MIN_SIDE = 64
"""Rows and columns there must be; fewer have such waves by chance."""

SAMPLE, LEVELS = 4, 256
"""Distance of the rows and columns in which levels are counted first, and how many 8 bits have."""

EDGES = 2
"""Times their median, as much as which larger differences count: they are edges of structure."""

WAVE, MIN_WAVE = 0.06, 0.03
"""Amplitude of a wave of 8 pixels in their squares, as a part of the mean, from which there is a
grid: the mean of both axes, and the weaker one. Of 717 micrographs and photographs that were made
smaller three have as much; of those that were then saved with qualities of 60, 85 and 95 all, 94 %
and 70 %. Detectors that are read out by columns have one axis, and doubled pixels shorter waves."""

SURE = 0.8
"""Certainty from which noise was not changed by it."""


def jpeg_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where JPEG has changed noise, so that it is not known.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.
    noise : NoiseModel
        The noise that was found in them.

    Returns
    -------
    str
        Empty where planes fit the model, or were not saved as JPEG.
    """
    if noise.certainty >= SURE or not was_jpeg(planes):
        return ""
    return (
        "the image was saved as JPEG, which takes the finest part of noise away: the noise "
        "that was found may be too little or structure; take the image as it was recorded, or "
        "give the noise yourself"
    )


def was_jpeg(planes: Sequence[NDArray[Any]]) -> bool:
    """Whether planes of up to 256 levels show the grid of JPEG along rows and columns.

    They may have been stretched, or made floats, since.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes.

    Returns
    -------
    bool
        True where the largest one shows it.
    """
    plane = max(planes, key=np.size)
    if min(plane.shape) < MIN_SIDE:
        return False
    part = _as_saved(plane[tuple(middle(side, SIDE) for side in plane.shape)])
    if part is None:
        return False
    along_rows = _wave(part)
    if along_rows <= MIN_WAVE:
        return False
    along_columns = _wave(part.T)
    return along_columns > MIN_WAVE and along_rows + along_columns > 2 * WAVE


def _as_saved(part: NDArray[Any]) -> NDArray[np.int16] | None:
    """The levels of 8 bits that a part had, but for their distances; None of more levels."""
    if part.dtype != np.uint8:
        if len(np.unique(part[::SAMPLE, ::SAMPLE])) > LEVELS:
            return None
        levels, part = np.unique(part, return_inverse=True)
        if len(levels) > LEVELS:
            return None
    return part.astype(np.int16)  # which holds all differences


def _wave(part: NDArray[np.int16]) -> float:
    """How much stronger differences along rows are across the edges of squares than within."""
    steps = np.abs(np.diff(part, ORDER, axis=1))
    counts = np.cumsum(np.bincount(steps.reshape(-1)))
    medians = np.searchsorted(counts, [(steps.size - 1) // 2, steps.size // 2], "right")
    # Not medians: in smooth images these are few whole numbers, and have waves of their own.
    steps = np.minimum(steps, np.int16(EDGES * (medians.mean() + 1)))
    energies = np.array([steps[:, k::SQUARE].mean() for k in range(SQUARE)]) ** 2
    wave = np.abs(np.exp(2j * np.pi * np.arange(SQUARE) / SQUARE) @ energies)
    return float(wave / energies.sum()) if energies.any() else 0.0
