"""How much of correlated noise there is to be taken away, as hidden pixels tell.

Belongs here: the choice of a table's strength for one set of images. Correlated noise is averaged
over squares, and what is left of it between squares is known less well than white noise is; so the
strength is learned, too. White noise is known well, and hidden pixels ask for too much of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_autolut.denoising import Denoiser, WhiteNoiseTable, settled
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel

STRENGTHS = (1.0, 0.9, 1.1, 1.2, 1.35, 1.5)
"""Times the noise that was found; the first is taken where others are no better."""

SHARE, TIMES = 0.04, 4
"""Fraction of the squares that are hidden at once, and how often."""


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
    square, engine = denoiser.square, plane_engine("auto")
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
