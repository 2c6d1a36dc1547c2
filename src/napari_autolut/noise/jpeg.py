"""Images that were saved as JPEG or WebP, which round the finest frequencies of squares away.

Belongs here: telling them by the grid of these squares, and the words for it. Of noise that was
there before, the finest part is gone, and by it noise is told from structure: what is found says
little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel
from napari_autolut.util.samples import middle

SIDE = 512
"""Rows and columns in the middle of a plane that are looked at."""

SAMPLE, LEVELS = 4, 256
"""Distance of the rows and columns in which levels are counted first, and how many 8 bits have."""

EDGES = 2
"""Times their median, as much as which larger differences count: they are edges of structure."""


class Grid(NamedTuple):
    """Squares of pixels that were transformed together, and the wave by which they are seen.

    Parameters
    ----------
    square : int
        Rows and columns of one.
    order : int
        Of the differences along rows: they reach over the pixels of a square, or across its edge.
    min_side : int
        Rows and columns there must be; fewer have such waves by chance.
    wave, min_wave : float
        Amplitude of a wave as long as a square in their squares, as a part of the mean, from which
        there is a grid: the mean of both axes, and the weaker one. Detectors that are read out by
        columns have one axis, and doubled pixels shorter waves.
    """

    square: int
    order: int
    min_side: int
    wave: float
    min_wave: float


JPEG = Grid(8, 6, 64, 0.06, 0.03)
"""Of 717 micrographs and photographs that were made smaller three have such a wave; of those that
were then saved with qualities of 60, 85 and 95 all, 94 % and 70 %."""

WEBP = Grid(4, 2, 96, 0.04, 0.02)
"""Of 573 micrographs and photographs of its size that were made smaller six have such a wave, and
one of 1,719 with noise; of those that were then saved with qualities of 75 and 90 95 % and 66 %."""

SURE = 0.8
"""Certainty from which noise was not changed by it."""


def jpeg_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where JPEG or WebP has changed noise, so that it is not known.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.
    noise : NoiseModel
        The noise that was found in them.

    Returns
    -------
    str
        Empty where planes fit the model, or were saved as neither JPEG nor WebP.
    """
    if noise.certainty >= SURE or not (was_jpeg(planes) or was_webp(planes)):
        return ""
    return (
        "the image was saved as JPEG or WebP, which takes the finest part of noise away: the noise "
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
    return _shows(JPEG, planes)


def was_webp(planes: Sequence[NDArray[Any]]) -> bool:
    """Whether they show the grid of lossy WebP, as many do that were saved as JPEG.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        As for :func:`was_jpeg`.

    Returns
    -------
    bool
        True where the largest one shows it.
    """
    return _shows(WEBP, planes)


def _shows(grid: Grid, planes: Sequence[NDArray[Any]]) -> bool:
    plane = max(planes, key=np.size)
    if min(plane.shape) < grid.min_side:
        return False
    part = _as_saved(plane[tuple(middle(side, SIDE) for side in plane.shape)])
    if part is None:
        return False
    along_rows = _wave(part, grid)
    if along_rows <= grid.min_wave:
        return False
    along_columns = _wave(part.T, grid)
    return along_columns > grid.min_wave and along_rows + along_columns > 2 * grid.wave


def _as_saved(part: NDArray[Any]) -> NDArray[np.int16] | None:
    """The levels of 8 bits that a part had, but for their distances; None of more levels."""
    if part.dtype != np.uint8:
        if len(np.unique(part[::SAMPLE, ::SAMPLE])) > LEVELS:
            return None
        levels, part = np.unique(part, return_inverse=True)
        if len(levels) > LEVELS:
            return None
    return part.astype(np.int16)  # which holds all differences


def _wave(part: NDArray[np.int16], grid: Grid) -> float:
    """How much stronger differences along rows are across the edges of squares than within."""
    square = grid.square
    steps = np.abs(np.diff(part, grid.order, axis=1))
    counts = np.cumsum(np.bincount(steps.reshape(-1)))
    medians = np.searchsorted(counts, [(steps.size - 1) // 2, steps.size // 2], "right")
    # Not medians: in smooth images these are few whole numbers, and have waves of their own.
    steps = np.minimum(steps, np.int16(EDGES * (medians.mean() + 1)))
    energies = np.array([steps[:, k::square].mean() for k in range(square)]) ** 2
    wave = np.abs(np.exp(2j * np.pi * np.arange(square) / square) @ energies)
    return float(wave / energies.sum()) if energies.any() else 0.0
