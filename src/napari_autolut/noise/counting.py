"""Detectors that count photons: in the dark most of their pixels have none.

Belongs here: telling counts from noise of a camera that is cut off at black, and the noise of an
image of which most is as dark. Blocks in which no photon came are constant and tell nothing, and
all others look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel

MAX_BLACK = 0.6
"""Part of a square at the lowest intensity from which it is dark."""

SQUARE = 8
"""Rows and columns of the squares in which pixels of the lowest intensity are counted."""

MAX_DISPERSION = 1.1
"""Variance over mean of dark squares, as a multiple of the photon that their black pixels tell of,
up to which they are counts. Where noise of a camera is cut off it is 1.4 to 1.6."""

FLAT, MIN_DISPERSION = 0.2, 0.6
"""Part of the brighter squares that are flat, and the same ratio of them at least: where weak noise
of a camera is rounded to whole levels, dark squares look like counts, and these do not."""

DOUBT = 1.5
"""Deviations of that ratio times the root of the number of squares, twice."""

MIN_COUNTED = 100
"""Photons in dark squares that tell so much."""

SIXTH = 1, -6, 15, -20, 15, -6, 1
ACROSS = np.array([[*SIXTH, 0], [0, *SIXTH]]) / np.sqrt(924.0)
"""Both sixth differences of a row of a square; white noise keeps its variance in them. Of a spot as
wide as a microscope makes it, they leave a 2,000th along both axes."""

MOSTLY_BLACK = 0.8
"""Part of an image without a photon from which counts are its noise; blocks of others tell it."""

ROUNDING, WHOLE = 0.01, 0.99
"""Part of a photon by which intensities may miss whole photons, and the part of the pixels that do
not: a few that were hot are mended. Where noise below a limit was set to black, none are whole."""


def noise_of_counts(planes: Sequence[NDArray[Any]]) -> NoiseModel | None:
    """The noise of an image most of whose pixels have no photon.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise.

    Returns
    -------
    NoiseModel or None
        None where these are no counts of photons, or the brightest plane has not so few.
    """
    finite = [plane for plane in planes if plane.size and np.isfinite(plane).all()]
    if not finite:
        return None
    plane = max(finite, key=np.mean)  # others may be empty
    black = float(plane.min())
    seen = plane > black
    if np.count_nonzero(seen) >= (1.0 - MOSTLY_BLACK) * plane.size:
        return None
    if not counts_photons(plane, black):
        return None
    levels, pixels = np.unique(plane[seen] - black, return_counts=True)
    photon = float(levels[pixels.argmax()])  # few pixels have two
    away = np.abs(levels / photon - np.rint(levels / photon))
    whole = pixels[away <= ROUNDING].sum() >= WHOLE * pixels.sum()
    if not whole or not _is_as_noisy(plane, black, photon):
        return None
    return NoiseModel(photon, -photon * black)


def counts_photons(plane: NDArray[Any], black: float) -> bool:
    """Whether black pixels are as many as have no photon by chance, and others as noisy as counts.

    Of Poisson's counts with mean m, exp(-m) are none, and their variance is m photons squared. Both
    tell the size of a photon. They disagree where noise around black is cut off.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype.
    black : float
        Its lowest intensity.

    Returns
    -------
    bool
        False where too few tell.
    """
    squares, share = _above(plane, black)
    dark = (share >= MAX_BLACK) & (share < 1)
    if not dark.any():
        return False
    # The darker half of them: in others something bright may begin.
    dark &= share >= np.median(share[dark])
    light = squares[dark].mean((1, 2)).sum()
    photon = light / -np.log(share[dark]).sum()
    if light * SQUARE**2 < MIN_COUNTED * photon:
        return False
    if not squares[dark].var((1, 2), ddof=1).sum() < MAX_DISPERSION * photon * light:
        return False
    bright = squares[share < MAX_BLACK]
    bright = bright[np.isfinite(bright).all((1, 2))]
    dispersion = bright.var((1, 2), ddof=1) / (bright.mean((1, 2)) * photon)
    return not dispersion.size or bool(np.quantile(dispersion, FLAT) >= MIN_DISPERSION)


def squares_of(plane: NDArray[Any]) -> NDArray[np.float64]:
    """Cut a plane, (H, W) of any real dtype, into squares, (R, C, 8, 8)."""
    height, width = (side // SQUARE * SQUARE for side in plane.shape)
    pixels = plane[:height, :width].astype(np.float64)
    return pixels.reshape(height // SQUARE, SQUARE, width // SQUARE, SQUARE).swapaxes(1, 2)


def _above(plane: NDArray[Any], black: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(R, C, 8, 8) intensities above black, and the part of each square that has none."""
    squares = squares_of(plane) - black
    return squares, (squares <= 0).mean((2, 3))


def _is_as_noisy(plane: NDArray[Any], black: float, photon: float) -> bool:
    """Whether bright squares are, which may all be curved: sixth differences see only noise."""
    squares, share = _above(plane, black)
    bright = squares[share < MAX_BLACK]
    if not len(bright):
        return True
    noise = (ACROSS @ bright @ ACROSS.T) ** 2
    means = ACROSS**2 @ bright @ (ACROSS**2).T
    minimum = MIN_DISPERSION - DOUBT / np.sqrt(len(bright))
    return bool(noise.sum() >= minimum * photon * means.sum())
