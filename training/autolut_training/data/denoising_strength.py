"""How much of correlated noise there is to be taken away, as hidden pixels tell.

Belongs here: the choice of a table's strength for one set of images. Structure may have been taken
for correlated noise, so that less is to be taken away than was found. A hidden pixel's own value
is missing in its answer, so that hidden pixels ask for too much: on 85 micrographs with made noise,
for 1.4 times the noise that there was in nearly all, at a loss of 0.8 dB. Where they ask for less,
they were right. White noise is known well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_autolut.denoising import Denoiser, WhiteNoiseTable, settled
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel

STRENGTHS = (1.0, 0.9, 0.8, 0.7)
"""Times the noise that was found; the first is taken where others are no better."""

SHARE, TIMES = 0.04, 4
"""Fraction of the squares that are hidden at once, and how often."""

SQUARES, APART = (4, 8), 0.2
"""Sides in pixels of hidden squares, and the correlation of their means with those beside them up
to which these do not give them away."""


def fitted(
    planes: Sequence[tuple[NDArray[np.float64], NoiseModel]], table: WhiteNoiseTable
) -> WhiteNoiseTable:
    """The table with the strength at which it foretells hidden squares of noisy planes best.

    Parameters
    ----------
    planes : sequence of (ndarray, NoiseModel)
        Planes (H, W) with correlated noise, and their noise.
    table : WhiteNoiseTable
        The table.
    """
    candidates = [table._replace(strength=strength) for strength in STRENGTHS]
    errors = np.zeros(len(candidates))
    for plane, noise in planes:
        of_plane = np.array([_error(plane, settled(plane, noise, each)) for each in candidates])
        errors += of_plane / of_plane[0]
    return candidates[int(np.argmin(errors))]


def _error(plane: NDArray[np.float64], denoiser: Denoiser) -> float:
    """Mean squared error at hidden squares, each replaced by the one above or below."""
    square, engine = hidden_square(denoiser.noise), plane_engine("auto")
    rows, columns = (size // square for size in plane.shape)
    whole = plane[: rows * square, : columns * square]
    random, errors = np.random.default_rng(0), []
    for _ in range(TIMES):
        hidden, below = (
            np.kron(random.random((rows, columns)) < share, np.ones((square, square))).astype(bool)
            for share in (SHARE, 0.5)
        )
        neighbour = np.where(below, np.roll(whole, -square, 0), np.roll(whole, square, 0))
        answers = denoiser(np.where(hidden, neighbour, whole), engine)
        errors.append(np.mean((answers - whole)[hidden] ** 2))
    return float(np.mean(errors))


def hidden_square(noise: NoiseModel) -> int:
    """Side in pixels of the squares that are hidden."""
    lags = np.zeros(2 * SQUARES[-1])
    lags[: len(noise.correlation) + 1] = [1.0, *noise.correlation]
    for square in SQUARES:
        places = np.arange(square)
        distances = places[:, None] - places
        within, between = lags[np.abs(distances)].sum(), lags[np.abs(distances + square)].sum()
        if between < APART * within:
            return square
    return SQUARES[-1]
